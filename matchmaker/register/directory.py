"""What the register holds: totals of organismes, counts by région and origin of position, imports.

When to modify: a page or a campaign asks the register a new question.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.reference import regions
from matchmaker.register.tables import Etablissement, Import, ImportRefusal, Organisme

POSITION_LABELS = {
    "surveyed": "position donnée par la source",
    "address": "position trouvée par l'adresse",
    "commune": "centre de la commune, faute de mieux",
}
SOURCE_LABELS = {
    "finess": "FINESS",
    "liste-pa": "Liste des établissements pour personnes âgées",
    "demonstration": "tiré au sort pour la démonstration (fictif)",
}
_CHUNK = 5000


@dataclass(frozen=True, slots=True)
class EsmsTotal:
    """How many ESMS an organisme has. ``declared``: said by it; else counted in the register, which may
    hold only some of them."""

    number: int
    declared: bool


@dataclass(frozen=True, slots=True)
class RegionCount:
    """Open ESMS of a région, by origin of their position."""

    region: str
    name: str
    surveyed: int
    address: int
    commune: int

    @property
    def total(self) -> int:
        return self.surveyed + self.address + self.commune


def esms_totals(session: Session, organismes: Collection[int]) -> dict[int, EsmsTotal]:
    """Total of each organisme (by id): what it declares, else its open establishments in the register."""
    ids = list(organismes)
    totals = {}
    for start in range(0, len(ids), _CHUNK):
        query = (
            select(Organisme.id, Organisme.esms_total_declared, func.count(Etablissement.finess_et))
            .outerjoin(
                Etablissement,
                (Etablissement.organisme_id == Organisme.id) & Etablissement.closed_on.is_(None),
            )
            .where(Organisme.id.in_(ids[start : start + _CHUNK]))
            .group_by(Organisme.id, Organisme.esms_total_declared)
        )
        for organisme, declared, counted in session.execute(query):
            totals[organisme] = EsmsTotal(counted if declared is None else declared, declared is not None)
    return totals


def region_counts(session: Session) -> list[RegionCount]:
    """Open ESMS by région, in the order of the régions' names; régions without any are left out."""
    query = (
        select(Etablissement.region, Etablissement.position_origin, func.count())
        .where(Etablissement.closed_on.is_(None))
        .group_by(Etablissement.region, Etablissement.position_origin)
    )
    counted: dict[str, dict[str, int]] = {}
    for region, origin, number in session.execute(query):
        counted.setdefault(region, {})[origin] = number
    return [
        RegionCount(code, region.name, *(counted[code].get(o, 0) for o in ("surveyed", "address", "commune")))
        for code, region in regions().items()
        if code in counted
    ]


def imports(session: Session, limit: int = 50) -> list[Import]:
    """The latest imports, newest first."""
    return list(session.scalars(select(Import).order_by(Import.id.desc()).limit(limit)))


def refusals(session: Session, import_id: int) -> list[ImportRefusal]:
    """What an import refused, in the order of the file."""
    query = select(ImportRefusal).where(ImportRefusal.import_id == import_id).order_by(ImportRefusal.id)
    return list(session.scalars(query))
