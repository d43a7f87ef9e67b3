"""From an instance to a proposal: search, figures, judge, explanations, judge again.

Nobody sees a result that the judge has not accepted: a disagreement is an error, never a warning.

When to modify: what a proposal is made of, or how its time is shared, changes.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from itertools import count
from typing import Any

from solver.beside import Beside, uncollected
from solver.document import proposal_document, with_bounds, without_further
from solver.explain import Survey, explain, robustness
from solver.funding import appraise
from solver.instance import Grappe, Instance
from solver.judge import GivenUpError, Judge, bound_disagreements, proposal_disagreements
from solver.proposal import Progress, SearchResult
from solver.scale import Scale
from solver.search import KnownPrices, Onward, search

_SHARE_AFTER_SEARCH = 0.25  # of the time limit, at most kept for what follows the search
_WHOLE_AFTER_SEARCH_S = 0.007  # per ESMS: reasons, changes, departures, judge take 2.4 to 6 CPU ms
_AMPLE_AFTER_SEARCH_S = 0.014  # per ESMS, as far as a long limit allows: for machines that many share
_AMPLE_SHARE = 0.1  # of the time limit, which the search does not miss
_BRIEF_AFTER_SEARCH_S = 0.002  # per ESMS, where changes are not wanted
_LEAST_AFTER_SEARCH_S = 2.0
_MOST_AFTER_SEARCH_S = 60.0
_AFTER_SEARCH_PER_ESMS_S = 0.0008  # what reasons and judge take at least: 20 CPU s for 33,000 ESMS
_EXPLAINING = 0.5  # of the time that is left after the search, for losses and changes
_LOSSES = 0.4  # of the time of the explanations; the changes have the rest
_REPLACING = 0.25  # of the time that is left after the search, for those who could replace a departure
_DEPARTING = 0.8  # of it, until when it is looked for what departures break; the judge has the rest
_WRITING = 0.05  # of it, for the file
_REPORT_S = 0.5
_TICK_S = 0.1
_TICKS_A_REPORT = 5
_NAMED = ("matchmaker-grappes", "ortools", "numpy", "networkx")


class JudgeDisagrees(Exception):  # noqa: N818 - a verdict, named as one
    """The judge refuses what the search or the explanations produced; ``disagreements`` says where."""

    def __init__(self, found: Sequence[object]) -> None:
        super().__init__("; ".join(str(one) for one in found[:3]) + ("; ..." if len(found) > 3 else ""))
        self.disagreements = tuple(found)


def solve(
    instance: Instance,
    scale: Scale,
    *,
    time_limit_s: float,
    gap: float = 0.0,
    seed: int = 0,
    threads: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    start: Sequence[Grappe] = (),
    known: KnownPrices | None = None,
    brief: bool = False,
) -> dict[str, Any]:
    """The proposal document of an instance, accepted by the judge.

    Parameters
    ----------
    time_limit_s
        Wall time of the whole call, seconds.
    gap
        The search ends once ``upper_bound / objective_value - 1`` is that small.
    on_progress, should_stop
        Called from the calling thread, several times a second; the best proposal is kept after a stop.
    start
        Grappes to begin with, used as far as they are valid.
    known
        Prices of an earlier answer to nearly the same question: bounds begin there.
    brief
        Only the figures matter: changes and replacements are cut as after a stop, the search has their time.

    Raises
    ------
    JudgeDisagrees
        The judge finds a rule broken, or a figure that is not its own.
    """
    tell = on_progress or (lambda _: None)
    stop = should_stop or (lambda: False)
    started = time.monotonic()
    deadline = started + time_limit_s
    # What explanations need of the instance alone is computed while the search turns.
    survey = Survey(instance, scale)
    surveyed = Beside(survey.prepare, "survey")
    onward = Onward()
    try:
        found = search(
            instance,
            scale,
            deadline=deadline - after_search_s(time_limit_s, len(instance.esms), brief),
            gap=gap,
            seed=seed,
            threads=threads,
            on_progress=tell,
            should_stop=stop,
            start=start,
            known=known,
            onward=None if brief else onward,
        )
        cut = (lambda: True) if brief else stop
        return _judged(
            survey, found, start, started, deadline, seed, threads, tell, cut, surveyed.result, onward
        )
    finally:
        onward.end()


def concluded_by(
    instance: Instance,
    scale: Scale,
    found: SearchResult,
    *,
    time_limit_s: float,
    seed: int = 0,
    threads: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """The proposal document of what was found elsewhere: judged, explained, judged again, as by ``solve``.

    ``time_limit_s`` is the wall time of this call. Raises ``JudgeDisagrees``.
    """
    started = time.monotonic()
    survey = Survey(instance, scale)
    tell, stop = on_progress or (lambda _: None), should_stop or (lambda: False)
    deadline = started + time_limit_s
    surveyed = Beside(survey.prepare, "survey")
    told = count()

    def tick() -> None:
        if next(told) % _TICKS_A_REPORT == 0:
            reached = time.monotonic() - started
            tell(Progress(reached, "explanation", found.objective_value, found.upper_bound))

    surveyed.result(tick)
    return _judged(survey, found, (), started, deadline, seed, threads, tell, stop, surveyed.result)


def _judged(
    survey: Survey,
    found: SearchResult,
    start: Sequence[Grappe],
    started: float,
    deadline: float,
    seed: int,
    threads: int,
    tell: Callable[[Progress], None],
    stop: Callable[[], bool],
    prepared: Callable[[], None],
    onward: Onward | None = None,
) -> dict[str, Any]:
    """The document of what the search has found, made beside the calling thread, which reports.

    Its bounds are those that have been proven ``onward`` when all is made, or when time is up.
    """
    onward = onward or Onward()
    clock = _Clock(time.monotonic(), deadline)
    if stop():
        clock.stop()

    bounded = found

    def conclude() -> dict[str, Any]:
        prepared()
        judge = Judge(survey.instance, survey.scale)
        document = _concluded(survey, judge, found, start, clock, seed, threads)
        if clock.stopped():
            document = without_further(document)
        # Judged anew; what has been measured need not be measured again.
        again = Judge(survey.instance, survey.scale, judge.distances)
        try:
            refused = proposal_disagreements(again, document, clock.over)
        except GivenUpError as given_up:
            document, refused = without_further(document, changes=given_up.changes_hold), []
        if refused:
            raise JudgeDisagrees(refused)
        return document

    reported = float("-inf")

    def tick() -> None:
        nonlocal reported, bounded
        now = time.monotonic()
        if stop():
            clock.stop()
            onward.end()
        if now - reported >= _REPORT_S:
            reported = now
            bounded = onward.better() or bounded
            tell(Progress(now - started, "explanation", found.objective_value, bounded.upper_bound))

    with uncollected():
        document = Beside(conclude, "explanation").result(tick)
    while onward.going and not clock.over():
        time.sleep(_TICK_S)
        tick()
    onward.end()
    bounded = onward.better() or bounded
    if bounded is not found:
        document = _bounded(document, bounded)
    document["wall_time_s"] = round(time.monotonic() - started, 3)
    return document


def _bounded(document: dict[str, Any], found: SearchResult) -> dict[str, Any]:
    """The document with the bounds found since, which the judge sees too."""
    document = with_bounds(
        document,
        upper_bound=found.upper_bound,
        certified_bound=found.certified_bound,
        certificate=found.certificate,
    )
    if refused := list(bound_disagreements(document)):
        raise JudgeDisagrees(refused)
    return document


def _concluded(
    survey: Survey,
    judge: Judge,
    found: SearchResult,
    start: Sequence[Grappe],
    clock: _Clock,
    seed: int,
    threads: int,
) -> dict[str, Any]:
    """The explained document of what the search has found; its wall time is not known yet.

    After a stop nothing more is sought: reasons are told, changes and departures are not.
    """
    instance, scale = survey.instance, survey.scale
    grappes = found.grappes if found.read else least_proposal(judge, start, found.grappes)
    broken = [] if clock.stopped() else judge.violations(grappes)  # after a stop: with the document alone
    if broken:
        raise JudgeDisagrees(broken)
    explained = explain(
        survey,
        grappes,
        judge=judge,
        out_of_time=clock.changes_over,
        hurry=clock.losses_over,
    )
    solid = robustness(
        instance,
        scale,
        explained.grappes,
        judge=judge,
        unplaced=explained.unplaced,
        out_of_time=clock.replacements_over,
        given_up=clock.departures_over,
    )
    value = judge.objective_value(explained.grappes)
    found = found.showing(instance, explained.grappes)
    document = proposal_document(
        instance,
        grappes=[(g, appraise(instance, scale, g)) for g in explained.grappes],
        unplaced=explained.unplaced,
        changes_complete=explained.changes_complete,
        robustness=solid.robustness,
        departures_complete=solid.complete,
        objective_value=value,
        upper_bound=found.upper_bound,
        certified_bound=found.certified_bound,
        certificate=found.certificate,
        wall_time_s=0.0,
        seed=seed,
        threads=threads,
        solver=versions(),
    )
    told = len(solid.robustness) == len(explained.grappes)
    return document if told else without_further(document, changes=True)


def least_proposal(judge: Judge, start: Sequence[Grappe], more: Sequence[Grappe] = ()) -> tuple[Grappe, ...]:
    """A valid proposal without a search: the earlier one if it still stands, else what must appear, with
    ``more`` grappes as far as they are valid beside it; whichever is worth more."""
    fixed = _fixed_alone(judge)
    whole = (*fixed, *_renamed(judge.instance, fixed, more))
    able = [one for one in (tuple(start), whole) if one and not judge.violations(one)]
    return max(able, key=judge.objective_value, default=fixed)


def _renamed(instance: Instance, fixed: Sequence[Grappe], more: Sequence[Grappe]) -> list[Grappe]:
    """``more`` with ids that no other grappe has."""
    taken = {g.id for g in fixed} | {f.id for f in instance.constraints.fixed_grappes}
    found = []
    for g in more:
        fresh = g.id if g.id not in taken else next(i for k in count(1) if (i := f"G{k:03d}") not in taken)
        taken.add(fresh)
        found.append(replace(g, id=fresh))
    return found


def _fixed_alone(judge: Judge) -> tuple[Grappe, ...]:
    """What must appear: fixed grappes, those that may be extended as far as they can be."""
    instance = judge.instance
    taken = {g.id for g in instance.previous} | {f.id for f in instance.constraints.fixed_grappes}
    fresh = (id_ for k in count(1) if (id_ := f"G{k:03d}") not in taken)
    fixed = [(f, f.id or next(fresh)) for f in instance.constraints.fixed_grappes]
    grappes = [
        Grappe(id_, f.solution, f.hosting, f.porteur, f.members) for f, id_ in fixed if not f.extendable
    ]
    absent = [(f, id_) for f, id_ in fixed if f.extendable]
    while True:
        for f, id_ in absent:
            grown = judge.extension(f, grappes)
            if grown is not None:
                grappes.append(replace(grown, id=id_))
                absent.remove((f, id_))
                break
        else:
            return tuple(grappes)


def after_search_s(time_limit_s: float, esms: int, brief: bool = False) -> float:
    """Seconds kept from the search; never more than four fifths of the limit.

    What is not used is not lost: bounds go on meanwhile, or the proposal is there the earlier.
    """
    whole = (_BRIEF_AFTER_SEARCH_S if brief else _WHOLE_AFTER_SEARCH_S) * esms
    if not brief:
        whole = max(whole, min(_AMPLE_AFTER_SEARCH_S * esms, _AMPLE_SHARE * time_limit_s))
    whole = max(_LEAST_AFTER_SEARCH_S, whole)
    share = min(_SHARE_AFTER_SEARCH * time_limit_s, _MOST_AFTER_SEARCH_S, whole)
    return min(max(share, _AFTER_SEARCH_PER_ESMS_S * esms), 0.8 * time_limit_s)


class _Clock:
    """Until when explanations may be sought, from ``now`` to the ``deadline`` of the whole, or a stop."""

    def __init__(self, now: float, deadline: float) -> None:
        whole = max(0.0, deadline - now)
        left = _EXPLAINING * whole
        # What would change the answer is worth more to its reader than the last euro of a loss.
        self._losses, self._changes = now + _LOSSES * left, now + left
        self._replacements = self._changes + _REPLACING * whole
        self._departures, self._end = now + _DEPARTING * whole, deadline - _WRITING * whole
        self._stopped = threading.Event()

    def stop(self) -> None:
        """A stop was asked for, now or before."""
        self._stopped.set()

    def stopped(self) -> bool:
        return self._stopped.is_set()

    def losses_over(self) -> bool:
        return self.stopped() or time.monotonic() > self._losses

    def changes_over(self) -> bool:
        return self.stopped() or time.monotonic() > self._changes

    def departures_over(self) -> bool:
        """Whether not even what departures break is to be looked for."""
        return self.stopped() or time.monotonic() > self._departures

    def over(self) -> bool:
        """Whether the document is to be as it is."""
        return self.stopped() or time.monotonic() > self._end

    def replacements_over(self) -> bool:
        return self.stopped() or time.monotonic() > self._replacements


def versions() -> dict[str, str]:
    """Names and versions of what solved; a checkout that is not installed has no version of its own."""
    found = {}
    for name in _NAMED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
