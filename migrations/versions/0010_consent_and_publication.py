"""What may be told to everybody: consents, approved public versions, and what is public no more."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_consent() -> None:
    op.create_table(
        "consent",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("method", sa.String(), nullable=False),
        sa.Column("given_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(5000), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_pk", sa.BigInteger(), nullable=True),
        sa.Column("source_pk", sa.BigInteger(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_reason", sa.String(5000), nullable=True),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_consent_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["person_pk"], ["person.pk"], name=op.f("fk_consent_person_pk_person")),
        sa.ForeignKeyConstraint(["source_pk"], ["source.pk"], name=op.f("fk_consent_source_pk_source")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_consent")),
        sa.UniqueConstraint("id", name=op.f("uq_consent_id")),
    )
    op.create_index(op.f("ix_consent_person_pk"), "consent", ["person_pk"])
    op.create_index(op.f("ix_consent_source_pk"), "consent", ["source_pk"])


def create_public_version() -> None:
    op.create_table(
        "public_version",
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
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("summary", sa.String(20000), nullable=True),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_pk", sa.BigInteger(), nullable=False),
        sa.Column("incident_version", sa.Integer(), nullable=False),
        sa.Column("cites", sa.JSON(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("approved_by", sa.String(100), nullable=False),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_by", sa.String(100), nullable=True),
        sa.Column("withdrawn_reason", sa.String(5000), nullable=True),
        sa.ForeignKeyConstraint(["incident_pk"], ["incident.pk"], name=op.f("fk_public_version_incident_pk_incident")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_public_version")),
        sa.UniqueConstraint("id", name=op.f("uq_public_version_id")),
    )
    op.create_index(op.f("ix_public_version_incident_pk"), "public_version", ["incident_pk"])


def create_tombstone() -> None:
    op.create_table(
        "tombstone",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(20), nullable=False),
        sa.Column("gone_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tombstone")),
        sa.UniqueConstraint("ref", name=op.f("uq_tombstone_ref")),
    )


def upgrade() -> None:
    op.add_column("archive", sa.Column("public_secret", sa.String(64), nullable=False, server_default=""))
    op.add_column("archive", sa.Column("published_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column(
        "incident", sa.Column("location_generalised", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index(op.f("ix_incident_sensitivity"), "incident", ["sensitivity"])
    create_consent()
    create_public_version()
    create_tombstone()


def downgrade() -> None:
    op.drop_table("tombstone")
    op.drop_table("public_version")
    op.drop_table("consent")
    op.drop_index(op.f("ix_incident_sensitivity"), "incident")
    op.drop_column("incident", "location_generalised")
    op.drop_column("archive", "published_at")
    op.drop_column("archive", "public_secret")
