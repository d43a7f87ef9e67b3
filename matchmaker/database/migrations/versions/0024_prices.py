"""Table of matchmaker.runs.prices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024_prices"
down_revision = "0017_publication"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pricing",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("run.id", ondelete="CASCADE"), primary_key=True),
        sa.Column(
            "proposal_id", sa.Integer, sa.ForeignKey("proposal.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("complete", sa.Boolean),
        sa.Column("upper_bound", sa.BigInteger),
        sa.Column("prices", sa.JSON),
    )
    op.create_index("ix_pricing_proposal_id", "pricing", ["proposal_id"])


def downgrade() -> None:
    op.drop_table("pricing")
