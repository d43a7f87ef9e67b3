"""Windows: take some grappes and the unplaced lots about them apart, and solve that part by CP-SAT.

A window is a set of lots and of *slots* (rows): those of its grappes, and as many candidates, drawn by what
the relaxation makes of them. Windows start where the prices leave most money on the table. They come after
the exchange (``solver.exchange``), for what it does not see: lots of several ESMS, budgets, constraints.

When to modify: the local search stalls; benchmarks/bench_solve.py shows value against time.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from solver.search.compact import Question, Reply
from solver.search.components import Component
from solver.search.packing import Packing
from solver.search.plan import Recogniser
from solver.search.problem import NONE, Column, Problem

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

FIRST_LOTS, FEWEST_LOTS, MOST_LOTS = 200.0, 25.0, 400.0
GROW, SHRINK = 1.05, 0.95
CANDIDATES = ((1.0, 0.5), (2.0, 0.3), (3.0, 0.2))  # candidate slots per grappe, and how often
NEAR_KM = (15.0, 30.0, 60.0)
SHARP = 0.2  # a row this share of a lot's price below zero is e times less likely as a candidate


@dataclass
class Neighbourhood:
    """What windows of one component are drawn from.

    ``mass``: per row of the component, its weight in the relaxation; ``slack``: per row, its best reduced
    value at the best prices (<= 0 after repair); ``prices`` per lot; ``place``: unit vector per lot.
    """

    problem: Problem
    component: Component
    recogniser: Recogniser
    prices: Floats
    mass: Floats
    slack: Floats
    place: Floats
    at_lot: dict[int, list[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for c, r in enumerate(self.component.rows):
            row = self.problem.rows[r]
            if row.fixed == NONE:
                for k in [row.base_lot] if row.base_lot != NONE else row.items.tolist():
                    self.at_lot.setdefault(k, []).append(c)
        typical = float(self.prices[self.component.lots].mean()) if len(self.component.lots) else 1.0
        self.score = np.log(self.mass + 1e-5) + np.maximum(self.slack, -1e12) / max(SHARP * typical, 1e-9)


@dataclass(frozen=True)
class Window:
    """A part of a packing to solve again: the columns it replaces, lots and slots."""

    columns: tuple[Column, ...]
    question: Question


class Local:
    """The local search on one component."""

    def __init__(self, around: Neighbourhood, packing: Packing, seed: int) -> None:
        self.around, self.packing = around, packing
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.size = FIRST_LOTS
        self.problem, self.component = around.problem, around.component

    def draw(self) -> Window | None:
        """A window: some grappes, the unplaced lots about them, candidate rows."""
        columns = list(self.packing.columns)
        free = [int(k) for k in self.component.lots if not self.packing.used[k]]
        if not columns and not free:
            return None
        chosen, lots = self._grow(columns, free)
        slots = self._slots(chosen, lots)
        rows = [self.problem.rows[c.row] for c in chosen]
        fixed = frozenset(r.fixed for r in rows) - {NONE}
        own = {r.identity for r in rows}
        budget = None
        if self.packing.left is not None:
            budget = sum(c.funding for c in chosen) + self.packing.left
        optional = fixed & self.component.optional
        question = Question(
            lots,
            slots,
            budget,
            tuple(chosen),
            fixed & self.component.forced,
            optional,
            len(optional),
            frozenset(self.packing.identities - own),
            None if self.packing.places is None else len(chosen) + self.packing.places,
        )
        return Window(tuple(chosen), question)

    def adopt(self, columns: Sequence[Column]) -> None:
        """Go on from a packing found elsewhere, when it is better."""
        if sum(c.value for c in columns) > self.packing.value:
            self.packing = Packing(self.problem, self.component, columns)

    def _grow(self, columns: list[Column], free: list[int]) -> tuple[list[Column], list[int]]:
        """Grappes that could exchange lots with a first one, and the unplaced lots in their reach."""
        around = self.around
        if not columns:
            return [], sorted(self.rng.sample(free, min(len(free), int(self.size))))
        prices = around.prices
        loss = np.array([max(float(sum(prices[k] for k in c.lots)) - c.value, 0.0) for c in columns])
        held = np.zeros((len(columns), len(prices)), dtype=bool)
        able = np.zeros_like(held)
        for j, c in enumerate(columns):
            held[j, list(c.lots)] = True
            able[j] = self._able(c)
        first = self._pick(loss + 0.02 * loss.sum() + 1.0)
        if free and self.rng.random() < 0.35:
            lot = free[self._pick(np.array([float(prices[k]) + 1e-9 for k in free]))]
            near = np.flatnonzero(able[:, lot])
            if len(near):
                first = int(near[self._pick(loss[near] + 1.0)])
        common = (able[first] & held).sum(axis=1) + (held[first] & able).sum(axis=1)
        centre = np.array([around.place[list(c.lots)].sum(axis=0) / max(len(c.lots), 1) for c in columns])
        km = 6371.0 * np.linalg.norm(centre - centre[first], axis=1)
        pull = (common + 0.2) * np.exp(-km / self.rng.choice(NEAR_KM))
        pull *= np.array([self.rng.uniform(0.3, 1.0) for _ in columns])
        pull[first] = np.inf
        chosen: list[int] = []
        count = 0
        for j in np.argsort(-pull, kind="stable"):
            if chosen and count + len(columns[j].lots) > self.size:
                break
            chosen.append(int(j))
            count += len(columns[j].lots)
        reach = np.logical_or.reduce(able[chosen], axis=0)
        near_free = [k for k in free if reach[k]]
        near_free.sort(key=lambda k: -float(prices[k]) * self.rng.uniform(0.5, 1.0))
        near_free = near_free[: max(8, int(0.3 * self.size))]
        lots = sorted({k for j in chosen for k in columns[j].lots} | set(near_free))
        return [columns[j] for j in chosen], lots

    def _able(self, column: Column) -> Bools:
        """Lots that some row of the column's type, at one of its lots, can hold."""
        mask = self.around.recogniser.inside(column.row).copy()
        kind = self.problem.rows[column.row].type
        for k in column.lots[:4]:
            for r in self.around.recogniser.at_lot.get((kind, k), [])[:1]:
                mask |= self.around.recogniser.inside(r)
        return mask

    def _pick(self, weights: Floats) -> int:
        return self.rng.choices(range(len(weights)), weights.tolist())[0]

    def _slots(self, chosen: Sequence[Column], lots: Sequence[int]) -> list[int]:
        """Rows of the window's grappes, and candidates that its lots can fill."""
        around, rows = self.around, self.component.rows
        own = {c.row for c in chosen}
        inside = np.zeros(len(around.prices), dtype=bool)
        inside[list(lots)] = True
        factor = self.rng.choices([f for f, _ in CANDIDATES], [p for _, p in CANDIDATES])[0]
        wanted = max(3, round(factor * max(len(chosen), 1)))
        at = sorted({c for k in lots for c in around.at_lot.get(k, [])})
        noise = [-math.log(-math.log(self.rng.random())) for _ in at]
        order = sorted(range(len(at)), key=lambda j: -(float(around.score[at[j]]) + noise[j]))
        found: list[int] = []
        for j in order:
            if len(found) >= wanted:
                break
            index = int(rows[at[j]])
            row = self.problem.rows[index]
            if index in own or row.identity in self.packing.identities - {NONE}:
                continue
            weights = self.problem.offers.weight[row.items[inside[row.items]]]
            if row.base_weight + int(weights.sum()) >= row.low:
                found.append(index)
        return sorted(own | set(found))

    def apply(self, window: Window, reply: Reply) -> bool:
        """Take over the reply when it is at least as good; adapt the size of windows."""
        before = sum(c.value for c in window.columns)
        after = sum(c.value for c in reply.columns) if reply.columns is not None else -1
        if after > before:
            pass
        elif reply.proven:
            self.size = min(MOST_LOTS, self.size * GROW)
        else:
            self.size = max(FEWEST_LOTS, self.size * SHRINK)
        if reply.columns is None or after < before:
            return False
        for column in window.columns:
            self.packing.remove(column)
        for column in reply.columns:
            self.packing.add(column)
        return after > before
