"""Incidents lie ready for members as well: two tables of texts, and the triggers that void them."""

import sqlalchemy as sa
from alembic import op

from app.records import voiding

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

STAFF = "gawah_staff"
# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("ready_feature", "ready_line")
# Who reads by a link gets less than a member: never what was made for members.
SEEN = """
    current_setting('gawah.role', true) IN ('viewer', 'contributor', 'reviewer')
    AND incident_pk NOT IN (SELECT gawah_beyond())
"""


def upgrade() -> None:
    op.create_table(
        "ready_feature",
        sa.Column("incident_pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("ref", sa.String(length=20), nullable=False),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("incident_pk", name=op.f("pk_ready_feature")),
    )
    op.create_index(op.f("ix_ready_feature_mark"), "ready_feature", ["mark"])
    op.create_table(
        "ready_line",
        sa.Column("incident_pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("mark", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("incident_pk", name=op.f("pk_ready_line")),
    )
    # What is read for a text follows from how a row is made: whoever changes that makes the triggers anew.
    voiding.make(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        for table in TABLES:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY gawah_staff_reads ON {table} FOR SELECT TO {STAFF} USING ({SEEN})")
            op.execute(f"GRANT SELECT ON {table} TO {STAFF}")


def downgrade() -> None:
    voiding.drop(op.get_bind())
    for table in reversed(TABLES):
        op.drop_table(table)
