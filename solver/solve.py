"""From an instance to a proposal: search, figures, judge, explanations, judge again.

Nobody sees a result that the judge has not accepted: a disagreement is an error, never a warning.

When to modify: what a proposal is made of, or how its time is shared, changes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from solver.document import proposal_document
from solver.explain import Survey, explain
from solver.funding import appraise
from solver.instance import Grappe, Instance
from solver.judge import Judge, disagreements
from solver.proposal import Progress
from solver.scale import Scale
from solver.search import search

_SHARE_AFTER_SEARCH = 0.25  # of the time limit, kept for what follows the search
_MOST_AFTER_SEARCH_S = 60.0
_AFTER_SEARCH_PER_ESMS_S = 0.001  # what reasons and judge take at least, seen at 8,000 ESMS
_EXPLAINING = 0.7  # of the time that is left after the search; the rest is the judge's
_LOSSES = 0.4  # of the time of the explanations; the changes have the rest
_EXPLAINING_AFTER_STOP_S = 3.0  # once a stop is asked for: the file must be there within ten seconds
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

    Raises
    ------
    JudgeDisagrees
        The judge finds a rule broken, or a figure that is not its own.
    """
    tell = on_progress or (lambda _: None)
    stop = should_stop or (lambda: False)
    started = time.monotonic()
    deadline = started + time_limit_s
    found = search(
        instance,
        scale,
        deadline=deadline - _after_search_s(time_limit_s, len(instance.esms)),
        gap=gap,
        seed=seed,
        threads=threads,
        on_progress=tell,
        should_stop=stop,
        start=start,
    )
    judge = Judge(instance, scale)
    broken = judge.violations(found.grappes)
    if broken:
        raise JudgeDisagrees(broken)
    now = time.monotonic()
    tell(Progress(now - started, "explanation", found.objective_value, found.upper_bound))
    left = _EXPLAINING * max(0.0, deadline - now)
    clock = _Clock(now + left, stop, _EXPLAINING_AFTER_STOP_S)
    # What would change the answer is worth more to its reader than the last euro of a loss.
    losses = _Clock(now + _LOSSES * left, stop, _LOSSES * _EXPLAINING_AFTER_STOP_S)
    explained = explain(
        Survey(instance, scale),
        found.grappes,
        judge=judge,
        out_of_time=clock.out_of_time,
        hurry=losses.out_of_time,
    )
    document = proposal_document(
        instance,
        grappes=[(g, appraise(instance, scale, g)) for g in explained.grappes],
        unplaced=explained.unplaced,
        changes_complete=explained.changes_complete,
        objective_value=judge.objective_value(explained.grappes),
        upper_bound=found.upper_bound,
        certified_bound=found.certified_bound,
        certificate=found.certificate,
        wall_time_s=time.monotonic() - started,
        seed=seed,
        threads=threads,
        solver=versions(),
    )
    refused = disagreements(instance, scale, document)
    if refused:
        raise JudgeDisagrees(refused)
    document["wall_time_s"] = round(time.monotonic() - started, 3)
    return document


def _after_search_s(time_limit_s: float, esms: int) -> float:
    """Seconds kept from the search; never more than half of the limit."""
    share = min(_SHARE_AFTER_SEARCH * time_limit_s, _MOST_AFTER_SEARCH_S)
    return min(max(share, _AFTER_SEARCH_PER_ESMS_S * esms), 0.5 * time_limit_s)


@dataclass
class _Clock:
    """Until when explanations may be sought; a stop leaves them a few seconds."""

    deadline: float
    should_stop: Callable[[], bool]
    after_stop_s: float
    _stopped: bool = False

    def out_of_time(self) -> bool:
        now = time.monotonic()
        if not self._stopped and self.should_stop():
            self._stopped = True
            self.deadline = min(self.deadline, now + self.after_stop_s)
        return now > self.deadline


def versions() -> dict[str, str]:
    """Names and versions of what solved; a checkout that is not installed has no version of its own."""
    found = {}
    for name in _NAMED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
