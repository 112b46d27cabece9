"""Indexes that hold what an answer depends on, so that incidents are counted and put in order without being fetched."""

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

DAY = ["date_earliest", "pk"]
SEEN = ["stage", "sensitivity"]


def upgrade() -> None:
    op.drop_index(op.f("ix_incident_date"), "incident")
    op.create_index(op.f("ix_incident_date"), "incident", [*DAY, *SEEN])
    op.create_index(op.f("ix_incident_number"), "incident", ["pk", "date_earliest", *SEEN])


def downgrade() -> None:
    op.drop_index(op.f("ix_incident_number"), "incident")
    op.drop_index(op.f("ix_incident_date"), "incident")
    op.create_index(op.f("ix_incident_date"), "incident", DAY)
