"""Hints: what a person says about a file where it would be read wrongly."""

import codecs
from dataclasses import asdict, dataclass
from typing import Any

from app.errors import Fault, Invalid

DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
WIDEST_HEADER_ROW = 1_000_000


@dataclass(frozen=True)
class Hints:
    """How a file is to be read; what is left out is found from its content.

    `sheet`: of a workbook, by name or number from 1; the layer of a map, the member of a JSON object that holds the
    list. `header_row`: the line of the text, or the row of the sheet, in which the columns are named, from 1.
    `outlines`: of a map whole areas are wanted, and not a point of each.
    """

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None = None
    header_row: int | None = None
    outlines: bool = False

    def __post_init__(self) -> None:
        """Raises Invalid when a hint means nothing."""
        faults = [*self._encoding_faults(), *self._delimiter_faults()]
        if self.header_row is not None and not 1 <= self.header_row <= WIDEST_HEADER_ROW:
            faults.append(Fault("header_row", "not the number of a row", "the first row of a file is 1"))
        if faults:
            raise Invalid("The file cannot be read in this way.", faults)

    def _encoding_faults(self) -> list[Fault]:
        try:
            known = self.encoding is None or codecs.lookup(self.encoding)._is_text_encoding  # noqa: SLF001 - no other way
        except (LookupError, ValueError):
            known = False
        mend = "write utf-8, utf-16, cp1252, cp1256, mac_roman ..."
        return [] if known else [Fault("encoding", "not an encoding of text that we know", mend)]

    def _delimiter_faults(self) -> list[Fault]:
        mark = self.separator
        if mark is None or (len(mark) == 1 and mark not in '"\r\n\0' and mark.isascii()):
            return []
        return [Fault("delimiter", "not one sign", f"write one of: {', '.join(DELIMITERS)}; or the sign itself")]

    @property
    def separator(self) -> str | None:
        """The sign between two cells."""
        return None if self.delimiter is None else DELIMITERS.get(self.delimiter, self.delimiter)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


NONE = Hints()
