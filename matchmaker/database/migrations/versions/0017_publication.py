"""The plan published to the OGs of a campaign; their requests to the support cell."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017_publication"
down_revision = "0022_hand_grappes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "plan_publication",
        sa.Column(
            "campaign_id", sa.Integer, sa.ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column(
            "proposal_id",
            sa.Integer,
            sa.ForeignKey("proposal.id", ondelete="CASCADE"),
            nullable=False,
            unique=True,
        ),
        sa.Column("published_by", sa.String(120), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_table(
        "support_request",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "campaign_id", sa.Integer, sa.ForeignKey("campaign.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column(
            "organisme_id", sa.Integer, sa.ForeignKey("organisme.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id", ondelete="SET NULL")),
        sa.Column("subject", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("answered_by", sa.String(120)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'closed')", name="state"),
        sqlite_autoincrement=True,
    )
    for column in ("campaign_id", "organisme_id", "account_id"):
        op.create_index(f"ix_support_request_{column}", "support_request", [column])


def downgrade() -> None:
    for table in ("support_request", "plan_publication"):
        op.drop_table(table)
