"""Tables of matchmaker.register."""

from __future__ import annotations

revision = "0002_register"
down_revision = "0001_journal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
