"""Where the search stands: per component the best columns and the best bound; shared with the ticker.

When to modify: a component gains another kind of proof.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from solver.exchange.crew import Helper
from solver.instance import Grappe
from solver.search.bound import Bound, Bounder, published
from solver.search.components import Component
from solver.search.plan import grappes_of, objective_of
from solver.search.pricing import Pricer, Prices
from solver.search.problem import Column, Problem
from solver.search.tree import Tree

LATE_S = 0.5  # a helper whose order ends with the time may answer so much later


@dataclass
class Side:
    """One component: ``columns`` None until a first valid set is known; ``proof`` is CP-SAT's own bound.

    ``bounder`` and ``closed_form``: what turns prices into bounds, and the first of them; ``near``: it comes
    from the prices of an earlier answer, which are better than the closed form. ``remains``: an
    earlier proposal with the grappes that miss their minimum now, where exchanges begin.
    """

    component: Component
    pricer: Pricer
    step: int
    bounder: Bounder | None = None
    closed_form: Bound | None = None
    near: bool = False
    columns: tuple[Column, ...] | None = None
    remains: tuple[Column, ...] = ()
    value: int = 0
    bound: float = float("inf")
    prices: Prices | None = None
    tree: Tree | None = None
    proof: int | None = None

    @property
    def certified(self) -> int:
        by_prices = published(self.bound, self.step)
        return by_prices if self.tree is None else min(by_prices, self.tree.bound)

    @property
    def upper(self) -> int:
        return self.certified if self.proof is None else min(self.certified, self.proof)

    @property
    def closed(self) -> bool:
        return self.columns is not None and self.upper <= self.value


@dataclass
class Standing:
    """Everything found so far. ``constant``: the settled fixed grappes' part of the objective.

    ``crew``: the helper processes at work.
    """

    problem: Problem
    sides: list[Side]
    constant: int
    stop: Callable[[], bool]
    deadline: float
    gap: float
    phase: str = "reading"
    version: int = 0
    crew: list[Helper] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def value(self) -> int | None:
        """Objective of the best proposal; None until every component has one."""
        if any(s.columns is None for s in self.sides):
            return None
        return self.constant + sum(s.value for s in self.sides)

    @property
    def upper(self) -> int | None:
        if any(s.upper is None or s.bound == float("inf") for s in self.sides):
            return None
        return self.constant + sum(s.upper for s in self.sides)

    def offer(self, side: Side, columns: Sequence[Column]) -> bool:
        """Keep these columns of a component if they are better."""
        value = sum(c.value for c in columns)
        with self.lock:
            if side.columns is not None and value <= side.value:
                return False
            side.columns, side.value = tuple(columns), value
            self.version += 1
        return True

    def prove(self, side: Side, bound: float, prices: Prices) -> None:
        """Keep this bound and its prices if they are tighter."""
        with self.lock:
            if bound < side.bound:
                side.bound, side.prices = bound, prices

    def prove_by_solver(self, side: Side, bound: int) -> None:
        with self.lock:
            side.proof = bound if side.proof is None else min(side.proof, bound)

    @property
    def over(self) -> bool:
        """Whether the search must end: asked to, out of time, or close enough."""
        return self.stop() or time.monotonic() >= self.deadline or self.close_enough

    @property
    def stopping(self) -> bool:
        """Whether the search must end at once: what steps in progress ask."""
        return self.stop() or time.monotonic() >= self.deadline

    @property
    def abandoned(self) -> bool:
        """Whether helpers are no longer waited for: their orders end with the time by themselves."""
        return self.stop() or time.monotonic() >= self.deadline + LATE_S

    @property
    def out_of_time(self) -> bool:
        """Whether time alone ends the search: nobody stopped it, and there is more to be proven."""
        return time.monotonic() >= self.deadline and not self.stop() and not self.close_enough

    @property
    def close_enough(self) -> bool:
        value, upper = self.value, self.upper
        if value is None or upper is None:
            return False
        return upper <= value or (value > 0 and upper / value - 1.0 <= self.gap)

    def frozen(self) -> Standing:
        """As it stands now, whatever is still found."""
        with self.lock:
            return replace(self, sides=[replace(side) for side in self.sides], crew=[], lock=threading.Lock())

    def release(self, helper: Helper) -> None:
        """It is no longer of this crew: whoever has taken it ends it."""
        self.crew.remove(helper)

    def dismiss(self) -> None:
        """End the helper processes at once."""
        for helper in self.crew:
            helper.end()

    def left(self, seconds: float) -> float:
        """Seconds that a step may take: those it asks for, or what is left."""
        return max(0.0, min(seconds, self.deadline - time.monotonic()))

    def columns(self) -> list[Column]:
        return [c for s in self.sides for c in s.columns or ()]

    def snapshot(self) -> tuple[int, tuple[Grappe, ...], int]:
        """(version, grappes, objective) of the best proposal, objective recomputed from the members."""
        with self.lock:
            version, columns = self.version, self.columns()
        grappes = grappes_of(self.problem, columns)
        return version, grappes, objective_of(self.problem.instance, self.problem.scale, grappes)
