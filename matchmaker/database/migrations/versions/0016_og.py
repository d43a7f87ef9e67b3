"""Tables of matchmaker.og: details of an ESMS, lists confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016_og"
down_revision = "0014_readings_of_campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "esms_detail",
        sa.Column(
            "esms_id", sa.Integer, sa.ForeignKey("campaign_esms.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("current_typed", sa.String(120), nullable=False),
        sa.Column("users", sa.Integer),
        sa.Column("devices", sa.Integer),
        sa.Column("trainees", sa.Integer),
        sa.Column("remark", sa.Text, nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("users >= 0 AND devices >= 0 AND trainees >= 0", name="counts"),
    )
    op.create_table(
        "og_list_confirmed",
        sa.Column(
            "campaign_organisme_id",
            sa.Integer,
            sa.ForeignKey("campaign_organisme.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("confirmed_by", sa.String(120), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    for table in ("og_list_confirmed", "esms_detail"):
        op.drop_table(table)
