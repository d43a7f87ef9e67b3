"""Tables of matchmaker.runs.comparison."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011_comparisons"
down_revision = "0010_region_of_plans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "comparison",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("points", sa.Integer, nullable=False),
        sa.Column("complete", sa.Boolean),
        sa.Column("beaten", sa.JSON),
    )
    op.create_table(
        "compared_plan",
        sa.Column(
            "run_id", sa.Integer, sa.ForeignKey("comparison.run_id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("position", sa.Integer, primary_key=True),
        sa.Column(
            "proposal_id", sa.Integer, sa.ForeignKey("proposal.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("axis", sa.String(16), nullable=False),
        sa.Column("value", sa.Double),
        sa.Column("objective", sa.String(16), nullable=False),
        sa.Column("objective_value", sa.BigInteger, nullable=False),
        sa.Column("upper_bound", sa.BigInteger, nullable=False),
        sa.Column("funding_eur", sa.BigInteger, nullable=False),
        sa.Column("esms_placed", sa.Integer, nullable=False),
        sa.Column("grappes", sa.Integer, nullable=False),
        sa.Column("slack", sa.Integer),
        sa.Column("mean_distance_km", sa.Double, nullable=False),
    )
    op.create_index("ix_compared_plan_proposal_id", "compared_plan", ["proposal_id"])


def downgrade() -> None:
    for table in ("compared_plan", "comparison"):
        op.drop_table(table)
