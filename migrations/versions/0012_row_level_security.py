"""Indexes to find what is sealed, and row-level security on PostgreSQL for the role under which staff read."""
# ruff: noqa: S608 - no value of anybody stands in these statements

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

STAFF = "gawah_staff"
# Incidents have theirs since they are there.
BY_SENSITIVITY = ("source", "person", "evidence")
# A cluster has its roles for all of its databases, and two of them may be made at once.
MAKE_ROLE = f"""
DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{STAFF}') THEN
        CREATE ROLE {STAFF} NOLOGIN;
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$
"""
JOIN_ROLE = f"""
DO $$ BEGIN
    IF NOT pg_has_role(current_user, '{STAFF}', 'MEMBER') THEN
        EXECUTE format('GRANT {STAFF} TO %I', current_user);
    END IF;
EXCEPTION WHEN unique_violation THEN NULL;
END $$
"""
ASK_FOR_IT = (
    f"The database user may not make the role {STAFF}. Let an administrator of the database run once: "
    f"CREATE ROLE {STAFF} NOLOGIN; GRANT {STAFF} TO <the user in GAWAH_DATABASE_URL>;"
)
# What is kept back from the asker. From nobody in particular everything is.
KEPT_BACK = """
    SELECT CASE current_setting('gawah.role', true)
        WHEN 'reviewer' THEN ARRAY[]::text[]
        WHEN 'contributor' THEN ARRAY['sealed']
        WHEN 'viewer' THEN ARRAY['sealed']
        WHEN 'partner' THEN ARRAY['sealed','restricted','internal']
        ELSE ARRAY['sealed','restricted','internal','partner','public_anonymised','public']
    END
"""
BEYOND = "(SELECT gawah_beyond())"
HELD = "sensitivity = ANY (gawah_kept_back())"
NAMING = ("act", "involvement", "disappearance_case")
HANGING = ("account", "act", "involvement", "incident_place", "disappearance_case", "review", "public_version")
HUNG_ON = {
    "incident": "gawah_beyond", "source": "gawah_beyond_sources", "account": "gawah_beyond_accounts",
    "act": "gawah_beyond_acts",
}  # fmt: skip
OWN = ("token", "member_session", "export_link")
# The nouns of history that are not about records.
HOUSE = "('member', 'archive', 'export_link')"
ME = "(SELECT current_setting('gawah.member', true))"
# Without a row of any record; everybody who is let in may read them.
OPEN = ("area", "settlement", "tombstone", "archive")


def _only(pointer: str, links: tuple[str, ...]) -> str:
    """Whom incidents out of reach point to, and no other."""
    far = " UNION ALL ".join(
        f"SELECT {pointer} AS it FROM {link} WHERE {pointer} IS NOT NULL AND incident_pk IN {BEYOND}" for link in links
    )
    # Not `NOT EXISTS`: that would be answered by reading the whole table, and this by an index, for the few.
    near = " AND ".join(
        f"(SELECT near.pk FROM {link} near WHERE near.{pointer} = far.it AND near.incident_pk NOT IN {BEYOND} LIMIT 1)"
        " IS NULL"
        for link in links
    )
    return f"SELECT far.it FROM ({far}) far WHERE {near}"


def _reachable(hung: str) -> str:
    """An attachment to something within reach."""
    pointers = {"incident": BEYOND, "source": "(SELECT gawah_beyond_sources())", **{
        noun: f"(SELECT pk FROM {noun} WHERE incident_pk IN {BEYOND})" for noun in ("account", "act")
    }}  # fmt: skip
    return " AND ".join(
        f"({hung}.{noun}_pk IS NULL OR {hung}.{noun}_pk NOT IN {far})" for noun, far in pointers.items()
    )


def beyond() -> dict[str, str]:
    """The numbers of what is out of reach, table by table: an index finds the few incidents to begin with.

    They run with the rights of their owner: under the policies themselves, what is out of reach could not be named.
    """
    return {
        "gawah_beyond": f"SELECT pk FROM incident WHERE {HELD}",
        "gawah_beyond_sources": f"SELECT pk FROM source WHERE {HELD} UNION ALL {_only('source_pk', ('account',))}",
        "gawah_beyond_persons": f"SELECT pk FROM person WHERE {HELD} UNION ALL {_only('person_pk', NAMING)}",
        "gawah_beyond_actors": _only("actor_pk", ("involvement",)),
        **{
            f"gawah_beyond_{plural}": f"SELECT pk FROM {table} WHERE incident_pk IN {BEYOND}"
            for plural, table in (("accounts", "account"), ("acts", "act"), ("cases", "disappearance_case"))
        },
        "gawah_beyond_publications": """
            SELECT far.publication_pk FROM source far
            WHERE far.publication_pk IS NOT NULL AND far.pk IN (SELECT gawah_beyond_sources()) AND (
                SELECT near.pk FROM source near WHERE near.publication_pk = far.publication_pk
                AND near.pk NOT IN (SELECT gawah_beyond_sources()) LIMIT 1) IS NULL""",
        "gawah_beyond_files": f"""
            SELECT pk FROM evidence WHERE {HELD} UNION ALL
            SELECT hung.evidence_pk FROM attachment hung WHERE NOT ({_reachable("hung")}) AND (
                SELECT near.pk FROM attachment near
                WHERE near.evidence_pk = hung.evidence_pk AND {_reachable("near")} LIMIT 1) IS NULL""",
    }


def far_away() -> str:
    """Whether history's lines about a record are out of reach, by its id."""
    of = {
        "incident": f"pk IN {BEYOND}", "account": f"incident_pk IN {BEYOND}",
        "disappearance_case": f"incident_pk IN {BEYOND}", "source": "pk IN (SELECT gawah_beyond_sources())",
        "person": "pk IN (SELECT gawah_beyond_persons())", "actor": "pk IN (SELECT gawah_beyond_actors())",
        "evidence": "pk IN (SELECT gawah_beyond_files())",
        "incident_link": f"(from_pk IN {BEYOND} OR to_pk IN {BEYOND})",
    }  # fmt: skip
    return " OR ".join(f"EXISTS (SELECT FROM {table} WHERE id = it AND {far})" for table, far in of.items())


def _role(*names: str) -> str:
    listed = ", ".join(f"'{name}'" for name in names)
    return f"current_setting('gawah.role', true) IN ({listed})"


READER = _role("viewer", "contributor", "reviewer", "partner")
NAMER = _role("contributor", "reviewer")


def _not_in(column: str, of: str = "gawah_beyond", *, empty: bool = False) -> str:
    near = f"{column} NOT IN (SELECT {of}())"
    return f"({column} IS NULL OR {near})" if empty else near


def _history() -> str:
    of_changes = "(action NOT IN ('read', 'searched', 'exported') OR (action = 'exported' AND noun = 'evidence'))"
    reader = f"{READER} AND {of_changes} AND noun NOT IN {HOUSE} AND NOT gawah_far_away(record_id)"
    return f"{_role('auditor')} OR ({_role('admin')} AND noun IN {HOUSE}) OR ({reader})"


def policies() -> dict[str, str]:
    """For every table the condition under which a row is seen."""
    mine = f"{_role('admin')} OR member_pk IN (SELECT pk FROM member WHERE name = {ME})"
    records = dict.fromkeys(HANGING, _not_in("incident_pk")) | {
        "incident": f"NOT ({HELD})",
        "incident_link": f"{_not_in('from_pk')} AND {_not_in('to_pk')}",
        "case_event": _not_in("case_pk", "gawah_beyond_cases"),
        "source": _not_in("pk", "gawah_beyond_sources"),
        "publication": _not_in("pk", "gawah_beyond_publications"),
        "person": _not_in("pk", "gawah_beyond_persons"),
        "person_name": _not_in("person_pk", "gawah_beyond_persons"),
        "consent": f"{_not_in('person_pk', 'gawah_beyond_persons', empty=True)}"
        f" AND {_not_in('source_pk', 'gawah_beyond_sources', empty=True)}",
        "actor": f"(kind <> 'private_individual' OR {NAMER}) AND {_not_in('pk', 'gawah_beyond_actors')}",
        "actor_parent": " AND ".join(
            f"{_not_in(end, 'gawah_beyond_actors')} AND EXISTS (SELECT FROM actor far WHERE far.pk = {end})"
            for end in ("actor_pk", "parent_pk")
        ),
        "attachment": " AND ".join(_not_in(f"{noun}_pk", far, empty=True) for noun, far in HUNG_ON.items()),
        "evidence": f"NOT ({HELD}) AND EXISTS (SELECT FROM attachment near WHERE near.evidence_pk = evidence.pk)",
    }
    return {table: f"{READER} AND {seen}" for table, seen in records.items()} | dict.fromkeys(OWN, mine) | {
        "revision": _history(),
        "import_batch": _role("viewer", "contributor", "reviewer", "auditor"),
        "member": f"{_role('admin', 'auditor')} OR name = {ME}",
        "receipt": f"{_role('admin')} OR who = {ME}",
        "one_time_link": _role("admin"),
        "erasure": _role("reviewer", "admin", "auditor"),
    }  # fmt: skip


def _make_role(connection: sa.Connection) -> None:
    try:
        with connection.begin_nested():
            connection.execute(sa.text(MAKE_ROLE))
            connection.execute(sa.text(JOIN_ROLE))
    except sa.exc.DBAPIError as problem:
        raise PermissionError(ASK_FOR_IT) from problem


def _make_functions() -> None:
    op.execute(f"CREATE FUNCTION gawah_kept_back() RETURNS text[] LANGUAGE sql STABLE AS $$ {KEPT_BACK} $$")
    for name, asked in beyond().items():
        op.execute(_owners(f"{name}()", "SETOF bigint", asked))
    op.execute(_owners("gawah_far_away(it uuid)", "boolean", f"SELECT {far_away()}"))


def _owners(name: str, returns: str, asked: str) -> str:
    return (
        f"CREATE FUNCTION {name} RETURNS {returns} LANGUAGE sql STABLE SECURITY DEFINER "
        f"SET search_path FROM CURRENT AS $$ {asked} $$"
    )


def _make_search() -> None:
    """The full text as staff see it: a view of their own, since a policy would keep its index from being used."""
    op.execute(f"CREATE SCHEMA {STAFF}")
    op.execute(
        f"CREATE VIEW {STAFF}.incident_search AS SELECT rowid, words, names FROM incident_search "
        f"WHERE {READER} AND {_not_in('rowid')}"
    )
    op.execute(f"GRANT USAGE ON SCHEMA {STAFF} TO {STAFF}")
    op.execute(f"GRANT SELECT ON {STAFF}.incident_search TO {STAFF}")


def upgrade() -> None:
    for table in BY_SENSITIVITY:
        op.create_index(op.f(f"ix_{table}_sensitivity"), table, ["sensitivity"])
    connection = op.get_bind()
    if connection.dialect.name != "postgresql":
        return
    _make_role(connection)
    _make_functions()
    _make_search()
    op.execute(f"""DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO {STAFF}', current_schema()); END $$""")
    for table, seen in policies().items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY gawah_staff_reads ON {table} FOR SELECT TO {STAFF} USING ({seen})")
    for table in (*policies(), *OPEN):
        op.execute(f"GRANT SELECT ON {table} TO {STAFF}")


def downgrade() -> None:
    for table in BY_SENSITIVITY:
        op.drop_index(op.f(f"ix_{table}_sensitivity"), table_name=table)
    if op.get_bind().dialect.name != "postgresql":
        return
    for table in policies():
        op.execute(f"DROP POLICY gawah_staff_reads ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    for table in (*policies(), *OPEN):
        op.execute(f"REVOKE SELECT ON {table} FROM {STAFF}")
    op.execute(f"DROP SCHEMA {STAFF} CASCADE")
    for name in ("gawah_far_away", *reversed(beyond()), "gawah_kept_back"):
        op.execute(f"DROP FUNCTION {name}")
