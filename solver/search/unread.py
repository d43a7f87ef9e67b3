"""What can be said of an instance when the search is stopped before its rows are known: a rough bound.

Each lot is paid the most that any type gives it, with its share ``min(weight / minimum, 1)`` of the
supplements that come once: the closed form of ``bound`` without asking who reaches whom. These prices leave
no free row a positive reduced value, whatever the rows are; the rows of fixed grappes are few and are read.

The step to which ``verify`` rounds depends on all rows. So prices are raised, by less than a few steps, until
what they prove is a multiple of every step that rows could have: rounding then changes nothing. How many
of the fixed grappes that may be absent appear is for a model to say, which takes its time: the bound is known
for each number instead, and ``SearchResult.showing`` takes that of the proposal.

When to modify: the closed form of ``bound`` changes, or what its step is made of.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from solver.instance import Grappe, Instance
from solver.proposal import Growing, SearchResult
from solver.scale import Scale
from solver.search import certificate
from solver.search.plan import grappes_of, objective_of
from solver.search.pricing import Pricer, Prices
from solver.search.problem import Floats, Problem, state_without_rows, with_fixed_rows
from solver.vocabulary import Objective

Ints = npt.NDArray[np.int64]

HUNDREDTHS = 100


def rough(problem: Problem, grappes: tuple[Grappe, ...]) -> SearchResult:
    """A first plan, fixed grappes apart, and the closed form as bound and certificate; ``read`` is False.

    ``problem`` has the rows of its fixed grappes and no others. The certificate is of the whole problem: in a
    ``sum``, lots that no row holds would not be counted.
    """
    start = Prices(_tops(problem), 0.0, np.zeros(len(problem.reach.kept)))
    prices, proven = _proven(problem, _in_hundredths(certificate.rounded(start, problem.covers).lots))
    settled = objective_of(problem.instance, problem.scale, grappes_of(problem, []))
    certified = tuple(settled - (-value // HUNDREDTHS) for value in proven)
    named = {
        lot.key: price / HUNDREDTHS
        for lot, price in zip(problem.lots.lots, prices.tolist(), strict=True)
        if price
    }
    leaf = {"kind": "leaf", "lots": named, "budget": 0.0, "identities": {}}
    value = objective_of(problem.instance, problem.scale, grappes)
    growing = Growing(frozenset(f.index for f in problem.reach.fixed if not f.forced), certified)
    bound = certified[0]
    return SearchResult(grappes, value, bound, bound, "certificate", leaf, read=False, growing=growing)


def unread(instance: Instance, scale: Scale, grappes: tuple[Grappe, ...] = ()) -> SearchResult:
    """``rough`` from the instance alone."""
    return rough(with_fixed_rows(state_without_rows(instance, scale)), grappes)


def joined(
    instance: Instance, scale: Scale, parts: Sequence[SearchResult | None], grappes: tuple[Grappe, ...]
) -> SearchResult | None:
    """``unread`` from the rough results of parts that nothing links, which need not be computed again.

    A lot's price is the same in its part and in the whole, and what each part proves is a multiple of every
    step there could be: so is the sum. None where that is not so (fixed grappes; amounts of which nothing is
    known without the rows of the whole), or where a part has told nothing.
    """
    if instance.constraints.fixed_grappes or not _always(instance, scale):
        return None
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    named = {lot: price for part in known for lot, price in part.certificate["lots"].items()}
    leaf = {"kind": "leaf", "lots": named, "budget": 0.0, "identities": {}}
    bound = sum(part.certified_bound for part in known)
    value = sum(part.objective_value for part in known)
    return SearchResult(grappes, value, bound, bound, "certificate", leaf, read=False)


def _always(instance: Instance, scale: Scale) -> int:
    """A multiple of every step that any rows can have, 0 where none is known without looking at lots."""
    if instance.parameters.objective is Objective.COVERAGE:
        return 1
    once = [paid.unit_eur for paid in (scale.amoa_projet, scale.amoa_marche) if paid is not None]
    return math.gcd(*once, instance.parameters.stability_eur_per_esms)


def _in_hundredths(prices: Floats) -> Ints:
    return np.rint(prices * HUNDREDTHS).astype(np.int64)


def _proven(problem: Problem, prices: Ints) -> tuple[Ints, list[int]]:
    """Prices raised as far as steps ask, and what they prove by the number of fixed grappes that appear.

    All in hundredths. Lots that fixed grappes may take are raised one by one, to whole steps, where what
    these bring is no multiple of it; else a single lot that none may take makes up for what the sum lacks.
    """
    step = _steps(problem) * HUNDREDTHS
    joining = np.unique(np.concatenate([np.zeros(0, np.int64), *(row.items for row in problem.rows)]))
    free = np.setdiff1d(np.arange(len(prices)), joining)
    forced, optional = _brought(problem, prices)
    if any(value % step for value in (forced, *optional)) or not len(free):
        prices = prices.copy()
        prices[joining] += -prices[joining] % step
        forced, optional = _brought(problem, prices)
    if len(free):
        prices = prices.copy()
        prices[free[0]] += -int(prices.sum()) % step
    inside = int(prices.sum()) + forced + sum(value for value in optional if value > 0)
    lost = (min(value, 0) for value in sorted(optional, reverse=True))
    return prices, list(accumulate(lost, initial=inside))


def _brought(problem: Problem, prices: Ints) -> tuple[int, list[int]]:
    """What fixed grappes bring beyond prices, in hundredths: all that appear, each that may be absent."""
    if not problem.rows:
        return 0, []
    stated = Prices(prices / HUNDREDTHS, 0.0, np.zeros(len(problem.reach.kept)))
    reduced = Pricer(problem, range(len(problem.rows))).best(stated)
    best: dict[int, int] = {}
    for row, value in zip(problem.rows, reduced.tolist(), strict=True):
        if math.isfinite(value):
            best[row.fixed] = max(best.get(row.fixed, round(value * HUNDREDTHS)), round(value * HUNDREDTHS))
    forced = {f.index for f in problem.reach.fixed if f.forced}
    return sum(v for k, v in best.items() if k in forced), [v for k, v in best.items() if k not in forced]


def _tops(problem: Problem) -> Floats:
    """(lots,) what each can bring to the objective at most."""
    offers = problem.offers
    weight = offers.weight.astype(np.float64)
    if len(weight) == 0 or len(offers.types) == 0:
        return np.zeros(len(weight))
    if problem.covers:
        return np.where(offers.fits.any(axis=0), weight, 0.0)
    upper, lower = np.array(offers.levels).T[:, :, None]
    worth = offers.value + upper * offers.high + lower * (weight - offers.high)
    share = np.minimum(weight / problem.reach.minimum, 1.0)
    tops = np.where(offers.fits, worth + share * sum(problem.supplement), 0.0).max(axis=0)
    known = {id_ for g in problem.instance.previous for id_ in g.members}
    kept = [sum(problem.lots.esms[i].id in known for i in lot.members) for lot in problem.lots.lots]
    return np.asarray(tops + problem.stability * np.array(kept, dtype=np.float64), dtype=np.float64)


def _steps(problem: Problem) -> int:
    """A multiple of every step (greatest common divisor of amounts) that all rows of the problem can have.

    Rows that are known have amounts of their own, which the step divides. Without any: what comes once and
    the stability are amounts of any step. Where there are none, any row has the larger loss of its type
    beyond the full rates; where nothing is lost, lots bring amounts of their own.
    """
    always = _always(problem.instance, problem.scale)
    if problem.rows and not problem.covers:
        joining = {int(k) for row in problem.rows for k in row.items}
        return problem.step_of(joining, range(len(problem.rows)))
    if always:
        return always
    some = np.flatnonzero(problem.offers.fits.any(axis=1)).tolist()
    losses = {round(problem.offers.levels[t][0]) for t in some}
    if 0 in losses:
        losses |= {round(v) for v in np.unique(problem.offers.value).tolist()}
    return math.lcm(*(losses - {0}))
