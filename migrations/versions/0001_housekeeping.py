"""The archive's own books: batches, history, members and their keys."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_import_batch() -> None:
    op.create_table(
        "import_batch",
        sa.Column("format", sa.String(40), nullable=False),
        sa.Column("file_name", sa.String(300), nullable=False),
        sa.Column("file_sha256", sa.String(64), nullable=False),
        sa.Column("mapping", sa.String(300), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("warnings", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_by", sa.String(100), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("undone_by", sa.String(100), nullable=True),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_import_batch")),
        sa.UniqueConstraint("id", name=op.f("uq_import_batch_id")),
    )


def create_archive() -> None:
    op.create_table(
        "archive",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("geodata", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archive")),
    )


def create_counter() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )


def create_receipt() -> None:
    op.create_table(
        "receipt",
        sa.Column("key", sa.String(200), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("body_hash", sa.String(64), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", "who", name=op.f("pk_receipt")),
    )


def create_member() -> None:
    op.create_table(
        "member",
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_member")),
        sa.UniqueConstraint("id", name=op.f("uq_member_id")),
        sa.UniqueConstraint("name", name=op.f("uq_member_name")),
    )


def create_token() -> None:
    op.create_table(
        "token",
        sa.Column("pk", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("public", sa.String(32), nullable=False),
        sa.Column("member_pk", sa.BigInteger(), nullable=False),
        sa.Column("scope", sa.String(10), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_pk"], ["member.pk"], name=op.f("fk_token_member_pk_member")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_token")),
        sa.UniqueConstraint("public", name=op.f("uq_token_public")),
    )
    op.create_index(op.f("ix_token_member_pk"), "token", ["member_pk"])


def create_revision() -> None:
    op.create_table(
        "revision",
        sa.Column("seq", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("who", sa.String(100), nullable=False),
        sa.Column("via", sa.String(20), nullable=False),
        sa.Column("action", sa.String(30), nullable=False),
        sa.Column("noun", sa.String(30), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("why", sa.String(), nullable=True),
        sa.Column("what", sa.JSON(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=True),
        sa.Column("batch_pk", sa.BigInteger(), nullable=True),
        sa.Column("salt", sa.String(32), nullable=False),
        sa.Column("commitment", sa.String(64), nullable=False),
        sa.Column("seal", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["batch_pk"], ["import_batch.pk"], name=op.f("fk_revision_batch_pk_import_batch")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_revision")),
    )
    op.create_index(op.f("ix_revision_batch_pk"), "revision", ["batch_pk"])
    op.create_index(op.f("ix_revision_record_id"), "revision", ["record_id"])


def upgrade() -> None:
    create_import_batch()
    create_archive()
    create_counter()
    create_receipt()
    create_member()
    create_token()
    create_revision()


def downgrade() -> None:
    op.drop_table("revision")
    op.drop_table("token")
    op.drop_table("member")
    op.drop_table("receipt")
    op.drop_table("counter")
    op.drop_table("archive")
    op.drop_table("import_batch")
