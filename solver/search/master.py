"""The restricted master: which known columns to use, in fractions, and the prices that this implies.

Set packing with a few shared constraints (budget, previous ids, fixed grappes). Small ones are solved by
GLOP; large ones by a primal-dual hybrid gradient with diagonal steps, restarted at its average, warm from
round to round (Chambolle and Pock 2011; Pock and Chambolle 2011; Applegate et al. 2021, PDLP). It need not
converge: prices are priced exactly afterwards, so rough ones still prove a bound.

When to modify: a shared constraint is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from solver.search.components import Component
from solver.search.pricing import Prices
from solver.search.problem import NONE, Column, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

RESTART_EVERY = 50
DENSE = (
    15.0  # weight of a constraint that every column enters, so that its price keeps pace with those of lots
)


@dataclass
class Weights:
    """A solution of the master: ``use`` per column, ``dual`` per constraint, ``value`` of the program."""

    use: Floats
    dual: Floats
    value: float


class Master:
    """Constraints: the component's lots, then budget, grappes, previous ids, fixed grappes, their number."""

    def __init__(self, problem: Problem, component: Component) -> None:
        self.problem, self.component = problem, component
        self.lot_at = {int(k): c for c, k in enumerate(component.lots)}
        rows = [problem.rows[r] for r in component.rows]
        identities = sorted({r.identity for r in rows} - {NONE})
        fixed = sorted({r.fixed for r in rows} - {NONE})
        count = len(component.lots)
        self.budget_at = count if component.budget is not None else NONE
        count += component.budget is not None
        self.most_at = count if component.most is not None else NONE
        count += component.most is not None
        self.grappes_at = count if component.grappes is not None else NONE
        count += component.grappes is not None
        self.identity_at = {g: count + c for c, g in enumerate(identities)}
        count += len(identities)
        self.fixed_at = {k: count + c for c, k in enumerate(fixed)}
        count += len(fixed)
        self.number_at = count if component.at_least else NONE
        count += bool(component.at_least)
        self.right = np.ones(count)
        self.free = np.zeros(count, dtype=bool)  # equalities: a price of any sign
        for k in component.forced:
            self.free[self.fixed_at[k]] = True
        self.money = 1.0
        if component.budget is not None:
            self.money = max(float(component.budget), 1.0)
        self.several = 1.0 / DENSE
        if component.grappes is not None:
            self.right[self.grappes_at] = component.grappes / self.several
        self.fill = 1.0 / DENSE
        if component.most is not None:
            self.right[self.most_at] = component.most / self.fill
        if component.at_least:
            self.right[self.number_at] = -float(component.at_least)

    @property
    def size(self) -> int:
        return len(self.right)

    def entries(self, column: Column) -> tuple[list[int], list[float]]:
        """Constraints that a column enters, with its coefficients."""
        at = [self.lot_at[k] for k in column.lots]
        coefficients = [1.0] * len(at)
        row = self.problem.rows[column.row]
        if self.budget_at != NONE and column.funding:
            at.append(self.budget_at)
            coefficients.append(column.funding / self.money)
        if self.most_at != NONE:
            at.append(self.most_at)
            coefficients.append(1.0 / self.fill)
        if self.grappes_at != NONE:
            at.append(self.grappes_at)
            coefficients.append(1.0 / self.several)
        if row.identity != NONE:
            at.append(self.identity_at[row.identity])
            coefficients.append(1.0)
        if row.fixed != NONE:
            at.append(self.fixed_at[row.fixed])
            coefficients.append(1.0)
            if self.number_at != NONE and row.fixed in self.component.optional:
                at.append(self.number_at)
                coefficients.append(-1.0)
        return at, coefficients

    def prices(self, dual: Floats) -> Prices:
        """The prices of the problem from the duals of the master (fixed grappes need none)."""
        lots = np.zeros(len(self.problem.lots.lots))
        lots[self.component.lots] = np.maximum(dual[: len(self.component.lots)], 0.0)
        budget = max(float(dual[self.budget_at]), 0.0) / self.money if self.budget_at != NONE else 0.0
        identities = np.zeros(len(self.problem.reach.kept))
        for g, at in self.identity_at.items():
            identities[g] = max(float(dual[at]), 0.0)
        several = max(float(dual[self.grappes_at]), 0.0) / self.several if self.grappes_at != NONE else 0.0
        most = max(float(dual[self.most_at]), 0.0) / self.fill if self.most_at != NONE else 0.0
        return Prices(lots, budget, identities, several, most)


class Pool:
    """Columns of one component in arrays: entries of column j at ``start[j]:start[j + 1]``."""

    def __init__(self, master: Master) -> None:
        self.master = master
        self.columns: list[Column] = []
        self.known: set[tuple[int, int, int, tuple[int, ...]]] = set()
        self.at: list[Ints] = []
        self.coefficients: list[Floats] = []

    def add(self, columns: Sequence[Column]) -> int:
        """Add those not yet known; returns how many."""
        added = 0
        for column in columns:
            key = self._key(column)
            if key in self.known:
                continue
            self.known.add(key)
            at, coefficients = self.master.entries(column)
            self.columns.append(column)
            self.at.append(np.array(at, dtype=np.int64))
            self.coefficients.append(np.array(coefficients))
            added += 1
        return added

    def keep(self, which: npt.NDArray[np.bool_]) -> None:
        """Forget the other columns."""
        chosen = np.flatnonzero(which).tolist()
        self.columns = [self.columns[j] for j in chosen]
        self.at = [self.at[j] for j in chosen]
        self.coefficients = [self.coefficients[j] for j in chosen]
        self.known = {self._key(c) for c in self.columns}

    def _key(self, column: Column) -> tuple[int, int, int, tuple[int, ...]]:
        """What tells columns apart: whoever carries the grappe, they are the same to the master."""
        row = self.master.problem.rows[column.row]
        return row.type, row.identity, row.fixed, column.lots

    def matrix(self) -> Matrix:
        return Matrix(self)


class Matrix:
    """The pool as a sparse matrix (constraints by columns), with the two products that the gradient needs."""

    def __init__(self, pool: Pool) -> None:
        self.value = np.array([c.value for c in pool.columns], dtype=np.float64)
        lengths = np.array([0, *(len(a) for a in pool.at)])
        self.start = np.cumsum(lengths)
        self.at = np.concatenate(pool.at) if pool.at else np.zeros(0, np.int64)
        self.coefficient = np.concatenate(pool.coefficients) if pool.at else np.zeros(0)
        shape = (len(self.value), pool.master.size)
        self.by_column = csr_array((self.coefficient, self.at, self.start), shape=shape)
        self.by_constraint = self.by_column.T.tocsr()

    def paid(self, dual: Floats) -> Floats:
        """Per column the sum of the prices of its constraints."""
        return np.asarray(self.by_column @ dual, dtype=np.float64)

    def used(self, use: Floats) -> Floats:
        """Per constraint how much of it the columns use."""
        return np.asarray(self.by_constraint @ use, dtype=np.float64)

    def steps(self) -> tuple[Floats, Floats]:
        """Diagonal steps (columns, constraints): one over the sums of the absolute coefficients."""
        size = abs(self.by_column)
        tau = 1.0 / np.asarray(size.sum(axis=1))
        sigma = 1.0 / np.maximum(np.asarray(size.sum(axis=0)), 1e-9)
        return tau, sigma


def gradient(
    matrix: Matrix, master: Master, warm: Weights | None, steps: int, floor: Floats | None = None
) -> Weights:
    """``steps`` steps of the primal-dual gradient from ``warm``; ``floor``: lower bounds of the prices.

    A floor is what a lot brings anyway: ``value`` counts it for what columns leave of a constraint.
    """
    scale = max(1.0, float(np.abs(matrix.value).mean()))
    value = matrix.value / scale
    tau, sigma = matrix.steps()
    lowest = np.where(master.free, -np.inf, 0.0)
    if floor is not None:
        lowest = np.maximum(lowest, floor / scale)
    x = np.zeros(len(value))
    y = np.maximum(lowest, 0.0)
    if warm is not None:
        x[: len(warm.use)] = warm.use
        y = np.maximum(lowest, warm.dual / scale)
    mean_x, mean_y = np.zeros_like(x), np.zeros_like(y)
    for step in range(1, steps + 1):
        new_x = np.maximum(0.0, x + tau * (value - matrix.paid(y)))
        y = np.maximum(lowest, y + sigma * (matrix.used(2.0 * new_x - x) - master.right))
        x = new_x
        mean_x += x
        mean_y += y
        if step % RESTART_EVERY == 0 or step == steps:
            length = RESTART_EVERY if step % RESTART_EVERY == 0 else steps % RESTART_EVERY
            x, y = mean_x / length, mean_y / length
            mean_x, mean_y = np.zeros_like(x), np.zeros_like(y)
    worth = float(matrix.value @ x)
    if floor is not None:
        left = np.maximum(master.right - matrix.used(x), 0.0)
        worth += float(np.maximum(floor, 0.0) @ left)
    return Weights(x, y * scale, worth)
