"""Bounds go on once the time of the search is over, while the plan is explained.

The plan is fixed by then, but a bound needs nothing but prices. So a helper process that has no exchange left
to carry on is given the large relaxations where they stand, and tells each better bound as it finds it;
``solve`` takes what there is when its document is made. The process has been running for long, so nothing has
to start or to be forked from a process of many threads; what it is told is a copy, so that nothing that it
does, and no death of its own, can spoil what the search has found.

Prices that come back are repaired ones: the same code as everywhere has priced them exactly. The certificate
is made of them as of any others.

When to modify: something else is worth doing once the plan is fixed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import count

import numpy as np
import numpy.typing as npt

from solver.exchange.crew import Helper
from solver.proposal import SearchResult
from solver.search.bound import Bound, published
from solver.search.components import Component
from solver.search.generation import Generation, Relaxation
from solver.search.master import Pool, Weights
from solver.search.pricing import Pricer, Prices
from solver.search.problem import Column, Problem
from solver.search.standing import Standing

FOREVER = float("inf")
VAIN = 0.05  # a relaxation waits longer, by this share, for each round that brought it nothing


@dataclass(frozen=True)
class Better:
    """A better bound of the component of the ``side``-th side, and the prices that prove it."""

    side: int
    value: float
    prices: Prices


@dataclass(frozen=True)
class Underway:
    """One relaxation where it stands: what ``Generation`` is made of, its pool, its best bound, its weights
    (None: it has not begun). ``boxed``: rounds with boxed prices to come; ``value``: of the packing."""

    side: int
    problem: Problem
    component: Component
    pricer: Pricer
    anyway: npt.NDArray[np.float64]
    columns: tuple[Column, ...]
    bound: Bound
    weights: Weights | None
    boxed: int
    value: int
    step: int

    def rounds(self, report: Callable[[Bound], None]) -> Iterator[Relaxation]:
        generation = Generation(self.problem, self.component, self.pricer, anyway=self.anyway)
        pool = Pool(generation.master)
        pool.add(self.columns)
        return generation.rounds(pool, self.bound, lambda: False, FOREVER, report, self.boxed, self.weights)


@dataclass(frozen=True)
class Unfinished:
    """Relaxations for a helper to go on with: an errand (``solver.exchange.crew``)."""

    all: tuple[Underway, ...]

    def carry_out(self, tell: Callable[[object], None]) -> None:
        """A round at a time where most is open, until all have converged."""
        going = [_Going(one, tell) for one in self.all]
        while going:
            widest = max(going, key=lambda one: one.room)
            if not widest.step():
                going.remove(widest)


class _Going:
    """One of them, in the process that goes on with it."""

    def __init__(self, underway: Underway, tell: Callable[[object], None]) -> None:
        self.underway, self.tell, self.bound = underway, tell, underway.bound.value
        self.rounds = underway.rounds(self._told)
        self.vain = 0

    def _told(self, bound: Bound) -> None:
        self.bound, self.vain = bound.value, 0
        self.tell(Better(self.underway.side, bound.value, bound.prices))

    @property
    def room(self) -> float:
        """How far from its packing, less when nothing has been proven for long."""
        return (self.bound - self.underway.value) / (1.0 + VAIN * self.vain)

    def step(self) -> bool:
        """One round; False when there is none left to do."""
        self.vain += 1
        return (
            next(self.rounds, None) is not None
            and published(self.bound, self.underway.step) > self.underway.value
        )


class Onward:
    """What goes on after a search, as whoever asked for the search sees it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._helpers: list[Helper] = []
        self._listening: list[threading.Thread] = []
        self._told = count(1)
        self._news, self._seen = 0, 0
        self._bounded: Callable[[], SearchResult] | None = None
        self._ended = False

    def begin(self, helper: Helper, unfinished: Unfinished, standing: Standing) -> None:
        """Have a helper go on; what it proves is noted in ``standing``. The helper is ended here."""
        listening = threading.Thread(
            target=self._listen, args=(helper, unfinished, standing), name="onward", daemon=True
        )
        with self._lock:
            if self._ended:
                helper.end()
                helper.close()
                return
            self._helpers.append(helper)
            self._listening.append(listening)
        listening.start()

    def _listen(self, helper: Helper, unfinished: Unfinished, standing: Standing) -> None:
        for better in helper.give(unfinished):
            standing.prove(standing.sides[better.side], better.value, better.prices)
            self._news = next(self._told)

    def follow(self, bounded: Callable[[], SearchResult]) -> None:
        """``bounded``: the result of the search with the bounds known when it is called."""
        self._bounded = bounded

    @property
    def begun(self) -> bool:
        """Whether anything was given to a helper."""
        return bool(self._helpers)

    @property
    def going(self) -> bool:
        """Whether a helper is still at it."""
        return any(one.is_alive() for one in self._listening)

    def better(self) -> SearchResult | None:
        """The result with better bounds, where there are such since it was asked last."""
        news = self._news
        if self._bounded is None or news == self._seen:
            return None
        self._seen = news
        return self._bounded()

    def end(self) -> None:
        """End it at once; what was proven stays. May be called again."""
        with self._lock:
            self._ended = True
            helpers, listening = self._helpers, self._listening
            self._helpers, self._listening = [], []
        for helper in helpers:
            helper.end()
        for one in listening:
            one.join()
        for helper in helpers:
            helper.close()


def without_esms(problem: Problem) -> Problem:
    """The same problem for pricing alone: nothing in it speaks of single ESMS."""
    bare = replace(problem.instance, esms=(), organismes=(), previous=())
    return Problem(bare, problem.scale, replace(problem.lots, esms=()), problem.offers, problem.reach)
