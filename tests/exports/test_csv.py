"""CSV: the columns people build on, readable in Excel, and nothing in it that a spreadsheet would run."""
# ruff: noqa: RUF001 - characters that look like others are what this file is about

import csv
import io
import re
import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.db import now
from app.exports import FORMATS, Answer, Heading
from app.queries.formulas import harmless
from app.queries.rows import COLUMNS, TALLIES
from app.queries.written import cells, line, lines
from tests.archives import TestArchive
from tests.builders import incident_in

NAMES = [
    "ref",
    "alleged",
    "kind",
    "kind_label",
    "title",
    "date_edtf",
    "date_earliest",
    "date_latest",
    "date_precision",
    "country",
    "area1",
    "area1_code",
    "area2",
    "area2_code",
    "place_name",
    "lon",
    "lat",
    "geo_precision",
    "uncertainty_m",
    "location_generalised",
    "killed_min",
    "killed_best",
    "killed_max",
    "injured_min",
    "injured_best",
    "injured_max",
    "missing_min",
    "missing_best",
    "missing_max",
    "detained_min",
    "detained_best",
    "detained_max",
    "alleged_responsible",
    "verification",
    "confidence",
    "independent_sources",
    "sources",
    "source_urls",
    "licence",
    "updated_at",
]
TAGS = (
    "#event+id,#meta+alleged,#event+type,#event+type+label,#description+title,#meta+date+v_edtf,#date+start,#date+end,"
    "#meta+date+precision,#country+code+v_iso3,#adm1+name,#adm1+code+v_pcode,#adm2+name,#adm2+code+v_pcode,#loc+name,"
    "#geo+lon,#geo+lat,#geo+precision,#geo+uncertainty,#geo+generalised,#affected+killed+min,#affected+killed,"
    "#affected+killed+max,#affected+injured+min,#affected+injured,#affected+injured+max,#affected+missing+min,"
    "#affected+missing,#affected+missing+max,#affected+detained+min,#affected+detained,#affected+detained+max,"
    "#group+name+perp+alleged,#status+verification,#meta+confidence,#meta+source+count,#meta+source+citation,"
    "#meta+url+source,#meta+license,#date+updated"
)


def written(archive: TestArchive, *, hxl: bool = False) -> bytes:
    return b"".join(FORMATS["csv"].write(Answer(archive.rows(), Heading("everything", now(), hxl))))


def read(raw: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))


def test_the_columns_and_their_order_are_a_contract(archive: TestArchive) -> None:
    assert list(COLUMNS) == NAMES
    assert written(archive).decode("utf-8-sig") == ",".join(NAMES) + "\r\n"


def test_the_tags_stand_in_the_second_line_when_asked_for(archive: TestArchive) -> None:
    archive.report(incident_in())
    lines = written(archive, hxl=True).decode("utf-8-sig").split("\r\n")
    assert lines[1] == TAGS
    assert len(lines) == 4
    assert TAGS not in written(archive).decode()


def test_it_begins_with_the_mark_that_excel_looks_for(archive: TestArchive) -> None:
    archive.report(incident_in("Ünïcode عربی"))
    raw = written(archive)
    assert raw.startswith(b"\xef\xbb\xbfref,alleged,")
    assert raw.count(b"\xef\xbb\xbf") == 1
    assert raw.count(b"\r\n") == raw.count(b"\n") == 2
    assert raw.endswith(b"\r\n")


def test_one_row_in_full(archive: TestArchive) -> None:
    told = incident_in("Alleged killing", on="2025-06", at=(63.0544, 26.0023), place_name="Turbat, town",
                       killed={"min": 1, "best": 2, "max": 3}, licence="CC0", confidence="low")  # fmt: skip
    made = archive.report(told)
    (row,) = read(written(archive))
    updated, code = row.pop("updated_at"), row.pop("area2_code")
    assert updated.endswith("Z")
    assert code
    others = [name for name in NAMES if name not in ("updated_at", "area2_code")]
    assert row == dict.fromkeys(others, "") | {
        "ref": made.ref, "alleged": "true", "kind": "killing", "kind_label": "Killing", "title": "Alleged killing",
        "date_edtf": "2025-06", "date_earliest": "2025-06-01", "date_latest": "2025-06-30", "date_precision": "month",
        "country": "PAK", "area1": "Balochistan", "area1_code": "PK-BA", "area2": "Kech", "place_name": "Turbat, town",
        "lon": "63.0544", "lat": "26.0023", "geo_precision": "settlement", "uncertainty_m": "2000.0",
        "location_generalised": "false", "killed_min": "1", "killed_best": "2", "killed_max": "3",
        "verification": "unreviewed", "confidence": "low", "independent_sources": "1",
        "sources": "A made-up report, The Example Paper", "licence": "CC0",
    }  # fmt: skip


EVIL = [
    "=1+1", "+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u200b=1", "\ufeff=1", "\u202e=1",
    "\u0000=1", "\u2028=1", "＝1", "＋1", "－1", "＠A", "|calc", '=HYPERLINK("http://x")', "\u00ad=1", "\u2060@x",
    "\u0301=1", "%1", "\u200d%PATH%", "％1", "｜calc", "\u2066@x", "\x7f=1", "\x85+1", "\u3000=1", "\u20dd=1", "\u2212" + "1", "﹢1", "﹪1",
]  # fmt: skip


@pytest.mark.parametrize("text", EVIL, ids=ascii)
def test_what_could_be_run_is_made_text(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["a=1", "1-2", "Ünï", "علی", "“quoted”", "(x)", "", "'x", "#hash", "…", "1e5"])
def test_what_cannot_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize("number", [-70.5, -1, 0, 3.25, None])
def test_numbers_stay_numbers(number: Any) -> None:
    assert harmless(number) is number


# As a spreadsheet may see it: whatever cannot be seen falls away, and wide letters are narrow ones.
UNSEEN = re.compile(
    "[\\x00-\\x20\\x7f-\\xa0\\xad\\u061c\\u115f\\u180e\\u2000-\\u200f\\u2028-\\u202f\\u205f-\\u206f\\u3000\\ufeff]+"
)
OPERATORS = ("=", "+", "-", "@", "|", "%")
UGLY = st.text(
    st.sampled_from("=+-@|%＝＋－＠｜％﹢﹣﹦﹪﹫⁺₌\ufeff\u200b\u200e\u202e\u2066\u00a0\u00ad\u0301\t\r\n\0 '1a")
    | st.characters(),
    max_size=8,
)


def runs(cell: object) -> bool:
    return isinstance(cell, str) and unicodedata.normalize("NFKC", UNSEEN.sub("", cell)).startswith(OPERATORS)


@settings(max_examples=2000, deadline=None)
@given(UGLY | st.integers() | st.floats())
def test_no_cell_is_a_formula_once_what_is_unseen_falls_away(cell: object) -> None:
    assert not runs(harmless(cell))
    assert isinstance(cell, str) or harmless(cell) is cell


def test_that_notices_a_guard_that_sees_too_little() -> None:
    assert runs("\u200b=1")
    assert runs("％1")
    assert not runs("'=1")


@given(st.text(max_size=12))
def test_nothing_that_a_spreadsheet_sees_first_is_an_operator(text: str) -> None:
    shown = str(harmless(text)).lstrip()
    assert not shown.startswith(("=", "+", "-", "@", "|"))


@pytest.mark.parametrize("text", [t for t in EVIL if "\0" not in t], ids=ascii)
def test_every_text_column_is_guarded(archive: TestArchive, text: str) -> None:
    archive.report(incident_in(text, place_name=text, licence=text))
    (row,) = read(written(archive))
    assert {row["title"], row["place_name"], row["licence"]} == {"'" + text}


def test_the_south_and_the_west_are_numbers(archive: TestArchive) -> None:
    archive.report(incident_in(at=(-70.5, -33.25)))
    (row,) = read(written(archive))
    assert (row["lon"], row["lat"]) == ("-70.5", "-33.25")


NUMBERS = ("lon", "lat", "uncertainty_m")
NASTY = st.one_of(st.text(max_size=8), st.text(alphabet='=+-@,;"\r\n \t_a1\u0301é', max_size=8), st.sampled_from(EVIL))


def flat_rows() -> st.SearchStrategy[dict[str, Any]]:
    """Rows with whatever their columns may hold."""
    what: dict[str, st.SearchStrategy[Any]] = {
        **dict.fromkeys(COLUMNS, st.none() | NASTY),
        **dict.fromkeys(NUMBERS, st.none() | st.floats(-1e7, 1e7)),
        **dict.fromkeys((*TALLIES, "independent_sources"), st.none() | st.integers(0, 2**40)),
        **dict.fromkeys(("date_earliest", "date_latest"), st.none() | st.dates()),
        "alleged": st.just(True),
        "location_generalised": st.booleans(),
    }  # fmt: skip
    return st.fixed_dictionaries(what).map(lambda row: {name: row[name] for name in COLUMNS})


@settings(max_examples=150, deadline=None)
@given(flat_rows())
def test_a_line_is_what_a_writer_of_csv_would_write(row: dict[str, Any]) -> None:
    assert [line(row)] == lines([[harmless(cell) for cell in cells(row)]])
