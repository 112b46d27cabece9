"""Jobs: imports that are left with the service."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

STAFF = "gawah_staff"
# The same rule as in app/access/rules.py.
SEEN = (
    "current_setting('gawah.role', true) IN ('contributor', 'reviewer') "
    "OR sent_by = (SELECT current_setting('gawah.member', true))"
)


def upgrade() -> None:
    op.create_table(
        "job",
        sa.Column("what", sa.String(10), nullable=False),
        sa.Column("file_name", sa.String(300), nullable=False),
        sa.Column("sent_by", sa.String(100), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("rows_done", sa.Integer(), nullable=False),
        sa.Column("rows_in_all", sa.Integer(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.JSON(), nullable=True),
        sa.Column("error", sa.String(1000), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("asked", sa.JSON(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("worker", sa.String(100), nullable=True),
        sa.Column("stop_asked_by", sa.String(100), nullable=True),
        sa.Column("findings", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
        sa.UniqueConstraint("turn", name=op.f("uq_job_turn")),
    )
    op.create_index(op.f("ix_job_state"), "job", ["state"])
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("ALTER TABLE job ENABLE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY gawah_staff_reads ON job FOR SELECT TO {STAFF} USING ({SEEN})")
    op.execute(f"GRANT SELECT ON job TO {STAFF}")


def downgrade() -> None:
    op.drop_table("job")
