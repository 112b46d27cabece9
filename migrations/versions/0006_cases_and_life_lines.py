"""Disappearance cases and the events of their life lines."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_disappearance_case() -> None:
    op.create_table(
        "disappearance_case",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("state_link", sa.String(2000), nullable=True),
        sa.Column("last_seen_in_detention", sa.Boolean(), nullable=True),
        sa.Column("no_steps_reason", sa.String(2000), nullable=True),
        sa.Column("submitter_name", sa.Text(), nullable=True),
        sa.Column("submitter_contact", sa.Text(), nullable=True),
        sa.Column("submitter_relationship", sa.String(), nullable=True),
        sa.Column("family_contact", sa.Text(), nullable=True),
        sa.Column("family_consent_by", sa.Text(), nullable=True),
        sa.Column("family_consent_how", sa.String(500), nullable=True),
        sa.Column("family_consent_on", sa.Date(), nullable=True),
        sa.Column("submitter_confidential", sa.Boolean(), nullable=True),
        sa.Column("witnesses_confidential", sa.Boolean(), nullable=True),
        sa.Column("external_id", sa.String(300), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_pk", sa.BigInteger(), nullable=False),
        sa.Column("person_pk", sa.BigInteger(), nullable=False),
        sa.Column("closed_as", sa.String(), nullable=True),
        sa.Column("closed_reason", sa.String(5000), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("current_status", sa.String(40), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["batch_pk"], ["import_batch.pk"], name=op.f("fk_disappearance_case_batch_pk_import_batch")
        ),
        sa.ForeignKeyConstraint(
            ["incident_pk"], ["incident.pk"], name=op.f("fk_disappearance_case_incident_pk_incident")
        ),
        sa.ForeignKeyConstraint(["person_pk"], ["person.pk"], name=op.f("fk_disappearance_case_person_pk_person")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_disappearance_case")),
        sa.UniqueConstraint("id", name=op.f("uq_disappearance_case_id")),
    )
    op.create_index(op.f("ix_disappearance_case_current_status"), "disappearance_case", ["current_status"])
    op.create_index(op.f("ix_disappearance_case_external_id"), "disappearance_case", ["external_id"])
    op.create_index(op.f("ix_disappearance_case_incident_pk"), "disappearance_case", ["incident_pk"])
    op.create_index(op.f("ix_disappearance_case_person_pk"), "disappearance_case", ["person_pk"])


def create_case_event() -> None:
    op.create_table(
        "case_event",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("place_name", sa.String(500), nullable=True),
        sa.Column("lon", sa.Double(), nullable=True),
        sa.Column("lat", sa.Double(), nullable=True),
        sa.Column("geo_precision", sa.String(), nullable=False),
        sa.Column("uncertainty_m", sa.Double(), nullable=True),
        sa.Column("geocode_method", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("area1", sa.String(200), nullable=True),
        sa.Column("area1_code", sa.String(60), nullable=True),
        sa.Column("area2", sa.String(200), nullable=True),
        sa.Column("area2_code", sa.String(60), nullable=True),
        sa.Column("area3", sa.String(200), nullable=True),
        sa.Column("area3_code", sa.String(60), nullable=True),
        sa.Column("place_kind", sa.String(), nullable=True),
        sa.Column("area_layer", sa.String(200), nullable=True),
        sa.Column("date_earliest", sa.Date(), nullable=True),
        sa.Column("date_latest", sa.Date(), nullable=True),
        sa.Column("date_span", sa.String(), nullable=False),
        sa.Column("date_qualifier", sa.String(), nullable=True),
        sa.Column("date_verbatim", sa.String(), nullable=True),
        sa.Column("local_time", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=True),
        sa.Column("authority", sa.String(300), nullable=True),
        sa.Column("result", sa.String(2000), nullable=True),
        sa.Column("note", sa.String(5000), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_pk", sa.BigInteger(), nullable=False),
        sa.Column("account_pk", sa.BigInteger(), nullable=True),
        sa.Column("supersedes_pk", sa.BigInteger(), nullable=True),
        sa.Column("rejected_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rejected_reason", sa.String(5000), nullable=True),
        sa.ForeignKeyConstraint(["account_pk"], ["account.pk"], name=op.f("fk_case_event_account_pk_account")),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_case_event_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(
            ["case_pk"], ["disappearance_case.pk"], name=op.f("fk_case_event_case_pk_disappearance_case")
        ),
        sa.ForeignKeyConstraint(
            ["supersedes_pk"], ["case_event.pk"], name=op.f("fk_case_event_supersedes_pk_case_event")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_case_event")),
        sa.UniqueConstraint("id", name=op.f("uq_case_event_id")),
    )
    op.create_index(op.f("ix_case_event_account_pk"), "case_event", ["account_pk"])
    op.create_index(op.f("ix_case_event_case_pk"), "case_event", ["case_pk"])
    op.create_index(op.f("ix_case_event_supersedes_pk"), "case_event", ["supersedes_pk"])


def upgrade() -> None:
    create_disappearance_case()
    create_case_event()


def downgrade() -> None:
    op.drop_table("case_event")
    op.drop_table("disappearance_case")
