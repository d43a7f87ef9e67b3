"""Tables of matchmaker.runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005_runs"
down_revision = "0004_proposals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "run",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "campaign_id", sa.Integer, sa.ForeignKey("campaign.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("objective", sa.String(16), nullable=False),
        sa.Column("esms_count", sa.Integer, nullable=False),
        sa.Column("budget_s", sa.Integer, nullable=False),
        sa.Column("gap", sa.Double, nullable=False),
        sa.Column("seed", sa.Integer, nullable=False),
        sa.Column("threads", sa.Integer, nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("enqueued_at", sa.Double, nullable=False),
        sa.Column("started_at", sa.Double),
        sa.Column("finished_at", sa.Double),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("lost", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(200)),
        sa.Column("heartbeat_at", sa.Double),
        sa.Column("cancel_requested", sa.Boolean, nullable=False),
        sa.Column("elapsed_s", sa.Double, nullable=False),
        sa.Column("phase", sa.String(100)),
        sa.Column("objective_value", sa.BigInteger),
        sa.Column("upper_bound", sa.BigInteger),
        sa.Column("grappes_count", sa.Integer),
        sa.Column("esms_placed", sa.Integer),
        sa.Column("proposal_id", sa.Integer),
        sa.Column("failure", sa.Text),
        sa.Column("error_reference", sa.String(16)),
        sa.CheckConstraint("state IN ('queued', 'running', 'done', 'stopped', 'failed')", name="state"),
        sa.UniqueConstraint("proposal_id"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_campaign_id", "run", ["campaign_id"])
    op.create_index("ix_run_state_heartbeat_at", "run", ["state", "heartbeat_at"])
    op.create_table(
        "run_document",
        sa.Column("run_id", sa.Integer, _of_run(), primary_key=True),
        sa.Column("instance", sa.Text, nullable=False),
        sa.Column("question", sa.JSON, nullable=False),
        sa.Column("incumbent", sa.Text),
    )
    op.create_table(
        "run_point",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, _of_run(), nullable=False),
        sa.Column("elapsed_s", sa.Double, nullable=False),
        sa.Column("objective_value", sa.BigInteger),
        sa.Column("upper_bound", sa.BigInteger),
        sa.Column("grappes_count", sa.Integer),
        sa.Column("esms_placed", sa.Integer),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_point_run_id_id", "run_point", ["run_id", "id"])
    op.create_table(
        "run_event",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, _of_run(), nullable=False),
        sa.Column("at", sa.Double, nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("attempt", sa.Integer, nullable=False),
        sa.Column("worker", sa.String(200)),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_run_event_run_id_id", "run_event", ["run_id", "id"])


def downgrade() -> None:
    for table in ("run_event", "run_point", "run_document", "run"):
        op.drop_table(table)


def _of_run() -> sa.ForeignKey:
    return sa.ForeignKey("run.id", ondelete="CASCADE")
