"""What a row says of an area, in our terms, or what is wrong with it."""

import base64
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.geography import country_named
from app.imports.areas.columns import CODES, NAMES, Columns, cell, first
from app.imports.importer import Finding, Row, RowRefused
from app.imports.tables import check_shape
from app.imports.tables.outlines import OUTLINE

LONGEST_CODE, LONGEST_NAME = 60, 200
ISO = ("iso",)
MOST_PEOPLE = 2_000_000_000
DEEPEST = 3
# Columns of a level that hold its name in a language, or spelled otherwise.
OTHER_NAME = re.compile(r"alt\w*|ref|[a-z]{2}|name[a-z]{2}|name1")


@dataclass
class Stated:
    """One area as its row says it; `code` may be empty. `above`: its parent by code and ISO code, likeliest first."""

    line: int
    code: str
    level: int
    name: str
    aliases: tuple[str, ...]
    country: str | None
    above: tuple[str, ...]
    above_name: str
    iso: str
    valid_from: str | None
    valid_to: str | None
    population: int | None
    code_column: str
    parent_column: str
    outline: dict[str, Any] = field(default_factory=dict)

    def refused(self, column: str, why: str, mend: str = "") -> RowRefused:
        value = {self.code_column: self.code, self.parent_column: ", ".join(self.above)}.get(column, "")
        return RowRefused(Finding(self.line, column, value, why, mend))

    @property
    def wkb(self) -> bytes | None:
        return base64.b64decode(self.outline["wkb"]) if "wkb" in self.outline else None


def stated(row: Row, columns: Columns, width: int) -> Stated:
    """Raises RowRefused."""
    check_shape(Row(row.line, {name: value for name, value in row.values.items() if name != OUTLINE}), width)
    told, plain, level = row.values, columns.plain, _level(row, columns)
    mine, over = columns.levels.get(level, {}), columns.levels.get(level - 1, {})
    name = first(told, mine, NAMES) or cell(told, plain.get("name"))
    code = first(told, mine, CODES) or cell(told, plain.get("code"))
    found = Stated(
        line=row.line, code=code, level=level, name=name,
        aliases=tuple(dict.fromkeys(text for word, at in mine.items()
                                    if OTHER_NAME.fullmatch(word) and word != "en" and (text := cell(told, at)))),
        country=_country(row, columns),
        above=tuple(filter(None, (cell(told, plain.get("parent")), first(told, over, CODES), first(told, over, ISO)))),
        above_name=first(told, over, NAMES),
        iso=cell(told, mine.get("iso") or plain.get("iso")),
        valid_from=_day(row, plain.get("valid_from")), valid_to=_day(row, plain.get("valid_to")),
        population=_people(row, plain.get("population") or columns.population),
        code_column=next((mine[word] for word in CODES if word in mine), plain.get("code", "(code)")),
        parent_column=plain.get("parent", next((over[word] for word in (*CODES, *NAMES) if word in over), "(parent)")),
        outline=told.get(OUTLINE) or {},
    )  # fmt: skip
    _check(found)
    return found


def _check(found: Stated) -> None:
    if len(found.code) > LONGEST_CODE:
        raise found.refused(found.code_column, "its code is too long", f"leave at most {LONGEST_CODE} signs")
    if not found.name or len(found.name) > LONGEST_NAME:
        raise found.refused("(name)", "it has no name" if not found.name else "its name is too long")
    if "why" in found.outline:
        why, mend = f"its outline cannot be taken: {found.outline['why']}", "mend it in a program for maps such as QGIS"
        raise found.refused("(outline)", why, mend)


def _level(row: Row, columns: Columns) -> int:
    at = columns.plain.get("level")
    text = cell(row.values, at).upper().removeprefix("ADM")
    level = int(text) if text.isdecimal() and len(text) == 1 else None
    if level is None and not text:
        level = columns.deepest or None
    if level is None:
        raise RowRefused(Finding(row.line, at or "(level)", text, "its level is not said", "write 1, 2 or 3"))
    if not 1 <= level <= DEEPEST:
        raise RowRefused(Finding(row.line, at or "(level)", text, "only levels 1 to 3 are taken", "leave the row out"))
    return level


def _country(row: Row, columns: Columns) -> str | None:
    """As the row names it, or by the code of level 0. Raises RowRefused for a country that we do not know."""
    top = columns.levels.get(0, {})
    for text in (
        cell(row.values, columns.plain.get("country")),
        first(row.values, top, CODES),
        first(row.values, top, NAMES),
    ):
        if text and (found := country_named(text)):
            return found
    if text := cell(row.values, columns.plain.get("country")):
        at = columns.plain["country"]
        raise RowRefused(Finding(row.line, at, text, "not a country we know", "write its three letters, such as PAK"))
    return None


def _day(row: Row, at: str | None) -> str | None:
    text = cell(row.values, at)
    if not text:
        return None
    try:
        return datetime.fromisoformat(text.replace("/", "-")).date().isoformat()
    except ValueError:
        why, mend = "not a day that we can read", f"write it as {date(2023, 3, 1).isoformat()}, or leave it empty"
        raise RowRefused(Finding(row.line, at or "", text, why, mend)) from None


def _people(row: Row, at: str | None) -> int | None:
    text = cell(row.values, at).replace(",", "").removesuffix(".0")
    if not text:
        return None
    if not text.isdecimal() or int(text) > MOST_PEOPLE:
        why, mend = "not a number of people", "write digits alone, or leave it empty"
        raise RowRefused(Finding(row.line, at or "", text[:60], why, mend))
    return int(text)
