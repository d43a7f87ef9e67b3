"""Plans know the région of their campaign, for the day when the campaign is deleted."""

from __future__ import annotations

from alembic import op

revision = "0010_region_of_plans"
down_revision = "0008_kept_grappes"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute(
        "UPDATE proposal SET region = (SELECT campaign.region FROM campaign "
        "WHERE campaign.id = proposal.campaign_id) WHERE campaign_id IS NOT NULL"
    )


def downgrade() -> None:
    op.execute("UPDATE proposal SET region = NULL WHERE campaign_id IS NOT NULL")
