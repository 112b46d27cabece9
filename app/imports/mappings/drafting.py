"""A mapping and the heading of a file as an importer: rows in, reports out."""

from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

from app.imports.converters import clean
from app.imports.importer import Draft, Finding, Importer, Row, RowRefused
from app.imports.mappings.filling import Fill, Filler, Telling
from app.imports.mappings.mapping import Mapping
from app.imports.mappings.spec import Leaf, Listed
from app.imports.tables import NONE, Hints, rows

# Put beside the cells of a row: which of the rows of one external id it is.
REPEAT = "(repeat)"
LONGEST_TITLE, LONGEST_QUOTE = 500, 20_000
Rows = Callable[[Path, Hints], Iterator[Row]]


def made(mapping: Mapping, heading: list[str], rows: Rows = rows) -> Importer:
    """The mapping as an importer for files with these columns; `rows` reads them."""
    filler = Filler(mapping, heading)
    report = filler.table(mapping.report, "report")
    accounts = filler.items(mapping.accounts, "accounts")
    needs = {called for name in mapping.needs for called in filler.mapping.called(name, heading)}

    refused = {column: (filler.cell(column), words) for column, words in mapping.refuse.items()}

    def draft(row: Row) -> Draft:
        told = Telling(row)
        _check_allowed(told, refused)
        found = report(told) or {}
        _check_title(row, found)
        return Draft(_finished(mapping, row, found, told.words), accounts(told), told.odd, told.strange)

    def read(path: Path, hints: Hints = NONE) -> Iterator[Row]:
        return _numbered(filler, rows(path, hints))

    return Importer(
        name=mapping.name,
        about=mapping.about,
        needs=frozenset({*needs, *mapping.missing(heading)}),
        read=read,
        draft=draft,
        columns=_columns(filler),
    )


def _check_allowed(told: Telling, refused: dict[str, tuple[Fill, tuple[str, ...]]]) -> None:
    """Raises RowRefused when a column says that the row is not to come in."""
    for column, (cell, words) in refused.items():
        if (said := clean(cell(told))).casefold() in words:
            why = "the mapping refuses rows with this word"
            raise RowRefused(Finding(told.row.line, column, said[:100], why, "leave the row out (--keep-good)"))


def _check_title(row: Row, report: dict[str, Any]) -> None:
    """A row from which the mapping can make no title says nothing."""
    if "title" not in report:
        why = "the columns of the title are empty"
        raise RowRefused(Finding(row.line, "title", "", why, "fill them in, or put [ ] around them in the mapping"))


def _finished(mapping: Mapping, row: Row, report: dict[str, Any], words: list[str]) -> dict[str, Any]:
    report["title"] = _cut(report["title"], LONGEST_TITLE)
    if mapping.licence:
        report.setdefault("licence", mapping.licence)
    if (number := row.values.get(REPEAT)) and report.get("external_id"):
        report["external_id"] = f"{report['external_id']}:{number}"
    if words and (citation := report.get("according_to")):
        quoted = [citation["quote"]] if citation.get("quote") else []
        citation["quote"] = _cut("; ".join(dict.fromkeys([*quoted, *words])), LONGEST_QUOTE)
    return report


def _cut(text: Any, longest: int) -> Any:
    return text if not isinstance(text, str) or len(text) <= longest else text[: longest - 1] + "…"


def _numbered(filler: Filler, rows: Iterator[Row]) -> Iterator[Row]:
    """The rows; of several with one id the later ones numbered, if the mapping says that they are different incidents.

    The very same row again keeps its number, so that it is passed over.
    """
    if not filler.mapping.repeats or "external_id" not in filler.mapping.report:
        yield from rows
        return
    identify = filler.branch(filler.mapping.report["external_id"], "values.external_id")
    seen: dict[str, dict[bytes, int]] = {}
    for row in rows:
        key, mark = str(identify(Telling(row))), sha256(repr(row.values).encode("utf-8", "replace")).digest()[:12]
        number = seen.setdefault(key, {}).setdefault(mark, len(seen[key]) + 1)
        if number > 1:
            row.values[REPEAT] = number
        yield row


def _columns(filler: Filler) -> dict[str, str]:
    """Which column of the file the words of an error are about, for each field of the report."""
    found = {field: name for field, told in filler.mapping.report.items() if (name := _first(filler, told))}
    if point := found.get("point"):
        found |= {"lat": point, "lon": point}
    return found


def _first(filler: Filler, told: Any) -> str | None:
    if isinstance(told, Leaf):
        return filler.column(told)
    if isinstance(told, Listed):
        return _first(filler, told.fields)
    inner = told.values() if isinstance(told, dict) else told if isinstance(told, list) else ()
    return next((name for part in inner if (name := _first(filler, part))), None)
