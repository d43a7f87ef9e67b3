"""The restricted master of a small component as a linear program that is kept, grown and re-bounded.

GLOP goes on from its last basis when columns are added or bounds of rows change, which is all that column
generation and a tree of branches need. Rows that a branch raises have a slack, dear enough never to be used
where the branch is possible.

When to modify: small components take long in the linear program.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from ortools.linear_solver import pywraplp

from solver.search.master import Master, Pool, Weights

Floats = npt.NDArray[np.float64]

GLOP = "use_preprocessing:false use_dual_simplex:false"  # only so is a basis really kept
GLOP_AFRESH = "use_preprocessing:true use_dual_simplex:false"
EUROS = 10_000.0  # keeps the coefficients of the program near 1


class Program:
    """Maximise the value of the columns of a pool; rows are the master's, then ``more`` counts of columns."""

    def __init__(self, master: Master, more: int = 0) -> None:
        self.master = master
        self.unit = 1.0 if master.problem.covers else EUROS  # of the objective in the program
        self.solver = pywraplp.Solver.CreateSolver("GLOP")
        self.solver.SetSolverSpecificParametersAsString(GLOP)
        self.infinity = self.solver.infinity()
        self.objective = self.solver.Objective()
        self.objective.SetMaximization()
        self.rows = [
            self.solver.Constraint(float(r) if free else -self.infinity, float(r))
            for r, free in zip(master.right, master.free, strict=True)
        ]
        self.rows += [self.solver.Constraint(-self.infinity, self.infinity) for _ in range(more)]
        self.columns: list[pywraplp.Variable] = []
        self.slacks: dict[int, pywraplp.Variable] = {}
        self.allowed = np.zeros(0, dtype=bool)
        self.missed = 0.0  # how much the last solution misses of raised rows

    def extend(self, pool: Pool, counted: Sequence[Sequence[int]] = ()) -> None:
        """Add the columns of the pool that are not in yet; ``counted[j]``: rows that count column j."""
        for j in range(len(self.columns), len(pool.columns)):
            variable = self.solver.NumVar(0.0, self.infinity, "")
            self.objective.SetCoefficient(variable, pool.columns[j].value / self.unit)
            for i, a in zip(pool.at[j].tolist(), pool.coefficients[j].tolist(), strict=True):
                self.rows[i].SetCoefficient(variable, a)
            for i in counted[j] if counted else ():
                self.rows[i].SetCoefficient(variable, 1.0)
            self.columns.append(variable)

    def bound(self, row: int, low: float | None, high: float | None, dear: float) -> None:
        """Bounds of a row; with ``low`` it may be missed at ``dear`` a unit."""
        self.rows[row].SetBounds(
            -self.infinity if low is None else low, self.infinity if high is None else high
        )
        if low is None and row not in self.slacks:
            return
        if row not in self.slacks:
            self.slacks[row] = self.solver.NumVar(0.0, self.infinity, "")
            self.rows[row].SetCoefficient(self.slacks[row], 1.0)
        self.slacks[row].SetUb(0.0 if low is None else self.infinity)
        self.objective.SetCoefficient(self.slacks[row], -dear / self.unit)

    def allow(self, which: npt.NDArray[np.bool_]) -> None:
        """Bar all other columns."""
        before = np.append(self.allowed, np.ones(len(which) - len(self.allowed), dtype=bool))
        for j in np.flatnonzero(before != which).tolist():
            self.columns[j].SetUb(self.infinity if which[j] else 0.0)
        self.allowed = which

    def solve(self, seconds: float) -> Weights | None:
        """The optimum; None when GLOP does not end well in time."""
        self.solver.SetTimeLimit(max(1, int(seconds * 1000)))
        if self.solver.Solve() != pywraplp.Solver.OPTIMAL and not self._again():
            return None
        use = np.array([v.solution_value() for v in self.columns])
        dual = self.unit * np.array([c.dual_value() for c in self.rows])
        self.missed = sum(v.solution_value() for v in self.slacks.values())
        return Weights(use, dual, self.unit * float(self.objective.Value()))

    def _again(self) -> bool:
        """Once more from nothing, with presolve: the kept basis was too ill to go on from."""
        parameters = pywraplp.MPSolverParameters()
        parameters.SetIntegerParam(parameters.INCREMENTALITY, parameters.INCREMENTALITY_OFF)
        self.solver.SetSolverSpecificParametersAsString(GLOP_AFRESH)
        ended = bool(self.solver.Solve(parameters) == pywraplp.Solver.OPTIMAL)
        self.solver.SetSolverSpecificParametersAsString(GLOP)
        return ended
