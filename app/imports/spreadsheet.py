"""Our own table: one incident a row, one source a row, under the column names of our CSV export and a few more."""

import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from app.imports.importer import Draft, Finding, Importer, Repeated, Row, RowRefused
from app.imports.tables import GEOMETRY, STANDS_FOR, flat_rows
from app.matching.folding import name_key
from app.records.blocks import HARMS
from app.vocabulary.word import vocabulary

# Column, and what to write in it. The first three are needed; the rest may be left out or empty.
COLUMNS: dict[str, str] = {
    "title": "What is alleged, in one line",
    "kind": "A word of the vocabulary of violations: its code or its English label",
    "source_kind": "What the source is: a code of source_kinds, such as press or testimony_witness",
    "id": "Your own number for the incident. With it a later file changes the same record",
    "summary": "What is alleged, at length",
    "nature": "event, pattern or situation",
    "date": "2025-06-12, 2025-06, 2025, 2025-06~ (about), 2025-06-01 to 2025-06-20 (sometime between)",
    "place_name": "The place in the source's words",
    "country": "Three letters (PAK)",
    "area1_code": "Code of the province, when there is no point",
    "area2_code": "Code of the district, when there is no point",
    "lon": "Degrees east, such as 69.92",
    "lat": "Degrees north, such as 30.05",
    "geo_precision": "How exact the point is: a code of geo_precisions; needed with lon and lat",
    "uncertainty_m": "How far off the point may be, in metres",
    **{f"{harm}_{part}": f"People {harm}: {part}" for harm in HARMS for part in ("min", "best", "max")},
    "victim_group": "Who was harmed, described as a group",
    "victim_status": "A code of civilian_statuses",
    "alleged_responsible": "Who is said to be responsible; several with ; between them",
    "degree": "A code of degrees, for all of them",
    "confidence": "low, medium, high or empty",
    "sensitivity": "A code of sensitivities; restricted when empty",
    "licence": "Under which terms the row may be passed on",
    "source_title": "Title or headline of the source",
    "source_author": "Who wrote it",
    "publication": "The newspaper, organisation or site",
    "source_published": "When it was published, as in date",
    "source_url": "Its address",
    "source_language": "Its language (ur, bal, en ...)",
    "speaker": "Who is quoted in it",
    "speaker_role": "A code of speaker_roles",
    "stance": "A code of stances: reports, alleges, confirms, denies ...",
    "quote": "The sentence that says it",
    "locator_type": "A code of locator_types: page, paragraph, line, timecode ...",
    "locator": "Which page, paragraph ...",
}  # fmt: skip
NEEDS = frozenset({"title", "kind", "source_kind"})
REPORT = (
    "title", "summary", "nature", "date", "place_name", "country", "area1_code", "area2_code", "geo_precision",
    "confidence", "sensitivity", "licence",
)  # fmt: skip
SOURCE = {
    "source_kind": "kind", "source_title": "title", "source_author": "author", "source_published": "published",
    "source_url": "url", "source_language": "language",
}  # fmt: skip
CITATION = ("speaker", "speaker_role", "stance", "quote", "locator_type", "locator")
NUMBERS = ("lon", "lat", "uncertainty_m")
TALLIES = {harm: [(part, f"{harm}_{part}") for part in ("min", "best", "max")] for harm in HARMS}
# A name and the cell in which its value stands.
Place = tuple[str, int]
_actor_key = lru_cache(maxsize=1024)(name_key)  # the same few are named again and again


# What an export of ours would have put an apostrophe before, also behind letters that cannot be seen.
RUNNABLE = frozenset("=+-\u2212@%|")
INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"})


@dataclass(frozen=True)
class Layout:
    """Which of our columns a table has and which cell of a row is theirs: only those are looked for in its rows.

    Of a column that is not there it is the last cell, which is empty (see `_texts`).
    """

    at: dict[str, int]
    report: tuple[Place, ...]
    numbers: tuple[Place, ...]
    tallies: tuple[tuple[str, tuple[tuple[str, str, int], ...]], ...]
    source: tuple[Place, ...]
    citation: tuple[Place, ...]


@lru_cache(maxsize=256)
def _layout(columns: tuple[str, ...]) -> Layout:
    at = {name: columns.index(name) for name in (*COLUMNS, GEOMETRY) if name in columns}
    counted = (
        (harm, tuple((part, column, at[column]) for part, column in parts if column in at))
        for harm, parts in TALLIES.items()
    )
    return Layout(
        at=dict.fromkeys((*COLUMNS, GEOMETRY), -1) | at,
        report=tuple((name, at[name]) for name in REPORT if name in at),
        numbers=tuple((name, at[name]) for name in NUMBERS if name in at),
        tallies=tuple((harm, parts) for harm, parts in counted if parts),
        source=tuple((ours, at[name]) for name, ours in SOURCE.items() if name in at),
        citation=tuple((name, at[name]) for name in CITATION if name in at),
    )


def draft(row: Row) -> Draft:
    """One row as a report with its one citation."""
    cells, layout = _texts(row.cells), _layout(row.names)
    at = layout.at
    report: dict[str, Any] = {name: text for name, i in layout.report if (text := cells[i])}
    report["kind"] = kind = _kind(cells[at["kind"]])
    _check_spot(row, cells[at[GEOMETRY]], cells[at["geo_precision"]])
    for name, i in layout.numbers:
        if text := cells[i]:
            report[name] = _number(row, name, text)
    odd = _tallies(row, cells, layout, report)
    report["according_to"] = _citation(cells, layout)
    if group := cells[at["victim_group"]]:
        report["acts"] = _acts(kind, group, cells[at["victim_status"]])
    if (responsible := cells[at["alleged_responsible"]]) and (
        involvements := _involvements(responsible, cells[at["degree"]])
    ):
        report["involvements"] = involvements
    if own := cells[at["id"]]:
        report["external_id"] = own
    return Draft(report, warnings=odd)


def _check_spot(row: Row, geometry: str, precision: str) -> None:
    """The point that stands for an area is no spot, whatever the row says of it."""
    if not geometry.startswith(STANDS_FOR):
        return
    exact = vocabulary("geo_precisions").get(precision)
    if exact and exact.traits.get("pin"):
        why = "the geometry is no point, and the row calls it a spot"
        finding = Finding(row.line, "geo_precision", exact.code, why, "write how large the area is, such as area2")
        raise RowRefused(finding)


def _texts(cells: Collection[Any]) -> list[str]:
    """The cells and an empty one, without the apostrophe that keeps a spreadsheet from running one."""
    try:
        texts = [*map(str.strip, cells), ""]
    except TypeError:  # a cell that is no text, as out of JSON
        texts = [*("" if cell is None else str(cell).strip() for cell in cells), ""]
    if "'" in "".join(texts):
        return [text[1:] if text[:1] == "'" and _could_be_run(text[1:]) else text for text in texts]
    return texts


def _could_be_run(text: str) -> bool:
    seen = next((letter for letter in text if unicodedata.category(letter) not in INVISIBLE), "")
    return unicodedata.normalize("NFKC", seen)[:1] in RUNNABLE


@lru_cache(maxsize=1024)  # a table says the same few kinds in row after row
def _kind(text: str) -> str:
    """A code, or the code whose English label this is; anything else is left for the check to refuse."""
    return _kinds().get(name_key(text), text)


@cache
def _kinds() -> dict[str, str]:
    """Codes by themselves and by their English label, folded; the first in the list keeps a name."""
    found: dict[str, str] = {}
    for word in vocabulary("violations").values():
        found.setdefault(word.code, word.code)
        found.setdefault(name_key(word.named()), word.code)
    return found


def _number(row: Row, column: str, text: str, *, whole: bool = False) -> float | int:
    try:
        return int(text) if whole else float(text)
    except ValueError:
        what, example = ("a whole number", "4") if whole else ("a number", "69.92")
        finding = Finding(row.line, column, text[:100], f"not {what}", f"write it as {example}, or leave it empty")
        raise RowRefused(finding) from None


def _tallies(row: Row, cells: list[str], layout: Layout, report: dict[str, Any]) -> list[Finding]:
    """Put how many were harmed into the report. Numbers that do not rise are kept as counted, and pointed out."""
    odd = []
    for harm, parts in layout.tallies:
        tally = {part: _number(row, column, text, whole=True) for part, column, i in parts if (text := cells[i])}
        if not tally:
            continue
        report[harm] = tally
        numbers = list(tally.values())
        if numbers != sorted(numbers):
            value = ", ".join(map(str, numbers))
            why = "the numbers do not rise: min, best, max"
            odd.append(Finding(row.line, f"{harm}_best", value, why, "kept as it is"))
    return odd


def _citation(cells: list[str], layout: Layout) -> dict[str, Any]:
    source: dict[str, Any] = {name: text for name, i in layout.source if (text := cells[i])}
    if outlet := cells[layout.at["publication"]]:
        source["publication"] = {"name": outlet}
    citation: dict[str, Any] = {"source": source}
    citation |= {name: text for name, i in layout.citation if (text := cells[i])}
    return citation


@lru_cache(maxsize=1024)
def _acts(kind: str, group: str, status: str) -> Repeated:
    act = {"kind": kind, "group": group, "civilian_status": status}
    return Repeated([{name: value for name, value in act.items() if value}])


@lru_cache(maxsize=1024)
def _involvements(responsible: str, stated: str) -> Repeated:
    named = [name.strip() for name in responsible.split(";") if name.strip()]
    degree = {"degree": stated} if stated else {}
    return Repeated(
        {"actor": {"name": name, "external_id": f"table:actor:{_actor_key(name)}"}, **degree} for name in named
    )


SPREADSHEET = Importer(
    name="spreadsheet",
    about="Gawah's own table as XLSX, ODS, CSV, JSON or GeoJSON: the columns of docs/reference/imports.md",
    needs=NEEDS,
    read=flat_rows,
    draft=draft,
    columns={
        "according_to": "source_kind", "external_id": "id", "acts": "victim_group", "killed": "killed_best",
        "involvements": "alleged_responsible", "injured": "injured_best", "missing": "missing_best",
        "detained": "detained_best",
    },
)  # fmt: skip
