"""Write many rows at once, at the driver's own speed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Connection, Date, Dialect, Table, TableClause, Uuid

from app.db import Moment
from app.db import chunks as batched

# From so many rows on PostgreSQL takes them as one stream: statement after statement costs it far more.
COPIED = 20
# So many rows go into one statement on SQLite. Where a table has triggers it keeps what each statement changes, so as
# to take it back: the very same pages again and again if every row were a statement of its own.
TOGETHER = 250


def insert_rows(
    connection: Connection, table: Table | TableClause, rows: list[dict[str, Any]], together: int = TOGETHER
) -> None:
    """Write many rows, all with the same keys, at the driver's own speed. A column they leave out gets its default.

    What SQLAlchemy does for every row (finding its columns, converting its values) is done once. Raises ValueError or
    KeyError where the keys differ. `together`: how many go into one statement on SQLite.
    """
    if set(map(len, rows)) != {len(rows[0])}:
        raise ValueError("rows that are written together must have the same keys")
    given, absent = _columns(connection.dialect, table, frozenset(rows[0]))
    copied = connection.dialect.name == "postgresql" and len(rows) >= COPIED and connection.in_transaction()
    cells = itemgetter(*[column.key for column in given])
    # Row by row: a column at a time, the memory of all the rows would be walked once for every column.
    told = zip(given, zip(*map(cells, rows), strict=True), strict=True)
    # Of most columns the first cell tells that they are given; to count compares every cell.
    values: list[tuple[_Written, Sequence[Any]]] = [
        (c, c.converted(of, copied=copied)) for c, of in told if of[0] is not None or of.count(None) < len(rows)
    ]
    values += [(column, [column.default] * len(rows)) for column in absent]
    into, names = connection.dialect.identifier_preparer.format_table(table), ", ".join(c.name for c, _ in values)
    cells_by_row = zip(*[of for _, of in values], strict=True)
    if copied:
        _copy(connection, f"{into} ({names})", cells_by_row)
        return
    marks = ", ".join(["?" if connection.dialect.paramstyle == "qmark" else "%s"] * len(values))
    insert = f"INSERT INTO {into} ({names}) VALUES ({marks})"  # noqa: S608 - no value in it
    for some in batched(cells_by_row, max(together, TOGETHER)):
        if len(some) == together:
            connection.exec_driver_sql(insert + f", ({marks})" * (together - 1), tuple(chain.from_iterable(some)))
        else:
            connection.exec_driver_sql(insert, some)


def _copy(connection: Connection, into: str, rows: Iterable[Sequence[Any]]) -> None:
    """Write rows to PostgreSQL as one stream. `into`: the table and its columns, as SQL has them."""
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {into} FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


@dataclass(frozen=True)
class _Written:
    """A column as the driver takes it. `convert`: None where a value goes as it is; `repeats`: the same come often.

    `spelt`: a value as a stream of rows spells it, where the driver would do so in Python for every single cell.
    """

    key: str
    name: str
    convert: Callable[[Any], Any] | None
    repeats: bool
    default: Any = None
    spelt: Callable[[Any], str] | None = None

    def converted(self, cells: Sequence[Any], *, copied: bool = False) -> Sequence[Any]:
        convert = self.spelt if copied and self.spelt else self.convert
        if convert is None:
            return cells
        # A fresh cache each time: it holds the days of these rows and no more.
        convert = cache(convert) if self.repeats and len(cells) > 1 else convert
        return [None if cell is None else convert(cell) for cell in cells]


def _columns(
    dialect: Dialect, table: Table | TableClause, keys: frozenset[str]
) -> tuple[list[_Written], list[_Written]]:
    """The columns that rows with these keys give, and those they leave to a default: worked out once.

    Kept on the dialect, so that they go, with the keys of the archive that they may hold, when the engine goes.
    """
    kept: dict[Any, Any] = vars(dialect).setdefault("inserts", {})
    if (table, keys) not in kept:
        given = [_written(column, dialect) for column in table.columns if column.key in keys]
        left = [c for c in table.columns if c.key not in keys and c.default is not None and c.default.is_scalar]
        absent = [_written(column, dialect, getattr(column.default, "arg", None)) for column in left]
        kept[table, keys] = given, [column for column in absent if column.default is not None]
    found: tuple[list[_Written], list[_Written]] = kept[table, keys]
    return found


def _written(column: Any, dialect: Dialect, default: Any = None) -> _Written:
    name = dialect.identifier_preparer.format_column(column)
    convert = column.type.dialect_impl(dialect).bind_processor(dialect)
    default = convert(default) if convert is not None and default is not None else default
    dated = isinstance(column.type, Date | Moment)
    spelt = str if dated else attrgetter("hex") if isinstance(column.type, Uuid) else None
    return _Written(str(column.key), name, convert, dated, default, spelt)
