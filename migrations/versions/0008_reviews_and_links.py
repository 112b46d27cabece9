"""The steps of our own work on an incident, who looks after it, and the ties between incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_review() -> None:
    op.create_table(
        "review",
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("before", sa.String(100), nullable=True),
        sa.Column("after", sa.String(100), nullable=True),
        sa.Column("note", sa.String(10000), nullable=True),
        sa.Column("by", sa.String(100), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_pk", sa.BigInteger(), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_review_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["incident_pk"], ["incident.pk"], name=op.f("fk_review_incident_pk_incident")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_review")),
        sa.UniqueConstraint("id", name=op.f("uq_review_id")),
    )
    op.create_index(op.f("ix_review_incident_pk"), "review", ["incident_pk"])


def create_incident_link() -> None:
    op.create_table(
        "incident_link",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("note", sa.String(5000), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("from_pk", sa.BigInteger(), nullable=False),
        sa.Column("to_pk", sa.BigInteger(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_reason", sa.String(5000), nullable=True),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_incident_link_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["from_pk"], ["incident.pk"], name=op.f("fk_incident_link_from_pk_incident")),
        sa.ForeignKeyConstraint(["to_pk"], ["incident.pk"], name=op.f("fk_incident_link_to_pk_incident")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_incident_link")),
        sa.UniqueConstraint("id", name=op.f("uq_incident_link_id")),
    )
    op.create_index(op.f("ix_incident_link_from_pk"), "incident_link", ["from_pk"])
    op.create_index(op.f("ix_incident_link_to_pk"), "incident_link", ["to_pk"])


def upgrade() -> None:
    op.add_column("incident", sa.Column("assigned_to", sa.String(100), nullable=True))
    op.create_index(op.f("ix_incident_assigned_to"), "incident", ["assigned_to"])
    create_review()
    create_incident_link()


def downgrade() -> None:
    op.drop_table("incident_link")
    op.drop_table("review")
    op.drop_index(op.f("ix_incident_assigned_to"), "incident")
    op.drop_column("incident", "assigned_to")
