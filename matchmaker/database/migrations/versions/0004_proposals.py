"""Tables of matchmaker.proposals."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004_proposals"
down_revision = "0003_campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "proposal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("campaign_id", sa.Integer, sa.ForeignKey("campaign.id", ondelete="SET NULL"), index=True),
        sa.Column("run_id", sa.Integer, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False, index=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fictitious", sa.Boolean, nullable=False),
        sa.Column("regime", sa.String(40), nullable=False),
        sa.Column("objective", sa.String(16), nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("funding_eur", sa.BigInteger, nullable=False),
        sa.Column("upper_bound", sa.BigInteger, nullable=False),
        sa.Column("esms_count", sa.Integer, nullable=False),
        sa.Column("esms_placed", sa.Integer, nullable=False),
        sa.Column("grappes_count", sa.Integer, nullable=False),
        sa.Column("instance_gz", sa.LargeBinary, nullable=False),
        sa.Column("proposal_gz", sa.LargeBinary, nullable=False),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    op.drop_table("proposal")
