"""The order of things: quick packings, relaxations, small components closed, then windows to the end.

When to modify: time is better spent otherwise; measure with benchmarks/ before and after.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from solver.search.bound import Bound, published
from solver.search.compact import Limits, Question, Reply, answer, entries
from solver.search.dive import dive, quick
from solver.search.generation import SIMPLEX_LOTS, Generation, Relaxation
from solver.search.packing import Packing
from solver.search.plan import Recogniser
from solver.search.pricing import Pricer, Prices
from solver.search.problem import Column, Problem
from solver.search.standing import Side, Standing
from solver.search.windows import Local, Neighbourhood, improve

TINY_ENTRIES = 6_000  # (lot, row) variables up to which the compact model is tried on a whole component
TINY_WORK = 0.5  # deterministic seconds of the first try, before large components are relaxed
LAST_WORK = 200.0
ROUNDS_AT_ONCE = 4
RELAXATION_SHARE = 0.45  # of the time left, for the relaxation of one component
EARLY_STEPS = 4  # of so many rounds at once: then the relaxation is good enough to dive from
DIVES = (0.15, 0.1)
DIVE_SHARE = 0.25  # of the time left, at most, for one dive
WINDOW_WORK = 2.0


@dataclass
class _Part:
    """What the phases know of one component."""

    side: Side
    pricer: Pricer
    generation: Generation
    relaxation: Relaxation | None = None
    first: tuple[Column, ...] = ()
    rounds: Iterator[None] | None = None


class Conduct:
    """Drives the phases of one search."""

    def __init__(self, standing: Standing, seed: int, threads: int, recogniser: Recogniser) -> None:
        self.standing, self.seed, self.threads = standing, seed, threads
        self.problem: Problem = standing.problem
        self.recogniser = recogniser
        self.begun = time.monotonic()

    def run(self) -> None:
        """Quick packings; relaxations and dives; then windows beside the end of the large relaxations."""
        standing = self.standing
        parts = []
        for side in sorted(standing.sides, key=lambda s: len(s.component.lots)):
            part = _Part(side, side.pricer, Generation(self.problem, side.component, side.pricer))
            parts.append(part)
            self._first(part)
        small = [p for p in parts if len(p.side.component.lots) <= SIMPLEX_LOTS]
        for part in small:
            for _ in self._relaxed(part):
                pass
            self._dives(part)
        large = parts[len(small) :]
        for part in large:
            part.rounds = self._relaxed(part)
            for _ in range(EARLY_STEPS):
                next(part.rounds, None)
            self._dives(part)
        self._windows([p for p in parts if p.side.columns is not None], large, small)

    def _first(self, part: _Part) -> None:
        """A packing from the best columns of each row at prices near the closed form's."""
        if self.standing.over or part.side.closed:
            return
        self.standing.phase = "first"
        pool, bound = part.generation.start(part.side.columns or ())
        part.first = tuple(pool.columns)
        self._prove(part, bound)
        packing = Packing(self.problem, part.side.component, self._fixed_columns(part))
        quick(self.problem, part.pricer, bound.prices, packing, self.recogniser, lambda: self.standing.over)
        if packing.complete:
            self.standing.offer(part.side, packing.columns)

    def _fixed_columns(self, part: _Part) -> list[Column]:
        """The columns of fixed grappes in the packing known so far: they must stay."""
        return [c for c in part.side.columns or () if self.problem.rows[c.row].fixed >= 0]

    def _prove(self, part: _Part, bound: Bound) -> None:
        self.standing.prove(part.side, bound.value, bound.prices)

    def _close(self, part: _Part, work: float) -> Reply:
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
            grappes=component.grappes,
        )
        limits = Limits(standing.left(3600.0), work, self.seed)
        return answer(self.problem, question, limits, lambda: standing.stopping)

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

    def _relaxed(self, part: _Part) -> Iterator[None]:
        """Column generation, a few rounds at a time."""
        standing, side = self.standing, part.side
        if standing.over or not part.first or side.closed:
            return
        standing.phase = "relaxation"
        pool, bound = part.generation.start([*part.first, *(side.columns or ())])
        until = time.monotonic() + RELAXATION_SHARE * standing.left(1e9)
        rounds = part.generation.rounds(
            pool, bound, lambda: standing.stopping, until, lambda better: self._prove(part, better)
        )
        for count, relaxation in enumerate(rounds):
            part.relaxation = relaxation
            if count % ROUNDS_AT_ONCE == ROUNDS_AT_ONCE - 1:
                yield

    def _dives(self, part: _Part) -> None:
        """One dive per share, at the same time; the best packing is kept."""
        if part.side.closed or self.standing.stopping or part.relaxation is None:
            return
        self.standing.phase = "dive"
        with ThreadPoolExecutor(self.threads) as executor:
            for packing in executor.map(lambda share: self._dive(part, share), DIVES):
                if packing.complete:
                    self.standing.offer(part.side, packing.columns)

    def _dive(self, part: _Part, share: float) -> Packing:
        assert part.relaxation is not None
        return dive(
            self.problem,
            part.side.component,
            part.pricer,
            part.relaxation.pool.columns,
            part.relaxation.bound.prices,
            share,
            self.seed,
            lambda: self.standing.stopping,
            time.monotonic() + DIVE_SHARE * self.standing.left(1e9),
            self.recogniser,
        )

    def _windows(self, parts: list[_Part], large: list[_Part], small: list[_Part]) -> None:
        standing = self.standing
        if standing.over:
            return
        standing.phase = "windows"
        searches: dict[int, Local] = {}
        owner: dict[int, _Part] = {}
        for k, part in enumerate(parts):
            packing = Packing(self.problem, part.side.component, part.side.columns or ())
            local = Local(self._around(part), packing, self.seed + 31 * k)
            searches[id(part)] = local
            owner[id(local)] = part

        def found(local: Local) -> None:
            standing.offer(owner[id(local)].side, local.packing.columns)

        improve(
            list(searches.values()),
            lambda local: float(owner[id(local)].side.upper - owner[id(local)].side.value),
            self.threads,
            self.seed,
            WINDOW_WORK,
            lambda: standing.over,
            lambda: standing.stopping,
            standing.deadline,
            found,
            self._background(large, small, searches),
        )

    def _background(
        self, large: list[_Part], small: list[_Part], searches: dict[int, Local]
    ) -> Iterator[None]:
        """Proofs of tiny components, then the relaxation of the others; windows learn from each."""
        for part in small:
            if self._tiny(part):
                self._take(part, self._close(part, TINY_WORK))
                self._learnt(part, searches)
                yield
        for part in large:
            for step, _ in enumerate(part.rounds or ()):
                if step % 4 == 3:
                    self._learnt(part, searches)
                yield
            self._learnt(part, searches)
            yield
        for part in small:
            if self._tiny(part):
                self._take(part, self._close(part, LAST_WORK))
                self._learnt(part, searches)
                yield

    def _learnt(self, part: _Part, searches: dict[int, Local]) -> None:
        """Hand prices, weights and a better packing of a component to its windows."""
        local = searches.get(id(part))
        if local is not None:
            local.news = (self._around(part), part.side.columns)

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
