"""A campaign as its organismes see one another: what each could be in a grappe of, by the judge's own rules.

Read whole once by each process, then organisme by organisme as answers change: a page of an organisme asks
the database for what changed, not for the tens of thousands of answers. Of several people who come at once,
one reads and the others wait for it.

When to modify: a campaign's answers change in a way that no state tells.
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker.baremes import scale_for
from matchmaker.campaigns import campaign as campaigns
from matchmaker.campaigns import esms_values
from matchmaker.campaigns import instance as campaign_instance
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.esms_values import Answering, State
from matchmaker.campaigns.tables import CampaignEsms, CampaignPair, CampaignSolution
from matchmaker.partners.cells import Cell, cells
from matchmaker.partners.profiles import Profile, Profiler
from solver.instance import Instance
from solver.judge import Judge
from solver.judge.reasons import ReasonCheck
from solver.scale import Scale

T = TypeVar("T")
_KEPT = 6  # campaigns, in each process
FRESH_S = 10.0
_DERIVED = 1000  # verdicts on grappes, mostly


@dataclass(frozen=True)
class Question:
    """A campaign with its judge.

    ``frame``: its rules, solutions, organismes and pairs, without ESMS. ``answering``: ESMS with a complete
    answer, ``profiles``: organismes that ask for something, both by the number of the organisme's row.
    ``apart``: pairs of these numbers that the region asked never to group. ``states``: of each organisme's
    answers when they were read.
    """

    campaign: CampaignValues
    frame: Instance
    answering: Mapping[int, Answering]
    profiles: Mapping[int, Profile]
    apart: frozenset[frozenset[int]]
    states: Mapping[int, State]

    @cached_property
    def instance(self) -> Instance:
        """With its ESMS: what ``campaigns.instance.question`` says of the same answers."""
        held = self.answering.values()
        present = {one.code for one in held}
        constraints = self.frame.constraints
        return replace(
            self.frame,
            organismes=tuple(o for o in self.frame.organismes if o.id in present),
            esms=tuple(sorted((e for one in held for e in one.esms), key=lambda e: e.id)),
            constraints=replace(
                constraints,
                excluded=frozenset().union(*(one.excluded for one in held)),
                apart=tuple(pair for pair in constraints.apart if present.issuperset(pair)),
                together=tuple(pair for pair in constraints.together if present.issuperset(pair)),
            ),
        )

    @cached_property
    def judge(self) -> Judge:
        """Of the whole campaign: what judges grappes. Comparing partners needs its rules only."""
        return Judge(self.instance, _scale(self.frame))

    @cached_property
    def _derived(self) -> dict[Hashable, Any]:
        return {}

    def derived(self, key: Hashable, make: Callable[[], T]) -> T:
        """What follows from the question and ``key`` alone, made once while the answers stay as they are."""
        found: T | None = self._derived.get(key)
        if found is None:
            found = make()
            if len(self._derived) >= _DERIVED:
                self._derived.clear()
            self._derived[key] = found
        return found

    def cells(self, least: int) -> Mapping[int, Cell]:
        """The cells of all organismes together: what is shown of each, whoever looks."""
        return self.derived(("cells", least), lambda: cells(self.profiles.values(), least))

    @cached_property
    def checks(self) -> ReasonCheck:
        """What each ESMS could be in a grappe of, those that the campaign leaves out included."""
        return ReasonCheck(Judge(self.frame, _scale(self.frame)))


@dataclass(frozen=True)
class _Held:
    """``stamp`` None: some answers were read since it was taken. ``asked_at``: monotonic seconds."""

    stamp: Hashable | None
    asked_at: float
    question: Question | None


_lock = threading.Lock()
_held: OrderedDict[Hashable, _Held] = OrderedDict()
_reading: dict[Hashable, threading.Lock] = {}


def question_of(session: Session, campaign_id: int) -> Question | None:
    """The campaign as it is now; None when no ESMS of it has a complete answer."""
    return _exact(session, campaigns.get(session, campaign_id), None)


def question_for(session: Session, values: CampaignValues, viewer: int) -> Question | None:
    """The same for the pages of one organisme: its own answers as they are now, the others' as they were at
    most ``FRESH_S`` seconds ago. While many people answer, each page would count all answers again."""
    name = _name(session, values)
    known = _lately(name, values, FRESH_S) or _exact(session, values, FRESH_S)
    own = esms_values.states(session, viewer)
    if known is None or own.get(viewer) == known.states.get(viewer):
        return known
    with _turn(name):
        held = _kept(name)
        if held is None or held.question is None or held.question.campaign != values:
            return _now(session, values)
        states = {number: state for number, state in held.question.states.items() if number != viewer} | own
        made = _renewed(session, values, held.question.frame, held.question, states)
        _keep(name, _Held(None, held.asked_at, made))
        return made


def forget() -> None:
    """Read every campaign whole again (measures of first views)."""
    with _lock:
        _held.clear()


def _exact(session: Session, values: CampaignValues, within_s: float | None) -> Question | None:
    """``within_s``: what was read so lately, by whom one had to wait for, will do; None: nothing will."""
    name = _name(session, values)
    with _turn(name):
        found = None if within_s is None else _lately(name, values, within_s)
        return found or _now(session, values)


def _lately(name: Hashable, values: CampaignValues, within_s: float) -> Question | None:
    """What was read within these seconds, of the campaign as it is set now."""
    held = _kept(name)
    if held is None or held.question is None or time.monotonic() - held.asked_at >= within_s:
        return None
    return held.question if held.question.campaign == values else None


def _now(session: Session, values: CampaignValues) -> Question | None:
    """The state of the database, read as far as it changed; for who has the turn."""
    name, begun = _name(session, values), time.monotonic()
    stamp, held = _stamp(session, values), _kept(name)
    if held is not None and held.stamp == stamp:
        made = held.question
    else:
        made = _read(session, values, None if held is None else held.question)
    _keep(name, _Held(stamp, begun, made))
    return made


def _turn(name: Hashable) -> threading.Lock:
    with _lock:
        return _reading.setdefault(name, threading.Lock())


def _kept(name: Hashable) -> _Held | None:
    with _lock:
        return _held.get(name)


def _keep(name: Hashable, held: _Held) -> None:
    with _lock:
        _held[name] = held
        _held.move_to_end(name)
        while len(_held) > _KEPT:
            _held.popitem(last=False)


def _name(session: Session, values: CampaignValues) -> Hashable:
    return str(session.get_bind().engine.url), values.id


def _stamp(session: Session, values: CampaignValues) -> Hashable:
    """What changes with anything that a question is made of, but the register's."""
    counted = select(*esms_values.COUNTED).where(CampaignEsms.campaign_id == values.id)
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


def _read(session: Session, values: CampaignValues, before: Question | None) -> Question | None:
    """The whole campaign, but the answers that are ``before``'s."""
    states = esms_values.all_states(session, values.id)
    frame = campaign_instance.frame(session, values.id)
    return None if frame is None else _renewed(session, values, frame, before, states)


def _renewed(
    session: Session,
    values: CampaignValues,
    frame: Instance,
    before: Question | None,
    states: Mapping[int, State],
) -> Question | None:
    """A question of these states. Of an organisme whose state is ``before``'s nothing is read again."""
    if before is not None and (values, frame, states) == (before.campaign, before.frame, before.states):
        return before
    if before is not None and (frame.solutions, values.fictitious) != (
        before.frame.solutions,
        before.campaign.fictitious,
    ):
        before = None  # answers are written with the solutions' codes
    then: Mapping[int, State] = {} if before is None else before.states
    changed = {number for number, state in states.items() if then.get(number) != state}
    read = esms_values.answering(
        session, values.id, None if before is None else changed, fictitious=values.fictitious
    )
    same = {} if before is None else before.answering
    answering = {n: one for n, one in same.items() if n in states and n not in changed} | read
    if not answering:
        return None
    known: Mapping[int, Profile] = {}
    if before is not None and _rules(frame) == _rules(before.frame):
        known = before.profiles
    profiler = Profiler(Judge(frame, _scale(frame)))
    profiles: dict[int, Profile] = {}
    for number, one in answering.items():
        made = known.get(number) if number not in read else None
        made = made or profiler.profile(number, one.code, one.esms, one.excluded, one.medicalised)
        if made is not None:
            profiles[number] = made
    numbers = {one.code: number for number, one in answering.items()}
    apart = frozenset(
        frozenset((numbers[one], numbers[other]))
        for one, other in frame.constraints.apart
        if one in numbers and other in numbers
    )
    return Question(values, frame, answering, profiles, apart, states)


def _rules(frame: Instance) -> Hashable:
    """What an answer is compared by."""
    return frame.regime, frame.parameters, frame.solutions


def _scale(frame: Instance) -> Scale:
    return scale_for(frame.regime, frame.parameters.readings)
