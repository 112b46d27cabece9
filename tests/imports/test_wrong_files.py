"""Wrong files: one clear sentence, and nothing has changed."""

import gzip
from pathlib import Path

import pytest

from app import imports
from app.errors import Invalid, Refusal, Unreadable
from app.records import Incident, Revision
from tests.archives import REVIEWER, TestArchive

HEAD = "title,kind,source_kind,source_title\n"
ROW = "Alleged killing,killing,press,A report\n"
GOOD = (HEAD + ROW).encode()
FILES: dict[str, tuple[bytes, str]] = {
    "a picture": (b"\x89PNG\r\n\x1a\n" + b"\0" * 64, "This is a PNG picture"),
    "a workbook": (b"PK\x03\x04" + b"\0" * 64, "The zip or workbook file is cut off or damaged"),
    "an old workbook": (b"\xd0\xcf\x11\xe0" + b"\0" * 64, "The workbook is damaged"),
    "a document": (b"%PDF-1.7\n", "This is a PDF document"),
    "a database": (b"SQLite format 3\0" + b"\0" * 64, "The GPKG file is damaged"),
    "some program": (b"\x7fELF\x02\x01\x01\0\0\0", "This is not a text file"),
    "cut gz": (gzip.compress(GOOD * 5000)[:60], "The gz file is cut off or damaged"),
    "damaged gz": (gzip.compress(GOOD * 500)[:40] + b"\xff" * 40, "The gz file is cut off or damaged"),
    "half of UTF-16": ((HEAD + ROW).encode("utf-16")[:-1], "The text cannot be read"),
    "a web page": (b"<!DOCTYPE html><html><body><table></table></body></html>", "This is a web page (HTML)"),
    "XML": (b"<?xml version='1.0'?><incidents/>", "This is XML of a kind that we do not read"),
    "an empty file": (b"", "The file is empty"),
    "empty gz": (gzip.compress(b""), "The file is empty"),
    "blank lines": (b"\n\n\n", "The file is empty"),
    "a space": (b" ", "The file is empty"),
    "other columns": (b"when,where,what\n1,2,3\n", "The columns fit none of the formats"),
    "a huge cell": ((HEAD + ROW + f'"{"x" * 3_000_000}",killing,press,A\n').encode(), "In line 3 a cell has more than"),
    "an open quote": ((HEAD + ROW + '"Alleged killing,killing,press,A\n').encode(), "Line 3 cannot be read as CSV"),
}


def take(archive: TestArchive, path: Path, name: str | None = None) -> imports.Outcome:
    return imports.run(archive.engine, imports.plan(path, name), REVIEWER)


@pytest.mark.parametrize("which", FILES)
def test_a_wrong_file_is_one_sentence(archive: TestArchive, tmp_path: Path, which: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(FILES[which][0])
    before = archive.count(Revision)
    with pytest.raises(Unreadable) as refused:
        take(archive, path)
    said = refused.value.detail
    assert said.startswith(FILES[which][1])
    assert said.endswith((".", "?"))
    assert "Traceback" not in said
    assert str(tmp_path) not in said
    assert archive.counts(Incident, Revision) == {"Incident": 0, "Revision": before}


def test_a_file_that_is_not_there(archive: TestArchive, tmp_path: Path) -> None:
    before = archive.count(Revision)
    with pytest.raises(Unreadable, match="cannot be opened"):
        take(archive, tmp_path / "absent.csv")
    with pytest.raises(Unreadable, match="cannot be opened"):
        take(archive, tmp_path)
    assert archive.counts(Incident, Revision) == {"Incident": 0, "Revision": before}


def test_a_file_that_breaks_off_after_good_rows_leaves_none_of_them(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "table.csv.gz"
    rows = "".join(f"Alleged killing {n},killing,press,A report {n * 7919}\n" for n in range(2500))
    packed = gzip.compress((HEAD + rows).encode())
    path.write_bytes(packed[: len(packed) * 9 // 10])
    with pytest.raises(Unreadable, match="cut off"):
        take(archive, path)
    assert archive.count(Incident) == 0
    assert archive.broken() is None


def test_only_a_heading_is_no_error_and_no_import(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(HEAD)
    before = archive.count(Revision)
    outcome = take(archive, path)
    assert (outcome.rows, outcome.recorded, outcome.errors) == (0, False, [])
    assert archive.counts(Incident, Revision) == {"Incident": 0, "Revision": before}


def test_ragged_rows_are_pointed_out_one_by_one(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(HEAD + ROW + "Too few,killing\n" + "Too,many,cells,are,here\n" + "\n" + ROW.replace("A ", "The "))
    before = archive.count(Revision)
    outcome = take(archive, path)
    assert [(error.line, error.column) for error in outcome.errors] == [(3, "(the row)"), (4, "(the row)")]
    assert "5 cells and the heading 4" in outcome.errors[1].why
    assert (outcome.rows, outcome.refused, outcome.recorded) == (4, 2, False)
    assert archive.counts(Incident, Revision) == {"Incident": 0, "Revision": before}


@pytest.mark.parametrize("text", [HEAD + ROW.strip() + ",,,\n", HEAD.strip() + ",,\n" + ROW.strip() + ",,\n"])
def test_empty_columns_at_the_end_are_passed_over(archive: TestArchive, tmp_path: Path, text: str) -> None:
    path = tmp_path / "table.csv"
    path.write_text(text)
    assert take(archive, path).new == 1


@pytest.mark.parametrize("ending", ["\r\n", "\r", "\n"])
def test_all_line_endings_and_a_mark_at_the_start(archive: TestArchive, tmp_path: Path, ending: str) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"\xef\xbb\xbf" + (HEAD + ROW).replace("\n", ending).encode())
    assert take(archive, path).new == 1


def test_a_nul_in_a_cell_is_pointed_out(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(HEAD + ROW.replace("A report", "A re\0port"))
    before = archive.count(Revision)
    (error,) = take(archive, path).errors
    assert (error.line, error.why) == (2, "a cell holds the character NUL")
    assert archive.counts(Incident, Revision) == {"Incident": 0, "Revision": before}


def test_a_format_we_do_not_read(archive: TestArchive, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(GOOD)
    with pytest.raises(Invalid, match="no such format"):
        take(archive, path, "excel")
    with pytest.raises(Unreadable, match="not a ucdp-ged file: these columns are missing: best"):
        take(archive, path, "ucdp-ged")


def test_every_refusal_is_one_of_ours() -> None:
    assert issubclass(Unreadable, Refusal)
    assert Unreadable.status == 422
