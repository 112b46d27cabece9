"""XLSX: a workbook in which a date is a date, nothing runs, and everything that was left out is said."""

import csv
import io
import shutil
import subprocess
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from app.exports import FORMATS, Answer, Heading, spreadsheet
from app.exports.cells import CUT, LONGEST, letters
from app.queries.rows import COLUMNS, FlatRow
from tests.exports.test_csv import EVIL

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
URDU, ARABIC = "کیچ میں گمشدگی کا الزام", "قصف مزعوم على سوق"


def a_row(title: str = "An alleged killing", **more: Any) -> FlatRow:
    told = {"ref": "GA-1", "alleged": True, "kind": "killing", "title": title, "geo_precision": "unknown"}
    return dict.fromkeys(COLUMNS) | told | {"location_generalised": False, "updated_at": "2025-01-02T03:04:05Z"} | more


def written(form: str, *rows: FlatRow) -> bytes:
    return b"".join(FORMATS[form].write(Answer(list(rows), Heading("everything", AT))))


def workbook(*rows: FlatRow) -> Any:
    return openpyxl.load_workbook(io.BytesIO(written("xlsx", *rows)))


def cell(book: Any, column: str, line: int = 2) -> Any:
    return book["incidents"][f"{letters(list(COLUMNS).index(column))}{line}"]


def test_the_head_stays_and_filters() -> None:
    sheet = workbook(a_row(), a_row())["incidents"]
    assert [one.value for one in sheet[1]] == list(COLUMNS)
    assert (sheet.freeze_panes, sheet.auto_filter.ref, sheet.max_row) == ("A2", "A1:AN3", 3)


def test_a_date_is_a_date_and_a_number_a_number() -> None:
    book = workbook(a_row(date_earliest=date(2025, 6, 1), date_latest=date(1899, 5, 6), lon=-70.5, killed_best=3))
    assert cell(book, "date_earliest").value == datetime(2025, 6, 1)  # noqa: DTZ001 - a workbook knows no zone
    assert cell(book, "date_earliest").is_date
    assert cell(book, "date_latest").value == "1899-05-06"  # a day that Excel does not know
    assert (cell(book, "lon").value, cell(book, "killed_best").value, cell(book, "alleged").value) == (-70.5, 3, True)
    assert cell(book, "updated_at").value == datetime(2025, 1, 2, 3, 4, 5)  # noqa: DTZ001
    assert cell(book, "killed_min").value is None


@pytest.mark.parametrize("text", [text for text in EVIL if text.isprintable()], ids=ascii)
def test_what_could_be_run_is_text_and_stays_so_when_edited(text: str) -> None:
    held = cell(workbook(a_row(text)), "title")
    assert (held.value, held.data_type) == (text, "s")
    assert (held.number_format, bool(held.quotePrefix)) == ("@", True)


def test_what_no_sheet_can_hold_is_left_out() -> None:
    assert cell(workbook(a_row("a\x00b\x1fc\ufffe\r\nd")), "title").value == "abc\nd"
    # As the specification has it; openpyxl shows the escape, Excel the text.
    assert b"_x005F_x0041_" in written_sheet(a_row("_x0041_"))


def written_sheet(row: FlatRow) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(written("xlsx", row))) as book:
        return book.read("xl/worksheets/sheet1.xml")


@pytest.mark.parametrize("letter", ["a", "ب", "😀"])
def test_a_text_that_is_too_long_is_cut_and_that_is_said(letter: str) -> None:
    book = workbook(a_row(letter * 40_000))
    held = cell(book, "title").value
    assert held.endswith(CUT)
    assert len(held.encode("utf-16-le")) / 2 in {LONGEST, LONGEST - 1}
    assert str(book["read me"]["B5"].value).startswith("1 cells were longer")
    assert workbook(a_row())["read me"]["B5"].value == "Nothing had to be cut."


def test_it_explains_itself() -> None:
    sheet = workbook(a_row(), a_row())["read me"]
    told = {str(row[0].value): row[1].value for row in sheet.iter_rows() if row[0].value}
    assert (told["question"], told["rows"], told["answered"]) == ("everything", "2", "2026-01-02T03:04:05Z (UTC)")
    assert "alleged" in told["disclaimer"]
    assert set(COLUMNS) <= set(told)


def test_a_full_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MOST_ROWS", 4)
    for many, sizes in ((3, [3]), (4, [3, 1]), (7, [3, 3, 1])):
        book = workbook(*(a_row(ref=f"GA-{n}") for n in range(many)))
        sheets = [book[name] for name in book.sheetnames if name.startswith("incidents")]
        assert [sheet.max_row - 1 for sheet in sheets] == sizes
        assert [row[0].value for sheet in sheets for row in sheet.iter_rows(min_row=2)] == [
            f"GA-{n}" for n in range(many)
        ]
        assert book.sheetnames[-1] == "read me"


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed")
@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_libreoffice_opens_it_right(tmp_path: Path, form: str) -> None:
    """As somebody opens it, who chooses UTF-8 for the CSV; and saved again, so that a formula would be its result."""
    rows = [URDU, ARABIC, "=1+1", "@SUM(1)", "a, b"]
    told = written(form, *(a_row(text, date_earliest=date(2025, 6, 1)) for text in rows))
    (tmp_path / f"incidents.{form}").write_bytes(told)
    utf8 = "Text - txt - csv (StarCalc):44,34,76,1"
    line = [
        "soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless", "--convert-to", f"csv:{utf8}",
        *([f"--infilter={utf8}"] if form == "csv" else []), "--outdir", str(tmp_path / "out"), str(tmp_path / f"incidents.{form}"),
    ]  # fmt: skip
    subprocess.run(line, capture_output=True, check=True, timeout=120)
    text = (tmp_path / "out" / "incidents.csv").read_text("utf-8-sig")
    read = list(csv.DictReader(io.StringIO(text)))
    marked = "'" if form == "csv" else ""
    assert [row["title"] for row in read] == [URDU, ARABIC, f"{marked}=1+1", f"{marked}@SUM(1)", "a, b"]
    assert {row["date_earliest"] for row in read} == {"2025-06-01"}
