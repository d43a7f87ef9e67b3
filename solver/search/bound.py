"""Bounds: any prices >= 0, priced exactly and repaired, prove that no proposal is worth more.

With prices ``pi`` every column of a free row r is worth at most ``pi(column) + e_r``, where ``e_r`` is the
best reduced value of r when positive. A column of r holds at least ``low_r`` ESMS, so raising the price of
each of its lots by ``weight * e_r / low_r`` absorbs the excess: after this repair no column has a positive
reduced value, and the sum of the prices (with the budget's, the ids' and that of the number of grappes) is an
upper bound. Rows of forced fixed grappes need no repair: they are used exactly once, so their best reduced
value just counts, whatever its sign.

The closed form needs no linear program: each lot is paid the most it can bring, with its share
``min(weight / low, 1)`` of the supplements that come once.

When to modify: the objective or a shared constraint changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from solver.search.components import Component
from solver.search.pricing import Pricer, Prices
from solver.search.problem import NONE, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RELATIVE_MARGIN = 1e-9  # far above the rounding of sums of some 10^4 doubles, far below one amount
ABSOLUTE_MARGIN = 1e-3
SHARES = (0.0, 0.25, 0.5, 0.75, 0.9, 1.0)  # of what lots (or supplements) bring, where grappes are scarce


@dataclass(frozen=True)
class Bound:
    """``value``: proven for the component by ``prices`` (repaired); ``reduced``: best of each row before."""

    value: float
    prices: Prices
    reduced: Floats


class Bounder:
    """Turns prices into bounds of one component."""

    def __init__(self, problem: Problem, component: Component, pricer: Pricer) -> None:
        self.problem, self.component, self.pricer = problem, component, pricer
        rows = [problem.rows[r] for r in component.rows]
        self.fixed = np.array([r.fixed for r in rows], dtype=np.int64)
        self.low = np.array([max(r.low, 1) for r in rows], dtype=np.float64)
        lots = [np.append(r.items, r.base_lot) if r.base_lot != NONE else r.items for r in rows]
        self.flat = np.concatenate(lots)
        self.row_of = np.repeat(np.arange(len(rows)), [len(x) for x in lots])
        self.weight = problem.offers.weight.astype(np.float64)
        self._ceilings: dict[float, Floats] = {}
        self._identities = sorted({r.identity for r in rows} - {NONE})

    def of(self, prices: Prices) -> Bound:
        """The bound that these prices prove once repaired."""
        reduced = self.pricer.best(prices)
        free = self.fixed == NONE
        excess = np.where(free, np.maximum(reduced, 0.0), 0.0) / self.low
        unit = np.zeros(len(self.weight))
        if excess.any():
            which = excess[self.row_of] > 0.0
            if prices.branched is not None:
                which &= ~prices.branched.barred[self.flat]
            np.maximum.at(unit, self.flat[which], excess[self.row_of[which]])
        repaired = replace(prices, lots=prices.lots + unit * self.weight)
        value = _paid(self.component, repaired, self._identities)
        value += _fixed_part(self.component, self.fixed, reduced)
        if prices.branched is not None:
            value += prices.branched.constant
        return Bound(value, repaired, reduced)

    def closed_form(self) -> Prices:
        """Prices that need no linear program (see the module's text).

        Where grappes are scarce, lots are paid a share of it, or of their supplements alone, and each grappe
        the most that is then left: the share with the lowest bound is taken.
        """
        nothing = np.zeros(len(self.problem.reach.kept))
        if self.component.grappes is None:
            return Prices(self.ceiling(1.0), 0.0, nothing)
        shared = [Prices(share * self.ceiling(1.0), 0.0, nothing) for share in SHARES]
        if not self.problem.covers:  # an ESMS counted brings no supplement
            shared += [Prices(self.ceiling(share), 0.0, nothing) for share in SHARES if share < 1.0]
        left = [max(0.0, float(self.pricer.best(p).max(initial=0.0))) for p in shared]
        return min(
            (replace(p, grappes=most) for p, most in zip(shared, left, strict=True)),
            key=lambda p: self.of(p).value,
        )

    def ceiling(self, share: float) -> Floats:
        """What each lot can bring at most, with ``share`` of its part of the supplements; 0 out of reach."""
        if share not in self._ceilings:
            self._ceilings[share] = self._ceiling(share)
        return self._ceilings[share]

    def _ceiling(self, share: float) -> Floats:
        problem, offers = self.problem, self.problem.offers
        top = np.zeros(len(self.weight))
        lowest = np.full(len(self.weight), np.inf)
        np.minimum.at(lowest, self.flat, self.low[self.row_of])
        kinds = np.array([problem.rows[r].type for r in self.component.rows], dtype=np.int64)
        for t in np.unique(kinds):
            at = np.unique(self.flat[kinds[self.row_of] == t])
            if problem.covers:
                worth = self.weight[at]
            else:
                upper, lower = offers.levels[t]
                worth = (
                    offers.value[t, at]
                    + upper * offers.high[t, at]
                    + lower * (self.weight[at] - offers.high[t, at])
                )
                supplements = sum(problem.supplement)
                worth = worth + share * supplements * np.minimum(self.weight[at] / lowest[at], 1.0)
            top[at] = np.maximum(top[at], worth)
        if problem.reach.kept:
            reached = np.zeros(len(top), dtype=bool)
            reached[self.flat] = True
            top += np.where(reached, problem.stability * np.max(problem.reach.kept, axis=0), 0.0)
        return top


def repaired_value(problem: Problem, component: Component, pricer: Pricer, prices: Prices) -> float:
    """``Bounder.of(prices).value`` where prices are repaired already, or above such.

    Only rows of fixed grappes are priced, since no other has a positive reduced value left: a certificate is
    made at once, also of what was found until a stop.
    """
    rows = [problem.rows[r] for r in pricer.rows.tolist()]
    fixed = np.array([r.fixed for r in rows], dtype=np.int64)
    identities = sorted({r.identity for r in rows} - {NONE})
    value = _paid(component, prices, identities)
    if (fixed != NONE).any():
        reduced = pricer.unhalted().among(fixed != NONE).best(prices)
        value += _fixed_part(component, fixed[fixed != NONE], reduced)
    return value


def _paid(component: Component, prices: Prices, identities: list[int]) -> float:
    """What all prices add up to, fixed grappes apart."""
    value = float(prices.paid[component.lots].sum()) + float(prices.identities[identities].sum())
    value += prices.budget * (component.budget or 0)
    value += prices.grappes * (component.grappes or 0)
    return value + prices.most * (component.most or 0)


def _fixed_part(component: Component, fixed: Ints, reduced: Floats) -> float:
    """Forced fixed grappes at their best; of the optional ones the best, at least as many as must be.

    ``fixed``: the fixed grappe of each row, NONE for none; ``reduced``: its best reduced value. One that has
    no grappe left (at a node of a tree that no proposal reaches) counts 0.
    """
    best = {int(k): float(reduced[fixed == k].max()) for k in np.unique(fixed) if k != NONE}
    best = {k: v if np.isfinite(v) else 0.0 for k, v in best.items()}
    forced = sum(best[k] for k in sorted(component.forced))
    optional = sorted((best[k] for k in component.optional), reverse=True)
    least = component.at_least
    return forced + sum(optional[:least]) + sum(max(v, 0.0) for v in optional[least:])


def published(value: float, step: int) -> int:
    """A float bound made safe, then rounded down to what values are multiples of."""
    safe = value + abs(value) * RELATIVE_MARGIN + ABSOLUTE_MARGIN
    return math.floor(safe / step) * step
