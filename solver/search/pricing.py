"""Exact pricing: the best grappe of every row for given prices, by one batched knapsack.

For prices ``pi`` of lots (and of the budget and of previous ids) the best column of a row maximises a sum
over its lots plus a term of the size, of the flags and, where full rates are limited, of the members at the
higher rate. Lots of one row with the same (flags, weight, members at the higher rate) differ by profit only:
of ``k`` taken, the best ``k`` are. So each such class enters by prefix sums, all rows of a batch at once:
``state[size]`` becomes ``max over k of state[size - k * weight] + prefix[k]``.

Arrays have the rows last: a shift by a size is then a contiguous block.

Where there is no maximum size, the last state means "this size or more": lots of positive profit beyond it
are all taken.

When to modify: the worth of a grappe depends on one more count or flag.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.search.batches import NEVER, Batch, Batches
from solver.search.knapsack import Knapsack
from solver.search.problem import NONE, Column, Problem
from solver.search.tracing import traced

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Branched:
    """What the decisions on the way to a node of a tree change (``solver.search.branches``).

    ``lots``: per lot, what is added to its price (<= 0: it must be placed). ``rows``: per row of the problem,
    what is added to the value of its grappes. ``barred``: lots that are in no grappe. ``constant``: what is
    added to the bound.
    """

    lots: Floats
    rows: Floats
    barred: npt.NDArray[np.bool_]
    constant: float


@dataclass(frozen=True)
class Prices:
    """``lots``: shape (lots,), >= 0, in objective units. ``budget``: per euro, >= 0. ``identities``: >= 0.

    ``grappes``: of every grappe formed, >= 0, in objective units; ``most``: the same, for their number that
    lots can fill at most.
    ``branched``: None but at a node of a tree.
    """

    lots: Floats
    budget: float = 0.0
    identities: Floats = field(default_factory=lambda: np.zeros(0))
    grappes: float = 0.0
    most: float = 0.0
    branched: Branched | None = None

    @property
    def paid(self) -> Floats:
        """Per lot, what a grappe pays for it."""
        return self.lots if self.branched is None else self.lots + self.branched.lots


class HaltedError(Exception):
    """A pricing was given up: nobody waits for it any longer."""


class Pricer:
    """Prices a set of rows of one problem again and again.

    ``halted`` is asked at every batch of rows: once it is true the work is given up by ``HaltedError``.
    """

    def __init__(
        self,
        problem: Problem,
        rows: Sequence[int],
        executor: Executor | None = None,
        halted: Callable[[], bool] | None = None,
    ) -> None:
        self.problem = problem
        self.halted = halted
        self.rows = np.array(rows, dtype=np.int64)
        self.executor = executor
        self.count = len(problem.lots.lots)
        batches = Batches(problem, list(rows), self._go_on)
        self.profiles = batches.profiles
        self.batches = batches.made()

    def __getstate__(self) -> dict[str, Any]:
        """For another process: who asks for a halt stays here, as do tables that are quickly made again."""
        left = {"halted": None, "executor": None}
        return {k: v for k, v in vars(self).items() if k != "_static"} | left

    def _go_on(self) -> None:
        if self.halted is not None and self.halted():
            raise HaltedError

    def unhalted(self) -> Pricer:
        """The same, never given up."""
        whole = copy.copy(self)
        whole.halted = None
        return whole

    def among(self, rows: npt.NDArray[np.bool_]) -> Pricer:
        """The same for some rows only: ``rows`` is a mask over ``self.rows``. Cheap: arrays are cut."""
        wanted = np.zeros(len(self.problem.rows), dtype=bool)
        wanted[self.rows[rows]] = True
        cut = copy.copy(self)
        cut.rows = self.rows[rows]
        cut.batches = [b.take(np.flatnonzero(wanted[b.rows])) for b in self.batches if wanted[b.rows].any()]
        return cut

    @cached_property
    def cells(self) -> int:
        """Lots of all rows together, padding included: what a pricing takes time for."""
        return sum(c.index.size for b in self.batches for c in b.classes)

    @cached_property
    def _static(self) -> tuple[Floats, Floats]:
        """(euros, size) per profile and lot, with a last column for "no lot"."""
        offers = self.problem.offers
        euros = np.zeros((len(self.profiles), self.count + 1))
        for k, (t, _) in enumerate(self.profiles):
            euros[k, :-1] = offers.value[t]
        kept = np.zeros_like(euros)
        for k, (_, g) in enumerate(self.profiles):
            if g != NONE:
                kept[k, :-1] = self.problem.stability * self.problem.reach.kept[g]
        return euros, kept

    def _profits(self, prices: Prices) -> tuple[Floats, float]:
        """Profit of each lot in each profile (flat), and what one euro of funding counts."""
        euros, kept = self._static
        per_euro = (0.0 if self.problem.covers else 1.0) - prices.budget
        profit = per_euro * euros + kept
        if self.problem.covers:
            profit[:, :-1] += self.problem.offers.weight
        profit[:, :-1] -= prices.paid
        profit[:, -1] = NEVER
        if prices.branched is not None:
            profit[:, :-1][:, prices.branched.barred] = NEVER
        return profit.ravel(), per_euro

    def _base(self, batch: Batch, prices: Prices, per_euro: float) -> Floats:
        base = per_euro * batch.base_euros + batch.base_kept - prices.grappes - prices.most
        if self.problem.covers:
            base = base + batch.base_size
        base -= np.append(prices.paid, 0.0)[batch.base_lot]
        base -= np.append(prices.identities, 0.0)[batch.identity]
        if prices.branched is not None:
            base += prices.branched.rows[batch.rows]
            base[np.append(prices.branched.barred, False)[batch.base_lot]] = NEVER
        return base

    def best(self, prices: Prices) -> Floats:
        """Best reduced value of each row, in the order of ``self.rows``; -inf where no grappe exists."""
        profit, per_euro = self._profits(prices)

        def one(batch: Batch) -> Floats:
            self._go_on()
            run = Knapsack(batch, profit, self.problem.supplement, keep=False)
            ends = run.ends(per_euro)
            top = np.full(len(batch.rows), NEVER)
            for value in ends.values():
                np.maximum(top, value.reshape(-1, len(batch.rows)).max(axis=0), out=top)
            return top + self._base(batch, prices, per_euro)

        parts = (
            list(map(one, self.batches))
            if self.executor is None
            else list(self.executor.map(one, self.batches))
        )
        values = np.full(len(self.problem.rows), NEVER)
        for batch, part in zip(self.batches, parts, strict=True):
            values[batch.rows] = part
        return values[self.rows]

    def columns(self, prices: Prices, rows: Sequence[int], ends_per_row: int = 1) -> list[Column]:
        """For each wanted row its best columns, one per size, ``ends_per_row`` sizes at most.

        Where a row ignores pairs kept apart, columns that break one are left out.
        """
        profit, per_euro = self._profits(prices)
        wanted = np.zeros(len(self.problem.rows), dtype=bool)
        wanted[list(rows)] = True
        found: list[Column] = []
        for batch in self.batches:
            which = np.flatnonzero(wanted[batch.rows])
            if len(which):
                self._go_on()
                run = Knapsack(batch.take(which), profit, self.problem.supplement, keep=True)
                row, lots, start = traced(run, run.ends(per_euro), ends_per_row)
                found += self.problem.columns(row, lots, start)
        return [c for c in found if not self.problem.rows[c.row].relaxed or self.problem.allowed(c)]
