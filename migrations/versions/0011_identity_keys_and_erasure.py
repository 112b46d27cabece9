"""The keys under which identities are kept, and the ledger of what was erased."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_identity_key() -> None:
    op.create_table(
        "identity_key",
        sa.Column("subject", sa.Uuid(), nullable=False),
        sa.Column("wrapped", sa.String(200), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_identity_key")),
    )


def create_erasure() -> None:
    op.create_table(
        "erasure",
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("legal_basis", sa.String(500), nullable=False),
        sa.Column("asked_by", sa.String(100), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_by", sa.String(100), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_erasure")),
        sa.UniqueConstraint("id", name=op.f("uq_erasure_id")),
    )
    op.create_index(op.f("ix_erasure_person_id"), "erasure", ["person_id"])


def upgrade() -> None:
    create_identity_key()
    create_erasure()


def downgrade() -> None:
    op.drop_table("erasure")
    op.drop_table("identity_key")
