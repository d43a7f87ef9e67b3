"""Tables of matchmaker.grappes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022_hand_grappes"
down_revision = "0012_parts_of_runs"
branch_labels = None
depends_on = None


def _key(name: str, target: str, *, primary_key: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(target, ondelete="CASCADE")
    return sa.Column(name, sa.Integer, key, nullable=False, primary_key=primary_key)


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "hand_grappe",
        sa.Column("id", sa.Integer, primary_key=True),
        _key("campaign_id", "campaign.id"),
        _key("opener_id", "campaign_organisme.id"),
        _key("solution_id", "campaign_solution.id"),
        sa.Column("hosting", sa.String(16)),
        sa.Column("listed", sa.Boolean, nullable=False),
        sa.Column("opened_at", moment, nullable=False),
        sa.Column("closed_at", moment),
        sa.Column("offered_at", moment),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_hand_grappe_campaign_id", "hand_grappe", ["campaign_id"])
    op.create_index("ix_hand_grappe_opener_id", "hand_grappe", ["opener_id"])
    op.create_table(
        "hand_grappe_member",
        sa.Column("id", sa.Integer, primary_key=True),
        _key("grappe_id", "hand_grappe.id"),
        _key("organisme_id", "campaign_organisme.id"),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("asked_at", moment, nullable=False),
        sa.Column("expires_at", moment),
        sa.Column("decided_at", moment),
        sa.Column("declines_porteur", sa.Boolean, nullable=False),
        sa.Column("said_by", sa.String(120), nullable=False),
        sa.UniqueConstraint("grappe_id", "organisme_id"),
        sa.CheckConstraint("state IN ('pending', 'accepted', 'refused', 'withdrawn', 'left')", name="state"),
    )
    op.create_index("ix_hand_grappe_member_organisme_id", "hand_grappe_member", ["organisme_id"])
    op.create_table(
        "hand_grappe_esms",
        _key("member_id", "hand_grappe_member.id", primary_key=True),
        _key("esms_id", "campaign_esms.id", primary_key=True),
    )
    op.create_index("ix_hand_grappe_esms_esms_id", "hand_grappe_esms", ["esms_id"])


def downgrade() -> None:
    for table in ("hand_grappe_esms", "hand_grappe_member", "hand_grappe"):
        op.drop_table(table)
