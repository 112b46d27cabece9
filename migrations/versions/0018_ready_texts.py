"""Published incidents lie ready as the feature and the line that go out; in the archive the table is empty."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

STAFF = "gawah_staff"
# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    _lay(
        sa.Column("feature", sa.LargeBinary(), nullable=False),
        sa.Column("line", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    _lay(sa.Column("told", sa.Text(), nullable=False))


def _lay(*columns: sa.Column[str] | sa.Column[bytes]) -> None:
    """Make the table anew: nothing stands in it."""
    op.drop_table("public_row")
    op.create_table(
        "public_row",
        sa.Column("incident_pk", BIG_KEY, nullable=False, autoincrement=False),
        *columns,
        sa.PrimaryKeyConstraint("incident_pk", name=op.f("pk_public_row")),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"GRANT SELECT ON public_row TO {STAFF}")
