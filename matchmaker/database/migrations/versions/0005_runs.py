"""Tables of matchmaker.runs."""

from __future__ import annotations

revision = "0005_runs"
down_revision = "0004_proposals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass
