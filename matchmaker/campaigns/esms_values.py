"""ESMS of a campaign as the optimiser's values, straight from their columns, organisme by organisme.

The same values that ``solver.document.read_instance`` makes of the document of ``campaigns.instance`` (a test
holds it), without the document: pages of one organisme read forty thousand of them, or those of a few
organismes whose answers changed. What the document is checked for was checked when it was written.

When to modify: an ESMS of the instance document gains a field.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter
from sys import intern
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Executable, Text, bindparam, case, cast, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from matchmaker.campaigns.answers import ANY
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme, CampaignSolution
from matchmaker.register.tables import Etablissement
from solver.instance import Esms
from solver.vocabulary import Champ, Hosting, Need

T = TypeVar("T")
State = tuple[Any, ...]  # what changes with any answer of an organisme
_by_id = attrgetter("id")
_AT_ONCE = 400  # organismes named in one query; beyond, the whole campaign is read

_ANSWER = (
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
)
_COLUMNS = (
    CampaignEsms.organisme_id,
    CampaignOrganisme.code.label("organisme"),
    CampaignEsms.excluded,
    Etablissement.medicalised,
    *_ANSWER,
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
    read = _Words(fictitious=fictitious)
    # As the driver gives them, by position: naming them for the session took longer than reading them.
    for number, organisme, excluded, medicalised, *answer in session.connection().execute(wanted):
        held = found.get(number)
        if held is None:
            held = found[number] = Answering(organisme)
        esms = read.esms(organisme, answer)
        held.esms.append(esms)
        if excluded:
            held.excluded.add(esms.id)
        if medicalised:
            held.medicalised.add(esms.id)
    for held in found.values():
        held.esms.sort(key=_by_id)
    if organismes is None or asked is not None:
        return found
    return {number: found[number] for number in organismes if number in found}


class _Words:
    """Stored words and lists of words, each read once; an equal word is the same string."""

    def __init__(self, *, fictitious: bool) -> None:
        self._fictitious = fictitious
        self._champs: Mapping[str, Champ] = {one.value: one for one in Champ}
        self._needs: Mapping[str, Need] = {one.value: one for one in Need}
        self._solutions: dict[str | None, frozenset[str] | None] = {}
        self._hosting: dict[str | None, frozenset[Hosting] | None] = {}

    def esms(self, organisme: str, answer: Sequence[Any]) -> Esms:
        """``answer``: the values of ``_ANSWER``, in their order."""
        (
            code,
            name,
            champ,
            category,
            lat,
            lon,
            departement,
            region,
            need,
            current,
            solutions,
            hosting,
            lot,
            can_be_porteur,
            commune,
            position_origin,
            fictitious,
        ) = answer
        if solutions not in self._solutions:
            self._solutions[solutions] = _listed(solutions, str)
        if hosting not in self._hosting:
            self._hosting[hosting] = _listed(hosting, Hosting)
        return Esms(
            code,
            name,
            organisme,
            self._champs[champ],
            intern(category),
            lat,
            lon,
            intern(departement),
            intern(region),
            self._needs[need],
            current,
            self._solutions[solutions],
            self._hosting[hosting],
            lot,
            can_be_porteur,
            commune,
            position_origin,
            fictitious or self._fictitious,
        )


def _listed(stored: str | None, word: Callable[[str], T]) -> frozenset[T] | None:
    """A stored list of words; None: any."""
    given = json.loads(stored or "[]")
    return None if given == ANY else frozenset(map(word, given))
