"""How the tally sheets are kept: the triggers on both engines, and the statements that count what is new."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Dialect
from sqlmodel import SQLModel

from app.records.incident import Incident
from app.records.tally import SHEETS, key_of, parts_of

MARK = "(SELECT coalesce(max(tallied), 0) FROM archive)"
# So many incidents may be counted one by one at every question, and some more: not every report looks how many it is.
MANY, SELDOM = 2000, 50
INCIDENT = SQLModel.metadata.tables[str(Incident.__tablename__)]


def make(connection: Connection) -> None:
    """The triggers. The tables are there."""
    for sheet in SHEETS:
        for statement in _triggers(_Sheet(sheet, connection.dialect)):
            connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Take the triggers away again."""
    for sheet in SHEETS:
        name = sheet.__tablename__
        if connection.dialect.name == "sqlite":
            for when in ("added", "changed", "removed"):
                connection.exec_driver_sql(f"DROP TRIGGER {name}_{when}")
        else:
            connection.exec_driver_sql(f"DROP FUNCTION {name}_follows() CASCADE")


def fold_if_due(connection: Connection, last: int) -> None:
    """Let the sheets count on once many incidents came since, as happens by single reports. `last`: its number."""
    if last % SELDOM:
        return
    since = f"SELECT max(pk) - {MARK} FROM incident"  # noqa: S608
    if (connection.exec_driver_sql(since).scalar() or 0) >= MANY:
        fold(connection)


def fold(connection: Connection) -> None:
    """Let the sheets count all incidents that are there."""
    for sheet in SHEETS:
        connection.exec_driver_sql(_Sheet(sheet, connection.dialect).count_new())
    connection.exec_driver_sql(
        "UPDATE archive SET tallied = (SELECT max(pk) FROM incident) WHERE tallied < (SELECT max(pk) FROM incident)"
    )


def differences(connection: Connection) -> dict[str, int]:
    """How many rows of each sheet are not what one gets by counting its incidents; only sheets that have such."""
    found = {}
    for sheet in SHEETS:
        made = _Sheet(sheet, connection.dialect)
        said = made.counted()
        kept = f"SELECT {', '.join([*made.keys, *made.sums])} FROM {made.name}"  # noqa: S608
        pairs = (kept, said), (said, kept)
        wrong = " UNION ALL ".join(f"SELECT * FROM ({one} EXCEPT {other}) AS wrong" for one, other in pairs)  # noqa: S608
        number = connection.exec_driver_sql(f"SELECT count(*) FROM ({wrong}) AS rows_wrong").scalar_one()  # noqa: S608
        found[made.name] = int(number)
    return {name: number for name, number in found.items() if number}


class _Sheet:
    """One sheet as SQL in words: in a trigger there are no parameters, and no value of anybody stands here."""

    def __init__(self, sheet: type[SQLModel], dialect: Dialect) -> None:
        self.sheet, self.name, self.dialect = sheet, str(sheet.__tablename__), dialect
        self.keys, self.sums = list(key_of(sheet, INCIDENT.c, dialect.name)), list(parts_of(sheet, INCIDENT.c))

    def _said(self, of: str) -> dict[str, str]:
        """Every column of the row under which an incident is counted, said of the incident `of`."""
        columns: Any = INCIDENT.alias(of).c
        told = {**key_of(self.sheet, columns, self.dialect.name), **parts_of(self.sheet, columns)}
        literal = {"literal_binds": True}
        return {name: str(part.compile(dialect=self.dialect, compile_kwargs=literal)) for name, part in told.items()}

    def read(self) -> list[str]:
        """The columns of an incident on which its row depends."""
        said = " ".join(self._said("x").values())
        return [column.name for column in INCIDENT.columns if f"x.{column.name}" in said and column.name != "pk"]

    def _added(self) -> str:
        more = ", ".join(f"{name} = {self.name}.{name} + excluded.{name}" for name in self.sums)
        return f"ON CONFLICT ({', '.join(self.keys)}) DO UPDATE SET {more}"

    def add(self, of: str) -> str:
        said = self._said(of)
        return f"INSERT INTO {self.name} ({', '.join(said)}) VALUES ({', '.join(said.values())}) {self._added()}"  # noqa: S608

    def take(self, of: str) -> str:
        """A row that counts nothing any more goes: it would tell where something was."""
        said = self._said(of)
        same = " AND ".join(f"{name} = {said[name]}" for name in self.keys)
        less = ", ".join(f"{name} = {name} - {said[name]}" for name in self.sums)
        return f"UPDATE {self.name} SET {less} WHERE {same}; DELETE FROM {self.name} WHERE {same} AND incidents = 0"  # noqa: S608

    def counted(self, which: str = "<=") -> str:
        """What the sheet is to say of the incidents that it counts."""
        said = self._said("x")
        told = [*(said[name] for name in self.keys), *(f"sum({said[name]})" for name in self.sums)]
        groups = ", ".join(str(n + 1) for n in range(len(self.keys)))
        return f"SELECT {', '.join(told)} FROM incident AS x WHERE x.pk {which} {MARK} GROUP BY {groups}"  # noqa: S608

    def count_new(self) -> str:
        into = f"INSERT INTO {self.name} ({', '.join([*self.keys, *self.sums])})"
        return f"{into} {self.counted('>')} {self._added()}"


def _triggers(sheet: _Sheet) -> Iterator[str]:
    columns = ", ".join(sheet.read())
    new, old = sheet.add("new"), sheet.take("old")
    if sheet.dialect.name == "sqlite":
        for when, event, of, done in (
            ("added", "INSERT", "new", new),
            ("removed", "DELETE", "old", old),
            ("changed", f"UPDATE OF {columns}", "old", f"{old}; {new}"),
        ):
            yield (
                f"CREATE TRIGGER {sheet.name}_{when} AFTER {event} ON incident WHEN {of}.pk <= {MARK} BEGIN {done}; END"
            )
        return
    name = f"{sheet.name}_follows"
    yield (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN "
        f"IF TG_OP <> 'INSERT' THEN IF old.pk <= {MARK} THEN {old}; END IF; END IF; "
        f"IF TG_OP <> 'DELETE' THEN IF new.pk <= {MARK} THEN {new}; END IF; END IF; RETURN NULL; END $$"
    )
    yield (
        f"CREATE TRIGGER {name} AFTER INSERT OR DELETE OR UPDATE OF {columns} ON incident "
        f"FOR EACH ROW EXECUTE FUNCTION {name}()"
    )
