"""Layers of areas that are laid over those we ship."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

STAFF = "gawah_staff"


def upgrade() -> None:
    op.add_column("area", sa.Column("codes", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("area", sa.Column("population", sa.Integer(), nullable=True))
    op.create_table(
        "area_layer",
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("licence", sa.String(200), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("areas", sa.Integer(), nullable=False),
        sa.Column("outlines", sa.Integer(), nullable=False),
        sa.Column("laid_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("pk", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_pk", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_area_layer")),
        sa.UniqueConstraint("batch_pk", name=op.f("uq_area_layer_batch_pk")),
    )
    _create_versions()
    if op.get_bind().dialect.name != "postgresql":
        return
    # Reference geography, which everybody who is let in may read: see 0012.
    for table in ("area_layer", "area_version"):
        op.execute(f"GRANT SELECT ON {table} TO {STAFF}")


def _create_versions() -> None:
    op.create_table(
        "area_version",
        sa.Column("pk", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("layer_pk", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("own_code", sa.String(60), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(3), nullable=False),
        sa.Column("parent", sa.String(60), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("uncertainty_m", sa.Double(), nullable=True),
        sa.Column("outline", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_area_version")),
    )
    op.create_index(op.f("ix_area_version_layer_pk"), "area_version", ["layer_pk"])


def downgrade() -> None:
    op.drop_table("area_version")
    op.drop_table("area_layer")
    op.drop_column("area", "population")
    op.drop_column("area", "codes")
