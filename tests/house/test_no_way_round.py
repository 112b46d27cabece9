"""No way round the wall: whatever could ask the database past it stands in a few files, each with its reason."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted((ROOT / "app").rglob("*.py"))
# Reached as something of something: `session.connection()`, `Incident.__table__`, `METADATA.tables`.
ATTRIBUTES = {
    **{name: name for name in (
        "__table__", "connection", "driver_connection", "exec_driver_sql", "from_select", "from_statement",
        "local_table", "persist_selectable", "raw_connection", "sorted_tables", "tables",
    )},
    "begin": "engine", "connect": "engine",
}  # fmt: skip
# Reached by their names, once imported.
IMPORTED = frozenset(
    {
        "METADATA",
        "SEARCH",
        "Table",
        "column",
        "create_engine",
        "literal_column",
        "reading",
        "reading_at_once",
        "reading_once",
        "table",
        "text",
    }
)
# Reached by a name in quotes, as in `getattr(model, "__table__")`.
QUOTED = frozenset({"__table__", "exec_driver_sql", "from_select", "from_statement", "raw_connection"})
PACKAGES = frozenset({"sqlalchemy", "sqlmodel", "sa", "db", "records", "search"})
# Modules of ours that begin something else than a transaction.
BEGINNERS = frozenset({"archives", "oidc"})
MADE = frozenset({"Session"})

# What a file may do that no other may, and why it shows nobody what is not theirs.
ALLOWED: dict[str, tuple[set[str], str]] = {
    "app/access/rules.py": ({"__table__"}, "the rules stand over bare tables, so that they ask for no rules themselves"),
    "app/access/wall.py": (
        {"SEARCH", "Table", "connection", "exec_driver_sql"},
        "the wall: it tells bare tables, steps down, and answers in rows what it has given its rules",
    ),
    "app/actions/forgetting.py": (
        {"METADATA", "Table", "connection", "exec_driver_sql", "sorted_tables"}, "erases one person from every table"
    ),
    "app/actions/areas.py": (
        {"METADATA", "connection", "reading", "tables"}, "reference geography, which everybody may look up"
    ),
    "app/actions/batches.py": ({"connection"}, "lets the tally sheets count what came in"),
    "app/actions/incidents.py": ({"connection"}, "lets the tally sheets count what came in"),
    "app/actions/indexing.py": ({"SEARCH", "connection"}, "writes the full-text index"),
    "app/actions/keeping.py": (
        {"METADATA", "connection", "exec_driver_sql", "reading", "tables"},
        "writes texts that it was told through the wall, and counts what is to be made",
    ),
    "app/actions/pen.py": ({"METADATA", "connection", "sorted_tables", "tables"}, "writes rows and their history"),
    "app/actions/sharing.py": (
        {"Session", "connection", "driver_connection", "engine", "text"}, "opens sessions that write, as `writing` does"
    ),
    "app/api/signing_in.py": ({"reading"}, "who signs in is nobody yet: asks for their own member row"),
    "app/cli/archive.py": ({"reading"}, "the console: whoever holds the key of the archive"),
    "app/cli/areas.py": ({"reading"}, "the console"),
    "app/cli/erasing.py": ({"reading"}, "the console"),
    "app/cli/handbook.py": ({"METADATA", "__table__", "create_engine", "tables"}, "describes tables, and opens none"),
    "app/cli/history.py": ({"reading"}, "the console"),
    "app/cli/jobs.py": ({"reading"}, "the console"),
    "app/cli/links.py": ({"reading"}, "the console"),
    "app/cli/moving.py": ({"reading_at_once"}, "the console"),
    "app/cli/releases.py": ({"reading"}, "the console"),
    "app/cli/people.py": ({"reading"}, "the console"),
    "app/cli/totals.py": ({"reading"}, "the console"),
    "app/bulk.py": (
        {"Table", "connection", "driver_connection", "exec_driver_sql"}, "writes the rows it is given, and reads none"
    ),
    "app/db.py": (
        {"Session", "connection", "create_engine", "driver_connection", "engine", "exec_driver_sql", "reading", "text"},
        "opens databases and sessions",
    ),
    "app/depends.py": ({"reading", "reading_once"}, "chooses the session: guarded for all but the public and open doors"),
    "app/exports/layers.py": ({"engine"}, "an empty database in memory, in which a GeoPackage is finished"),
    "app/imports/background.py": ({"reading"}, "asks for the batch of its own job, and for the role of who sent it"),
    "app/imports/citations.py": ({"reading"}, "compares what comes in with all that is here"),
    "app/imports/running.py": ({"reading"}, "compares what comes in with all that is here"),
    "app/keyring.py": ({"engine"}, "reads wrapped keys, and nothing of a record"),
    "app/queries/board.py": ({"METADATA", "tables"}, "makes the table of jobs, and asks nothing"),
    "app/queries/public_rows.py": ({"METADATA", "tables"}, "the columns of the published store, by name"),
    "app/queries/sealed.py": ({"METADATA", "Table", "tables"}, "verifies: compares every row with its seal, tells ids"),
    "app/records/tally.py": ({"tables"}, "the columns of the tally sheets, by name"),
    "app/records/tallying.py": ({"exec_driver_sql", "tables"}, "keeps the tally sheets in step, and shows nothing"),
    "app/records/voiding.py": ({"exec_driver_sql"}, "makes the triggers that void texts, and shows nothing"),
    "app/records/search.py": ({"column", "literal_column", "table"}, "the full-text table, which no class describes"),
    "app/upkeep/archives.py": ({"reading"}, "upkeep: shows nothing of a record"),
    "app/upkeep/arrivals.py": ({"engine", "text"}, "upkeep: shows nothing of a record"),
    "app/upkeep/backups.py": ({"METADATA", "connection", "sorted_tables"}, "copies the whole archive, encrypted"),
    "app/upkeep/contents.py": ({"METADATA", "SEARCH", "Table", "tables"}, "writes what is in the published store"),
    "app/upkeep/engines.py": ({"engine"}, "tries whether the database answers"),
    "app/upkeep/erasures.py": (
        {"connection", "driver_connection", "engine", "exec_driver_sql", "literal_column", "table"},
        "takes what was erased out of the pages of the database",
    ),
    "app/upkeep/laying.py": ({"METADATA", "reading", "tables"}, "copies releases, which are public, for everybody"),
    "app/upkeep/public_log.py": (
        {"METADATA", "Table", "exec_driver_sql", "tables"}, "writes the log of the published store, in its transaction"
    ),
    "app/upkeep/moments.py": ({"reading"}, "as of when the published store is"),
    "app/upkeep/publication.py": ({"reading"}, "builds the published store by its allow-list"),
    "app/upkeep/published.py": (
        {"METADATA", "SEARCH", "Session", "Table", "connection", "driver_connection", "engine", "reading", "tables",
         "text"},
        "writes the published store, and gives its role its rights",
    ),
    "app/upkeep/releases.py": ({"reading"}, "freezes what the public reads, as the public reads it"),
    "app/upkeep/ready_rows.py": ({"METADATA", "Session", "tables"}, "writes rows of the published store, as the public"),
    "app/upkeep/reference.py": ({"METADATA", "connection", "tables"}, "writes reference geography"),
    "app/upkeep/replicas.py": ({"engine", "text"}, "asks two servers how far they stand, and nothing of a record"),
    "app/upkeep/restoring.py": ({"engine", "reading", "text"}, "restores a whole archive into an empty place"),
    "app/upkeep/schema.py": ({"connection", "engine"}, "brings the schema up to date"),
    "app/upkeep/verifying.py": ({"connection"}, "compares the tally sheets with the incidents, and tells how many"),
    "app/upkeep/snapshots.py": (
        {"Session", "connection", "driver_connection", "engine", "text"}, "copies the whole archive"
    ),
}  # fmt: skip


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def holes(source: str) -> set[str]:
    """The ways past the wall that stand in a file."""
    return {name for node in ast.walk(ast.parse(source)) for name in _of(node)}


def _is(node: ast.AST, names: frozenset[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in names


def _of(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Attribute) and node.attr in ATTRIBUTES and not _is(node.value, BEGINNERS):
        yield ATTRIBUTES[node.attr]
    if isinstance(node, ast.Attribute) and node.attr in IMPORTED and _is(node.value, PACKAGES):
        yield node.attr
    if isinstance(node, ast.alias) and node.name in IMPORTED:
        yield node.name
    if isinstance(node, ast.Constant) and node.value in QUOTED:
        yield str(node.value)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MADE:
        yield node.func.id


@pytest.mark.parametrize("path", FILES, ids=named)
def test_a_file_goes_past_the_wall_only_as_it_may(path: Path) -> None:
    allowed = ALLOWED.get(named(path), (set(), ""))[0]
    assert holes(path.read_text(encoding="utf-8")) - allowed == set()


def test_the_list_holds_no_more_than_is_needed() -> None:
    for name, (allowed, why) in ALLOWED.items():
        found = holes((ROOT / name).read_text(encoding="utf-8"))
        assert found, f"{name} needs no place in the list any more"
        assert allowed, name
        assert why, name


def test_what_answers_requests_has_next_to_none() -> None:
    inner = {name: allowed for name, (allowed, _) in ALLOWED.items() if name.startswith(("app/api/", "app/queries/"))}
    assert set().union(*inner.values()) <= {"METADATA", "Table", "tables", "reading"}
    assert len(inner) <= 4


PLANTED = {
    "a core table": "rows = session.execute(select(Incident.__table__.c.title))",
    "a core table by its name": "rows = session.execute(select(getattr(Incident, '__table__')))",
    "the schema": "from app.records import METADATA\nrows = session.execute(METADATA.tables['incident'].select())",
    "the schema by a way about": "rows = session.execute(SQLModel.metadata.tables['incident'].select())",
    "words": "from sqlalchemy import text\nrows = session.execute(text('SELECT 1'))",
    "words under another name": "from sqlalchemy import text as words\nrows = session.execute(words('SELECT 1'))",
    "words of the whole package": "import sqlalchemy\nrows = session.execute(sqlalchemy.text('SELECT 1'))",
    "a literal": "from sqlalchemy import literal_column",
    "a connection": "rows = session.connection().execute(asked)",
    "an insert from a select": "session.execute(insert(Person).from_select(names, asked))",
    "classes from words": "rows = session.scalars(select(Incident).from_statement(asked))",
    "the driver": "rows = connection.exec_driver_sql('SELECT 1')",
    "an engine": "with engine.connect() as connection: pass",
    "an engine in a transaction": "with session.get_bind().begin() as connection: pass",
    "a new engine": "from sqlmodel import create_engine",
    "a session of one's own": "with Session(engine) as session: pass",
    "an unguarded session": "from app.db import reading",
    "the mapper's table": "rows = session.execute(select(inspect(Incident).local_table))",
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_planted_hole_is_found(name: str) -> None:
    assert holes(PLANTED[name])


def test_an_honest_question_is_none() -> None:
    honest = (
        "from sqlmodel import Session, select\n\ndef ask(session: Session): return session.exec(select(Incident)).all()"
    )
    assert holes(honest) == set()
