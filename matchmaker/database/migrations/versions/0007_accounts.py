"""Tables of matchmaker.accounts and matchmaker.mail; the région whose team imported a plan."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007_accounts"
down_revision = "0005_runs"
branch_labels = None
depends_on = None

_SCOPE = (
    "(role IN ('og_member', 'og_manager') AND organisme_id IS NOT NULL AND region IS NULL "
    "AND departement IS NULL) OR "
    "(role IN ('grades', 'support') AND organisme_id IS NULL AND region IS NOT NULL "
    "AND departement IS NULL) OR "
    "(role = 'ars' AND organisme_id IS NULL AND region IS NOT NULL) OR "
    "(role = 'admin' AND organisme_id IS NULL AND region IS NULL AND departement IS NULL)"
)


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("email", sa.String(254), unique=True),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("password", sa.String(200)),
        _moment("created_at"),
        _moment("verified_at", nullable=True),
        _moment("signed_in_at", nullable=True, index=True),
        _moment("erased_at", nullable=True),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_account(),
        *_role(),
        sa.Column("granted_by", sa.String(120), nullable=False),
        _moment("granted_at"),
        sa.CheckConstraint(_SCOPE, name="scope"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "signed_in",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        _of_account(),
        sa.Column("method", sa.String(40), nullable=False),
        sa.Column("browser", sa.String(60), nullable=False),
        _moment("started_at"),
        _moment("expires_at", index=True),
    )
    op.create_table(
        "account_link",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("email", sa.String(254), nullable=False, index=True),
        sa.Column("after", sa.Text),
        _moment("created_at"),
        _moment("expires_at", index=True),
        _moment("used_at", nullable=True),
    )
    op.create_table(
        "attempt_counter",
        sa.Column("kind", sa.String(20), primary_key=True),
        sa.Column("subject", sa.String(64), primary_key=True),
        sa.Column("window", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("count", sa.Integer, nullable=False),
    )
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("token_sha256", sa.String(64), nullable=False, unique=True),
        sa.Column("email", sa.String(254), nullable=False, index=True),
        *_role(region_index=True),
        sa.Column("invited_by", sa.String(120), nullable=False),
        _moment("created_at"),
        _moment("expires_at"),
        _moment("accepted_at", nullable=True),
        _moment("withdrawn_at", nullable=True),
        sa.CheckConstraint(_SCOPE, name="scope"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "organisme_claim",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_account(),
        _of_organisme(nullable=False),
        sa.Column("function", sa.String(120), nullable=False),
        sa.Column("evidence", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("domain_approved", sa.Boolean, nullable=False),
        _moment("claimed_at"),
        _moment("decided_at", nullable=True),
        sa.Column("decided_by", sa.String(120)),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('waiting', 'accepted', 'refused', 'withdrawn')", name="state"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "approved_domain",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_organisme(nullable=False, index=False),
        sa.Column("domain", sa.String(253), nullable=False),
        sa.Column("approved_by", sa.String(120), nullable=False),
        _moment("approved_at"),
        sa.UniqueConstraint("organisme_id", "domain"),
    )
    op.create_table(
        "account_identity",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_account(),
        sa.Column("issuer", sa.String(255), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False),
        _moment("linked_at"),
        sa.UniqueConstraint("issuer", "subject"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_account(index=False),
        sa.Column("organisme_id", sa.Integer, sa.ForeignKey("organisme.id", ondelete="SET NULL")),
        sa.Column("purpose", sa.String(40), nullable=False),
        sa.Column("given", sa.Boolean, nullable=False),
        sa.Column("words", sa.Text, nullable=False),
        _moment("at"),
    )
    op.create_index("ix_consent_account_id_purpose", "consent", ["account_id", "purpose"])
    op.add_column("proposal", sa.Column("region", sa.String(3)))
    op.create_table(
        "mail",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("recipient", sa.String(254), nullable=False, index=True),
        sa.Column("subject", sa.String(200), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("secret", sa.Boolean, nullable=False),
        _moment("created_at"),
        _moment("next_try_at", nullable=True, index=True),
        sa.Column("tries", sa.Integer, nullable=False),
        _moment("sent_at", nullable=True),
        sa.Column("failure", sa.Text),
        sqlite_autoincrement=True,
    )


def downgrade() -> None:
    with op.batch_alter_table("proposal") as proposal:
        proposal.drop_column("region")
    for table in (
        "mail",
        "consent",
        "account_identity",
        "approved_domain",
        "organisme_claim",
        "invitation",
        "attempt_counter",
        "account_link",
        "signed_in",
        "membership",
        "account",
    ):
        op.drop_table(table)


def _moment(name: str, *, nullable: bool = False, index: bool = False) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable, index=index)


def _of_account(*, index: bool = True) -> sa.Column[int]:
    key = sa.ForeignKey("account.id", ondelete="CASCADE")
    return sa.Column("account_id", sa.Integer, key, nullable=False, index=index)


def _of_organisme(*, nullable: bool = True, index: bool = True) -> sa.Column[int]:
    key = sa.ForeignKey("organisme.id", ondelete="CASCADE")
    return sa.Column("organisme_id", sa.Integer, key, nullable=nullable, index=index)


def _role(*, region_index: bool = False) -> tuple[sa.Column[str] | sa.Column[int], ...]:
    return (
        sa.Column("role", sa.String(12), nullable=False),
        _of_organisme(),
        sa.Column("region", sa.String(3), index=region_index),
        sa.Column("departement", sa.String(3)),
    )
