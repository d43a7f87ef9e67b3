"""Tables of matchmaker.notifications; mails carry the address that stops them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021_notifications"
down_revision = "0019_partners"
branch_labels = None
depends_on = None


def _account() -> sa.ForeignKey:
    return sa.ForeignKey("account.id", ondelete="CASCADE")


def upgrade() -> None:
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "notification",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("account_id", sa.Integer, _account(), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("path", sa.String(200), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.Column("read_at", moment),
        sa.Column("mailed_at", moment),
        sa.UniqueConstraint("account_id", "key"),
    )
    op.create_index("ix_notification_mailed_at", "notification", ["mailed_at"])
    op.create_table(
        "notification_choice",
        sa.Column("account_id", sa.Integer, _account(), primary_key=True),
        sa.Column("mails", sa.Boolean, nullable=False),
        sa.Column("last_mail_at", moment),
    )
    op.add_column("mail", sa.Column("unsubscribe", sa.Text))


def downgrade() -> None:
    op.drop_column("mail", "unsubscribe")
    for table in ("notification_choice", "notification"):
        op.drop_table(table)
