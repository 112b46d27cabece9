"""The sample archive: made-up incidents over real places, for learning and for trying things out."""

import tomllib
from collections.abc import Iterator
from pathlib import Path

from app.imports.importer import Draft, Importer, Row
from app.matching.folding import name_key

FOLDER = Path(__file__).with_name("sample_archive")


def _read(folder: Path) -> Iterator[Row]:
    line = 0
    for file in sorted(folder.glob("*.toml")):
        for told in tomllib.loads(file.read_text(encoding="utf-8"))["incident"]:
            line += 1
            yield Row(line, told)


def _draft(row: Row) -> Draft:
    """The tables are reports already; actors of one name are one actor throughout the sample."""
    report, accounts = row.values["report"], row.values.get("accounts", [])
    for involvement in report.get("involvements", []):
        if actor := involvement.get("actor"):
            actor["external_id"] = f"synthetic:actor:{name_key(actor['name'])}"
    return Draft(report, accounts)


SAMPLE = Importer("sample", "The synthetic sample archive", frozenset(), _read, _draft)
