"""Tables of matchmaker.proposals."""

from __future__ import annotations

revision = "0004_proposals"
down_revision = "0003_campaigns"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
