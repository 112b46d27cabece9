"""The cells of a spreadsheet as XML: text that nothing runs, dates as dates, numbers as numbers."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from xml.sax.saxutils import escape

from app.queries.formulas import harmless

LONGEST = 32_767  # in the units of UTF-16, as Excel counts
CUT = " … [cut]"
# What XML does not hold, and halves of letters that no text has.
FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
# Excel reads `_x0041_` as the letter A, so the line before it is written in that way itself.
LIKE_AN_ESCAPE = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
EPOCH = date(1899, 12, 30)
# Before it Excel counts a 29 February 1900 that never was.
FIRST_DAY = date(1900, 3, 1)
PLAIN, DAY, MOMENT, HEAD, TEXT, RUNNABLE, WRAPPED = range(7)

# The formats by those numbers. Text is text (@) also after somebody has edited it, and what looks like a formula bears
# the mark of a typed apostrophe (quotePrefix). Which way a cell reads follows from its first letter (readingOrder 0).
STYLES = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">
<numFmts count="2"><numFmt numFmtId="164" formatCode="yyyy\\-mm\\-dd"/>
<numFmt numFmtId="165" formatCode="yyyy\\-mm\\-dd\\ hh:mm:ss"/></numFmts>
<fonts count="2"><font><sz val="11"/><name val="Calibri"/></font>
<font><b/><sz val="11"/><name val="Calibri"/></font></fonts>
<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>
<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>
<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>
<cellXfs count="7"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>
<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="165" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>
<xf numFmtId="49" fontId="1" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyFont="1"/>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">\
<alignment readingOrder="0"/></xf>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1" \
quotePrefix="1"><alignment readingOrder="0"/></xf>
<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1" applyAlignment="1">\
<alignment vertical="top" wrapText="1" readingOrder="0"/></xf></cellXfs>
<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>
</styleSheet>"""

Cell = Callable[[str, Any], str]


@dataclass
class Cuts:
    """How many cells were too long to be whole."""

    count: int = 0

    def shorten(self, text: str) -> str:
        """The text, or as much of it as a cell holds and a word that it is cut."""
        if len(text) <= LONGEST // 2 or _units(text) <= LONGEST:
            return text
        self.count += 1
        room = (LONGEST - len(CUT)) * 2
        return text.encode("utf-16-le")[:room].decode("utf-16-le", "ignore") + CUT


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def clean(text: str) -> str:
    """The text without what no sheet holds, written so that Excel reads just this text."""
    text = FORBIDDEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return escape(LIKE_AN_ESCAPE.sub("_x005F_", text))


def text_cell(place: str, text: str, style: int = TEXT) -> str:
    if style == TEXT and harmless(text) is not text:
        style = RUNNABLE
    return f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{clean(text)}</t></is></c>'


def number_cell(place: str, number: float) -> str:
    return f'<c r="{place}"><v>{number!r}</v></c>'


def truth_cell(place: str, truth: bool) -> str:  # noqa: FBT001 - a cell holds it
    return f'<c r="{place}" t="b"><v>{truth:d}</v></c>'


def day_cell(place: str, day: date) -> str:
    """A real date; as text where Excel knows none."""
    if day < FIRST_DAY:
        return text_cell(place, day.isoformat())
    return f'<c r="{place}" s="{DAY}"><v>{(day - EPOCH).days}</v></c>'


def moment_cell(place: str, moment: str) -> str:
    """A moment in UTC as Excel has it, without a zone. Those that Excel does not know stand as text."""
    told = datetime.fromisoformat(moment).astimezone(UTC)
    if told.date() < FIRST_DAY:
        return text_cell(place, moment)
    seconds = told.hour * 3600 + told.minute * 60 + told.second
    return f'<c r="{place}" s="{MOMENT}"><v>{(told.date() - EPOCH).days + seconds / 86_400!r}</v></c>'


def letters(number: int) -> str:
    """The name of a column, the first being 0: A, Z, AA, AN."""
    found = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        found = chr(65 + rest) + found
    return found


def text_row(line: int, texts: Iterable[str], style: int) -> str:
    filled = "".join(text_cell(f"{letters(n)}{line}", text, style) for n, text in enumerate(texts) if text)
    return f'<row r="{line}">{filled}</row>'
