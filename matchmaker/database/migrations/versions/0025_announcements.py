"""What organismes are told of: plans, the day answers are expected by, and what waits for no daily mail."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025_announcements"
down_revision = "0030_time_of_parts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.add_column("campaign", sa.Column("answers_due", sa.Date))
    op.add_column("notification_choice", sa.Column("at_once", sa.JSON))
    op.add_column("plan_publication", sa.Column("announced_at", moment))
    # What was published before is old news.
    op.execute("UPDATE plan_publication SET announced_at = published_at")
    op.create_table(
        "og_plan_told",
        sa.Column(
            "campaign_organisme_id",
            sa.Integer,
            sa.ForeignKey("campaign_organisme.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("plan", sa.Integer, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("told_at", moment, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("og_plan_told")
    op.drop_column("plan_publication", "announced_at")
    op.drop_column("notification_choice", "at_once")
    op.drop_column("campaign", "answers_due")
