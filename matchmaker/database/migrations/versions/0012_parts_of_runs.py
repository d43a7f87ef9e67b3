"""Tables of matchmaker.runs.parts."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012_parts_of_runs"
down_revision = "0023_claim_documents"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run_part",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("parent_id", sa.Integer, sa.ForeignKey("run.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("places", sa.JSON, nullable=False),
        sa.Column("answer", sa.Text),
        sa.UniqueConstraint("parent_id", "number"),
    )
    op.create_table(
        "work_place",
        sa.Column("name", sa.String(200), primary_key=True),
        sa.Column("processes", sa.Integer, nullable=False),
        sa.Column("seen_at", sa.Double, nullable=False),
    )


def downgrade() -> None:
    for table in ("work_place", "run_part"):
        op.drop_table(table)
