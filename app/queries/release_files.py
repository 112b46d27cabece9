"""The files of a release, made of its frozen rows alone: the same bytes on every day, machine and engine."""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from app.queries.formulas import harmless
from app.records.history import canonical
from app.records.release import ReleaseFile

PIECE = 256 * 1024
DECIMALS = 7
DISCLAIMER = "Every incident is alleged, according to the sources it names. This release repeats what they say."
MANIFEST, SUMS = "manifest.json", "SHA256SUMS"
MEDIA_TYPES = {
    "incidents.csv": "text/csv; charset=utf-8",
    "incidents.geojson": "application/geo+json",
    "codebook.csv": "text/csv; charset=utf-8",
    "CHANGES.csv": "text/csv; charset=utf-8",
    "README.txt": "text/plain; charset=utf-8",
    MANIFEST: "application/json",
    SUMS: "text/plain; charset=utf-8",
}
CHANGES = ("ref", "change", "columns")
CODEBOOK = ("column", "hxl", "code", "meaning")
Row = dict[str, Any]
Hear = Callable[[str, bytes], None]


@dataclass(frozen=True)
class Frozen:
    """What the files are made of. `rows`: gives all of them, in their order, each time it is asked."""

    frame: dict[str, Any]
    edition: int
    rows: Callable[[], Iterator[Row]]


@dataclass
class Counted:
    """Rows that are counted while they are read."""

    rows: Iterable[Any]
    number: int = 0

    def __iter__(self) -> Iterator[Any]:
        for row in self.rows:
            self.number += 1
            yield row


def write(frozen: Frozen, hear: Hear = lambda *_: None) -> list[ReleaseFile]:
    """Make every file. `hear`: is told the name of a file and its next piece. What they came to, in their order."""
    made: list[ReleaseFile] = []
    for name, rows, pieces in _tables(frozen):
        made.append(_one(name, rows, pieces, hear))
    made.append(_one("README.txt", None, [_readme(frozen, made)], hear))
    made.append(_one(MANIFEST, None, [_manifest(frozen, made)], hear))
    made.append(_one(SUMS, None, [_sums(made)], hear))
    return made


def _tables(frozen: Frozen) -> Iterator[tuple[str, Counted, Iterator[bytes]]]:
    columns = list(frozen.frame["columns"])
    rows = Counted(frozen.rows())
    yield "incidents.csv", rows, _csv(columns, ([row[name] for name in columns] for row in rows))
    rows = Counted(frozen.rows())
    yield "incidents.geojson", rows, _geojson(frozen.frame, rows)
    for name, heading, told in (("codebook.csv", CODEBOOK, "codebook"), ("CHANGES.csv", CHANGES, "changes")):
        rows = Counted(frozen.frame[told])
        yield name, rows, _csv(heading, rows)


def _one(name: str, rows: Counted | None, pieces: Iterable[bytes], hear: Hear) -> ReleaseFile:
    digest, size = hashlib.sha256(), 0
    for piece in pieces:
        digest.update(piece)
        size += len(piece)
        hear(name, piece)
    return ReleaseFile(name=name, rows=None if rows is None else rows.number, size=size, sha256=digest.hexdigest())


def _csv(heading: Iterable[str], rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """UTF-8 with BOM, RFC 4180, CRLF, as every table of ours."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    text.write("\ufeff")
    writer.writerow(heading)
    for row in rows:
        writer.writerow([_cell(value) for value in row])
        if text.tell() > PIECE:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _cell(value: Any) -> Any:
    return ("false", "true")[value] if isinstance(value, bool) else harmless(value)


def _geojson(frame: dict[str, Any], rows: Iterable[Row]) -> Iterator[bytes]:
    """RFC 7946, one feature a line; an incident without a place has no geometry, and is never left out."""
    told = {name: frame[name] for name in ("name", "question", "as_of", "disclaimer")} | {"alleged": True}
    piece, comma = bytearray(b'{"type":"FeatureCollection",' + canonical(told)[1:-1] + b',"features":['), b"\n"
    for row in rows:
        point = None
        if row["lon"] is not None:
            point = {"type": "Point", "coordinates": [round(row["lon"], DECIMALS), round(row["lat"], DECIMALS)]}
        properties = {name: row[name] for name in frame["columns"]}
        piece += comma
        piece += orjson.dumps({"type": "Feature", "id": row["ref"], "geometry": point, "properties": properties})
        comma = b",\n"
        if len(piece) > PIECE:
            yield bytes(piece)
            piece.clear()
    yield bytes(piece) + b"\n]}\n"


def _readme(frozen: Frozen, made: list[ReleaseFile]) -> bytes:
    frame, table = frozen.frame, made[0]
    edition = f", edition {frozen.edition}" if frozen.edition > 1 else ""
    lines = [
        f"{frame['name']}{edition}", "", f"{table.rows} incidents. The question: {frame['question']}.",
        f"As they were published on {frame['as_of']} (UTC).", "", frame["disclaimer"],
        "A point is no more exact than its precision says.", "", "Licence",
        "  Row by row in the column `licence`; where it is empty, ask the publisher.", "", "How to cite",
        f"  {frame['name']}{edition}, alleged human-rights incidents, as of {frame['as_of'][:10]},",
        f"  incidents.csv with SHA-256 {table.sha256}", "", "Files",
        *(f"  {one.name}: {one.rows} rows" for one in made),
        f"  {MANIFEST}, {SUMS}: what every file came to; check with sha256sum -c {SUMS}", "",
        f"What changed since {frame['previous']}: CHANGES.csv" if frame["previous"] else "The first of its dataset.",
        *_recalled(frame["recalled"]),
    ]  # fmt: skip
    return ("\n".join(lines) + "\n").encode()


def _recalled(told: list[dict[str, Any]]) -> Iterator[str]:
    """What was taken out since, and what the files were before: whoever has them is asked to let them go."""
    for one in told:
        yield ""
        refs = ", ".join(one["refs"]) or "words of its description"
        yield f"Recalled on {one['at']}, edition {one['edition']}: {refs}"
        yield f"  Why: {one['why']} Please use this edition in place of every earlier one, and delete those."
        yield from (f"  Before: {file['sha256']}  {file['name']}" for file in one["before"])


def _manifest(frozen: Frozen, made: list[ReleaseFile]) -> bytes:
    frame = frozen.frame
    told = {name: frame[name] for name in ("name", "dataset", "question", "query", "as_of", "previous", "disclaimer")}
    told |= {"alleged": True, "edition": frozen.edition, "columns": list(frame["columns"])}
    told |= {"recalled": frame["recalled"], "files": [file.model_dump() for file in made]}
    return orjson.dumps(told, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2) + b"\n"


def _sums(made: list[ReleaseFile]) -> bytes:
    return "".join(f"{file.sha256}  {file.name}\n" for file in made).encode()
