"""A package of tables: CSV files with what hangs on the incidents, what each column means, and their sums."""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from app.exports import codebook
from app.exports.format import Answer, Format, Heading
from app.exports.tables import lines
from app.exports.zipped import as_json, zipped
from app.queries.rows import COLUMNS, FlatRow
from app.queries.tables import TABLES
from app.queries.written import DISCLAIMER, cells

CODEBOOK = ("table", "column", "meaning", "type", "vocabulary")


class Counted:
    """One file on its way into the package: how many rows it has, how long it is, and its SHA-256."""

    def __init__(self, name: str, rows: Iterable[Iterable[object]]) -> None:
        self.name = name
        self.rows = self.bytes = -1  # the heading is no row
        self.sum = hashlib.sha256()
        self._given = rows

    def pieces(self) -> Iterator[bytes]:
        self.bytes = 0
        for piece in lines(self._counted()):
            self.bytes += len(piece)
            self.sum.update(piece)
            yield piece

    def _counted(self) -> Iterator[Iterable[object]]:
        for row in self._given:
            self.rows += 1
            yield row

    def told(self) -> dict[str, Any]:
        return {"name": self.name, "rows": self.rows, "bytes": self.bytes, "sha256": self.sum.hexdigest()}


def _package(answer: Answer) -> Iterator[bytes]:
    return zipped(_files(answer), huge=True)


def _files(answer: Answer) -> Iterator[tuple[str, Iterable[bytes]]]:
    made = []
    for name, rows in _tables(answer):
        file = Counted(f"{name}.csv", rows)
        yield file.name, file.pieces()
        made.append(file)
    yield "datapackage.json", [as_json(_described(made, answer.heading))]
    yield "manifest.json", [as_json(_manifest(made, answer.heading))]


def _tables(answer: Answer) -> Iterator[tuple[str, Iterable[Iterable[object]]]]:
    """The rows of each file, the heading first, in the order in which they stand in the package."""
    yield "incidents", _under(COLUMNS, map(cells, answer.rows))
    for name, rows in answer.related.items():
        yield name, _under(TABLES[name], map(_cells, rows()))
    told = ("incidents", *answer.related)
    columns = [(table, c.name, c.about, c.type, c.vocabulary) for table in told for c in codebook.columns(table)]
    yield "codebook", _under(CODEBOOK, columns)


def _under(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[Iterable[object]]:
    yield heading
    yield from rows


def _cells(row: FlatRow) -> Iterable[object]:
    return [str(cell).lower() if isinstance(cell, bool) else cell for cell in row.values()]


def _described(made: list[Counted], heading: Heading) -> dict[str, Any]:
    """The package in the words of Frictionless Data, which pandas, R and data portals read."""
    return {
        "profile": "tabular-data-package",
        "name": "gawah-incidents",
        "title": heading.question,
        "description": DISCLAIMER,
        "created": heading.moment,
        "resources": [_resource(file) for file in made],
    }


def _resource(file: Counted) -> dict[str, Any]:
    name = file.name.removesuffix(".csv")
    fields: list[dict[str, str]] = [{"name": column, "type": "string"} for column in CODEBOOK]
    if name != "codebook":
        told = codebook.columns(name)
        fields = [{"name": c.name, "type": c.type, "description": c.about} for c in told]
    return {
        "profile": "tabular-data-resource", "name": name, "path": file.name, "format": "csv", "mediatype": "text/csv",
        "encoding": "utf-8", "bytes": file.bytes, "hash": f"sha256:{file.sum.hexdigest()}",
        "schema": {"fields": fields, "missingValues": [""]},
    }  # fmt: skip


def _manifest(made: list[Counted], heading: Heading) -> dict[str, Any]:
    return {
        "question": heading.question, "as_of": heading.moment, "disclaimer": DISCLAIMER,
        "files": [file.told() for file in made],
    }  # fmt: skip


CSV_ZIP = Format(
    "csv.zip", "application/zip", "Incidents, acts, persons, accounts, sources and places as CSV, with a codebook",
    _package, packed=True,
)  # fmt: skip
