"""Tables of the register: organismes, establishments, imports and what they refused.

When to modify: a source states something more that the programme needs.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.database import Base
from matchmaker.database.instants import Instant
from matchmaker.reference import categories


class Import(Base):
    """One reading of one file: where from, of which day, with what result."""

    __tablename__ = "register_import"

    id: Mapped[int] = mapped_column(primary_key=True)
    source: Mapped[str] = mapped_column(String(20))
    layout: Mapped[str] = mapped_column(String(20))
    file_name: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64))
    snapshot_date: Mapped[dt.date] = mapped_column(Date)
    imported_at: Mapped[dt.datetime] = mapped_column(Instant)
    read: Mapped[int]
    added: Mapped[int]
    changed: Mapped[int]
    unchanged: Mapped[int]
    kept: Mapped[int]
    closed: Mapped[int]
    out_of_scope: Mapped[int]
    refused: Mapped[int]
    absent: Mapped[int]

    refusals: Mapped[list[ImportRefusal]] = relationship(
        back_populates="of_import", order_by="ImportRefusal.id"
    )


class ImportRefusal(Base):
    """One thing an import did not take, with the words shown to the person who sent the file."""

    __tablename__ = "register_import_refusal"

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("register_import.id", ondelete="CASCADE"), index=True)
    place: Mapped[str] = mapped_column(String(80))
    field: Mapped[str] = mapped_column(String(60))
    value: Mapped[str] = mapped_column(Text)
    expected: Mapped[str] = mapped_column(Text)

    of_import: Mapped[Import] = relationship(back_populates="refusals")


class Organisme(Base):
    """An organisme gestionnaire (OG).

    ``key``: ``ej:<FINESS juridique>``, or ``nom:<gestionnaire_cle>`` where the source states no FINESS
    juridique; the organisme is then provisional. ``esms_total_declared``: what the organisme says of itself;
    None: only what the register holds can be counted (``matchmaker.register.directory.esms_totals``).
    """

    __tablename__ = "organisme"
    __table_args__ = (
        CheckConstraint("esms_total_declared IS NULL OR esms_total_declared >= 0", name="esms_total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(200), unique=True)
    finess_ej: Mapped[str | None] = mapped_column(String(9), unique=True)
    name: Mapped[str] = mapped_column(Text)
    esms_total_declared: Mapped[int | None]
    fictitious: Mapped[bool] = mapped_column(default=False)

    etablissements: Mapped[list[Etablissement]] = relationship(back_populates="organisme")

    @property
    def provisional(self) -> bool:
        """Known by a name only: two legal entities of one group may be mixed in it."""
        return self.finess_ej is None


class Etablissement(Base):
    """An ESMS: one FINESS géographique.

    ``lat``, ``lon``: decimal degrees WGS 84. ``position_origin``: ``surveyed`` (given by the source),
    ``address`` (geocoded by us), ``commune`` (centre of the commune); ``position_note`` says why a position
    of the source was set aside. ``medicalised`` None: not stated. ``capacity``: places. ``closed_on``: day
    of closing as stated, or snapshot that no longer holds it. ``import_id`` None: drawn for a demonstration.
    """

    __tablename__ = "etablissement"
    __table_args__ = (
        CheckConstraint("position_origin IN ('surveyed', 'address', 'commune')", name="position_origin"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="position"),
        Index("ix_etablissement_region_departement", "region", "departement"),
    )

    finess_et: Mapped[str] = mapped_column(String(9), primary_key=True)
    organisme_id: Mapped[int] = mapped_column(ForeignKey("organisme.id"), index=True)
    name: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(3))
    champ: Mapped[str] = mapped_column(String(3))
    medicalised: Mapped[bool | None]
    capacity: Mapped[int | None]
    address: Mapped[str] = mapped_column(Text)
    postal_code: Mapped[str] = mapped_column(String(5))
    commune: Mapped[str] = mapped_column(String(5))
    departement: Mapped[str] = mapped_column(String(3))
    region: Mapped[str] = mapped_column(String(3))
    lat: Mapped[float]
    lon: Mapped[float]
    position_origin: Mapped[str] = mapped_column(String(10))
    position_note: Mapped[str] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(20))
    snapshot_date: Mapped[dt.date | None] = mapped_column(Date)
    import_id: Mapped[int | None] = mapped_column(ForeignKey("register_import.id"), index=True)
    closed_on: Mapped[dt.date | None] = mapped_column(Date)
    fictitious: Mapped[bool] = mapped_column(default=False)

    organisme: Mapped[Organisme] = relationship(back_populates="etablissements")

    @property
    def category_label(self) -> str:
        """The category in words; a source may know no more than « EHPA » (501 or 502: category empty)."""
        known = categories().get(self.category)
        return known.label if known else "EHPA (501 ou 502, non précisé)"
