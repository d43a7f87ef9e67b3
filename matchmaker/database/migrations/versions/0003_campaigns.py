"""Tables of matchmaker.campaigns."""

from __future__ import annotations

revision = "0003_campaigns"
down_revision = "0002_register"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
