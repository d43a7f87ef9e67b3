"""Column generation: master and exact pricing in turn, until the bound meets the master's value.

Every pricing also proves a bound (``solver.search.bound``). Two things keep the prices from swinging: they
are taken between the best known and the master's, and in the first rounds the master's may not fall far
below what lots can bring, since lots that no column holds yet would be priced at nothing.

When to modify: convergence on a kind of region is poor; measure with benchmarks/ before and after.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.search.bound import Bound, Bounder
from solver.search.components import Component
from solver.search.master import Master, Matrix, Pool, Weights, gradient
from solver.search.outside import outside
from solver.search.pricing import Pricer, Prices
from solver.search.problem import NONE, Column, Problem
from solver.search.rows import Row
from solver.search.simplex import Program

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SIMPLEX_LOTS = 150  # components up to this size have their master solved by the simplex
ROUND_COLUMNS = 3000
FIRST_COLUMNS = 8000  # of a pool, about; rows in turn, so that they come from everywhere
STEPS = 250
BOXED_ROUNDS = 14
BOX = 0.07
CONVERGED = 1.5e-4
NEARLY = 3e-3  # for small components: their tree goes on from there
PURGE_EVERY = 2
POOL, POOL_PER_LOT = 5 * ROUND_COLUMNS, 7  # columns kept at a purge, at most
DISTANT = 0.02  # reduced values this far below zero, as a share of a typical column, are forgotten
MAX_ROUNDS = 400


@dataclass
class Relaxation:
    """The linear relaxation of a component: its pool, the last weights, the best bound and its prices."""

    pool: Pool
    weights: Weights
    bound: Bound
    converged: bool


class Generation:
    """Column generation on one component, or on what is left of it (``lots`` at price infinity leave)."""

    def __init__(
        self,
        problem: Problem,
        component: Component,
        pricer: Pricer,
        bounder: Bounder | None = None,
        anyway: Floats | None = None,
    ) -> None:
        """``anyway``: per lot of the component what it brings in no new grappe, if known better."""
        self.problem, self.component, self.pricer = problem, component, pricer
        self.master = Master(problem, component)
        self.bounder = bounder or Bounder(problem, component, pricer)
        self.kinds = np.array([problem.rows[r].type for r in component.rows])
        self.fixed = np.array([problem.rows[r].fixed for r in component.rows])
        self.family = _families([problem.rows[r] for r in component.rows])
        self.anyway = outside(problem, component).worth[component.lots] if anyway is None else anyway
        self.many = max(1, min(8, 400 // max(len(component.rows), 1)))  # columns per row when rows are few

    def start(
        self, columns: Sequence[Column], closed: Bound | None = None, near: bool = False
    ) -> tuple[Pool, Bound]:
        """A pool of given columns and of the best of many rows at prices near the closed form's.

        ``closed``: the bound in closed form, where it is known already. ``near``: its prices are those of an
        earlier answer instead; the columns that just pay them are the ones wanted.
        """
        pool = Pool(self.master)
        pool.add(columns)
        if closed is None:
            closed = self.bounder.of(self.bounder.closed_form())
        lower = Prices(self.bounder.ceiling(0.6), 0.0, closed.prices.identities)
        able = self._best_of_each(np.flatnonzero(closed.reduced > -np.inf), closed.reduced)
        self._priced(pool, lower, able[:: 1 + len(able) // FIRST_COLUMNS])
        if near:
            nearest = np.argsort(-closed.reduced[able], kind="stable")[:FIRST_COLUMNS]
            self._priced(pool, closed.prices, able[nearest])
        return pool, closed

    def run(
        self,
        pool: Pool,
        bound: Bound,
        over: Callable[[], bool],
        deadline: float,
        report: Callable[[Bound], None],
    ) -> Relaxation:
        """Rounds until convergence, ``over()`` or the deadline; ``report`` hears of every better bound."""
        last = Relaxation(pool, Weights(np.zeros(0), np.zeros(self.master.size), 0.0), bound, False)
        for relaxation in self.rounds(pool, bound, over, deadline, report):
            last = relaxation
        return last

    def rounds(
        self,
        pool: Pool,
        bound: Bound,
        over: Callable[[], bool],
        deadline: float,
        report: Callable[[Bound], None],
        boxed_rounds: int = BOXED_ROUNDS,
        warm: Weights | None = None,
    ) -> Iterator[Relaxation]:
        """``run``, handing over after every round, so that a caller can share the time out.

        ``boxed_rounds``: 0 when the pool begins with columns that hold nearly every lot. ``warm``: weights
        of rounds that have gone before.
        """
        exact = len(self.component.lots) <= SIMPLEX_LOTS
        prices, weights = bound.prices, warm or Weights(np.zeros(0), np.zeros(self.master.size), 0.0)
        program = Program(self.master) if exact else None
        for round_ in range(MAX_ROUNDS):
            matrix = pool.matrix()
            if len(matrix.value) == 0:
                yield Relaxation(pool, weights, bound, True)
                return
            # Where grappes are scarce, lots are worth far less than they bring: the box would hide it.
            boxed = not exact and round_ < boxed_rounds and self.component.grappes is None
            weights = self._master(pool, matrix, warm, boxed, program, deadline)
            warm = None if exact else weights
            dual = self.master.prices(weights.dual)
            prices = dual if exact and round_ % 2 else _between(bound.prices, dual, 0.3)
            found = self.bounder.of(prices)
            if found.value < bound.value:
                bound = found
                report(bound)
            settled = not boxed and (exact or round_ >= boxed_rounds + 4)
            if settled and bound.value <= weights.value * (1.0 + (NEARLY if exact else CONVERGED)):
                yield Relaxation(pool, weights, bound, True)
                return
            if over() or time.monotonic() >= deadline:
                yield Relaxation(pool, weights, bound, False)
                return
            added = self._add(pool, prices, found.reduced)
            if not added and exact and round_ % 2:
                yield Relaxation(pool, weights, bound, True)
                return
            if round_ % PURGE_EVERY == PURGE_EVERY - 1 and not exact:
                warm = weights = self._purge(pool, weights)
            yield Relaxation(pool, weights, bound, False)

    def _master(
        self,
        pool: Pool,
        matrix: Matrix,
        warm: Weights | None,
        boxed: bool,
        program: Program | None,
        deadline: float,
    ) -> Weights:
        if program is not None:
            program.extend(pool)
            solved = program.solve(max(1.0, deadline - time.monotonic()))
            if solved is not None:
                return solved
        count = len(self.component.lots)
        floor, anyway = np.full(self.master.size, -np.inf), self.anyway
        if boxed:
            anyway = np.maximum(anyway, (1.0 - BOX) * self.bounder.ceiling(0.8)[self.component.lots])
        floor[:count] = anyway
        return gradient(matrix, self.master, warm, STEPS if warm is not None else 2 * STEPS, floor)

    def _add(self, pool: Pool, prices: Prices, values: Floats) -> int:
        """The best columns of the most promising rows, types in turn."""
        tiny = 1e-6 * max(1.0, float(np.abs(values[values > -np.inf]).max(initial=1.0)))
        good = np.flatnonzero(np.where(self.fixed == NONE, values > tiny, values > -np.inf))
        good = self._best_of_each(good, values)
        if len(good) > ROUND_COLUMNS:
            order = good[np.argsort(-values[good], kind="stable")]
            kinds = self.kinds[order]
            rank = np.zeros(len(order), dtype=np.int64)
            for t in np.unique(kinds):
                mine = kinds == t
                rank[mine] = np.arange(int(mine.sum()))
            good = order[np.argsort(rank, kind="stable")[:ROUND_COLUMNS]]
        return self._priced(pool, prices, good)

    def _best_of_each(self, which: Ints, values: Floats) -> Ints:
        """Of rows that differ by their earlier id alone the best: their columns are nearly the same."""
        order = which[np.argsort(-values[which], kind="stable")]
        _, first = np.unique(self.family[order], return_index=True)
        return np.sort(order[first])

    def _priced(self, pool: Pool, prices: Prices, good: Ints) -> int:
        rows = self.component.rows[good].tolist()
        return pool.add(self.pricer.columns(prices, rows, self.many))

    def _purge(self, pool: Pool, weights: Weights) -> Weights:
        matrix = pool.matrix()
        use = np.zeros(len(matrix.value))
        use[: len(weights.use)] = weights.use
        reduced = matrix.value - matrix.paid(weights.dual)
        used = use > 1e-6
        rank = np.argsort(np.argsort(np.where(used, np.inf, reduced))[::-1])
        most = min(POOL, POOL_PER_LOT * len(self.component.lots))
        keep = used | (rank < most) & (reduced > -DISTANT * float(np.abs(matrix.value).mean()))
        keep[len(weights.use) :] = True
        pool.keep(keep)
        return Weights(use[keep], weights.dual, weights.value)


def _families(rows: Sequence[Row]) -> Ints:
    """A number per row, the same for rows of one type and porteur with the same lots in reach."""
    known: dict[int, int] = {}
    return np.array([known.setdefault(id(r.items), len(known)) for r in rows], dtype=np.int64)


def _between(best: Prices, master: Prices, share: float) -> Prices:
    """Prices between the best known and the master's: ``share`` of the former."""
    return Prices(
        share * best.lots + (1 - share) * master.lots,
        share * best.budget + (1 - share) * master.budget,
        share * best.identities + (1 - share) * master.identities,
        share * best.grappes + (1 - share) * master.grappes,
        share * best.most + (1 - share) * master.most,
    )
