"""Indexes that hold all that a map tile counts by, so that no row has to be fetched for it."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CELL = ["cell", "date_earliest", "pk", "lon", "lat"]
COUNTED = ["date_latest", "stage", "sensitivity", "geo_precision", "killed_best"]
PRECISION = [
    "geo_precision", "country", "area1_code", "area2_code", "area3_code", "stage", "sensitivity", "killed_best",
]  # fmt: skip


def upgrade() -> None:
    op.drop_index(op.f("ix_incident_cell"), "incident")
    op.create_index(op.f("ix_incident_cell"), "incident", [*CELL, *COUNTED])
    op.create_index(op.f("ix_incident_precision"), "incident", PRECISION)


def downgrade() -> None:
    op.drop_index(op.f("ix_incident_precision"), "incident")
    op.drop_index(op.f("ix_incident_cell"), "incident")
    op.create_index(op.f("ix_incident_cell"), "incident", CELL)
