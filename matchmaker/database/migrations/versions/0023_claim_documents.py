"""Tables of matchmaker.accounts.documents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0023_claim_documents"
down_revision = "0021_notifications"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_document",
        sa.Column(
            "claim_id",
            sa.Integer,
            sa.ForeignKey("organisme_claim.id", ondelete="CASCADE"),
            primary_key=True,
        ),
        sa.Column("media", sa.String(40), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
    )


def downgrade() -> None:
    op.drop_table("claim_document")
