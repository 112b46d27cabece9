"""The rows of published incidents as they go out, ready in the published store; in the archive the table is empty."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

STAFF = "gawah_staff"
# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "public_row",
        sa.Column("incident_pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("told", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("incident_pk", name=op.f("pk_public_row")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT SELECT ON public_row TO {STAFF}")


def downgrade() -> None:
    op.drop_table("public_row")
