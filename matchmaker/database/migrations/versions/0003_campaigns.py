"""Tables of matchmaker.campaigns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003_campaigns"
down_revision = "0002_register"
branch_labels = None
depends_on = None

TABLES = (
    "campaign",
    "campaign_organisme",
    "campaign_solution",
    "campaign_esms",
    "campaign_pair",
    "needs_upload",
)


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("name", sa.String(120), nullable=False, unique=True),
        sa.Column("region", sa.String(3)),
        sa.Column("departement", sa.String(3)),
        sa.Column("regime", sa.String(40), nullable=False),
        sa.Column("parameters", sa.JSON, nullable=False),
        sa.Column("readings", sa.JSON, nullable=False),
        sa.Column("envelope_eur", sa.Integer),
        sa.Column("fictitious", sa.Boolean, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("envelope_eur IS NULL OR envelope_eur >= 0", name="envelope"),
        sa.CheckConstraint("departement IS NULL OR region IS NOT NULL", name="territory"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "campaign_organisme",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_campaign(),
        sa.Column("code", sa.String(200), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("esms_total", sa.Integer, nullable=False),
        sa.Column("fictitious", sa.Boolean, nullable=False),
        sa.UniqueConstraint("campaign_id", "code"),
        sa.CheckConstraint("esms_total >= 0", name="esms_total"),
    )
    op.create_table(
        "campaign_solution",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_campaign(),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("segur_status", sa.String(16), nullable=False),
        sa.Column("hosting", sa.JSON, nullable=False),
        sa.Column("champs", sa.JSON, nullable=False),
        sa.Column("fictitious", sa.Boolean, nullable=False),
        sa.UniqueConstraint("campaign_id", "code"),
        sa.CheckConstraint(
            "segur_status IN ('referenced', 'not_referenced', 'unknown')", name="segur_status"
        ),
    )
    _create_esms()
    op.create_table(
        "needs_upload",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "campaign_id",
            sa.Integer,
            sa.ForeignKey("campaign.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("file_name", sa.String(200), nullable=False),
        sa.Column("content", sa.LargeBinary, nullable=False),
        sa.Column("sent_by", sa.String(120), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "campaign_pair",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_campaign(),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("first_id", sa.Integer, sa.ForeignKey("campaign_organisme.id"), nullable=False),
        sa.Column("second_id", sa.Integer, sa.ForeignKey("campaign_organisme.id"), nullable=False),
        sa.Column("author", sa.String(120), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("campaign_id", "first_id", "second_id"),
        sa.CheckConstraint("kind IN ('apart', 'together')", name="kind"),
        sa.CheckConstraint("first_id < second_id", name="order"),
    )


def _create_esms() -> None:
    op.create_table(
        "campaign_esms",
        sa.Column("id", sa.Integer, primary_key=True),
        _of_campaign(),
        sa.Column(
            "organisme_id", sa.Integer, sa.ForeignKey("campaign_organisme.id"), nullable=False, index=True
        ),
        sa.Column("code", sa.String(80), nullable=False),
        sa.Column("finess_et", sa.String(9), index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("champ", sa.String(3), nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("commune", sa.Text),
        sa.Column("departement", sa.String(3), nullable=False),
        sa.Column("region", sa.String(3), nullable=False),
        sa.Column("lat", sa.Double, nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        sa.Column("position_origin", sa.String(10)),
        sa.Column("snapshot_date", sa.Date),
        sa.Column("searched", sa.Text, nullable=False),
        sa.Column("fictitious", sa.Boolean, nullable=False),
        sa.Column("need", sa.String(20)),
        sa.Column("current_solution_id", sa.Integer, sa.ForeignKey("campaign_solution.id")),
        sa.Column("accepted_solutions", sa.JSON),
        sa.Column("accepted_hosting", sa.JSON),
        sa.Column("lot", sa.String(80)),
        sa.Column("can_be_porteur", sa.Boolean, nullable=False),
        sa.Column("completeness", sa.String(10), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("excluded", sa.Boolean, nullable=False),
        sa.Column("excluded_by", sa.String(120)),
        sa.Column("excluded_reason", sa.Text),
        sa.UniqueConstraint("campaign_id", "code"),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="position"),
        sa.CheckConstraint("completeness IN ('missing', 'partial', 'complete')", name="completeness"),
        sa.CheckConstraint(
            "need IS NULL OR need IN ('acquisition', 'renouvellement', 'montee_de_version', 'aucun')",
            name="need",
        ),
    )
    op.create_index(
        "ix_campaign_esms_campaign_id_departement", "campaign_esms", ["campaign_id", "departement"]
    )
    op.create_index(
        "ix_campaign_esms_campaign_id_completeness", "campaign_esms", ["campaign_id", "completeness"]
    )


def _of_campaign() -> sa.Column[int]:
    return sa.Column(
        "campaign_id", sa.Integer, sa.ForeignKey("campaign.id", ondelete="CASCADE"), nullable=False
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
