"""The order of things: quick packings, relaxations, small components closed, then windows to the end.

When to modify: time is better spent otherwise; measure with benchmarks/ before and after.
"""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from solver.search.bound import Bound, published
from solver.search.compact import Limits, Question, Reply, answer, entries
from solver.search.dive import dive
from solver.search.generation import Generation, Relaxation
from solver.search.packing import Packing
from solver.search.plan import Recogniser
from solver.search.pricing import Pricer, Prices
from solver.search.problem import Column, Problem
from solver.search.standing import Side, Standing
from solver.search.windows import Local, Neighbourhood, improve

TINY_ENTRIES = 6_000  # (lot, row) variables up to which the compact model is tried on a whole component
TINY_WORK = 8.0
RELAXATION_SHARE = 0.30  # of the time left, for the relaxation of one component
DIVES = (0.15, 0.3)
WINDOW_WORK = 2.5


@dataclass
class _Part:
    """What the phases know of one component."""

    side: Side
    pricer: Pricer
    generation: Generation
    relaxation: Relaxation | None = None
    first: tuple[Column, ...] = ()


class Conduct:
    """Drives the phases of one search."""

    def __init__(self, standing: Standing, seed: int, threads: int, recogniser: Recogniser) -> None:
        self.standing, self.seed, self.threads = standing, seed, threads
        self.problem: Problem = standing.problem
        self.recogniser = recogniser
        self.begun = time.monotonic()

    def run(self) -> None:
        """All phases, smallest components first."""
        standing = self.standing
        with ThreadPoolExecutor(self.threads) as executor:
            parts = []
            for side in sorted(standing.sides, key=lambda s: len(s.component.lots)):
                pricer = Pricer(self.problem, side.component.rows.tolist(), executor)
                part = _Part(side, pricer, Generation(self.problem, side.component, pricer))
                parts.append(part)
                self._first(part)
            for part in parts[:-1]:
                self._relax(part)
            closing = [(part, executor.submit(self._close, part)) for part in parts if self._tiny(part)]
            for part in parts[-1:]:
                self._relax(part)
            for part, job in closing:
                self._take(part, job.result())
        self._windows([p for p in parts if not p.side.closed])

    def _first(self, part: _Part) -> None:
        """A packing from the best columns of each row at prices near the closed form's."""
        if self.standing.over or part.side.closed:
            return
        self.standing.phase = "first"
        pool, bound = part.generation.start(part.side.columns or ())
        part.first = tuple(pool.columns)
        self._prove(part, bound)
        paid = bound.prices.lots
        packing = Packing(self.problem, part.side.component, self._fixed_columns(part))
        packing.fill(
            sorted(pool.columns, key=lambda c: (float(paid[list(c.lots)].sum()) - c.value, c.row, c.lots))
        )
        self._settle(part, packing)

    def _fixed_columns(self, part: _Part) -> list[Column]:
        """The columns of fixed grappes in the packing known so far: they must stay."""
        return [c for c in part.side.columns or () if self.problem.rows[c.row].fixed >= 0]

    def _settle(self, part: _Part, packing: Packing) -> None:
        packing.insert(self.recogniser)
        if packing.complete:
            self.standing.offer(part.side, packing.columns)

    def _prove(self, part: _Part, bound: Bound) -> None:
        self.standing.prove(part.side, bound.value, bound.prices)

    def _close(self, part: _Part) -> Reply:
        """The compact model on a whole small component: often its optimum, with a proof."""
        standing, side = self.standing, part.side
        component = side.component
        lots, rows = component.lots.tolist(), component.rows.tolist()
        question = Question(
            lots,
            rows,
            component.budget,
            side.columns or (),
            component.forced,
            component.optional,
            component.at_least,
        )
        limits = Limits(standing.left(3600.0), TINY_WORK, self.seed)
        return answer(self.problem, question, limits, lambda: standing.over)

    def _tiny(self, part: _Part) -> bool:
        component = part.side.component
        if part.side.closed or self.standing.over:
            return False
        size = entries(self.problem, component.rows.tolist(), component.lots.tolist())
        return size <= TINY_ENTRIES

    def _take(self, part: _Part, reply: Reply) -> None:
        if reply.columns is not None:
            self.standing.offer(part.side, reply.columns)
        if reply.bound < float("inf"):
            self.standing.prove_by_solver(part.side, published(reply.bound, part.side.step))

    def _relax(self, part: _Part) -> None:
        """Column generation, then dives."""
        standing, side = self.standing, part.side
        if standing.over or not part.first:
            return
        standing.phase = "relaxation"
        pool, bound = part.generation.start([*part.first, *(side.columns or ())])
        until = time.monotonic() + RELAXATION_SHARE * standing.left(1e9)
        part.relaxation = part.generation.run(
            pool, bound, lambda: standing.over, until, lambda better: self._prove(part, better)
        )
        self._prove(part, part.relaxation.bound)
        if side.closed:
            return
        standing.phase = "dive"
        for k, share in enumerate(DIVES):
            packing = dive(
                self.problem,
                side.component,
                part.pricer,
                part.relaxation.pool.columns,
                part.relaxation.bound.prices,
                share,
                self.seed + k,
                lambda: standing.over,
                time.monotonic() + 0.15 * standing.left(1e9),
                self.recogniser,
            )
            if packing.complete:
                standing.offer(side, packing.columns)

    def _windows(self, parts: list[_Part]) -> None:
        standing = self.standing
        if standing.over:
            return
        standing.phase = "windows"
        searches: list[Local] = []
        owner: dict[int, Side] = {}

        def found(local: Local) -> None:
            standing.offer(owner[id(local)], local.packing.columns)

        for k, part in enumerate(parts):
            if part.side.columns is None:
                continue
            packing = Packing(self.problem, part.side.component, part.side.columns)
            local = Local(self._around(part), packing, self.seed + 31 * k)
            searches.append(local)
            owner[id(local)] = part.side
        improve(
            searches,
            lambda local: float(owner[id(local)].upper - owner[id(local)].value),
            self.threads,
            self.seed,
            WINDOW_WORK,
            lambda: standing.over,
            standing.deadline,
            found,
        )

    def _around(self, part: _Part) -> Neighbourhood:
        component, problem = part.side.component, self.problem
        prices = part.side.prices or Prices(np.zeros(len(problem.lots.lots)))
        mass = np.zeros(len(component.rows))
        if part.relaxation is not None:
            at = {int(r): c for c, r in enumerate(component.rows)}
            use = part.relaxation.weights.use
            for column, x in zip(part.relaxation.pool.columns, use, strict=False):
                mass[at[column.row]] += float(x)
        place = np.array([_unit([problem.lots.esms[i] for i in lot.members]) for lot in problem.lots.lots])
        return Neighbourhood(
            problem, component, self.recogniser, prices.lots, mass, part.pricer.best(prices), place
        )


def _unit(members: list) -> np.typing.NDArray[np.float64]:  # type: ignore[type-arg]
    from solver.distances import unit_vectors

    vectors = unit_vectors(np.array([e.lat for e in members]), np.array([e.lon for e in members]))
    return np.asarray(vectors.mean(axis=0), dtype=np.float64)
