"""Tables of matchmaker.partners."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019_partners"
down_revision = "0016_og"
branch_labels = None
depends_on = None


def _organisme(name: str) -> sa.Column[int]:
    key = sa.ForeignKey("campaign_organisme.id", ondelete="CASCADE")
    return sa.Column(name, sa.Integer, key, nullable=False)


def _campaign() -> sa.Column[int]:
    return sa.Column(
        "campaign_id", sa.Integer, sa.ForeignKey("campaign.id", ondelete="CASCADE"), nullable=False
    )


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "partner_interest",
        sa.Column("id", sa.Integer, primary_key=True),
        _campaign(),
        _organisme("from_id"),
        _organisme("to_id"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("said_at", moment),
        sa.Column("expires_at", moment),
        sa.Column("said_by", sa.String(120), nullable=False),
        sa.UniqueConstraint("from_id", "to_id"),
        sa.CheckConstraint("state IN ('interested', 'withdrawn', 'aside')", name="state"),
        sa.CheckConstraint("from_id <> to_id", name="two"),
    )
    op.create_index("ix_partner_interest_campaign_id", "partner_interest", ["campaign_id"])
    op.create_index("ix_partner_interest_to_id", "partner_interest", ["to_id"])
    op.create_table(
        "partner_meeting",
        sa.Column("id", sa.Integer, primary_key=True),
        _campaign(),
        _organisme("first_id"),
        _organisme("second_id"),
        sa.Column("met_at", moment, nullable=False),
        sa.Column("told_at", moment),
        sa.Column("closed_at", moment),
        sa.Column("closed_by_id", sa.Integer, sa.ForeignKey("campaign_organisme.id", ondelete="SET NULL")),
        sa.UniqueConstraint("first_id", "second_id"),
        sa.CheckConstraint("first_id < second_id", name="order"),
    )
    op.create_index("ix_partner_meeting_campaign_id", "partner_meeting", ["campaign_id"])
    op.create_index("ix_partner_meeting_second_id", "partner_meeting", ["second_id"])
    op.create_table(
        "partner_message",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "meeting_id", sa.Integer, sa.ForeignKey("partner_meeting.id", ondelete="CASCADE"), nullable=False
        ),
        _organisme("from_id"),
        sa.Column("account_id", sa.Integer, sa.ForeignKey("account.id", ondelete="SET NULL")),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("at", moment, nullable=False),
    )
    op.create_index("ix_partner_message_meeting_id", "partner_message", ["meeting_id", "id"])
    op.create_index("ix_partner_message_from_id", "partner_message", ["from_id"])
    op.create_index("ix_partner_message_account_id", "partner_message", ["account_id"])
    op.create_index("ix_partner_message_at", "partner_message", ["at"])
    op.create_table(
        "partner_seen",
        sa.Column(
            "viewer_id",
            sa.Integer,
            sa.ForeignKey("campaign_organisme.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column(
            "other_id",
            sa.Integer,
            sa.ForeignKey("campaign_organisme.id", ondelete="CASCADE"),
            primary_key=True,
        ),
    )
    op.create_index("ix_partner_seen_other_id", "partner_seen", ["other_id"])


def downgrade() -> None:
    for table in ("partner_seen", "partner_message", "partner_meeting", "partner_interest"):
        op.drop_table(table)
