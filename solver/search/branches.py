"""Branches: decisions that cut the proposals of a component in two, and what they change in the prices.

Two kinds of decisions, both free in the knapsack: *at most k* or *at least k + 1* grappes of some solution
and hosting (a constant of the rows), and a lot *out of* every grappe or *in* exactly one (the lot's price).
Each decision has a price >= 0, as any constraint; the prices of a leaf prove a bound on the proposals that
obey all decisions on its way.

When to modify: another way to cut the proposals in two is found; docs/solver-formats.md must follow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.search.components import Component
from solver.search.pricing import Branched
from solver.search.problem import Problem
from solver.vocabulary import Hosting

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Among:
    """The types of one solution and hosting; both None: every type."""

    solution: str | None = None
    hosting: Hosting | None = None

    @staticmethod
    def of(problem: Problem, kind: int) -> Among:
        """The solution and hosting of a type."""
        own = problem.offers.types[kind]
        return Among(own.solution, own.hosting)


@dataclass(frozen=True, slots=True)
class Count:
    """At most ``at`` grappes of the component match, or with ``more`` at least ``at + 1``."""

    among: Among
    at: int
    more: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """The lot is in no grappe, or with ``inside`` in exactly one."""

    lot: int
    inside: bool


Decision = Count | Placed


class Branching:
    """Reads decisions for one component."""

    def __init__(self, problem: Problem, component: Component) -> None:
        self.problem, self.component = problem, component
        self.kinds = np.array([problem.rows[r].type for r in component.rows], dtype=np.int64)
        own = {Among.of(problem, int(t)) for t in np.unique(self.kinds)}
        self.amongs = sorted(own, key=lambda a: (a.solution or "", a.hosting or ""))

    def matching(self, among: Among) -> npt.NDArray[np.bool_]:
        """Mask over all types."""
        every = range(len(self.problem.offers.types))
        return np.array([among in (Among(), Among.of(self.problem, t)) for t in every], dtype=bool)

    def barred(self, path: Sequence[Decision]) -> npt.NDArray[np.bool_]:
        """Lots that the decisions leave out."""
        barred = np.zeros(len(self.problem.lots.lots), dtype=bool)
        barred[[d.lot for d in path if isinstance(d, Placed) and not d.inside]] = True
        return barred

    def priced(self, path: Sequence[Decision], prices: Sequence[float]) -> Branched:
        """What the decisions on the way to a node change, at one price >= 0 each."""
        problem = self.problem
        lots = np.zeros(len(problem.lots.lots))
        by_kind = np.zeros(len(problem.offers.types))
        constant = 0.0
        for decision, price in zip(path, prices, strict=True):
            if isinstance(decision, Placed):
                lots[decision.lot] -= price if decision.inside else 0.0
                continue
            sign = 1.0 if decision.more else -1.0
            by_kind += sign * price * self.matching(decision.among)
            constant -= sign * price * (decision.at + decision.more)
        rows = np.zeros(len(problem.rows))
        rows[self.component.rows] = by_kind[self.kinds]
        return Branched(lots, rows, self.barred(path), constant)
