"""Libraries of references on the command line: in, back out again, and what is said of a bad one."""

import json
from pathlib import Path

import pytest

from app.exports import CITATIONS
from app.records import Source
from tests.archives import TestArchive
from tests.builders import a_source, incident_in
from tests.cli.helping import Gawah
from tests.imports.test_citations import BIB, CSL, RIS


@pytest.mark.parametrize(("ending", "text"), [("ris", RIS), ("bib", BIB), ("json", json.dumps(CSL))])
def test_the_command_takes_a_library_in_and_back(
    gawah: Gawah, home: Path, archive: TestArchive, ending: str, text: str
) -> None:
    Path(f"library.{ending}").write_text(text, encoding="utf-8")
    told = json.loads(gawah("import", f"library.{ending}", "--json").out)
    assert (told["refused"], told["recorded"], told["new"]) == (0, True, archive.count(Source))
    again = gawah("import", f"library.{ending}")
    assert (again.code, "Nothing new" in again.out) == (0, True)
    assert gawah("import", "undo", told["batch"]).code == 0
    assert archive.count(Source) == 0


def test_the_command_says_what_is_wrong_with_a_library(gawah: Gawah, home: Path, archive: TestArchive) -> None:
    Path("bad.ris").write_text("TY  - NEWS\nER  -\n", encoding="utf-8")
    said = gawah("import", "bad.ris")
    assert said.code == 3
    assert "line 1, entry 1, (the entry): it has no title" in said.err
    Path("cut.bib").write_text("@misc{a, title={", encoding="utf-8")
    assert (gawah("import", "cut.bib").code, archive.count(Source)) == (2, 0)
    assert gawah("import", "not-there.bib").code == 2


@pytest.mark.parametrize("form", list(CITATIONS))
def test_the_command_gives_out_what_comes_back(gawah: Gawah, home: Path, archive: TestArchive, form: str) -> None:
    archive.report(incident_in(source=a_source(author="Muster, Anna", published="2025-06")))
    assert gawah("export", form, "-o", "out", "--kind", "killing").code == 0
    told = json.loads(gawah("import", "out", "--json").out)
    assert (told["rows"], told["unchanged"]) == (1, 1)
    assert gawah("export", form, "-o", "none", "--country", "FRA").code == 0
    assert Path("none").read_bytes().strip() in (b"", b"[]")
