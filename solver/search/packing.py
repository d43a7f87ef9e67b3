"""A set of columns that fit together, and the cheap moves on it: add a column, insert a lot.

When to modify: a constraint links columns in one more way.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from solver.search.components import Component
from solver.search.plan import Recogniser
from solver.search.problem import NONE, Column, Problem


class Packing:
    """Columns of one component that share no lot, no id, no fixed grappe, and fit budget and number."""

    def __init__(self, problem: Problem, component: Component, columns: Iterable[Column] = ()) -> None:
        self.problem, self.component = problem, component
        self.columns: list[Column] = []
        self.used = np.zeros(len(problem.lots.lots), dtype=bool)
        self.identities: set[int] = set()
        self.fixed: set[int] = set()
        self.left = component.budget
        self.places = component.grappes
        for column in columns:
            self.add(column)

    @property
    def value(self) -> int:
        return sum(c.value for c in self.columns)

    def fits(self, column: Column) -> bool:
        """Whether the column can be added as things are."""
        row = self.problem.rows[column.row]
        if any(self.used[k] for k in column.lots):
            return False
        if row.identity != NONE and row.identity in self.identities:
            return False
        if row.fixed != NONE and row.fixed in self.fixed:
            return False
        if self.places is not None and self.places < 1:
            return False
        return self.left is None or column.funding <= self.left

    def add(self, column: Column) -> None:
        row = self.problem.rows[column.row]
        self.columns.append(column)
        self.used[list(column.lots)] = True
        if row.identity != NONE:
            self.identities.add(row.identity)
        if row.fixed != NONE:
            self.fixed.add(row.fixed)
        if self.left is not None:
            self.left -= column.funding
        if self.places is not None:
            self.places -= 1

    def remove(self, column: Column) -> None:
        row = self.problem.rows[column.row]
        self.columns.remove(column)
        self.used[list(column.lots)] = False
        self.identities.discard(row.identity)
        self.fixed.discard(row.fixed)
        if self.left is not None:
            self.left += column.funding
        if self.places is not None:
            self.places += 1

    @property
    def complete(self) -> bool:
        """Whether all fixed grappes that must appear do."""
        component = self.component
        return component.forced <= self.fixed and len(self.fixed & component.optional) >= component.at_least

    def fill(self, candidates: Sequence[Column]) -> None:
        """Add candidates in the given order, those that fit."""
        for column in candidates:
            if column.value > 0 and self.fits(column):
                self.add(column)

    def insert(self, recogniser: Recogniser) -> int:
        """Put unplaced lots where they add most; returns how many were placed.

        A lot may come in reach by another member carrying the grappe: the row is chosen again.
        """
        placed = 0
        waiting = [int(k) for k in self.component.lots if not self.used[k]]
        waiting.sort(key=lambda k: (-int(self.problem.offers.weight[k]), k))
        for lot in waiting:
            best: tuple[int, Column, Column] | None = None
            for column in self.columns:
                joined = self._with(column, lot, recogniser)
                if joined is None or joined.value <= column.value:
                    continue
                if self.left is not None and joined.funding - column.funding > self.left:
                    continue
                gain = joined.value - column.value
                if best is None or gain > best[0]:
                    best = (gain, column, joined)
            if best is not None:
                self.remove(best[1])
                self.add(best[2])
                placed += 1
        return placed

    def _with(self, column: Column, lot: int, recogniser: Recogniser) -> Column | None:
        row = self.problem.rows[column.row]
        if not self.problem.offers.fits[row.type, lot]:
            return None
        if recogniser.size(column) + int(self.problem.offers.weight[lot]) > row.high:
            return None
        if recogniser.joins(column.row, lot):
            joined = self.problem.column(column.row, (*column.lots, lot))
            return joined if self.problem.allowed(joined) else None
        if row.fixed != NONE or row.identity != NONE or not recogniser.meet(row.type, column.lots, lot):
            return None
        return recogniser.best(row.type, (*column.lots, lot))
