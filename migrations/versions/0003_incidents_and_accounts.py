"""What is alleged, and who says so."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_publication() -> None:
    op.create_table(
        "publication",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("kind", sa.String(), nullable=True),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("state_control", sa.String(), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_publication_batch_pk_import_batch")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_publication")),
        sa.UniqueConstraint("id", name=op.f("uq_publication_id")),
    )
    op.create_index(op.f("ix_publication_name_key"), "publication", ["name_key"])


def create_source() -> None:
    op.create_table(
        "source",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("date_earliest", sa.Date(), nullable=True),
        sa.Column("date_latest", sa.Date(), nullable=True),
        sa.Column("date_span", sa.String(), nullable=False),
        sa.Column("date_qualifier", sa.String(), nullable=True),
        sa.Column("date_verbatim", sa.String(), nullable=True),
        sa.Column("local_time", sa.String(), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.String(2000), nullable=True),
        sa.Column("author", sa.String(500), nullable=True),
        sa.Column("language", sa.String(35), nullable=True),
        sa.Column("url", sa.String(2000), nullable=True),
        sa.Column("archive_url", sa.String(2000), nullable=True),
        sa.Column("received_on", sa.Date(), nullable=True),
        sa.Column("closeness", sa.String(), nullable=True),
        sa.Column("reliability", sa.String(), nullable=True),
        sa.Column("sensitivity", sa.String(), nullable=False),
        sa.Column("consent", sa.String(2000), nullable=True),
        sa.Column("external_id", sa.String(300), nullable=True),
        sa.Column("licence", sa.String(500), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("publication_pk", sa.BigInteger(), nullable=True),
        sa.Column("derived_from_pk", sa.BigInteger(), nullable=True),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("words_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_source_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["derived_from_pk"], ["source.pk"], name=op.f("fk_source_derived_from_pk_source")),
        sa.ForeignKeyConstraint(
            ["publication_pk"], ["publication.pk"], name=op.f("fk_source_publication_pk_publication")
        ),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_source")),
        sa.UniqueConstraint("id", name=op.f("uq_source_id")),
    )
    op.create_index(op.f("ix_source_batch_pk"), "source", ["batch_pk"])
    op.create_index(op.f("ix_source_derived_from_pk"), "source", ["derived_from_pk"])
    op.create_index(op.f("ix_source_fingerprint"), "source", ["fingerprint"])
    op.create_index(op.f("ix_source_publication_pk"), "source", ["publication_pk"])


def create_incident() -> None:
    op.create_table(
        "incident",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("killed_min", sa.Integer(), nullable=True),
        sa.Column("killed_best", sa.Integer(), nullable=True),
        sa.Column("killed_max", sa.Integer(), nullable=True),
        sa.Column("injured_min", sa.Integer(), nullable=True),
        sa.Column("injured_best", sa.Integer(), nullable=True),
        sa.Column("injured_max", sa.Integer(), nullable=True),
        sa.Column("missing_min", sa.Integer(), nullable=True),
        sa.Column("missing_best", sa.Integer(), nullable=True),
        sa.Column("missing_max", sa.Integer(), nullable=True),
        sa.Column("detained_min", sa.Integer(), nullable=True),
        sa.Column("detained_best", sa.Integer(), nullable=True),
        sa.Column("detained_max", sa.Integer(), nullable=True),
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
        sa.Column("title", sa.String(500), nullable=False),
        sa.Column("summary", sa.String(100000), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("nature", sa.String(), nullable=False),
        sa.Column("confidence", sa.String(), nullable=True),
        sa.Column("sensitivity", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(300), nullable=True),
        sa.Column("licence", sa.String(500), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ref", sa.String(20), nullable=False),
        sa.Column("stage", sa.String(), nullable=False),
        sa.Column("verification", sa.String(), nullable=False),
        sa.Column("verification_note", sa.String(), nullable=True),
        sa.Column("verified_on", sa.Date(), nullable=True),
        sa.Column("independent_sources", sa.Integer(), nullable=False),
        sa.Column("decisions", sa.JSON(), nullable=False),
        sa.Column("redirect_to", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("cell", sa.Integer(), nullable=True),
        sa.Column("origin_hash", sa.String(64), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_incident_batch_pk_import_batch")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_incident")),
        sa.UniqueConstraint("id", name=op.f("uq_incident_id")),
        sa.UniqueConstraint("ref", name=op.f("uq_incident_ref")),
    )
    op.create_index(op.f("ix_incident_area1"), "incident", ["area1_code"])
    op.create_index(op.f("ix_incident_area2"), "incident", ["area2_code"])
    op.create_index(op.f("ix_incident_batch_pk"), "incident", ["batch_pk"])
    op.create_index(op.f("ix_incident_cell"), "incident", ["cell", "date_earliest", "pk", "lon", "lat"])
    op.create_index(op.f("ix_incident_country"), "incident", ["country"])
    op.create_index(op.f("ix_incident_date"), "incident", ["date_earliest", "pk"])
    op.create_index(op.f("ix_incident_external_id"), "incident", ["external_id"])
    op.create_index(op.f("ix_incident_kind"), "incident", ["kind"])
    op.create_index(op.f("ix_incident_origin_hash"), "incident", ["origin_hash"])
    op.create_index(op.f("ix_incident_stage"), "incident", ["stage"])
    op.create_index(op.f("ix_incident_updated"), "incident", ["updated_at", "pk"])


def create_account() -> None:
    op.create_table(
        "account",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("speaker", sa.String(500), nullable=True),
        sa.Column("speaker_role", sa.String(), nullable=True),
        sa.Column("stance", sa.String(), nullable=False),
        sa.Column("quote", sa.String(20000), nullable=True),
        sa.Column("quote_prefix", sa.String(500), nullable=True),
        sa.Column("quote_suffix", sa.String(500), nullable=True),
        sa.Column("quote_translation", sa.String(20000), nullable=True),
        sa.Column("locator_type", sa.String(), nullable=False),
        sa.Column("locator", sa.String(200), nullable=True),
        sa.Column("credibility", sa.String(), nullable=True),
        sa.Column("claimed_as_of", sa.Date(), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_pk", sa.BigInteger(), nullable=False),
        sa.Column("source_pk", sa.BigInteger(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("standing", sa.String(), nullable=False),
        sa.Column("standing_reason", sa.String(), nullable=True),
        sa.Column("supersedes_pk", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_account_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["incident_pk"], ["incident.pk"], name=op.f("fk_account_incident_pk_incident")),
        sa.ForeignKeyConstraint(["source_pk"], ["source.pk"], name=op.f("fk_account_source_pk_source")),
        sa.ForeignKeyConstraint(["supersedes_pk"], ["account.pk"], name=op.f("fk_account_supersedes_pk_account")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_account")),
        sa.UniqueConstraint("id", name=op.f("uq_account_id")),
    )
    op.create_index(op.f("ix_account_incident_pk"), "account", ["incident_pk"])
    op.create_index(op.f("ix_account_source_pk"), "account", ["source_pk"])
    op.create_index(op.f("ix_account_supersedes_pk"), "account", ["supersedes_pk"])


def upgrade() -> None:
    create_publication()
    create_source()
    create_incident()
    create_account()


def downgrade() -> None:
    op.drop_table("account")
    op.drop_table("incident")
    op.drop_table("source")
    op.drop_table("publication")
