"""Who did what to whom, and the further places."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_person() -> None:
    op.create_table(
        "person",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("birth_year", sa.Text(), nullable=True),
        sa.Column("nationality", sa.Text(), nullable=True),
        sa.Column("occupation", sa.Text(), nullable=True),
        sa.Column("identity_protection", sa.String(), nullable=False),
        sa.Column("pseudonym", sa.String(200), nullable=True),
        sa.Column("sensitivity", sa.String(), nullable=False),
        sa.Column("external_id", sa.String(300), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_person_batch_pk_import_batch")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_person")),
        sa.UniqueConstraint("id", name=op.f("uq_person_id")),
    )


def create_person_name() -> None:
    op.create_table(
        "person_name",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("full", sa.Text(), nullable=False),
        sa.Column("script", sa.String(), nullable=True),
        sa.Column("language", sa.String(35), nullable=True),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("person_pk", sa.BigInteger(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_person_name_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["person_pk"], ["person.pk"], name=op.f("fk_person_name_person_pk_person")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_person_name")),
    )
    op.create_index(op.f("ix_person_name_name_key"), "person_name", ["name_key"])
    op.create_index(op.f("ix_person_name_person_pk"), "person_name", ["person_pk"])


def create_actor() -> None:
    op.create_table(
        "actor",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(300), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("country", sa.String(), nullable=True),
        sa.Column("is_specific", sa.Boolean(), nullable=False),
        sa.Column("external_id", sa.String(300), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_actor_batch_pk_import_batch")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_actor")),
        sa.UniqueConstraint("id", name=op.f("uq_actor_id")),
    )


def create_actor_parent() -> None:
    op.create_table(
        "actor_parent",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("date_earliest", sa.Date(), nullable=True),
        sa.Column("date_latest", sa.Date(), nullable=True),
        sa.Column("date_span", sa.String(), nullable=False),
        sa.Column("date_qualifier", sa.String(), nullable=True),
        sa.Column("date_verbatim", sa.String(), nullable=True),
        sa.Column("local_time", sa.String(), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("actor_pk", sa.BigInteger(), nullable=False),
        sa.Column("parent_pk", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.String(2000), nullable=True),
        sa.ForeignKeyConstraint(["actor_pk"], ["actor.pk"], name=op.f("fk_actor_parent_actor_pk_actor")),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_actor_parent_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["parent_pk"], ["actor.pk"], name=op.f("fk_actor_parent_parent_pk_actor")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_actor_parent")),
        sa.UniqueConstraint("id", name=op.f("uq_actor_parent_id")),
    )
    op.create_index(op.f("ix_actor_parent_actor_pk"), "actor_parent", ["actor_pk"])
    op.create_index(op.f("ix_actor_parent_parent_pk"), "actor_parent", ["parent_pk"])


def create_act() -> None:
    op.create_table(
        "act",
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
        sa.Column("kind_verbatim", sa.String(500), nullable=True),
        sa.Column("victim_group", sa.String(500), nullable=True),
        sa.Column("civilian_status", sa.String(), nullable=True),
        sa.Column("sex", sa.String(), nullable=True),
        sa.Column("age_group", sa.String(), nullable=True),
        sa.Column("age_at_event", sa.Integer(), nullable=True),
        sa.Column("characteristics", sa.String(1000), nullable=True),
        sa.Column("method", sa.String(500), nullable=True),
        sa.Column("weapon", sa.String(500), nullable=True),
        sa.Column("stated_reason", sa.String(2000), nullable=True),
        sa.Column("outcome", sa.String(), nullable=True),
        sa.Column("official_position", sa.String(), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_pk", sa.BigInteger(), nullable=False),
        sa.Column("account_pk", sa.BigInteger(), nullable=True),
        sa.Column("person_pk", sa.BigInteger(), nullable=True),
        sa.Column("count_min", sa.Integer(), nullable=True),
        sa.Column("count_best", sa.Integer(), nullable=True),
        sa.Column("count_max", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["account_pk"], ["account.pk"], name=op.f("fk_act_account_pk_account")),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_act_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["incident_pk"], ["incident.pk"], name=op.f("fk_act_incident_pk_incident")),
        sa.ForeignKeyConstraint(["person_pk"], ["person.pk"], name=op.f("fk_act_person_pk_person")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_act")),
        sa.UniqueConstraint("id", name=op.f("uq_act_id")),
    )
    op.create_index(op.f("ix_act_account_pk"), "act", ["account_pk"])
    op.create_index(op.f("ix_act_incident_pk"), "act", ["incident_pk"])
    op.create_index(op.f("ix_act_person_pk"), "act", ["person_pk"])


def create_involvement() -> None:
    op.create_table(
        "involvement",
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("described_as", sa.String(500), nullable=True),
        sa.Column("degree", sa.String(), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("responsibility_position", sa.String(), nullable=True),
        sa.Column("disclosable", sa.Boolean(), nullable=False),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_pk", sa.BigInteger(), nullable=False),
        sa.Column("act_pk", sa.BigInteger(), nullable=True),
        sa.Column("account_pk", sa.BigInteger(), nullable=True),
        sa.Column("actor_pk", sa.BigInteger(), nullable=True),
        sa.Column("person_pk", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_pk"], ["account.pk"], name=op.f("fk_involvement_account_pk_account")),
        sa.ForeignKeyConstraint(["act_pk"], ["act.pk"], name=op.f("fk_involvement_act_pk_act")),
        sa.ForeignKeyConstraint(["actor_pk"], ["actor.pk"], name=op.f("fk_involvement_actor_pk_actor")),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_involvement_batch_pk_import_batch")),
        sa.ForeignKeyConstraint(["incident_pk"], ["incident.pk"], name=op.f("fk_involvement_incident_pk_incident")),
        sa.ForeignKeyConstraint(["person_pk"], ["person.pk"], name=op.f("fk_involvement_person_pk_person")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_involvement")),
        sa.UniqueConstraint("id", name=op.f("uq_involvement_id")),
    )
    op.create_index(op.f("ix_involvement_account_pk"), "involvement", ["account_pk"])
    op.create_index(op.f("ix_involvement_act_pk"), "involvement", ["act_pk"])
    op.create_index(op.f("ix_involvement_actor_pk"), "involvement", ["actor_pk"])
    op.create_index(op.f("ix_involvement_incident_pk"), "involvement", ["incident_pk"])
    op.create_index(op.f("ix_involvement_person_pk"), "involvement", ["person_pk"])


def create_incident_place() -> None:
    op.create_table(
        "incident_place",
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
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("incident_pk", sa.BigInteger(), nullable=False),
        sa.Column("account_pk", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["account_pk"], ["account.pk"], name=op.f("fk_incident_place_account_pk_account")),
        sa.ForeignKeyConstraint(
            ["batch_pk"], ["import_batch.pk"], name=op.f("fk_incident_place_batch_pk_import_batch")
        ),
        sa.ForeignKeyConstraint(["incident_pk"], ["incident.pk"], name=op.f("fk_incident_place_incident_pk_incident")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_incident_place")),
        sa.UniqueConstraint("id", name=op.f("uq_incident_place_id")),
    )
    op.create_index(op.f("ix_incident_place_account_pk"), "incident_place", ["account_pk"])
    op.create_index(op.f("ix_incident_place_incident_pk"), "incident_place", ["incident_pk"])


def upgrade() -> None:
    create_person()
    create_person_name()
    create_actor()
    create_actor_parent()
    create_act()
    create_involvement()
    create_incident_place()


def downgrade() -> None:
    op.drop_table("incident_place")
    op.drop_table("involvement")
    op.drop_table("act")
    op.drop_table("actor_parent")
    op.drop_table("actor")
    op.drop_table("person_name")
    op.drop_table("person")
