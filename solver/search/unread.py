"""What can be said of an instance when the search is stopped before its rows are known: a rough bound.

Each lot is paid the most that any type gives it, with its share ``min(weight / minimum, 1)`` of the
supplements that come once, and each fixed grappe the most it can bring: the closed form of ``bound`` without
asking who reaches whom. These prices leave no row a positive reduced value, whatever the rows are.

When to modify: the closed form of ``bound`` changes.
"""

from __future__ import annotations

import math

import numpy as np

from solver.funding import is_small, rate_of
from solver.instance import Grappe
from solver.proposal import SearchResult
from solver.search import certificate
from solver.search.bound import published
from solver.search.plan import objective_of
from solver.search.pricing import Prices
from solver.search.problem import Floats, Problem


def rough(problem: Problem, grappes: tuple[Grappe, ...]) -> SearchResult:
    """A first plan, fixed grappes apart, and the closed form as bound and certificate; ``read`` is False."""
    prices = certificate.rounded(Prices(_tops(problem), 0.0, np.zeros(0)), problem.covers).lots
    total = float(prices.sum()) + sum(_fixed(problem, k) for k in range(len(problem.lots.bases)))
    bound = published(total, _step(problem))
    named = {lot.key: price for lot, price in zip(problem.lots.lots, prices.tolist(), strict=True) if price}
    leaf = {"kind": "leaf", "lots": named, "budget": 0.0, "identities": {}}
    value = objective_of(problem.instance, problem.scale, grappes)
    return SearchResult(grappes, value, bound, bound, "certificate", leaf, read=False)


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


def _fixed(problem: Problem, place: int) -> float:
    """What a fixed grappe can bring at most, before anybody joins it."""
    base = problem.lots.bases[place]
    if base is None:
        return 0.0
    if problem.covers:
        return float(len(base))
    instance, scale = problem.instance, problem.scale
    solution = instance.solution_by_id[instance.constraints.fixed_grappes[place].solution]
    euros = float(sum(problem.supplement))
    for i in base:
        esms = problem.lots.esms[i]
        rate = rate_of(scale, esms, solution)
        if rate is not None:
            euros += max(rate.first_eur, rate.beyond_eur if scale.full_rate_members is not None else 0)
        if scale.equipement is not None and is_small(instance, scale, esms):
            euros += scale.equipement.unit_eur
    return euros + problem.stability * len(base)


def _step(problem: Problem) -> int:
    """A divisor of every amount of the objective."""
    if problem.covers:
        return 1
    amounts = {*np.unique(problem.offers.value).tolist(), *problem.supplement, float(problem.stability)}
    amounts |= {a for pair in problem.offers.levels for a in pair}
    rates = problem.scale.rates.values()
    amounts |= {float(a) for rate in rates for a in (rate.first_eur, rate.beyond_eur)}
    return math.gcd(*(round(a) for a in amounts)) or 1
