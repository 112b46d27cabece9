"""Totals as they go out: as JSON with everything needed to read them, and as a flat table for spreadsheets."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import chain
from typing import Any

from app.exports import workbook
from app.exports.cells import letters, number_cell, text_cell
from app.exports.format import Heading
from app.exports.tables import lines
from app.exports.workbook import MEDIA_TYPE, Sheet, sheet_file
from app.exports.zipped import zipped
from app.queries.adding import People
from app.queries.totals import BY, Group, Totals
from app.queries.written import DISCLAIMER
from app.records.blocks import HARMS

WIDE, NARROW = 30, 14
SUMS = ("min", "best", "max", "stated", "with_best", "open")
DEFINITIONS = {
    "incidents": "Alleged incidents that have the codes of the group in common.",
    "min, best, max": "Sums over the incidents that state the number; null where none does, which is not 0. "
    "One that gives a best number alone gives it for all three.",
    "stated": "How many incidents give any number of these people; the others say nothing, and add nothing.",
    "with_best": "Of how many incidents `best` is the sum.",
    "open": 'How many incidents say only "at least". Where it is not 0, `max` is no upper limit.',
    "left_out": "Incidents in no group, by the first reason. A date that spans several months is put into none.",
    "counted_more_than_once": "An incident stands in the group of every kind of actor, and of every outcome, that is "
    "said of it. All groups and what is left out add up to `total` and this.",
    "acts, people": "By outcome: acts with that outcome, and the people they are against. Accounts of one incident are "
    "not added up: of several the least and the most stand, and a best number only where they agree.",
}


def as_json(found: Totals, heading: Heading) -> dict[str, Any]:
    """The whole answer."""
    return {
        "question": heading.question,
        "asked_at": heading.moment,
        "by": list(found.by),
        "total": found.total,
        "groups": [_group(group) for group in found.groups],
        "left_out": found.left_out,
        "left_out_groups": [_group(group) for group in found.rest],
        "counted_more_than_once": found.more_than_once,
        "definitions": DEFINITIONS,
        "disclaimer": DISCLAIMER,
    }


def _group(group: Group) -> dict[str, Any]:
    told = {"by": group.by, "named": group.named, "left_out": group.why, "incidents": group.incidents}
    if group.people is None:
        return told | {harm: asdict(people) for harm, people in group.harms.items()}
    return told | {"acts": group.acts, "people": asdict(group.people)}


def columns(by: tuple[str, ...]) -> list[str]:
    """The names of the columns of the table: each code with its name, where codes have names."""
    codes = [column for name in by for column in ((name, f"{name}_name") if _has_name(name) else (name,))]
    people = ["people"] if "outcome" in by else list(HARMS)
    acts = ["acts"] if "outcome" in by else []
    return [*codes, "left_out", "incidents", *acts, *(f"{harm}_{part}" for harm in people for part in SUMS)]


def _has_name(dimension: str) -> bool:
    return dimension == "country" or BY[dimension].name is not None or BY[dimension].words is not None


def rows(found: Totals) -> Iterator[list[object]]:
    """One row a group, in the order of `columns`; at the end what is left out, so that the column adds up."""
    for group in (*found.groups, *found.rest):
        cells: list[object] = []
        for name, code in group.by.items():
            cells += [code, group.named.get(name)] if _has_name(name) else [code]
        sums = (
            [group.acts, *_cells(group.people)] if group.people else [c for h in HARMS for c in _cells(group.harms[h])]
        )
        yield [*cells, group.why, group.incidents, *sums]


def _cells(people: People) -> list[object]:
    return [getattr(people, part) for part in SUMS]


def _csv(found: Totals, _: Heading) -> Iterator[bytes]:
    return lines(chain([columns(found.by)], rows(found)))


def _xlsx(found: Totals, heading: Heading) -> Iterator[bytes]:
    return zipped(_files(found, heading))


def _files(found: Totals, heading: Heading) -> Iterator[tuple[str, Iterable[bytes]]]:
    names = columns(found.by)
    widths = [WIDE if name.endswith("_name") or name == "left_out" else NARROW for name in names]
    told_rows = [_line(n, row) for n, row in enumerate(rows(found), start=2)]
    last = len(told_rows) + 1
    sheet = [workbook.table_head(names, widths, is_first=True), *told_rows, workbook.table_end(len(names), last)]
    yield sheet_file(1), (part.encode() for part in sheet)
    told = [
        ("question", heading.question), ("answered", f"{heading.moment} (UTC)"), ("total", f"{found.total:,}"),
        ("counted more than once", f"{found.more_than_once:,}"), ("disclaimer", DISCLAIMER),
    ]  # fmt: skip
    yield sheet_file(2), [workbook.words(told, ("column", "meaning"), DEFINITIONS.items())]
    yield from workbook.frame([Sheet("totals", (letters(len(names) - 1), last)), Sheet("read me")])


def _line(number: int, row: list[object]) -> str:
    places = (f"{letters(n)}{number}" for n in range(len(row)))
    cells = (
        number_cell(place, cell) if isinstance(cell, int) else text_cell(place, str(cell))
        for place, cell in zip(places, row, strict=True)
        if cell is not None
    )  # fmt: skip
    return f'<row r="{number}">{"".join(cells)}</row>'


@dataclass(frozen=True)
class TotalsFormat:
    """`write` yields the file piece by piece. `packed`: it is compressed already."""

    name: str
    media_type: str
    about: str
    write: Callable[[Totals, Heading], Iterator[bytes]]
    packed: bool = False


TOTALS: dict[str, TotalsFormat] = {
    one.name: one
    for one in (
        TotalsFormat("csv", "text/csv; charset=utf-8", "A table for Excel and LibreOffice", _csv),
        TotalsFormat("xlsx", MEDIA_TYPE, "A workbook for Excel and LibreOffice", _xlsx, packed=True),
    )
}
