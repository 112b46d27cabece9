"""Every word of an archive as plain text, the way somebody with its key and plenty of time would look for a name."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, select, text

from app.matching.folding import fold
from app.records import METADATA

# Gazetteers hold no people, and would make every look slow.
PLACES = frozenset({"area", "settlement"})
# What remembers that something was here: history, its batches, the counters, and who is to hear of what went.
MEMORY = frozenset({"revision", "import_batch", "counter", "withholding"})
COUNTED = frozenset({"archive.tallied"})
# Made anew of the other tables whenever the service finds time.
MADE = frozenset({"ready_feature", "ready_line"})


def cells(engine: Engine) -> Iterator[tuple[str, str]]:
    """Each cell of each table as it is read with the keys, and as it lies; with the table and column it stands in."""
    with engine.connect() as connection:
        for table in (table for table in METADATA.sorted_tables if table.name not in PLACES):
            for row in connection.execute(table.select()).mappings():
                for name, cell in row.items():
                    yield (
                        f"{table.name}.{name}",
                        cell if isinstance(cell, str) else json.dumps(cell, default=str, ensure_ascii=False),
                    )
        for table_name in _tables(connection):
            for raw in connection.execute(text(f"SELECT * FROM {table_name}")).all():
                for cell in raw:
                    yield f"{table_name} as it lies", _plain(cell)


def digests(engine: Engine, *, memory: bool = False) -> dict[str, str]:
    """A digest of each table and of the index of words; those of the `memory` of an archive only when asked."""
    left_out, found = (PLACES | MADE if memory else PLACES | MADE | MEMORY | COUNTED), {}
    with engine.connect() as connection:
        for table in (table for table in METADATA.sorted_tables if table.name not in left_out):
            columns = [column for column in table.columns if f"{table.name}.{column.name}" not in left_out]
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(*columns)))
            found[table.name] = hashlib.sha256("\n".join(rows).encode("utf-8", "backslashreplace")).hexdigest()
    return found | {"the index": hashlib.sha256(" ".join(sorted(indexed(engine))).encode()).hexdigest()}


def _tables(connection: Any) -> list[str]:
    if connection.dialect.name == "sqlite":
        names = connection.execute(text("SELECT name FROM sqlite_master WHERE type = 'table'")).scalars().all()
    else:
        names = (
            connection.execute(text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()"))
            .scalars()
            .all()
        )
    return [name for name in names if name not in {*PLACES, "spatial_ref_sys"}]


def _plain(cell: Any) -> str:
    return cell.decode("utf-8", "replace") if isinstance(cell, bytes) else str(cell)


def indexed(engine: Engine) -> set[str]:
    """Every word that the full-text index holds, blind or not."""
    with engine.connect() as connection:
        if engine.dialect.name == "sqlite":
            connection.execute(text("CREATE VIRTUAL TABLE temp.terms USING fts5vocab(main, incident_search, row)"))
            found = set(connection.execute(text("SELECT term FROM temp.terms")).scalars())
            connection.execute(text("DROP TABLE temp.terms"))
            return found
        words = text("SELECT unnest(tsvector_to_array(words)) FROM incident_search")
        names = text("SELECT unnest(tsvector_to_array(names)) FROM incident_search")
        return {*connection.execute(words).scalars(), *connection.execute(names).scalars()}


def forms(names: Iterable[str]) -> dict[str, bytes]:
    """How a name may lie in a file: as written, folded, in other encodings, escaped."""
    found: dict[str, bytes] = {}
    for name in names:
        for kind, written in (("as written", name), ("folded", fold(name)), ("small", name.lower())):
            found[f"{name} {kind}"] = written.encode()
            found[f"{name} {kind} UTF-16LE"] = written.encode("utf-16-le")
            found[f"{name} {kind} UTF-16BE"] = written.encode("utf-16-be")
            found[f"{name} {kind} escaped"] = json.dumps(written)[1:-1].encode()
            found[f"{name} {kind} in an address"] = quote(written).encode()
    return found


def traces(engine: Engine, names: Iterable[str]) -> list[str]:
    """Where in an archive one of these names stands: the places, each once."""
    wanted = list(names)
    sought = set(forms(wanted).values())
    found = set()
    for place, cell in cells(engine):
        told = cell.encode("utf-8", "replace") + b" " + fold(cell).encode("utf-8", "replace")
        if any(form in told for form in sought):
            found.add(place)
    single = {fold(word) for name in wanted for word in name.split()}
    return sorted(found | ({"the index"} if single & indexed(engine) else set()))
