"""Kept grappes and the plan of reference; archived campaigns; versions of answers; runs asked for once."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008_kept_grappes"
down_revision = "0007_accounts"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("campaign", sa.Column("archived_at", sa.DateTime(timezone=True)))
    op.add_column("campaign_esms", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    op.add_column("run", sa.Column("request_token", sa.String(40)))
    op.create_index("ix_run_request_token", "run", ["request_token"], unique=True)
    op.create_table(
        "campaign_fixed_grappe",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("campaign_id", sa.Integer, _of_campaign(), nullable=False),
        sa.Column("code", sa.String(200), nullable=False),
        sa.Column("plan", sa.Integer, nullable=False),
        sa.Column("solution_id", sa.Integer, sa.ForeignKey("campaign_solution.id"), nullable=False),
        sa.Column("hosting", sa.String(16)),
        sa.Column("porteur_id", sa.Integer, sa.ForeignKey("campaign_esms.id"), nullable=False),
        sa.Column("extendable", sa.Boolean, nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("campaign_id", "code"),
    )
    op.create_table(
        "campaign_fixed_member",
        sa.Column("esms_id", sa.Integer, sa.ForeignKey("campaign_esms.id"), primary_key=True),
        sa.Column(
            "fixed_id",
            sa.Integer,
            sa.ForeignKey("campaign_fixed_grappe.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
    )
    op.create_table(
        "campaign_reference",
        sa.Column("campaign_id", sa.Integer, _of_campaign(), primary_key=True),
        sa.Column("plan", sa.Integer, nullable=False),
        sa.Column("grappes", sa.JSON, nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    for table in ("campaign_reference", "campaign_fixed_member", "campaign_fixed_grappe"):
        op.drop_table(table)
    op.drop_index("ix_run_request_token", "run")
    op.drop_column("run", "request_token")
    op.drop_column("campaign_esms", "version")
    op.drop_column("campaign", "archived_at")


def _of_campaign() -> sa.ForeignKey:
    return sa.ForeignKey("campaign.id", ondelete="CASCADE")
