"""Tables of matchmaker.register and matchmaker.geocoding."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002_register"
down_revision = "0001_journal"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "register_import",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("layout", sa.String(20), nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("snapshot_date", sa.Date, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
        *(
            sa.Column(count, sa.Integer, nullable=False)
            for count in (
                "read",
                "added",
                "changed",
                "unchanged",
                "kept",
                "closed",
                "out_of_scope",
                "refused",
                "absent",
            )
        ),
    )
    op.create_table(
        "register_import_refusal",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column(
            "import_id",
            sa.Integer,
            sa.ForeignKey("register_import.id", ondelete="CASCADE"),
            nullable=False,
            index=True,
        ),
        sa.Column("place", sa.String(80), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("expected", sa.Text, nullable=False),
    )
    op.create_table(
        "organisme",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String(200), nullable=False, unique=True),
        sa.Column("finess_ej", sa.String(9), unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("esms_total_declared", sa.Integer),
        sa.Column("fictitious", sa.Boolean, nullable=False),
        sa.CheckConstraint("esms_total_declared IS NULL OR esms_total_declared >= 0", name="esms_total"),
    )
    op.create_table(
        "etablissement",
        sa.Column("finess_et", sa.String(9), primary_key=True),
        sa.Column("organisme_id", sa.Integer, sa.ForeignKey("organisme.id"), nullable=False, index=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("category", sa.String(3), nullable=False),
        sa.Column("champ", sa.String(3), nullable=False),
        sa.Column("medicalised", sa.Boolean),
        sa.Column("capacity", sa.Integer),
        sa.Column("address", sa.Text, nullable=False),
        sa.Column("postal_code", sa.String(5), nullable=False),
        sa.Column("commune", sa.String(5), nullable=False),
        sa.Column("departement", sa.String(3), nullable=False),
        sa.Column("region", sa.String(3), nullable=False),
        sa.Column("lat", sa.Double, nullable=False),
        sa.Column("lon", sa.Double, nullable=False),
        sa.Column("position_origin", sa.String(10), nullable=False),
        sa.Column("position_note", sa.Text, nullable=False),
        sa.Column("source", sa.String(20), nullable=False),
        sa.Column("snapshot_date", sa.Date),
        sa.Column("import_id", sa.Integer, sa.ForeignKey("register_import.id"), index=True),
        sa.Column("closed_on", sa.Date),
        sa.Column("fictitious", sa.Boolean, nullable=False),
        sa.CheckConstraint("position_origin IN ('surveyed', 'address', 'commune')", name="position_origin"),
        sa.CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="position"),
    )
    op.create_index("ix_etablissement_region_departement", "etablissement", ["region", "departement"])
    op.create_table(
        "geocoded_address",
        sa.Column("key", sa.String(300), primary_key=True),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("lat", sa.Double),
        sa.Column("lon", sa.Double),
        sa.Column("score", sa.Double),
        sa.Column("precision", sa.String(20), nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("citycode", sa.String(5), nullable=False),
        sa.Column("service", sa.Text, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("(outcome = 'found') = (lat IS NOT NULL AND lon IS NOT NULL)", name="found"),
    )


def downgrade() -> None:
    for table in (
        "geocoded_address",
        "etablissement",
        "organisme",
        "register_import_refusal",
        "register_import",
    ):
        op.drop_table(table)
