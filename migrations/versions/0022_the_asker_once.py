"""Row-level security looks up who asks once for each question, and no longer for every row."""

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

POLICY = "gawah_staff_reads"
READERS = "'viewer', 'contributor', 'reviewer', 'partner'"
# Who reads by a link gets less than a member: never what was made for members.
MEMBERS = "'viewer', 'contributor', 'reviewer'"
BY_SENSITIVITY = ("incident", "month_tally", "place_tally")
HANGING = ("account", "act", "involvement", "incident_place", "disappearance_case", "review", "public_version")
READY = ("ready_feature", "ready_line")
BEYOND = {
    **dict.fromkeys((*HANGING, *READY), ("incident_pk", "gawah_beyond")),
    "source": ("pk", "gawah_beyond_sources"), "publication": ("pk", "gawah_beyond_publications"),
}  # fmt: skip


def _role(table: str) -> str:
    return f"current_setting('gawah.role', true) IN ({MEMBERS if table in READY else READERS})"


def _far(table: str) -> str:
    column, beyond = BEYOND[table]
    return f"{column} NOT IN (SELECT {beyond}())"


def once() -> dict[str, str]:
    """The same conditions as before. A question within them is asked once, what stands there as it is for every row."""
    near = "NOT (sensitivity = ANY ((SELECT gawah_kept_back())::text[]))"
    seen = dict.fromkeys(BY_SENSITIVITY, near) | {table: _far(table) for table in BEYOND}
    return {table: f"(SELECT {_role(table)}) AND {condition}" for table, condition in seen.items()}


def row_by_row() -> dict[str, str]:
    near = "NOT (sensitivity = ANY (gawah_kept_back()))"
    seen = dict.fromkeys(BY_SENSITIVITY, near) | {table: _far(table) for table in BEYOND}
    return {table: f"{_role(table)} AND {condition}" for table, condition in seen.items()}


def _lay(policies: dict[str, str]) -> None:
    if op.get_bind().dialect.name == "postgresql":
        for table, seen in policies.items():
            op.execute(f"ALTER POLICY {POLICY} ON {table} USING ({seen})")


def upgrade() -> None:
    _lay(once())


def downgrade() -> None:
    _lay(row_by_row())
