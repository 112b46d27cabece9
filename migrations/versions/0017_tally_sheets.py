"""Tally sheets, from which most totals and map tiles are answered; the database keeps them itself."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from app.records import tallying

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

STAFF = "gawah_staff"
ENDS = ("min", "best", "max")
PEOPLE = [
    f"{harm}_{what}"
    for harm in ("killed", "injured", "missing", "detained")
    for what in (*ENDS, *(f"with_{end}" for end in ENDS), "stated")
]
WORDS = {
    "month_tally": (
        "first_month", "last_month", "kind", "country", "area1_code", "area1", "area2_code", "area2", "verification",
        "stage", "sensitivity",
    ),
    "place_tally": ("geo_precision", "country", "area1_code", "area2_code", "area3_code", "stage", "sensitivity"),
}  # fmt: skip
SUMS = {"month_tally": ["incidents", *PEOPLE], "place_tally": ["incidents", "killed_best", "killed_with_best"]}
SEEN = """
    current_setting('gawah.role', true) IN ('viewer', 'contributor', 'reviewer', 'partner')
    AND NOT (sensitivity = ANY (gawah_kept_back()))
"""


def upgrade() -> None:
    op.add_column("archive", sa.Column("tallied", sa.BigInteger(), nullable=False, server_default="0"))
    for table, words in WORDS.items():
        cell = (
            [sa.Column[Any]("cell", sa.Integer(), nullable=False, autoincrement=False)]
            if table == "place_tally"
            else []
        )
        first, *others = (sa.Column[Any](word, sa.String(), nullable=False) for word in words)
        keys: list[sa.Column[Any]] = [first, *cell, *others]
        op.create_table(
            table,
            *keys,
            *(sa.Column(name, sa.BigInteger(), nullable=False) for name in SUMS[table]),
            sa.PrimaryKeyConstraint(*(key.name for key in keys), name=op.f(f"pk_{table}")),
            sqlite_with_rowid=False,
        )
    # How they are kept follows from how they are counted: whoever changes that makes the triggers anew.
    tallying.make(op.get_bind())
    tallying.fold(op.get_bind())
    if op.get_bind().dialect.name == "postgresql":
        for table in WORDS:
            op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
            op.execute(f"CREATE POLICY gawah_staff_reads ON {table} FOR SELECT TO {STAFF} USING ({SEEN})")
            op.execute(f"GRANT SELECT ON {table} TO {STAFF}")


def downgrade() -> None:
    tallying.drop(op.get_bind())
    for table in reversed(WORDS):
        op.drop_table(table)
    op.drop_column("archive", "tallied")
