"""Files that bear on an allegation, and what they are attached to."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_evidence() -> None:
    op.create_table(
        "evidence",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("title", sa.String(500), nullable=True),
        sa.Column("original_name", sa.String(500), nullable=True),
        sa.Column("acquired_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acquired_by", sa.String(300), nullable=True),
        sa.Column("acquired_how", sa.String(), nullable=False),
        sa.Column("original_url", sa.String(2000), nullable=True),
        sa.Column("derivation", sa.String(), nullable=True),
        sa.Column("sensitivity", sa.String(), nullable=False),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.String(100), nullable=False),
        sa.Column("derived_from_pk", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_evidence_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(
            ["derived_from_pk"], ["evidence.pk"], name=op.f("fk_evidence_derived_from_pk_evidence")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_evidence")),
        sa.UniqueConstraint("id", name=op.f("uq_evidence_id")),
    )
    op.create_index(op.f("ix_evidence_derived_from_pk"), "evidence", ["derived_from_pk"])
    op.create_index(op.f("ix_evidence_sha256"), "evidence", ["sha256"])


def create_attachment() -> None:
    op.create_table(
        "attachment",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("evidence_pk", sa.BigInteger(), nullable=False),
        sa.Column("incident_pk", sa.BigInteger(), nullable=True),
        sa.Column("source_pk", sa.BigInteger(), nullable=True),
        sa.Column("account_pk", sa.BigInteger(), nullable=True),
        sa.Column("act_pk", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_pk"], ["account.pk"], name=op.f("fk_attachment_account_pk_account")),
        sa.ForeignKeyConstraint(["act_pk"], ["act.pk"], name=op.f("fk_attachment_act_pk_act")),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_attachment_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["evidence_pk"], ["evidence.pk"], name=op.f("fk_attachment_evidence_pk_evidence")),
        sa.ForeignKeyConstraint(["incident_pk"], ["incident.pk"], name=op.f("fk_attachment_incident_pk_incident")),
        sa.ForeignKeyConstraint(["source_pk"], ["source.pk"], name=op.f("fk_attachment_source_pk_source")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_attachment")),
        sa.UniqueConstraint("id", name=op.f("uq_attachment_id")),
    )
    op.create_index(op.f("ix_attachment_account_pk"), "attachment", ["account_pk"])
    op.create_index(op.f("ix_attachment_act_pk"), "attachment", ["act_pk"])
    op.create_index(op.f("ix_attachment_evidence_pk"), "attachment", ["evidence_pk"])
    op.create_index(op.f("ix_attachment_incident_pk"), "attachment", ["incident_pk"])
    op.create_index(op.f("ix_attachment_source_pk"), "attachment", ["source_pk"])


def upgrade() -> None:
    create_evidence()
    create_attachment()


def downgrade() -> None:
    op.drop_table("attachment")
    op.drop_table("evidence")
