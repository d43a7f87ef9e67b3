"""Who accepted or changed each disputed reading of a campaign."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014_readings_of_campaigns"
down_revision = "0011_comparisons"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaign_reading",
        sa.Column(
            "campaign_id", sa.Integer, sa.ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("contradiction", sa.String(8), primary_key=True),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("campaign_reading")
