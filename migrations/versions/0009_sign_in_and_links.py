"""Passwords, second factors, sign-ins, one-time links and links for exports."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# A row number that SQLite can use as its own rowid.
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def create_member_session() -> None:
    op.create_table(
        "member_session",
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("member_pk", sa.BigInteger(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_pk"], ["member.pk"], name=op.f("fk_member_session_member_pk_member")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_member_session")),
        sa.UniqueConstraint("id", name=op.f("uq_member_session_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_member_session_secret_hash")),
    )
    op.create_index(op.f("ix_member_session_member_pk"), "member_session", ["member_pk"])


def create_one_time_link() -> None:
    op.create_table(
        "one_time_link",
        sa.Column("pk", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("member_pk", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.String(10), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["member_pk"], ["member.pk"], name=op.f("fk_one_time_link_member_pk_member")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_one_time_link")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_one_time_link_secret_hash")),
    )
    op.create_index(op.f("ix_one_time_link_member_pk"), "one_time_link", ["member_pk"])


def create_export_link() -> None:
    op.create_table(
        "export_link",
        sa.Column("pk", BIG_KEY, nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("secret_hash", sa.String(64), nullable=False),
        sa.Column("member_pk", sa.BigInteger(), nullable=False),
        sa.Column("label", sa.String(200), nullable=False),
        sa.Column("reach", sa.String(10), nullable=False),
        sa.Column("format", sa.String(20), nullable=False),
        sa.Column("question", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_used_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["member_pk"], ["member.pk"], name=op.f("fk_export_link_member_pk_member")),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_export_link")),
        sa.UniqueConstraint("id", name=op.f("uq_export_link_id")),
        sa.UniqueConstraint("secret_hash", name=op.f("uq_export_link_secret_hash")),
    )
    op.create_index(op.f("ix_export_link_member_pk"), "export_link", ["member_pk"])


def upgrade() -> None:
    op.add_column("member", sa.Column("password_hash", sa.String(200), nullable=True))
    op.add_column("member", sa.Column("totp_secret", sa.String(64), nullable=True))
    op.add_column("member", sa.Column("totp_pending", sa.String(64), nullable=True))
    op.add_column("member", sa.Column("totp_step", sa.BigInteger(), nullable=True))
    op.add_column("member", sa.Column("oidc_issuer", sa.String(300), nullable=True))
    op.add_column("member", sa.Column("oidc_subject", sa.String(300), nullable=True))
    create_member_session()
    create_one_time_link()
    create_export_link()


def downgrade() -> None:
    op.drop_table("export_link")
    op.drop_table("one_time_link")
    op.drop_table("member_session")
    op.drop_column("member", "oidc_subject")
    op.drop_column("member", "oidc_issuer")
    op.drop_column("member", "totp_step")
    op.drop_column("member", "totp_pending")
    op.drop_column("member", "totp_secret")
    op.drop_column("member", "password_hash")
