"""What each grappe becomes when one organisme leaves it, with those who could come instead.

The judge says what is left of a grappe; candidates are sought by ``replacements`` and accepted by the judge.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from solver.explain.replacements import Candidates
from solver.instance import Grappe, Instance
from solver.judge import Departures, Judge
from solver.proposal import Robustness, Unplaced
from solver.scale import Scale


@dataclass(frozen=True)
class Found:
    """``robustness``: one per grappe, in their order; ``complete``: replacements were sought for all."""

    robustness: tuple[Robustness, ...]
    complete: bool


def robustness(
    instance: Instance,
    scale: Scale,
    grappes: Sequence[Grappe],
    *,
    judge: Judge,
    unplaced: Sequence[Unplaced] = (),
    out_of_time: Callable[[], bool] = lambda: False,
    given_up: Callable[[], bool] = lambda: False,
) -> Found:
    """Slack and departures of each grappe of a valid proposal, and replacements until ``out_of_time``.

    Nothing is said once ``given_up()``. ``unplaced``: who is left out, with the changes that would let them
    join a grappe: with the same concession they may replace somebody.
    """
    departures = Departures(judge, grappes)
    standing = []
    for grappe in grappes:
        if given_up():
            return Found((), False)
        standing.append([departures.of(grappe, o) for o in departures.organismes(grappe)])
    search = Candidates(_unheld(instance), scale, tuple(grappes), departures, tuple(unplaced))
    found: list[Robustness] = []
    complete = True
    for grappe, mine in zip(grappes, standing, strict=True):
        if given_up():
            return Found((), False)
        complete = complete and not out_of_time()
        if complete and any(one.rules for one in mine):
            seats = search.seats(grappe)
            mine = [replace(one, replacements=tuple(seats.replacements(one))) for one in mine]
        found.append(Robustness(grappe.id, departures.slack(grappe), tuple(mine)))
    return Found(tuple(found), complete)


def _unheld(instance: Instance) -> Instance:
    """``min_slack`` is not asked of a grappe that has lost members."""
    return replace(instance, parameters=replace(instance.parameters, min_slack=0))
