"""The compact assignment model given whole to general solvers: CP-SAT, and HiGHS as shipped with scipy.

One 0/1 variable per row (type, porteur) and per (lot, row). Everything of the problem is in it; size is not:
a region of 3,200 ESMS has millions of variables.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import optimize, sparse

from benchmarks.peers.territory import Group, Territory
from solver.search.compact import Limits, Question, answer, entries

LARGEST = 3_000_000  # (lot, row) variables; beyond, building the model alone takes the time and the memory


def cp_sat(territory: Territory, seconds: float, threads: int) -> list[Group] | None:
    """Groups found within the time; None: nothing found, or too large to build."""
    problem = territory.problem
    lots, rows = list(range(len(problem.lots.lots))), list(range(len(problem.rows)))
    if entries(problem, rows, lots) > LARGEST:
        return None
    reply = answer(problem, Question(lots, rows), Limits(seconds, 1e9, 0, threads))
    if reply.columns is None:
        return None
    return [(problem.rows[c.row].type, c.lots) for c in reply.columns]


def highs(territory: Territory, seconds: float) -> list[Group] | None:
    """The same model by HiGHS' branch and bound."""
    model = _Matrix(territory)
    if model.width > LARGEST:
        return None
    solved = optimize.milp(
        -model.worth,
        integrality=np.ones(model.width),
        bounds=optimize.Bounds(0, 1),
        constraints=model.constraints,
        options={"time_limit": seconds},
    )
    return None if solved.x is None else model.groups(solved.x)


class _Matrix:
    """Columns: for each row y, its x, and the two flags of supplements."""

    def __init__(self, territory: Territory) -> None:
        self.problem = territory.problem
        counts = np.array([len(r.items) for r in self.problem.rows])
        self.first = np.cumsum(counts + 3) - (counts + 3)
        self.width = int((counts + 3).sum())
        self.worth = np.zeros(self.width)
        self._entries: list[tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float64]]] = []
        self.height = 0
        self.constraints = self._constraints()

    def _constraints(self) -> optimize.LinearConstraint:
        problem, offers = self.problem, self.problem.offers
        projet, marche = problem.supplement
        uses: list[list[int]] = [[] for _ in problem.lots.lots]
        for row, y in zip(problem.rows, self.first.tolist(), strict=True):
            x = y + 1 + np.arange(len(row.items))
            small, both = y + 1 + len(row.items), y + 2 + len(row.items)
            weight = offers.weight[row.items].astype(float)
            self.worth[y], self.worth[x] = row.base_value, offers.value[row.type, row.items]
            self.worth[small], self.worth[both] = projet, marche
            self._at_most([*x, y], [*-weight, row.low - row.base_weight])
            self._at_most([*x, y], [*weight, row.base_weight - row.high])
            self._each_at_most(x, y)
            for flag, mask in ((small, 1), (both, 2)):
                holders = x[(offers.flags[row.items] & mask) > 0].tolist()
                base = 1.0 if row.base_flags & mask else 0.0
                self._at_most([flag, *holders, y], [1.0, *[-1.0] * len(holders), -base])
                self._at_most([flag, y], [1.0, -1.0])
            self._at_most([both, small], [1.0, -1.0])
            for k, at in zip(row.items.tolist(), x.tolist(), strict=True):
                uses[k].append(at)
            uses[row.base_lot].append(y)
        before = self.height
        for held in uses:
            self._at_most(held, [1.0] * len(held))
        upper = np.zeros(self.height)
        upper[before:] = 1.0
        down, across, values = (np.concatenate(part) for part in zip(*self._entries, strict=True))
        matrix = sparse.csr_array((values, (down, across)), shape=(self.height, self.width))
        return optimize.LinearConstraint(matrix, -np.inf, upper)

    def _at_most(self, at: list[int], factor: list[float]) -> None:
        self._entries.append(
            (np.full(len(at), self.height), np.array(at, dtype=np.int64), np.array(factor, dtype=np.float64))
        )
        self.height += 1

    def _each_at_most(self, x: npt.NDArray[np.int64], y: int) -> None:
        down = self.height + np.arange(len(x))
        self._entries.append((down, x, np.ones(len(x))))
        self._entries.append((down, np.full(len(x), y), -np.ones(len(x))))
        self.height += len(x)

    def groups(self, x: npt.NDArray[np.float64]) -> list[Group]:
        found = []
        for row, y in zip(self.problem.rows, self.first.tolist(), strict=True):
            if x[y] > 0.5:
                inside = row.items[x[y + 1 : y + 1 + len(row.items)] > 0.5].tolist()
                found.append((row.type, tuple(sorted([*inside, row.base_lot]))))
        return found
