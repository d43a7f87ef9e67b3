"""A column of matchmaker.runs.prices: what the same search finds without changing a rule."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031_prices_again"
down_revision = "0026_sign_out_at_the_provider"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("pricing") as table:
        table.add_column(sa.Column("again", sa.JSON))


def downgrade() -> None:
    with op.batch_alter_table("pricing") as table:
        table.drop_column("again")
