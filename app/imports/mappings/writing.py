"""A suggestion as a mapping file that a person can read, mend and keep."""

import json
import re
from dataclasses import dataclass
from typing import Any

from app.errors import Unreadable
from app.imports.converters import clean
from app.imports.converters.codes import our_violation
from app.imports.mappings.mapping import name_of
from app.imports.mappings.suggesting import Column

# Something of this must be told of an incident, beside the day.
HARMS = ("killed", "injured", "missing", "detained")
HAPPENED = frozenset({*HARMS, "kind", "title", "summary", "victim", "responsible"})
NO_INCIDENTS = (
    "This seems to be no table of incidents: none of its columns tells {}, by name and values. If one does, call it "
    "plainly (date, killed, description) and write days as 2025-06-12, or write the mapping by hand: "
    "docs/how-to/mappings.md. Lists of names, of people or of areas alone are not imported as incidents."
)
MOST_CODES = 40
Fields = dict[str, Column]
UNKNOWN = "unknown"
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
        f"name = {_quoted(called.name)}",
        f"about = {_quoted(f'The columns of {called.title}')}",
        f"needs = [{', '.join(_quoted(c.name) for c in columns if c.field in TELLING)}]",
        *_repeats(by_field.get("external_id")),
        "",
        "[report]",
        *_identity(by_field, called.prefix),
        *_kind(by_field.get("kind")),
        *_date(by_field),
        *_field(by_field.get("summary"), "summary", "text"),
        *_place(by_field),
        *(line for harm in HARMS for line in _field(by_field.get(harm), harm, "count")),
        *_source(called.title),
        *_people(by_field),
        *_accounts(columns, by_field),
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


def _quoted(text: str) -> str:
    """A text as TOML writes it, with every control character spelled out."""
    return re.sub("\x7f", "\\\\u007f", json.dumps(text, ensure_ascii=False))


def _hole(column: Column) -> str:
    return f"{{{column.name}}}" if not re.search(r"[{}\[\]]", column.name) else ""


def _remark(column: Column) -> list[str]:
    for_example = " and ".join(f"“{one}”" for one in column.examples()) or "only empty cells"
    notes = "".join(f"; {note}" for note in column.notes)
    return [f"# “{clean(column.name)}”: {column.how_sure}{notes}. For example {for_example}."]


def _field(column: Column | None, key: str, kind: str, extra: str = "") -> list[str]:
    if column is None:
        return []
    told = f'column = {_quoted(column.name)}, as = "{kind}"{_options(column.options)}{extra}'
    return [*_remark(column), f"{key} = {{ {told} }}"]


def _options(options: dict[str, Any]) -> str:
    return "".join(f", {name} = {json.dumps(value)}" for name, value in options.items())


def _identity(by_field: Fields, prefix: str) -> list[str]:
    lines = []
    if (column := by_field.get("external_id")) and _hole(column):
        lines += [*_remark(column), f"external_id = {_quoted(f'{prefix}:{_hole(column)}')}"]
    else:
        lines += ["# No column numbers the rows: the same file is known again, a changed row would be a new incident."]
    if (column := by_field.get("title")) and _hole(column):
        return [*lines, *_remark(column), f"title = {_quoted(f'Alleged incident[: {_hole(column)}]')}"]
    what, where = (_hole(column) if column else "" for column in (by_field.get("kind"), _named_place(by_field)))
    told = (f"[: {what}]" if what else "") + (f"[, {where}]" if where else "")
    return [
        *lines,
        "# No column is a title: this one is made up of the others.",
        f"title = {_quoted(f'Alleged incident{told}')}",
    ]


def _kind(column: Column | None) -> list[str]:
    if column is None:
        return [
            "# No column tells what is alleged: write a code of the vocabulary of violations.",
            f'kind = "{UNKNOWN}"',
        ]
    open_ones = sum(code == UNKNOWN for code in _codes(column).values())
    ask = (
        [f"# {open_ones} of its words are not ours: write a code of the vocabulary of violations for each."]
        if open_ones
        else []
    )
    return [*_remark(column), *ask, f"kind = {_kind_told(column)}"]


def _codes(column: Column) -> dict[str, str]:
    words = list(dict.fromkeys(text for cell in column.samples if (text := clean(cell))))[:MOST_CODES]
    return {word: our_violation(word) or UNKNOWN for word in words}


def _kind_told(column: Column | None) -> str:
    if column is None:
        return f'"{UNKNOWN}"'
    table = ", ".join(f"{_quoted(word)} = {_quoted(code)}" for word, code in _codes(column).items())
    return f'{{ column = {_quoted(column.name)}, as = "code", codes = {{ {table} }}, otherwise = "{UNKNOWN}" }}'


def _date(by_field: Fields) -> list[str]:
    start, end = by_field.get("date"), by_field.get("date_end")
    if start is None or end is None:
        return _field(start, "date", "date")
    both = f"[{_quoted(start.name)}, {_quoted(end.name)}]"
    return [
        *_remark(start),
        *_remark(end),
        f'date = {{ columns = {both}, as = "span"{_options(end.options | start.options)} }}',
    ]


def _named_place(by_field: Fields) -> Column | None:
    return next((by_field[field] for field in PLACES if field in by_field), None)


def _place(by_field: Fields) -> list[str]:
    lines = _field(_named_place(by_field), "place_name", "text", ", longest = 500")
    for area in AREAS:
        lines += _field(by_field.get(area), area, "text", f", longest = {60 if area.endswith('code') else 200}")
    lines += _field(by_field.get("country"), "country", "country")
    exact = ', precision = "near_settlement", method = "source_coordinates"'
    how = ["# How exact the points are, the file does not say: near_settlement is 25 km. Write site if you know so."]
    if point := by_field.get("point"):
        return [*lines, *how, *_field(point, "point", "point", exact)]
    north, east = by_field.get("latitude"), by_field.get("longitude")
    if north is None or east is None:
        return lines
    both = f"[{_quoted(north.name)}, {_quoted(east.name)}]"
    return [*lines, *_remark(north), *_remark(east), *how, f'point = {{ columns = {both}, as = "point"{exact} }}']


def _source(title: str) -> list[str]:
    return [
        "",
        "# Who says so: the table itself. Write whose it is.",
        "[report.according_to.source]",
        'kind = "dataset"',
        f"title = {_quoted(title)}",
    ]


def _people(by_field: Fields) -> list[str]:
    lines: list[str] = []
    if (column := by_field.get("victim")) and _hole(column):
        name = f"names = [{{ full = {_quoted(_hole(column))} }}]"
        lines += [
            "",
            *_remark(column),
            "[[report.acts]]",
            f"when = {_quoted(column.name)}",
            f"kind = {_kind_told(by_field.get('kind'))}",
            f"person = {{ {name} }}",
        ]
    if (column := by_field.get("responsible")) and _hole(column):
        lines += [
            "",
            *_remark(column),
            "[[report.involvements]]",
            f"described_as = {{ column = {_quoted(column.name)}, longest = 500 }}",
        ]
    return lines


def _accounts(columns: list[Column], by_field: Fields) -> list[str]:
    links = [column for column in columns if column.field == "link"]
    lines: list[str] = []
    if links:
        named = ", ".join(_quoted(column.name) for column in links)
        source = '{ kind = "other", url = "{url}", title = "{text}" }'
        lines += [
            "",
            *_remark(links[0]),
            "[[accounts]]",
            f'each = {{ columns = [{named}], as = "links" }}',
            f"source = {source}",
        ]
    if (column := by_field.get("source")) is not None:
        each = f'each = {{ column = {_quoted(column.name)}, as = "split", by = ";" }}'
        lines += ["", *_remark(column), "[[accounts]]", each, 'source = { kind = "other", title = "{value}" }']
    return lines


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
