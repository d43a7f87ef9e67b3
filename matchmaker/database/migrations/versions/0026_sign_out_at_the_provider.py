"""What signing out at a provider needs, kept with the sign-in and gone with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026_sign_out_at_the_provider"
down_revision = "0025_announcements"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("signed_in", sa.Column("provider", sa.String(40)))
    op.add_column("signed_in", sa.Column("id_token", sa.Text))


def downgrade() -> None:
    op.drop_column("signed_in", "id_token")
    op.drop_column("signed_in", "provider")
