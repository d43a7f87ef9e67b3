"""Columns of matchmaker.runs.parts: until when the parts of a run may be searched."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030_time_of_parts"
down_revision = "0024_prices"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("run_part") as table:
        table.add_column(sa.Column("due_at", sa.Double))
        table.add_column(sa.Column("of_what_is_left", sa.Double))


def downgrade() -> None:
    with op.batch_alter_table("run_part") as table:
        table.drop_column("of_what_is_left")
        table.drop_column("due_at")
