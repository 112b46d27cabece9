"""What those who follow the archive are told: incidents withheld, the public log, and frozen releases."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

STAFF = "gawah_staff"
# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
HERE = "current_setting('gawah.role', true) IN ({})"
READER = HERE.format("'viewer', 'contributor', 'reviewer', 'partner'")
# The same rules as in app/access/rules.py.
POLICIES = {
    "withholding": f"{READER} AND NOT (was = ANY (gawah_kept_back())) "
    "AND (became IS NULL OR became = ANY (gawah_kept_back()))",
    **dict.fromkeys(("release", "release_row"), HERE.format("'viewer', 'contributor', 'reviewer'")),
}
# Filled in the published store alone, for everybody.
OPEN = ("public_change", "release_piece")


def create_changes() -> None:
    op.create_table(
        "withholding",
        sa.Column("seq", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("was", sa.String(20), nullable=False),
        sa.Column("became", sa.String(20), nullable=True),
        sa.PrimaryKeyConstraint("seq", "incident_id", name=op.f("pk_withholding")),
    )
    op.create_table(
        "public_change",
        sa.Column("number", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(20), nullable=False),
        sa.Column("change", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_public_change")),
    )
    op.create_index(op.f("ix_public_change_incident_id"), "public_change", ["incident_id"])


def create_release() -> None:
    op.create_table(
        "release",
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("dataset", sa.String(40), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        sa.Column("frame", sa.JSON(), nullable=False),
        sa.Column("files", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String(100), nullable=False),
        sa.Column("reason", sa.String(5000), nullable=False),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_release")),
        sa.UniqueConstraint("id", name=op.f("uq_release_id")),
        sa.UniqueConstraint("name", name=op.f("uq_release_name")),
    )
    op.create_index(op.f("ix_release_dataset"), "release", ["dataset"])


def create_parts() -> None:
    op.create_table(
        "release_row",
        sa.Column("release_pk", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("incident_id", sa.Uuid(), nullable=False),
        sa.Column("told", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["release_pk"], ["release.pk"], name=op.f("fk_release_row_release_pk_release")),
        sa.PrimaryKeyConstraint("release_pk", "position", name=op.f("pk_release_row")),
    )
    op.create_index(op.f("ix_release_row_release_pk"), "release_row", ["release_pk"])
    op.create_index(op.f("ix_release_row_incident_id"), "release_row", ["incident_id"])
    op.create_table(
        "release_piece",
        sa.Column("release_pk", sa.BigInteger(), nullable=False),
        sa.Column("file", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("held", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["release_pk"], ["release.pk"], name=op.f("fk_release_piece_release_pk_release")),
        sa.PrimaryKeyConstraint("release_pk", "file", "position", name=op.f("pk_release_piece")),
    )
    op.create_index(op.f("ix_release_piece_release_pk"), "release_piece", ["release_pk"])


def upgrade() -> None:
    create_changes()
    create_release()
    create_parts()
    if op.get_bind().dialect.name != "postgresql":
        return
    for table, seen in POLICIES.items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY gawah_staff_reads ON {table} FOR SELECT TO {STAFF} USING ({seen})")
    for table in (*POLICIES, *OPEN):
        op.execute(f"GRANT SELECT ON {table} TO {STAFF}")


def downgrade() -> None:
    for table in ("release_piece", "release_row", "release", "public_change", "withholding"):
        op.drop_table(table)
