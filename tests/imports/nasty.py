"""Nasty tables, the way they come by mail: made by hypothesis, in every shape that the importers know."""
# ruff: noqa: RUF001 - the letters that look alike are what is nasty

import csv
import io
import json
from dataclasses import dataclass, field
from random import Random
from typing import Any

from hypothesis import strategies as st

from tests.tables import as_xlsx

Cells = list[str]
TEXTS = [
    "", "", "Alleged killing", "=1+1", "@SUM(A1)", "'quoted", "عربی عنوان", "\u202eright to left", "\u200b", "\ufeff", " ",
    'say "no"', "two\nlines", "two\r\nlines", "one\rline", "a;b", "a|b", "a,b", "NUL \0 in it", "#REF!", "#event", "N/A",
    "x" * 40_000, "é" * 300, "\ud7ff\ue000", "𐀀", "several", "<b>", "{}", "[]", "null", "-", "\x1b[31m", "\u0085", "\x1c",
]  # fmt: skip
DATES = [
    "2025-06-12", "12/06/2025", "06/12/2025", "12.6.25", "2025-06", "2025", "2025-13-40", "June 2025", "45820",
    "2025-06-20/2025-06-01", "2025-06-01 to 2025-06-20", "0000-00-00", "9999-12-31", "10000-01-01", "-0044-03-15",
    "۲۰۲۵-۰۶-۱۲", "../2025", "2025-02-29", "1", "", "tomorrow", "2025-06-12T25:61", "2025-06~",
]  # fmt: skip
NUMBERS = [
    "", "0", "2", "-1", "several", "4-6", "1e3", "1e400", "NaN", "inf", "٣", "2.0", "1,000", "999999999999999999999", "0x10",
    "1_000", "+3", "2147483648", "9223372036854775808", " 7 ", "12" * 2500,
]  # fmt: skip
POINTS = [
    "", "0", "30.1834", "66.9905", "-91", "181", "30,18", "30°11'N", "NaN", "Infinity", "1e5", "66.99059999999999999", "-0.0",
]  # fmt: skip
LINKS = ["", "https://example.org/1", "javascript:alert(1)", "http://[::1", "https://example.org/a b", "mailto:x"]
IDS = ["", "ours-1", "ours-1", "ours-2", "OURS-1", " ours-1 ", "١", "o" * 600, "\u200bours-1", "1", "01"]
KINDS = ["killing", "killing", "Enforced disappearance", "KILLING", "beating_up", ""]
SOURCES = ["press", "press", "testimony_witness", "nobody", ""]
LISTED = {
    **dict.fromkeys(("id", "ref", "_uuid", "individual_id", "web id", "event_id_cnty"), IDS), "kind": KINDS, "source_kind": SOURCES,
    "geo_precision": ["settlement", "area2", "exact", "", "somewhere"], "sensitivity": ["", "internal", "sealed", "secret"],
    "country": ["PAK", "SYR", "", "pk", "Pakistan", "ZZZ"], "nature": ["", "event", "Event"], "stance": ["", "reports", "asserts"],
    "verification": ["unverified", "verified"], "type_of_violence": ["1", "2", "3", "4", ""], "confidence": ["", "low", "Low"],
    "victim_status": ["", "civilian", "x"], "degree": ["", "carried_out", "x"], "where_prec": ["1", "6", "9", ""],
    "date_prec": ["1", "4", "5", ""], "date_known": ["day", "month", "between", "unknown", ""],
}  # fmt: skip
TEMPLATE = [
    "title", "kind", "source_kind", "id", "summary", "nature", "date", "place_name", "country", "area2_code", "lon", "lat",
    "geo_precision", "uncertainty_m", "killed_min", "killed_best", "killed_max", "victim_group", "alleged_responsible", "degree",
    "confidence", "sensitivity", "source_title", "publication", "source_url", "source_published", "stance", "quote",
]  # fmt: skip
EXPORT = [
    "ref", "alleged", "kind", "kind_label", "title", "date_edtf", "date_earliest", "date_latest", "country", "area1_code", "lon",
    "lat", "geo_precision", "killed_best", "alleged_responsible", "verification", "sources", "source_urls", "licence",
]  # fmt: skip
UCDP = [
    "id", "year", "type_of_violence", "conflict_name", "dyad_name", "side_a_new_id", "side_a", "side_b_new_id", "side_b",
    "number_of_sources", "source_article", "source_headline", "source_date", "source_original", "where_prec",
    "where_coordinates", "adm_1", "adm_2", "latitude", "longitude", "geom_wkt", "country", "country_id", "date_prec",
    "date_start", "date_end", "deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown", "best", "low", "high",
    "event_clarity", "active_year", "code_status", "conflict_new_id", "dyad_new_id", "priogrid_gid", "region", "relid",
]  # fmt: skip
POLICE = [
    "id",
    "name",
    "state",
    "city",
    "date",
    "date_text",
    "description",
    "geolocation",
    "tags",
    "link 1",
    "Link 2",
    "edit_at",
]
PINOCHET = [
    "individual_id", "group_id", "start_date_daily", "end_date_daily", "start_date_monthly", "end_date_monthly", "last_name",
    "first_name", "minor", "age", "male", "occupation", "occupation_detail", "victim_affiliation", "violence", "method",
    "interrogation", "torture", "mistreatment", "targeted", "press", "war_tribunal", "number_previous_arrests",
    "perpetrator_affiliation", "page", "additional_comments", "location_1", "latitude_1", "longitude_1", "exact_coordinates_1",
]  # fmt: skip
ACLED = [
    "event_id_cnty", "event_date", "time_precision", "disorder_type", "event_type", "sub_event_type", "actor1", "actor2",
    "iso", "country", "admin1", "location", "latitude", "longitude", "geo_precision", "source", "notes", "fatalities",
]  # fmt: skip
FORM = [
    "_uuid",
    "title",
    "kind",
    "date_known",
    "date_day",
    "date_month",
    "date_first",
    "date_last",
    "point",
    "source_kind",
    "victims",
]
IOM = [
    "Web ID", "Region of Incident", "Reported Date", "Reported Year", "Reported Month", "Number Dead",
    "Minimum Estimated Number of Missing", "Total Dead and Missing", "Number of Survivors", "Cause of Death",
    "Location Description", "Information Source", "Location Coordinates", "URL", "Source Quality",
]  # fmt: skip
SHAPES = {
    "template": TEMPLATE, "export": EXPORT, "ucdp": UCDP, "police": POLICE, "pinochet": PINOCHET, "acled": ACLED, "iom": IOM,
    "form": FORM, "nothing we know": ["a", "b"],
}  # fmt: skip
KINDS_OF_COLUMN = {
    "date": DATES, "published": DATES, "_min": NUMBERS, "best": NUMBERS, "_max": NUMBERS, "death": NUMBERS,
    "number": NUMBERS, "fatalities": NUMBERS, "age": NUMBERS, "lon": POINTS, "lat": POINTS, "coordinates": POINTS,
    "geolocation": POINTS, "point": POINTS, "url": LINKS, "link": LINKS,
}  # fmt: skip
ENCODINGS = [*["utf-8"] * 12, "utf-8-sig", "utf-16", "cp1252", "cp1256", "latin-1", "utf-16-le", "mac-roman"]


@dataclass(frozen=True)
class Nasty:
    """A file, and from what it was made."""

    shape: str
    raw: bytes = field(repr=False)


def _fitting(column: str) -> list[str]:
    """What may stand in a column: something of its own kind."""
    name = column.lower()
    if name in LISTED:
        return LISTED[name]
    return next((values for word, values in KINDS_OF_COLUMN.items() if word in name), TEXTS)


def _cell(random: Random, column: str, wild: float) -> str:
    """Mostly what makes a good row, sometimes what fits the column, now and then anything at all."""
    luck = random.random()
    if luck > wild:
        return GOOD.get(column.lower(), "")
    return random.choice(_fitting(column) if luck < wild * 0.8 else TEXTS)


GOOD = {
    "title": "Alleged killing", "kind": "killing", "source_kind": "press", "source_title": "A report", "date": "2025-06-12",
    "alleged": "true", "sources": "A report", "date_edtf": "2025-06-12", "stance": "", "geo_precision": "settlement",
    "type_of_violence": "1", "where_prec": "1", "date_prec": "1", "date_start": "2019-01-02", "date_end": "2019-01-02",
    "best": "1", "low": "1", "high": "1", "country": "", "id": "ours-3", "ref": "IR-2025-000007", "_uuid": "0f", "individual_id": "7", "group_id": "7", "page": "7",
    "side_a": "Government of Example", "side_b": "Civilians", "country_id": "652", "latitude": "36.2", "longitude": "37.1",
    "source_article": "Example Paper,2019-01-03,A headline", "event_id_cnty": "EXA1", "event_date": "2025-06-12",
    "time_precision": "1", "event_type": "Battles", "sub_event_type": "Armed clash", "web id": "52682",
    "reported date": "January 5, 2020", "number dead": "2", "total dead and missing": "2",
    "location coordinates": "35.1, 12.5", "name": "Officers push a man", "city": "Example", "state": "Texas",
    "date_known": "unknown", "violence": "Killed",
}  # fmt: skip


@st.composite
def _table(draw: st.DrawFn, shape: str) -> list[Cells]:
    names = list(SHAPES[shape])
    random = Random(draw(st.integers(0, 1 << 32)))
    wild = draw(st.sampled_from([0.03, 0.1, 0.4]))
    rows = [[_cell(random, name, wild) for name in names] for _ in range(draw(st.integers(0, 8)))]
    repeated = draw(st.lists(st.sampled_from(rows), max_size=2)) if rows else []
    table: list[Cells] = [names, *rows, *(list(row) for row in repeated)]
    if draw(st.integers(0, 4)) == 0:
        table.insert(1, ["#tag"] * len(names))
    if draw(st.integers(0, 4)) == 0:
        _add_columns(
            table, draw(st.lists(st.sampled_from(["", "title", "Title", "\u200b", "x" * 300, "id"]), max_size=3))
        )
    return draw(_ragged(table)) if draw(st.integers(0, 3)) == 0 else table


def _add_columns(table: list[Cells], names: list[str]) -> None:
    for cells in table:
        cells.extend(names if cells is table[0] else ["more"] * len(names))


@st.composite
def _ragged(draw: st.DrawFn, table: list[Cells]) -> list[Cells]:
    """Some rows with cells too few or too many, empty rows between, a title above."""
    for cells in table[1:]:
        change = draw(st.integers(-2, 2))
        cells[:] = cells[:change] if change < 0 else [*cells, *["spare"] * change]
    if draw(st.booleans()):
        table.insert(draw(st.integers(1, len(table))), [])
    if draw(st.booleans()):
        table.insert(0, ["A list of incidents"])
    return table


@st.composite
def files(draw: st.DrawFn) -> Nasty:
    """A nasty file: a text in some encoding, a workbook, JSON, JSON lines, or one of them cut off."""
    shape = draw(st.sampled_from([*SHAPES, "template", "template", "template", "export"]))
    table = draw(_table(shape))
    kind = draw(st.sampled_from(["text"] * 12 + ["xlsx", "json", "lines"]))
    raw = _as_xlsx(table) if kind == "xlsx" else _as_json(table, kind) if kind != "text" else draw(_as_text(table))
    if draw(st.integers(0, 14)) == 0:
        # A share, and no number of bytes: a workbook is packed with the time, and is not of one length.
        raw = raw[: len(raw) * draw(st.integers(0, 1000)) // 1000]
    return Nasty(f"{shape} as {kind}", raw)


@st.composite
def _as_text(draw: st.DrawFn, table: list[Cells]) -> bytes:
    text = io.StringIO(newline="")
    ends = draw(st.sampled_from(["\r\n", "\n", "\n", "\r"]))
    quoting = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL]))
    mark = draw(st.sampled_from([",", ",", ";", "\t", "|"]))
    csv.writer(text, delimiter=mark, lineterminator=ends, quoting=quoting).writerows(table)
    raw = text.getvalue().encode(draw(st.sampled_from(ENCODINGS)), "replace")
    return raw + draw(st.sampled_from([b"", b"", b"", b'"', b"\xff", b"\r\n\r\n", b"\x1a"]))


def _as_xlsx(table: list[Cells]) -> bytes:
    return as_xlsx(
        [["".join(c for c in cell if c >= " " or c in "\n\t")[:32_000] for cell in cells] for cells in table]
    )


def _as_json(table: list[Cells], kind: str) -> bytes:
    names = table[0]
    objects: list[dict[str, Any]] = [dict(zip(names, cells, strict=False)) for cells in table[1:]]
    if kind == "lines":
        return b"".join(json.dumps(one).encode() + b"\n" for one in objects)
    return json.dumps(objects, ensure_ascii=False).encode()
