"""Administrative areas and settlements."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def create_area() -> None:
    op.create_table(
        "area",
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(3), nullable=True),
        sa.Column("parent", sa.String(60), nullable=True),
        sa.Column("layer", sa.String(200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("uncertainty_m", sa.Double(), nullable=True),
        sa.Column("pk", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_area")),
    )
    op.create_index(op.f("ix_area_code"), "area", ["code", "layer"], unique=True)


def create_settlement() -> None:
    op.create_table(
        "settlement",
        sa.Column("code", sa.String(60), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("country", sa.String(3), nullable=False),
        sa.Column("area1_code", sa.String(60), nullable=True),
        sa.Column("lon", sa.Double(), nullable=False),
        sa.Column("lat", sa.Double(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=True),
        sa.Column("precision_m", sa.Double(), nullable=True),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("pk", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("name_key", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_settlement")),
        sa.UniqueConstraint("code", name=op.f("uq_settlement_code")),
    )
    op.create_index(op.f("ix_settlement_country"), "settlement", ["country"])


def upgrade() -> None:
    create_area()
    create_settlement()


def downgrade() -> None:
    op.drop_table("settlement")
    op.drop_table("area")
