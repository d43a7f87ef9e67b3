"""A campaign as its organismes see one another: what each could be in a grappe of, by the judge's own rules.

Read once for each state of the campaign and kept by the process: a page of an organisme asks the database for
the state only (``_stamp``), not for the thousands of answers.

When to modify: partners are compared by something more.
"""

from __future__ import annotations

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from matchmaker.baremes import scale_for
from matchmaker.campaigns import campaign as campaigns
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.instance import question
from matchmaker.campaigns.medicalised import medicalised
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme, CampaignPair, CampaignSolution
from solver.document import read_instance
from solver.instance import Esms, Instance
from solver.judge import Judge
from solver.judge.reasons import Offer, ReasonCheck
from solver.vocabulary import Need

# An offer, and what may not be mixed with anything else in a grappe of this campaign.
Kind = tuple[Offer, Hashable]
_KEPT = 6  # campaigns, in each process
FRESH_S = 10.0


@dataclass(frozen=True)
class Profile:
    """An organisme with an ESMS that asks for something. Never shown as it is: see ``cells``.

    ``champ``, ``departement``, ``region``: those of most of its ESMS. ``dui``: code of the solution that most
    of them have now. ``kinds``: how many of its ESMS could be in a grappe of each kind. ``position``: mean of
    its ESMS, degrees.
    """

    id: int
    code: str
    champ: str
    departement: str
    region: str
    dui: str | None
    medicalised: bool
    needs: frozenset[str]
    can_be_porteur: bool
    position: tuple[float, float]
    esms: tuple[Esms, ...]
    kinds: Mapping[Kind, int]

    @property
    def size(self) -> int:
        return len(self.esms)


@dataclass(frozen=True)
class Question:
    """A campaign with its judge. ``checks``: what each ESMS could be in a grappe of.
    ``profiles``: by the number of the organisme's row;
    ``apart``: pairs of these numbers that the region asked never to group; ``states``: of each
    organisme's answers when they were read."""

    campaign: CampaignValues
    instance: Instance
    judge: Judge
    checks: ReasonCheck
    profiles: Mapping[int, Profile]
    apart: frozenset[frozenset[int]]
    states: Mapping[int, tuple[Any, ...]]


_lock = threading.Lock()
_questions: OrderedDict[Hashable, Question | None] = OrderedDict()
# campaign -> when its state was last asked for (monotonic seconds), with the question of that state
_latest: dict[Hashable, tuple[float, Question]] = {}


def question_of(session: Session, campaign_id: int) -> Question | None:
    """The campaign as it is now; None when no ESMS of it has a complete answer."""
    return _exact(session, campaigns.get(session, campaign_id))


def question_for(session: Session, campaign_id: int, viewer: int) -> Question | None:
    """The same for the pages of one organisme: its own answers as they are now, the others' as they were at
    most ``FRESH_S`` seconds ago. While many people answer, each page would read the whole campaign again."""
    values = campaigns.get(session, campaign_id)
    with _lock:
        held = _latest.get(_name(session, values))
    if held is not None and time.monotonic() - held[0] < FRESH_S:
        known, then = held[1], held[1].campaign
        own = _states(session, CampaignEsms.organisme_id == viewer).get(viewer)
        same = (values.created_at, values.changed_at) == (then.created_at, then.changed_at)
        if same and own == known.states.get(viewer):
            return known
    return _exact(session, values)


def _exact(session: Session, values: CampaignValues) -> Question | None:
    name = _name(session, values)
    stamp = (name, *_stamp(session, values))
    with _lock:
        found = stamp in _questions
        made = _questions.get(stamp)
    if not found:
        made = _made(session, values)
    with _lock:
        _questions[stamp] = made
        _questions.move_to_end(stamp)
        while len(_questions) > _KEPT:
            _questions.popitem(last=False)
        if made is not None:
            _latest[name] = (time.monotonic(), made)
            while len(_latest) > _KEPT:
                _latest.pop(next(iter(_latest)))
    return made


def _name(session: Session, values: CampaignValues) -> Hashable:
    return str(session.get_bind().engine.url), values.id


def _states(session: Session, of: ColumnElement[bool]) -> dict[int, tuple[Any, ...]]:
    """What changes with any answer of an organisme."""
    rows = session.execute(
        select(
            CampaignEsms.organisme_id,
            func.count(),
            func.sum(CampaignEsms.version),
            func.max(CampaignEsms.answered_at),
        )
        .where(of)
        .group_by(CampaignEsms.organisme_id)
    )
    return {number: tuple(state) for number, *state in rows}


def _stamp(session: Session, values: CampaignValues) -> tuple[Hashable, ...]:
    """What changes with anything that a profile is made of."""
    counted = select(
        func.count(),
        func.sum(CampaignEsms.version),
        func.max(CampaignEsms.answered_at),
    ).where(CampaignEsms.campaign_id == values.id)
    solutions = select(
        CampaignSolution.id,
        CampaignSolution.name,
        CampaignSolution.segur_status,
        CampaignSolution.hosting,
        CampaignSolution.champs,
    ).where(CampaignSolution.campaign_id == values.id)
    offered = sorted(
        (r.id, r.name, r.segur_status, *r.hosting, *r.champs) for r in session.execute(solutions)
    )
    pairs = select(func.count(), func.max(CampaignPair.id)).where(CampaignPair.campaign_id == values.id)
    return (
        values.created_at,
        values.changed_at,
        *session.execute(counted).one(),
        tuple(offered),
        *session.execute(pairs).one(),
    )


def _made(session: Session, values: CampaignValues) -> Question | None:
    states = _states(session, CampaignEsms.campaign_id == values.id)
    document = question(session, values.id)
    if not document["esms"]:
        return None
    instance = read_instance(document)
    judge = Judge(instance, scale_for(instance.regime, instance.parameters.readings))
    known = _organismes(session, values.id)
    checks = ReasonCheck(judge)
    profiles = profiles_of(instance, checks, known, medicalised(session, values.id))
    apart = {
        frozenset(known[code] for code in pair)
        for pair in instance.constraints.apart
        if set(pair) <= set(known)
    }
    return Question(values, instance, judge, checks, profiles, frozenset(apart), states)


def _organismes(session: Session, campaign_id: int) -> dict[str, int]:
    rows = select(CampaignOrganisme.code, CampaignOrganisme.id)
    return {r.code: r.id for r in session.execute(rows.where(CampaignOrganisme.campaign_id == campaign_id))}


def profiles_of(
    instance: Instance, checks: ReasonCheck, known: Mapping[str, int], cared: frozenset[str]
) -> dict[int, Profile]:
    """Profiles by the number of the organisme (``known``: code -> number); ``cared``: medicalised ESMS."""
    asking: dict[str, list[Esms]] = {}
    for e in instance.esms:
        if e.need is not Need.AUCUN and e.id not in instance.constraints.excluded:
            asking.setdefault(e.organisme, []).append(e)
    return {known[code]: _profile(known[code], code, some, checks, cared) for code, some in asking.items()}


def _profile(
    number: int, code: str, some: Sequence[Esms], checks: ReasonCheck, cared: frozenset[str]
) -> Profile:
    kinds: Counter[Kind] = Counter((offer, checks.kind(e)) for e in some for offer in checks.offers(e))
    have = [e.current_solution for e in some if e.current_solution is not None]
    return Profile(
        id=number,
        code=code,
        champ=_most(e.champ.value for e in some),
        departement=_most(e.departement for e in some),
        region=_most(e.region for e in some),
        dui=_most(have) if have else None,
        medicalised=any(e.id in cared for e in some),
        needs=frozenset(e.need.value for e in some),
        can_be_porteur=any(e.can_be_porteur for e in some),
        position=(sum(e.lat for e in some) / len(some), sum(e.lon for e in some) / len(some)),
        esms=tuple(some),
        kinds=kinds,
    )


def _most(words: Any) -> str:
    """The most frequent, the first in the order of words when several are."""
    counted = Counter(words)
    return str(min(counted, key=lambda word: (-counted[word], word)))
