"""Layout: a component as the exchange sees it, and its answers read back as columns.

Rows that the exchange cannot keep right are left out, and the columns on them stay as they are: rows without
a maximum size (national regime) and rows that ignore pairs kept apart. A budget couples everything: no
exchange then. Fixed grappes that take lots one by one are left out too: what a lot brings in a new grappe
counts less what one of those pays for it (``solver.search.outside``); they have what the answer leaves out.

When to modify: a row gains a property that decides who may join it, or a lot brings something new.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from solver.exchange.ground import Ground, Packed
from solver.search.bound import Bound
from solver.search.components import Component
from solver.search.outside import outside
from solver.search.packing import Packing
from solver.search.problem import NO_MAXIMUM, NONE, Column, Problem
from solver.search.types import MARCHE, SMALL

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

UNLIKELY = 0.5  # a row this share of a lot's price below its best chance is e times less likely


class Layout:
    """Translates between one component and the ``Ground`` of its exchange."""

    def __init__(self, problem: Problem, component: Component, columns: Sequence[Column]) -> None:
        self.problem, self.component, self.lots = problem, component, component.lots
        self.outside = outside(problem, component)
        able = {int(r) for r in component.rows if self._keeps_right(int(r))} - {*self.outside.rows}
        self.aside = tuple(c for c in self.outside.without(tuple(columns)) if c.row not in able)
        self.taken = np.zeros(len(problem.lots.lots) + 1, dtype=bool)
        self.taken[[k for c in self.aside for k in c.lots]] = True
        free = [int(r) in able and not self.taken[problem.rows[r].base_lot] for r in component.rows.tolist()]
        self.which = np.flatnonzero(np.array(free, dtype=bool))
        self.rows = component.rows[self.which]
        self.row_at = {int(r): j for j, r in enumerate(self.rows)}
        self.lot_at = np.full(len(problem.lots.lots) + 1, NONE, dtype=np.int64)
        self.lot_at[self.lots] = np.arange(len(self.lots))

    def _keeps_right(self, row: int) -> bool:
        return not self.problem.rows[row].relaxed and self.problem.rows[row].high < NO_MAXIMUM

    @property
    def applies(self) -> bool:
        return self.component.budget is None and len(self.rows) > 0

    def ground(self, bound: Bound) -> Ground:
        """The arrays; ``bound`` gives the prior: its reduced values are those of the component's rows."""
        problem, offers, lots = self.problem, self.problem.offers, self.lots
        rows = [problem.rows[r] for r in self.rows.tolist()]
        free = [r.items[~self.taken[r.items]] if self.aside else r.items for r in rows]
        start = np.concatenate([[0], np.cumsum([len(x) for x in free])]).astype(np.int64)
        items = self.lot_at[np.concatenate([*free, np.zeros(0, np.int64)])].astype(np.int32)
        profiles = sorted({(r.type, r.identity) for r in rows})
        profile_at = {p: k for k, p in enumerate(profiles)}
        worth = np.array([problem.worth(t, g)[lots] for t, g in profiles])
        single = offers.weight[lots] == 1
        brought = [
            (r.base_weight if problem.covers else r.base_value) + problem.stability * r.base_kept
            for r in rows
        ]
        flags = np.array([r.base_flags for r in rows], dtype=np.int64)
        base = np.array([r.base_lot for r in rows], dtype=np.int64)
        limit = self.component.grappes
        price = max(float(bound.prices.lots[lots].mean()), 1e-9)
        prior = np.maximum(bound.reduced[self.which], -1e3 * price) / (UNLIKELY * price)
        return Ground(
            start=start,
            items=items,
            base=self.lot_at[base],
            held=np.array([r.base_weight for r in rows], dtype=np.int64),
            brought=np.array(brought),
            base_small=(flags & SMALL) > 0,
            base_trigger=(flags & MARCHE) > 0,
            low=np.array([r.low for r in rows], dtype=np.int64),
            high=np.array([r.high for r in rows], dtype=np.int64),
            profile=np.array([profile_at[(r.type, r.identity)] for r in rows], dtype=np.int64),
            group=np.array([r.identity for r in rows], dtype=np.int64),
            pinned=np.array([r.fixed != NONE for r in rows], dtype=bool),
            many=np.array([r.porteur == NONE for r in rows], dtype=bool),
            worth=worth - self.outside.worth[lots],
            weight=offers.weight[lots],
            small=(offers.flags[lots] & SMALL) > 0,
            trigger=(offers.flags[lots] & MARCHE) > 0,
            supplement=(0.0, 0.0) if problem.covers else problem.supplement,
            step=problem.step_of(lots.tolist(), self.rows.tolist()),
            prior=prior,
            most=NO_MAXIMUM if limit is None else max(0, limit - len(self.aside) - len(self.outside.rows)),
            unit=float(max(worth[:, single].max(initial=0.0), 1.0)),
        )

    @property
    def given(self) -> float:
        """What a packing is worth beyond what the walk counts: what is aside, and lots in no new grappe."""
        free = self.lots[~self.taken[self.lots]]
        apart = sum(c.value for c in self.aside) + self.outside.base
        return apart + float(self.outside.worth[free].sum())

    def packed(self, columns: Sequence[Column]) -> Packed:
        """Columns in the numbers of the ground; those set aside are left out."""
        mine = [c for c in columns if c.row in self.row_at]
        return Packed(
            tuple(self.row_at[c.row] for c in mine),
            tuple(tuple(self.lot_at[list(c.lots)].tolist()) for c in mine),
        )

    def column(self, row: int, lots: Sequence[int]) -> Column:
        """A row and lots of the ground, as a column."""
        return self.problem.column(int(self.rows[row]), self.lots[list(lots)].tolist())

    def columns(self, packed: Packed) -> Packing:
        """The packing of an answer, recomputed and checked: what does not hold is left out."""
        packing = Packing(self.problem, self.component, self.aside)
        for row, lots in zip(packed.rows, packed.lots, strict=True):
            column = self.column(row, lots)
            if self.problem.allowed(column) and packing.fits(column):
                packing.add(column)
        self.outside.join(packing)
        return packing
