"""An earlier plan mended by hand: what is left of its broken grappes, made whole from one another.

After refusals most grappes miss their minimum by one or two ESMS. The largest remains take who is in no
grappe, then the members of the smallest, which are given up; a remain that cannot be made whole is given up
as well. It takes a few hundredths of a second, so that a search which has little time shows a plan near the
earlier one before its exchanges have passed through all shortfalls.

When to modify: exchanges find such a plan as soon.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from solver.search.components import Component
from solver.search.outside import outside
from solver.search.packing import Packing
from solver.search.problem import Column, Problem

Bools = npt.NDArray[np.bool_]


def mended(
    problem: Problem, component: Component, standing: Sequence[Column], fallen: Sequence[Column]
) -> list[Column]:
    """``standing``, columns that fit together, with the grappes that can be made of ``fallen``.

    Those miss their minimum and are not among the former. Lots left over join one of these grappes, or a
    fixed one that takes them.
    """
    around = outside(problem, component)
    packing = Packing(problem, component, around.without(tuple(standing)))
    _mend(packing, fallen)
    around.join(packing)
    return packing.columns


def _mend(packing: Packing, fallen: Sequence[Column]) -> None:
    problem = packing.problem
    mine = np.zeros(len(problem.lots.lots), dtype=bool)
    mine[packing.component.lots] = True
    free = mine & ~packing.used
    left = sorted(fallen, key=lambda c: (problem.size(c), -c.row))
    for column in left:
        free[list(column.lots)] = False
    whole: list[Column] = []
    while left:
        column = left.pop()
        made = _whole(packing, column, free, left)
        if made is None or made.value <= 0 or not packing.fits(made):
            free[list(column.lots)] = True
            continue
        for smaller in [c for c in left if set(c.lots) & set(made.lots)]:
            left.remove(smaller)
            free[list(smaller.lots)] = True
        free[list(made.lots)] = False
        packing.add(made)
        whole.append(made)
    for column in whole:
        _top_up(packing, column, free)


def _whole(packing: Packing, column: Column, free: Bools, smaller: Sequence[Column]) -> Column | None:
    """The column with as many lots as its minimum asks for: free ones first, then of the smallest remains."""
    problem, row = packing.problem, packing.problem.rows[column.row]
    lots, size = list(column.lots), problem.size(column)
    worth = problem.worth(row.type, row.identity)
    near = row.items.tolist()
    reached = set(near)
    sources = [[k for k in near if free[k]], *([k for k in c.lots if k in reached] for c in smaller)]
    for source in sources:
        for k in sorted(source, key=lambda k: (-worth[k], k)):
            if size >= row.low:
                break
            weight = int(problem.offers.weight[k])
            if size + weight <= row.high:
                lots.append(k)
                size += weight
    made = problem.column(column.row, lots)
    return made if problem.allowed(made) else None


def _top_up(packing: Packing, column: Column, free: Bools) -> None:
    problem, row = packing.problem, packing.problem.rows[column.row]
    best = column
    for k in row.items.tolist():
        if free[k]:
            joined = problem.column(column.row, (*best.lots, k))
            if joined.value > best.value and problem.allowed(joined):
                best = joined
    if best is not column:
        packing.remove(column)
        if packing.fits(best):
            packing.add(best)
            free[list(best.lots)] = False
        else:  # the budget
            packing.add(column)
