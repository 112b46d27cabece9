"""What a cell of a table may hold, so that no spreadsheet runs it."""

import unicodedata

# What a spreadsheet may take for the start of a formula, wide, small and raised letters being the same as plain ones.
FORMULA = frozenset("=+-\u2212@%|\t\r\n")
INVISIBLE = frozenset({"Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"})
MARK = "'"


def harmless(cell: object) -> object:
    """Text that a spreadsheet could run as a formula gets a leading apostrophe; numbers stay numbers."""
    if not isinstance(cell, str) or not cell:
        return cell
    first = cell[0]
    if first.isalnum():
        return cell
    if first in FORMULA or unicodedata.normalize("NFKC", _seen(cell))[:1] in FORMULA:
        return MARK + cell
    return cell


def marked(cell: object) -> object:
    """The same so that `unmarked` gives the very cell back: one that begins like a marked one is marked again."""
    if isinstance(cell, str) and cell.startswith(MARK) and harmless(cell.lstrip(MARK)) != cell.lstrip(MARK):
        return MARK + cell
    return harmless(cell)


def unmarked(cell: object) -> object:
    """A cell without the apostrophe that `marked` put before it."""
    if isinstance(cell, str) and cell.startswith(MARK) and harmless(cell.lstrip(MARK)) != cell.lstrip(MARK):
        return cell[1:]
    return cell


def _seen(cell: str) -> str:
    """The first character that can be seen; "" when none can."""
    return next((c for c in cell if unicodedata.category(c) not in INVISIBLE), "")
