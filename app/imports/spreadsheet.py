"""Our own table: one incident a row, one source a row, under the column names of our CSV export and a few more."""

import unicodedata
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
COUNTED = frozenset(column for parts in TALLIES.values() for _, column in parts)
_actor_key = lru_cache(maxsize=1024)(name_key)  # the same few are named again and again


# What an export of ours would have put an apostrophe before, also behind letters that cannot be seen.
RUNNABLE = frozenset("=+-\u2212@%|")
INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"})


def draft(row: Row) -> Draft:
    """One row as a report with its one citation."""
    v = _texts(row.values)
    report: dict[str, Any] = {name: v[name] for name in REPORT if name in v}
    report["kind"] = _kind(v.get("kind", ""))
    _check_spot(row, v)
    for name in NUMBERS:
        if name in v:
            report[name] = _number(row, name, v[name])
    odd = [] if v.keys().isdisjoint(COUNTED) else _tallies(row, v, report)
    report["according_to"] = _citation(v)
    if "victim_group" in v:
        report["acts"] = _acts(report["kind"], v["victim_group"], v.get("victim_status"))
    if "alleged_responsible" in v and (involvements := _involvements(v["alleged_responsible"], v.get("degree"))):
        report["involvements"] = involvements
    if "id" in v:
        report["external_id"] = v["id"]
    return Draft(report, warnings=odd)


def _check_spot(row: Row, v: dict[str, str]) -> None:
    """The point that stands for an area is no spot, whatever the row says of it."""
    if not v.get(GEOMETRY, "").startswith(STANDS_FOR):
        return
    exact = vocabulary("geo_precisions").get(v.get("geo_precision", ""))
    if exact and exact.traits.get("pin"):
        why = "the geometry is no point, and the row calls it a spot"
        finding = Finding(row.line, "geo_precision", exact.code, why, "write how large the area is, such as area2")
        raise RowRefused(finding)


def _texts(values: dict[str, Any]) -> dict[str, str]:
    """The cells that hold something, without the apostrophe that keeps a spreadsheet from running one."""
    texts = {name: text for name, value in values.items() if value is not None and (text := str(value).strip())}
    for name in [name for name, text in texts.items() if text[0] == "'"]:
        if _could_be_run(texts[name][1:]):
            texts[name] = texts[name][1:]
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


def _tallies(row: Row, v: dict[str, str], report: dict[str, Any]) -> list[Finding]:
    """Put how many were harmed into the report. Numbers that do not rise are kept as counted, and pointed out."""
    odd = []
    for harm, parts in TALLIES.items():
        tally = {part: _number(row, column, v[column], whole=True) for part, column in parts if column in v}
        if not tally:
            continue
        report[harm] = tally
        numbers = list(tally.values())
        if numbers != sorted(numbers):
            value = ", ".join(map(str, numbers))
            why = "the numbers do not rise: min, best, max"
            odd.append(Finding(row.line, f"{harm}_best", value, why, "kept as it is"))
    return odd


def _citation(v: dict[str, str]) -> dict[str, Any]:
    source: dict[str, Any] = {ours: v[column] for column, ours in SOURCE.items() if column in v}
    if "publication" in v:
        source["publication"] = {"name": v["publication"]}
    return {"source": source} | {name: v[name] for name in CITATION if name in v}


@lru_cache(maxsize=1024)
def _acts(kind: str, group: str, status: str | None) -> Repeated:
    act = {"kind": kind, "group": group, "civilian_status": status}
    return Repeated([{name: value for name, value in act.items() if value}])


@lru_cache(maxsize=1024)
def _involvements(responsible: str, stated: str | None) -> Repeated:
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
