"""Organismes of the register as accounts see them: found by FINESS juridique, and where they lie.

When to modify: what identifies an organisme, or where it is said to lie, changes.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from matchmaker.register.tables import Etablissement, Organisme
from matchmaker.web.people import Belonging, Ground

EXPECTED = "Le numéro FINESS juridique compte 9 chiffres"


class UnknownFinessError(LookupError):
    """No organisme of this number; the message is a French sentence for the field."""


@dataclass(frozen=True, slots=True)
class Card:
    """An organisme in a few words."""

    id: int
    name: str
    finess_ej: str | None
    esms: int
    departements: tuple[str, ...]
    fictitious: bool


def by_finess(session: Session, typed: str | None) -> Card:
    """The organisme of a number as people type it, with or without spaces.

    Raises
    ------
    UnknownFinessError
        Not a number, or not in the register.
    """
    number = re.sub(r"\s", "", typed or "").upper()
    if not re.fullmatch(r"[0-9A-Z]{9}", number):
        raise UnknownFinessError(f"{EXPECTED} : vous en avez saisi {len(number)}.")
    organisme_id = session.scalar(select(Organisme.id).where(Organisme.finess_ej == number))
    found = None if organisme_id is None else card(session, organisme_id)
    if found is None:
        raise UnknownFinessError(
            f"Aucun organisme du registre ne porte le numéro {number}. Vérifiez qu’il s’agit du FINESS "
            "juridique (celui de l’organisme) et non d’un FINESS géographique (celui d’un établissement)."
        )
    return found


def card(session: Session, organisme_id: int) -> Card | None:
    """The organisme of this row."""
    row = session.get(Organisme, organisme_id)
    if row is None:
        return None
    places = select(Etablissement.departement, func.count()).where(
        Etablissement.organisme_id == organisme_id, Etablissement.closed_on.is_(None)
    )
    counted: dict[str, int] = {}
    for departement, number in session.execute(places.group_by(Etablissement.departement)):
        counted[departement] = number
    return Card(
        row.id, row.name, row.finess_ej, sum(counted.values()), tuple(sorted(counted)), row.fictitious
    )


def belonging(session: Session, organisme_id: int) -> Belonging | None:
    """An organisme is its own, and lies wherever it has an ESMS. None: no such one."""
    if session.get(Organisme, organisme_id) is None:
        return None
    places = session.execute(
        select(Etablissement.region, Etablissement.departement)
        .where(Etablissement.organisme_id == organisme_id)
        .distinct()
    )
    return Belonging(tuple((region, departement) for region, departement in places), organisme_id)


def numbers_on(ground: Ground) -> Select[int]:
    """Rows of the organismes that have an ESMS on a ground, as a subquery."""
    if ground.everywhere:
        return select(Organisme.id)
    return select(Etablissement.organisme_id).where(
        ground.condition(Etablissement.region, Etablissement.departement)
    )
