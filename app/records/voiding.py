"""How a text that lies ready goes with what it was made of: the triggers on both engines."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection

from app.records.blocks import HARMS
from app.records.ready_row import VOID

NUMBERS = tuple(f"{harm}_{end}" for harm in HARMS for end in ("min", "best", "max"))
DAYS = ("date_earliest", "date_latest", "date_span", "date_qualifier")


@dataclass(frozen=True)
class Read:
    """A table of which something stands in the texts. `columns`: what of it, and what decides for whom.

    `of`: the incidents in whose texts a row stands, given its name; `when`: what happens to a row that changes them.
    """

    columns: tuple[str, ...]
    of: str
    when: tuple[str, ...] = ("UPDATE", "DELETE", "INSERT")


# An incident's own rows come below. What others point at cannot go while they do, and nobody points at what is new.
READ: dict[str, Read] = {
    "account": Read(("pk", "incident_pk", "source_pk"), "SELECT {row}.incident_pk"),
    "involvement": Read(
        ("pk", "incident_pk", "actor_pk", "person_pk", "degree", "described_as", "disclosable"),
        "SELECT {row}.incident_pk",
    ),
    "source": Read(
        ("pk", "publication_pk", "author", "title", "url", "sensitivity", *DAYS),
        "SELECT a.incident_pk FROM account a WHERE a.source_pk = {row}.pk",
        ("UPDATE",),
    ),
    "publication": Read(
        ("pk", "name"),
        "SELECT a.incident_pk FROM source s JOIN account a ON a.source_pk = s.pk WHERE s.publication_pk = {row}.pk",
        ("UPDATE",),
    ),
    "actor": Read(
        ("pk", "name", "kind"), "SELECT i.incident_pk FROM involvement i WHERE i.actor_pk = {row}.pk", ("UPDATE",)
    ),
    "person": Read(
        ("pk", "pseudonym", "identity_protection", "sensitivity"),
        "SELECT i.incident_pk FROM involvement i WHERE i.person_pk = {row}.pk",
        ("UPDATE",),
    ),
    "person_name": Read(
        ("pk", "person_pk", "full"), "SELECT i.incident_pk FROM involvement i WHERE i.person_pk = {row}.person_pk"
    ),
}
# Neither what was decided nor who wrote it stands in a row; a change of anything else may.
INCIDENT = (
    "pk", "ref", "kind", "title", *DAYS, "country", "area1", "area1_code", "area2", "area2_code", "place_name", "lon",
    "lat", "geo_precision", "uncertainty_m", *NUMBERS, "verification", "confidence", "independent_sources", "licence",
    "updated_at", "location_generalised", "sensitivity",
)  # fmt: skip
EMPTY = {"sqlite": "x''", "postgresql": "''::bytea"}
LAST = "(SELECT max(incident_pk) FROM ready_feature)"
ENDS = {"INSERT": ("new",), "DELETE": ("old",), "UPDATE": ("old", "new")}
# All rows that a statement took or brought, on PostgreSQL, and how one of them is called: `old` is taken there.
MANY = {"old": ("went", "was"), "new": ("came", "became")}
TABLES = {"INSERT": "NEW TABLE AS came", "DELETE": "OLD TABLE AS went",
          "UPDATE": "OLD TABLE AS went NEW TABLE AS came"}  # fmt: skip


def make(connection: Connection) -> None:
    """The triggers. The tables are there."""
    made = _on_sqlite() if connection.dialect.name == "sqlite" else _on_postgresql()
    for statement in made:
        connection.exec_driver_sql(statement)


def drop(connection: Connection) -> None:
    """Take the triggers away again."""
    for table, events in [("incident", tuple(ENDS)), *((table, read.when) for table, read in READ.items())]:
        if connection.dialect.name == "sqlite":
            for event in events:
                connection.exec_driver_sql(f"DROP TRIGGER {_name(table, event)}")
        else:
            connection.exec_driver_sql(f"DROP FUNCTION {table}_voids() CASCADE")


def _name(table: str, event: str) -> str:
    return f"{table}_voids_on_{event.lower()}"


def _void(which: str, dialect: str) -> str:
    """Empty the texts of these incidents; in the pages of SQLite nothing is left of them (`secure_delete`)."""
    empty = EMPTY[dialect]
    return (
        f"UPDATE ready_feature SET mark = {VOID}, ref = '', lon = NULL, lat = NULL, text = {empty} "  # noqa: S608
        f"WHERE incident_pk IN ({which}) AND mark <> {VOID}; "
        f"DELETE FROM ready_line WHERE incident_pk IN ({which})"
    )


def _forget(which: str) -> str:
    tables = ("ready_feature", "ready_line")
    return "; ".join(f"DELETE FROM {table} WHERE incident_pk IN ({which})" for table in tables)  # noqa: S608


def _missed(which: str, dialect: str) -> str:
    """An incident that comes in among those that were looked at is to be looked at too."""
    row = f"w.pk, {VOID}, '', {EMPTY[dialect]}"
    return (
        f"INSERT INTO ready_feature (incident_pk, mark, ref, text) SELECT {row} FROM ({which}) AS w "  # noqa: S608
        f"WHERE w.pk <= {LAST} ON CONFLICT DO NOTHING"
    )


def _on_sqlite() -> Iterator[str]:
    for event, columns, when, done in (
        # What an import brings comes after all that was looked at: it asks for the last number, and no more.
        ("INSERT", "", f" WHEN new.pk <= {LAST}", _missed("SELECT new.pk AS pk", "sqlite")),
        ("DELETE", "", "", _forget("old.pk")),
        ("UPDATE", _columns(INCIDENT), "", _void("old.pk", "sqlite")),
    ):
        yield f"CREATE TRIGGER {_name('incident', event)} AFTER {event}{columns} ON incident{when} BEGIN {done}; END"
    for table, read in READ.items():
        for event in read.when:
            columns = _columns(read.columns) if event == "UPDATE" else ""
            of = " UNION ALL ".join(read.of.format(row=row) for row in ENDS[event])
            when = f" WHEN new.incident_pk <= {LAST}" if event == "INSERT" and "incident_pk" in read.columns else ""
            done = _void(of, "sqlite")
            yield f"CREATE TRIGGER {_name(table, event)} AFTER {event}{columns} ON {table}{when} BEGIN {done}; END"


def _columns(names: tuple[str, ...]) -> str:
    return " OF " + ", ".join(f'"{name}"' for name in names)


def _on_postgresql() -> Iterator[str]:
    """Once a statement, over all its rows: an import comes as one stream of thousands."""
    gone = {"INSERT": _missed("SELECT pk FROM came", "postgresql"), "DELETE": _forget("SELECT pk FROM went")}
    yield from _follows("incident", {**gone, "UPDATE": _void(_differing(INCIDENT, "SELECT {row}.pk"), "postgresql")})
    for table, read in READ.items():
        done = {event: _void(_of_all(read, event), "postgresql") for event in read.when}
        yield from _follows(table, done)


def _of_all(read: Read, event: str) -> str:
    if event == "UPDATE":
        return _differing(read.columns, read.of)
    many, one = MANY[ENDS[event][0]]
    return f"SELECT w.it FROM {many} AS {one}, LATERAL ({read.of.format(row=one)}) AS w(it)"  # noqa: S608


def _differing(columns: tuple[str, ...], of: str) -> str:
    """The incidents of rows of which one of these columns has changed: before the change, and after it."""
    before, after = (", ".join(f'{row}."{column}"' for column in columns) for row in ("was", "became"))
    both = " UNION ALL ".join(of.format(row=row) for row in ("was", "became"))
    # A row that got another number has no partner, and counts as changed.
    return (
        f"SELECT w.it FROM went AS was FULL JOIN came AS became ON became.pk = was.pk, LATERAL ({both}) AS w(it) "  # noqa: S608
        f"WHERE ({before}) IS DISTINCT FROM ({after})"
    )


def _follows(table: str, done: dict[str, str]) -> Iterator[str]:
    name = f"{table}_voids"
    steps = " ".join(f"IF TG_OP = '{event}' THEN {what}; END IF;" for event, what in done.items())
    yield (
        f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$ BEGIN "
        f"{steps} RETURN NULL; END $$"
    )
    for event in done:
        yield (
            f"CREATE TRIGGER {_name(table, event)} AFTER {event} ON {table} REFERENCING {TABLES[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {name}()"
        )
