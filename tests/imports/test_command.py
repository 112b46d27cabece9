"""`gawah import` and `gawah export` as scripts use them: exit codes, JSON, files, and pure standard output."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from app.exports import FORMATS
from app.queries.rows import COLUMNS
from app.records import Incident, Revision
from tests.archives import TestArchive
from tests.builders import HOMS, QUETTA, incident_in
from tests.cli.helping import Gawah, Said, settle
from tests.exports.readers import LOCATED_ONLY, READERS

ROOT = Path(__file__).resolve().parents[2]
HEAD = "id,title,kind,source_kind,source_title,killed_best\n"
GOOD = (
    "1,Alleged killing,killing,press,A made-up report,2\n2,Alleged attack,attack_on_civilians,press,A made-up report,\n"
)
WRONG = "3,=Alleged beating,beating_up,press,A made-up report,\n"
# The names that scripts rely on; more may be there.
PROMISED = {"batch", "rows", "new", "changed", "unchanged", "refused", "warnings", "errors"}


@pytest.fixture(autouse=True)
def home(archive: TestArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    return settle(archive, tmp_path, monkeypatch)


def table(text: str, name: str = "table.csv") -> str:
    """A file in the folder where the command runs."""
    Path(name).write_text(HEAD + text, encoding="utf-8")
    return name


def outcome(said: Said) -> dict[str, Any]:
    """What `--json` printed, and that it printed nothing else."""
    told: dict[str, Any] = json.loads(said.out)
    assert said.out.count("\n") == 1
    assert set(told) >= PROMISED
    return told


def read(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))


def test_a_good_file_ends_with_zero_and_says_how_to_take_it_back(gawah: Gawah, archive: TestArchive) -> None:
    said = gawah("import", table(GOOD))
    assert said.code == 0
    assert "2 rows, 2 new, 0 changed, 0 unchanged, 0 refused, 0 warnings" in said.out
    batch = re.search(r"gawah import undo (\S+)", said.out)
    assert batch
    assert UUID(batch[1])
    assert archive.count(Incident) == 2


def test_json_tells_all_of_it(gawah: Gawah, archive: TestArchive) -> None:
    said = gawah("import", table(GOOD), "--json")
    told = outcome(said)
    assert said.code == 0
    assert UUID(told["batch"])
    counts = {name: told[name] for name in PROMISED - {"batch", "errors"}}
    assert counts == {"rows": 2, "new": 2, "changed": 0, "unchanged": 0, "refused": 0, "warnings": 0}
    assert told["errors"] == []


def test_a_refused_row_ends_with_three_and_nothing_is_written(gawah: Gawah, archive: TestArchive) -> None:
    before = archive.count(Revision)
    said = gawah("import", table(GOOD + WRONG), "--json")
    told = outcome(said)
    assert said.code == 3
    assert (told["batch"], told["rows"], told["refused"]) == (None, 3, 1)
    (error,) = told["errors"]
    assert set(error) == {"line", "column", "value", "why", "suggestion", "about", "place"}
    assert (error["line"], error["column"], error["value"]) == (4, "kind", "beating_up")
    assert archive.counts(Incident, Revision) == {"Incident": 0, "Revision": before}


def test_in_words_a_refusal_names_line_column_and_remedy(gawah: Gawah) -> None:
    said = gawah("import", table(GOOD + WRONG))
    assert said.code == 3
    assert "line 4, kind:" in said.err
    assert "--keep-good" in said.out


def test_the_good_rows_kept_still_end_with_three(gawah: Gawah, archive: TestArchive) -> None:
    said = gawah("import", table(GOOD + WRONG), "--keep-good", "--json")
    told = outcome(said)
    assert said.code == 3
    assert (told["new"], told["refused"], bool(told["batch"])) == (2, 1, True)
    assert archive.count(Incident) == 2


@pytest.mark.parametrize("rows", [GOOD, GOOD + WRONG])
def test_only_looking_ends_alike_and_writes_nothing(gawah: Gawah, archive: TestArchive, rows: str) -> None:
    before = archive.count(Revision)
    said = gawah("import", table(rows), "--dry-run", "--json")
    assert said.code == (3 if WRONG in rows else 0)
    assert outcome(said)["batch"] is None
    assert archive.counts(Incident, Revision) == {"Incident": 0, "Revision": before}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (None, ()), (b"", ()), (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, ()), (b"a,b\n1,2\n", ()),
        ((HEAD + GOOD).encode(), ("--format", "ucdp-ged")), ((HEAD + GOOD).encode(), ("--format", "no-such-format")),
    ],
)  # fmt: skip
def test_what_cannot_be_read_ends_with_two_and_one_sentence(
    gawah: Gawah, archive: TestArchive, content: bytes | None, words: tuple[str, ...]
) -> None:
    before = archive.count(Revision)
    if content is not None:
        Path("odd.csv").write_bytes(content)
    said = gawah("import", "odd.csv", *words, "--json")
    assert (said.code, said.out) == (2, "")
    assert said.err.strip()
    assert "Traceback" not in said.err
    assert archive.counts(Incident, Revision) == {"Incident": 0, "Revision": before}


def test_what_was_refused_or_odd_goes_to_a_table(gawah: Gawah) -> None:
    rows = "4,Alleged killing,killing,press,A made-up report,2,5\n5,=x,=1+1,press,A made-up report,,\n"
    Path("numbers.csv").write_text(HEAD.strip() + ",killed_min\n" + rows, encoding="utf-8")
    said = gawah("import", "numbers.csv", "--errors", "wrong.csv")
    assert said.code == 3
    refused, noted = read(Path("wrong.csv").read_bytes())
    assert list(refused) == ["outcome", "line", "column", "value", "why", "suggestion", "about", "place"]
    assert (refused["outcome"], refused["line"], refused["column"]) == ("refused", "3", "kind")
    assert refused["value"] == "'=1+1"
    assert (noted["outcome"], noted["line"], noted["value"]) == ("odd", "2", "5, 2")


def test_without_a_wrong_row_the_table_is_a_heading(gawah: Gawah) -> None:
    assert gawah("import", table(GOOD), "--errors", "wrong.csv").code == 0
    assert read(Path("wrong.csv").read_bytes()) == []
    assert Path("wrong.csv").read_text(encoding="utf-8-sig").startswith("outcome,line,")


def test_an_import_is_taken_back_once(gawah: Gawah, archive: TestArchive) -> None:
    batch = outcome(gawah("import", table(GOOD), "--json"))["batch"]
    said = gawah("import", "undo", batch)
    assert (said.code, archive.count(Incident)) == (0, 0)
    assert "2 incidents" in said.err
    assert archive.broken() is None
    assert gawah("import", "undo", batch).code == 2


@pytest.mark.parametrize("words", [(), ("not-an-id",), ("00000000-0000-0000-0000-000000000001",)])
def test_what_was_never_taken_in_cannot_be_taken_back(gawah: Gawah, words: tuple[str, ...]) -> None:
    said = gawah("import", "undo", *words)
    assert said.code == 2
    assert said.err.strip()
    assert "Traceback" not in said.err


@pytest.mark.parametrize("name", list(FORMATS))
def test_a_file_and_standard_output_are_the_same(gawah: Gawah, archive: TestArchive, name: str) -> None:
    archive.report_all([incident_in("عربی", at=QUETTA), incident_in("Two\nlines", at=HOMS), incident_in("=1+1")])
    told = gawah("export", name, "-o", f"out.{name}")
    assert (told.code, told.out) == (0, "")
    if FORMATS[name].media_type.startswith("text/") or name.startswith("geojson"):
        moving = r'"asked_at":"[^"]*"'
        for words in ((), ("-o", "-")):
            shown = gawah("export", name, *words)
            assert shown.code == 0
            assert re.sub(moving, "", shown.out) == re.sub(moving, "", Path(f"out.{name}").read_bytes().decode())
    assert len(READERS[name](Path(f"out.{name}"))) == (2 if name in LOCATED_ONLY else 3)
    assert [path.name for path in Path().iterdir() if path.name != "var"] == [f"out.{name}"]


def test_filters_are_options(gawah: Gawah, archive: TestArchive) -> None:
    archive.report_all([incident_in("Here", at=QUETTA), incident_in("There", at=HOMS), incident_in("Nowhere")])
    for words, titles in (
        (("--country", "PAK"), ["Here"]), (("--located", "false"), ["Nowhere"]), (("--near", "66.99,30.18,20"), ["Here"]),
        (("--kind", "killing", "--kind", "attack_on_civilians", "--country", "SYR"), ["There"]), (("--country", "FRA"), []),
    ):  # fmt: skip
        said = gawah("export", "csv", *words)
        assert said.code == 0
        assert [row["title"] for row in read(said.out.encode())] == titles, words
    lines = gawah("export", "csv", "--hxl").out.split("\r\n")
    assert lines[1] == ",".join(COLUMNS.values())


@pytest.mark.parametrize(
    "words",
    [("--severity", "high"), ("--country", "nowhere"), ("--bbox", "1,2,3"), ("--date-from", "soon"), ("--near", "x")],
)
def test_a_question_that_cannot_be_asked_leaves_no_file(gawah: Gawah, words: tuple[str, ...]) -> None:
    said = gawah("export", "csv", "-o", "out.csv", *words)
    assert (said.code, said.out) == (2, "")
    assert words[0] in said.err
    assert "Traceback" not in said.err
    assert not Path("out.csv").exists()


def test_an_export_into_no_folder_is_a_sentence(gawah: Gawah) -> None:
    said = gawah("export", "csv", "-o", "no/such/folder/out.csv")
    assert said.code == 2
    assert "Traceback" not in said.err


def test_a_token_is_the_last_line_and_alone_on_it(gawah: Gawah) -> None:
    said = gawah("token", "create", "a contributor", "--scope", "write")
    assert said.code == 0
    assert re.fullmatch(r"gwh_[^_\s]+_\S+", said.out.splitlines()[-1])
    assert "gwh_" not in said.err


def test_as_a_process_of_its_own_it_pipes_pure_bytes(archive: TestArchive) -> None:
    archive.report(incident_in("عربی, Urdu", at=(-70.5, -33.25)))
    line = [sys.executable, "-m", "app.cli", "export", "csv"]
    ran = subprocess.run(line, capture_output=True, check=True, env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=60)
    (row,) = read(ran.stdout)
    assert ran.stdout.startswith(b"\xef\xbb\xbfref,alleged,")
    assert (row["title"], row["lon"], row["lat"]) == ("عربی, Urdu", "-70.5", "-33.25")
    line = [*line[:3], "import", table(GOOD + WRONG), "--json"]
    ran = subprocess.run(line, capture_output=True, check=False, env=os.environ | {"PYTHONPATH": str(ROOT)}, timeout=60)
    assert ran.returncode == 3
    assert json.loads(ran.stdout)["refused"] == 1
