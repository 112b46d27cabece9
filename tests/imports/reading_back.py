"""A workbook as another program reads it."""

from pathlib import Path

from openpyxl import load_workbook


def read_xlsx(path: Path) -> list[list[str]]:
    """The rows of its only sheet as text."""
    book = load_workbook(path)
    rows = [["" if cell is None else str(cell) for cell in row] for row in book.active.iter_rows(values_only=True)]
    book.close()
    return rows
