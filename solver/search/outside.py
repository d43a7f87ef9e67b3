"""What lots bring outside every grappe that is still to be formed: a fixed grappe that may grow takes them.

A fixed grappe that stands as it is given, and whose members already bring all that is paid once, is worth
what it has plus what each lot that joins brings there, whoever else joins. So as long as it has room it says
no more than: this lot is worth that much without any other. What is left to decide is which *new* grappes to
form, each for what it adds to that; then who joins what fixed grappe is read off.

Nothing is lost or gained by it where room is not scarce, and nothing is taken for granted: bounds price the
rows of fixed grappes as any others, and ``Outside.join`` keeps to the room there is.

When to modify: a grappe gains a property that makes what a lot brings depend on who else is there.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.search.components import Component
from solver.search.packing import Packing
from solver.search.problem import Column, Problem

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Outside:
    """``rows``: those of the fixed grappes that take lots one by one (positions in the problem)."""

    problem: Problem
    rows: tuple[int, ...]

    @cached_property
    def worth(self) -> Floats:
        """Per lot of the problem, the most that one of these rows pays for it; 0 where none does."""
        top = np.zeros(len(self.problem.lots.lots))
        for r in self.rows:
            items = self.problem.rows[r].items
            top[items] = np.maximum(top[items], self._paid(r)[items])
        return top

    @cached_property
    def base(self) -> int:
        """What these fixed grappes are worth as they are given."""
        return sum(self.problem.column(r, ()).value for r in self.rows)

    @cached_property
    def _holders(self) -> dict[int, list[tuple[float, int]]]:
        """Per lot the (worth, row) of those that may take it, best first."""
        found: dict[int, list[tuple[float, int]]] = {}
        for r in self.rows:
            paid = self._paid(r)
            for k in self.problem.rows[r].items.tolist():
                if paid[k] > 0.0:
                    found.setdefault(k, []).append((float(paid[k]), r))
        return {k: sorted(options, key=lambda one: (-one[0], one[1])) for k, options in found.items()}

    def _paid(self, row: int) -> Floats:
        """Per lot what it adds to the objective by joining this row."""
        of = self.problem.rows[row]
        return self.problem.worth(of.type, of.identity)

    def join(self, packing: Packing) -> None:
        """Add these fixed grappes to a packing, with the lots that it leaves out: each to the row that pays
        most and has room, large lots first."""
        room = {r: self.problem.rows[r].high - self.problem.rows[r].base_weight for r in self.rows}
        joined: dict[int, list[int]] = {r: [] for r in self.rows}
        weight = self.problem.offers.weight
        waiting = [k for k in self._holders if not packing.used[k]]
        for k in sorted(waiting, key=lambda k: (-int(weight[k]), -self._holders[k][0][0], k)):
            row = next((r for _, r in self._holders[k] if weight[k] <= room[r]), None)
            if row is not None:
                joined[row].append(k)
                room[row] -= int(weight[k])
        for r, lots in joined.items():
            packing.add(self.problem.column(r, lots))

    def without(self, columns: tuple[Column, ...]) -> tuple[Column, ...]:
        """The columns that are not of these rows."""
        mine = set(self.rows)
        return tuple(c for c in columns if c.row not in mine)


def outside(problem: Problem, component: Component) -> Outside:
    """The fixed grappes of a component that take lots one by one."""
    if component.budget is not None or problem.scale.full_rate_members is not None:
        return Outside(problem, ())
    rows = [r for r in component.rows.tolist() if problem.rows[r].fixed in component.forced]
    several = Counter(problem.rows[r].fixed for r in rows)
    return Outside(
        problem, tuple(r for r in rows if several[problem.rows[r].fixed] == 1 and _by_itself(problem, r))
    )


def _by_itself(problem: Problem, row: int) -> bool:
    """Whether the grappe stands as it is given, and nothing more is paid once, whoever joins."""
    of = problem.rows[row]
    if of.relaxed or not of.low <= of.base_weight <= of.high:
        return False
    if problem.covers:
        return True
    all_in = of.base_flags | int(np.bitwise_or.reduce(problem.offers.flags[of.items], initial=0))
    return problem.extra_eur(of.type, of.base_flags, 0, 0) == problem.extra_eur(of.type, all_in, 0, 0)
