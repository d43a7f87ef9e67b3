"""What the register holds: totals of organismes, counts by région and origin of position, imports.

When to modify: a page or a campaign asks the register a new question.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from matchmaker.reference import regions
from matchmaker.register.records import Refusal
from matchmaker.register.tables import Etablissement, Import, ImportRefusal, Organisme

POSITION_LABELS = {
    "surveyed": "position donnée par la source",
    "address": "position trouvée par l’adresse",
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


def import_by_id(session: Session, import_id: int) -> Import | None:
    return session.get(Import, import_id)


def refusals(session: Session, import_id: int, limit: int | None = None) -> list[ImportRefusal]:
    """What an import refused, in the order of the file."""
    query = select(ImportRefusal).where(ImportRefusal.import_id == import_id).order_by(ImportRefusal.id)
    return list(session.scalars(query.limit(limit)))


def establishments(
    session: Session, region: str, origin: str, page: int, per_page: int
) -> tuple[list[Etablissement], int]:
    """One page (from 1) of the open establishments of a région, by commune and name, and how many there are.

    ``origin``: only those whose position has this origin; empty: all.
    """
    wanted = select(Etablissement).where(Etablissement.region == region, Etablissement.closed_on.is_(None))
    if origin:
        wanted = wanted.where(Etablissement.position_origin == origin)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    ordered = wanted.order_by(Etablissement.commune, Etablissement.name, Etablissement.finess_et)
    rows = session.scalars(
        ordered.options(selectinload(Etablissement.organisme)).offset((page - 1) * per_page).limit(per_page)
    )
    return list(rows), total


class Writer(Protocol):
    """What ``csv.writer`` returns."""

    def writerow(self, row: Iterable[str], /) -> object: ...


def write_refusals(writer: Writer, found: Iterable[Refusal | ImportRefusal]) -> None:
    """The head line, then one line for each refusal, safe in a spreadsheet."""
    writer.writerow(["emplacement", "champ", "valeur", "attendu"])
    for refusal in found:
        writer.writerow(refusal_cells(refusal))


def refusal_cells(refusal: Refusal | ImportRefusal) -> list[str]:
    """Place, field, value, expected, none of which can be a formula."""
    texts = (refusal.place, refusal.field, refusal.value, refusal.expected)
    return [f"'{t}" if t.startswith(("=", "+", "-", "@", "\t", "\r")) else t for t in texts]
