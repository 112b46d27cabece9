"""Write the committed files: the same input gives the same bytes."""

import csv
import gzip
import hashlib
import io
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import orjson

from geodata.build_units import Unit, feature


def areas(path: Path, units: Iterable[Unit]) -> int:
    """Write one Feature a line, by level and code; return the number of lines."""
    ordered = sorted(units, key=lambda u: (u.level, u.code))
    packed(path, b"".join(orjson.dumps(feature(u)) + b"\n" for u in ordered))
    return len(ordered)


def table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> int:
    """Write a CSV, gzipped when the name says so; return the number of rows."""
    listed = list(rows)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(listed)
    content = text.getvalue().encode()
    if path.suffix == ".gz":
        packed(path, content)
    else:
        path.write_bytes(content)
    return len(listed)


def packed(path: Path, content: bytes) -> None:
    """Write gzip without a time stamp or a file name in it."""
    with path.open("wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as file:
        file.write(content)


def manifest(path: Path, content: dict[str, Any]) -> None:
    """Write the manifest, with the digest of every file it names."""
    for name, entry in content["files"].items():
        entry["sha256"] = hashlib.sha256((path.parent / name).read_bytes()).hexdigest()
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
