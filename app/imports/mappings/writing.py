"""A suggestion as a mapping file that a person can read, mend and keep."""

from dataclasses import dataclass
from typing import Any

from app.errors import Unreadable
from app.imports.converters import clean
from app.imports.mappings.mapping import name_of
from app.imports.mappings.people import accounts, people
from app.imports.mappings.phrasing import UNKNOWN, Fields, codes, field, hole, kind_told, options, quoted, remark
from app.imports.mappings.suggesting import Column

# Something of this must be told of an incident, beside the day.
HARMS = ("killed", "injured", "missing", "detained")
HAPPENED = frozenset({*HARMS, "kind", "title", "summary", "victim", "responsible"})
NO_INCIDENTS = (
    "This seems to be no table of incidents: none of its columns tells {}, by name and values. If one does, call it "
    "plainly (date, killed, description) and write days as 2025-06-12, or write the mapping by hand: "
    "docs/how-to/mappings.md. Lists of names or of people alone are not imported as incidents; "
    "areas go in by `gawah areas import`."
)
# By these columns a file of the same kind is known again.
PLACES, AREAS = ("place", "area2", "area1"), ("area1", "area1_code", "area2", "area2_code")
TELLING = frozenset({"external_id", "date", "kind", "place"})
HEAD = """\
# A suggestion. Look at every line, mend what is wrong, take out what you do not want; then look what would come of it:
#   gawah import FILE --mapping THIS-FILE --dry-run
# “sure”: name and values of the column fit. “likely”: only one of them does. docs/how-to/mappings.md has all the keys.
"""


@dataclass(frozen=True)
class Called:
    """What a suggestion calls itself, whose table it is, and what stands before the ids of its rows."""

    name: str
    title: str
    prefix: str

    @classmethod
    def by_file(cls, file_name: str) -> "Called":
        title = clean(file_name) or "a table"
        return cls(name_of(title), title, name_of(title))


def suggestion(columns: list[Column], called: Called) -> str:
    """The mapping as TOML, with what was understood, how sure that is, and two values of each column.

    Raises Unreadable for a table of something else than incidents.
    """
    by_field: Fields = {column.field: column for column in columns if column.field}
    _check_incidents(by_field)
    parts = [
        HEAD,
        f"name = {quoted(called.name)}",
        f"about = {quoted(f'The columns of {called.title}')}",
        f"needs = [{', '.join(quoted(c.name) for c in columns if c.field in TELLING)}]",
        *_repeats(by_field.get("external_id")),
        "",
        "[report]",
        *_identity(by_field, called.prefix),
        *_kind(by_field.get("kind")),
        *_date(by_field),
        *field(by_field.get("summary"), "summary", "text"),
        *_place(by_field),
        *(line for harm in HARMS for line in field(by_field.get(harm), harm, "count")),
        *_source(called.title),
        *people(by_field),
        *accounts(columns, by_field),
        *_left(columns),
    ]
    return "\n".join(parts) + "\n"


def _check_incidents(by_field: Fields) -> None:
    """Raises Unreadable unless the table tells when, and what or to whom or how many."""
    lacking = [] if "date" in by_field else ["when it was"]
    lacking += [] if HAPPENED & by_field.keys() else ["what happened, or to whom, or how many were harmed"]
    if lacking:
        raise Unreadable(NO_INCIDENTS.format(" nor ".join(lacking)))


def _repeats(column: Column | None) -> list[str]:
    """Whether one id stands in several rows."""
    told = [text for cell in column.samples if (text := clean(cell))] if column else []
    if len(told) == len(set(told)):
        return []
    return [
        "# One id stands in several rows: they are taken for different incidents; else the second is refused.",
        'repeats = "number"',
    ]


def _identity(by_field: Fields, prefix: str) -> list[str]:
    lines = []
    if (column := by_field.get("external_id")) and hole(column):
        lines += [*remark(column), f"external_id = {quoted(f'{prefix}:{hole(column)}')}"]
    else:
        lines += ["# No column numbers the rows: the same file is known again, a changed row would be a new incident."]
    if (column := by_field.get("title")) and hole(column):
        return [*lines, *remark(column), f"title = {quoted(f'Alleged incident[: {hole(column)}]')}"]
    what, where = (hole(column) if column else "" for column in (by_field.get("kind"), _named_place(by_field)))
    told = (f"[: {what}]" if what else "") + (f"[, {where}]" if where else "")
    return [
        *lines,
        "# No column is a title: this one is made up of the others.",
        f"title = {quoted(f'Alleged incident{told}')}",
    ]


def _kind(column: Column | None) -> list[str]:
    if column is None:
        return [
            "# No column tells what is alleged: write a code of the vocabulary of violations.",
            f'kind = "{UNKNOWN}"',
        ]
    open_ones = sum(code == UNKNOWN for code in codes(column).values())
    ask = (
        [f"# {open_ones} of its words are not ours: write a code of the vocabulary of violations for each."]
        if open_ones
        else []
    )
    return [*remark(column), *ask, f"kind = {kind_told(column)}"]


def _date(by_field: Fields) -> list[str]:
    start, end = by_field.get("date"), by_field.get("date_end")
    if start is None or end is None:
        return field(start, "date", "date")
    both = f"[{quoted(start.name)}, {quoted(end.name)}]"
    return [
        *remark(start),
        *remark(end),
        f'date = {{ columns = {both}, as = "span"{options(end.options | start.options)} }}',
    ]


def _named_place(by_field: Fields) -> Column | None:
    return next((by_field[field] for field in PLACES if field in by_field), None)


def _place_name(street: Column | None, place: Column | None) -> list[str]:
    if street is None or place is None or not (hole(street) and hole(place)):
        return field(street or place, "place_name", "text", ", longest = 500")
    return [*remark(street), *remark(place), f"place_name = {quoted(f'[{hole(street)}, ]{hole(place)}')}"]


def _place(by_field: Fields) -> list[str]:
    lines = _place_name(by_field.get("address"), _named_place(by_field))
    for area in AREAS:
        lines += field(by_field.get(area), area, "text", f", longest = {60 if area.endswith('code') else 200}")
    lines += field(by_field.get("country"), "country", "country")
    exact = ', precision = "near_settlement", method = "source_coordinates"'
    how = ["# How exact the points are, the file does not say: near_settlement is 25 km. Write site if you know so."]
    if point := by_field.get("point"):
        return [*lines, *how, *field(point, "point", "point", exact)]
    north, east = by_field.get("latitude"), by_field.get("longitude")
    if north is None or east is None:
        return lines
    both = f"[{quoted(north.name)}, {quoted(east.name)}]"
    return [*lines, *remark(north), *remark(east), *how, f'point = {{ columns = {both}, as = "point"{exact} }}']


def _source(title: str) -> list[str]:
    return [
        "",
        "# Who says so: the table itself. Write whose it is.",
        "[report.according_to.source]",
        'kind = "dataset"',
        f"title = {quoted(title)}",
    ]


def _left(columns: list[Column]) -> list[str]:
    left = [column for column in columns if column.field is None]
    if not left:
        return []
    told = [
        f"#   “{clean(c.name)}”: {' and '.join(f'“{one}”' for one in c.examples()) or 'only empty cells'}" for c in left
    ]
    return ["", "# Left out, because neither name nor values told what they are:", *told]


def understood(columns: list[Column]) -> list[dict[str, Any]]:
    """The same as facts: each column, its field, how sure, two values."""
    return [
        {"column": c.name, "field": c.field, "how_sure": c.how_sure or None, "notes": c.notes, "examples": c.examples()}
        for c in columns
    ]
