"""ESMS of a campaign as the optimiser's values, straight from their columns, organisme by organisme.

The same values that ``solver.document.read_instance`` makes of the document of ``campaigns.instance`` (a test
holds it), without the document: pages of one organisme read forty thousand of them, or those of a few
organismes whose answers changed. What the document is checked for was checked when it was written.

When to modify: an ESMS of the instance document gains a field.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Executable, Text, bindparam, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from matchmaker.campaigns.answers import ANY
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme, CampaignSolution
from matchmaker.register.tables import Etablissement
from solver.instance import Esms
from solver.vocabulary import Champ, Hosting, Need

State = tuple[Any, ...]  # what changes with any answer of an organisme
_AT_ONCE = 400  # organismes named in one query; beyond, the whole campaign is read

_COLUMNS = (
    CampaignEsms.organisme_id,
    CampaignOrganisme.code.label("organisme"),
    CampaignEsms.code,
    CampaignEsms.name,
    CampaignEsms.champ,
    CampaignEsms.category,
    CampaignEsms.lat,
    CampaignEsms.lon,
    CampaignEsms.departement,
    CampaignEsms.region,
    CampaignEsms.need,
    CampaignSolution.code.label("current"),
    # As text: the same few lists come back thousands of times, each is read once.
    cast(CampaignEsms.accepted_solutions, Text).label("solutions"),
    cast(CampaignEsms.accepted_hosting, Text).label("hosting"),
    CampaignEsms.lot,
    CampaignEsms.can_be_porteur,
    CampaignEsms.commune,
    CampaignEsms.position_origin,
    CampaignEsms.fictitious,
    CampaignEsms.excluded,
    Etablissement.medicalised,
)


def _one_if(condition: ColumnElement[bool] | InstrumentedAttribute[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


# What changes with any answer.
COUNTED = (
    func.count(),
    func.sum(CampaignEsms.version),
    func.max(CampaignEsms.answered_at),
    _one_if(CampaignEsms.completeness == "complete"),
    _one_if(CampaignEsms.excluded),
)


# What changes with any answer of an organisme, or with what the register says of its ESMS.
_BY_ORGANISME = (
    select(CampaignEsms.organisme_id, *COUNTED, _one_if(Etablissement.medicalised.is_(True)))
    .outerjoin(Etablissement, Etablissement.finess_et == CampaignEsms.finess_et)
    .group_by(CampaignEsms.organisme_id)
)
_OF_ONE = _BY_ORGANISME.where(CampaignEsms.organisme_id == bindparam("number"))
_OF_ALL = _BY_ORGANISME.where(CampaignEsms.campaign_id == bindparam("number"))


def states(session: Session, organisme: int) -> dict[int, State]:
    """The state of one organisme by the number of its row; empty without any ESMS."""
    return _read_states(session, _OF_ONE, organisme)


def all_states(session: Session, campaign_id: int) -> dict[int, State]:
    """Those of all organismes of a campaign."""
    return _read_states(session, _OF_ALL, campaign_id)


def _read_states(session: Session, wanted: Executable, number: int) -> dict[int, State]:
    rows = session.execute(wanted, {"number": number})
    return {organisme: tuple(state) for organisme, *state in rows}


@dataclass(slots=True)
class Answering:
    """The ESMS of one organisme that have a complete answer, by code. ``excluded``, ``medicalised``: codes of
    those that the campaign leaves out, and that the register says are medicalised."""

    code: str
    esms: list[Esms] = field(default_factory=list)
    excluded: set[str] = field(default_factory=set)
    medicalised: set[str] = field(default_factory=set)


def answering(
    session: Session, campaign_id: int, organismes: Collection[int] | None, *, fictitious: bool
) -> dict[int, Answering]:
    """Number of the organisme's row -> its ESMS; an organisme without any is absent. One query at most.

    Parameters
    ----------
    organismes
        Whose ESMS are wanted; None: everybody's.
    fictitious
        Whether every answer of the campaign is drawn.
    """
    if organismes is not None and not organismes:
        return {}
    wanted = (
        select(*_COLUMNS)
        .join(CampaignOrganisme, CampaignOrganisme.id == CampaignEsms.organisme_id)
        .outerjoin(CampaignSolution, CampaignSolution.id == CampaignEsms.current_solution_id)
        .outerjoin(Etablissement, Etablissement.finess_et == CampaignEsms.finess_et)
        .where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.completeness == "complete")
    )
    asked = None if organismes is None or len(organismes) > _AT_ONCE else sorted(organismes)
    if asked is not None:
        wanted = wanted.where(CampaignEsms.organisme_id.in_(asked))
    found: dict[int, Answering] = {}
    read = _Words()
    for row in session.execute(wanted):
        held = found.get(row.organisme_id)
        if held is None:
            held = found[row.organisme_id] = Answering(row.organisme)
        held.esms.append(_esms(row, read, fictitious=fictitious))
        if row.excluded:
            held.excluded.add(row.code)
        if row.medicalised:
            held.medicalised.add(row.code)
    for held in found.values():
        held.esms.sort(key=lambda e: e.id)
    if organismes is None or asked is not None:
        return found
    return {number: found[number] for number in organismes if number in found}


class _Words:
    """Stored words and lists of words, each read once."""

    def __init__(self) -> None:
        self.champs: Mapping[str, Champ] = {one.value: one for one in Champ}
        self.needs: Mapping[str, Need] = {one.value: one for one in Need}
        self._solutions: dict[str, frozenset[str] | None] = {}
        self._hosting: dict[str, frozenset[Hosting] | None] = {}

    def solutions(self, stored: str | None) -> frozenset[str] | None:
        """None: any."""
        text = stored or "[]"
        if text not in self._solutions:
            given = json.loads(text)
            self._solutions[text] = None if given == ANY else frozenset(given)
        return self._solutions[text]

    def hosting(self, stored: str | None) -> frozenset[Hosting] | None:
        """None: any."""
        text = stored or "[]"
        if text not in self._hosting:
            given = json.loads(text)
            self._hosting[text] = None if given == ANY else frozenset(map(Hosting, given))
        return self._hosting[text]


def _esms(row: Any, read: _Words, *, fictitious: bool) -> Esms:
    return Esms(
        row.code,
        row.name,
        row.organisme,
        read.champs[row.champ],
        row.category,
        row.lat,
        row.lon,
        row.departement,
        row.region,
        read.needs[row.need],
        row.current,
        read.solutions(row.solutions),
        read.hosting(row.hosting),
        row.lot,
        row.can_be_porteur,
        row.commune,
        row.position_origin,
        row.fictitious or fictitious,
    )
