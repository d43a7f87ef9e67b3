"""The establishments of an organisme in the register, those that closed included.

When to modify: a page of an OG shows something more of the register.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from matchmaker.reference.communes import communes
from matchmaker.register.tables import Etablissement


@dataclass(frozen=True, slots=True)
class Establishment:
    """One establishment as the register states it; ``medicalised`` None: not stated."""

    finess_et: str
    name: str
    category: str
    champ: str
    medicalised: bool | None
    commune: str
    departement: str
    region: str
    closed_on: dt.date | None
    snapshot_date: dt.date | None
    fictitious: bool


_OF_ORGANISME = (
    select(Etablissement)
    .where(Etablissement.organisme_id == bindparam("organisme"))
    .order_by(Etablissement.closed_on.is_not(None), Etablissement.name, Etablissement.finess_et)
)
_ELSEWHERE = select(Etablissement.finess_et).where(
    Etablissement.finess_et.in_(bindparam("codes", expanding=True)),
    Etablissement.organisme_id != bindparam("organisme"),
)


def of_organisme(session: Session, organisme_id: int) -> list[Establishment]:
    """Open ones by name, then those that closed."""
    rows = session.scalars(_OF_ORGANISME, {"organisme": organisme_id})
    return [_read(row) for row in rows]


def held_elsewhere(session: Session, organisme_id: int, codes: Collection[str]) -> set[str]:
    """Those of these FINESS géographiques that the register gives to another organisme."""
    return set(session.scalars(_ELSEWHERE, {"codes": list(codes), "organisme": organisme_id}))


def _read(row: Etablissement) -> Establishment:
    commune = communes().get(row.commune)
    return Establishment(
        finess_et=row.finess_et,
        name=row.name,
        category=row.category_label,
        champ=row.champ,
        medicalised=row.medicalised,
        commune=commune.name if commune else "",
        departement=row.departement,
        region=row.region,
        closed_on=row.closed_on,
        snapshot_date=row.snapshot_date,
        fictitious=row.fictitious,
    )
