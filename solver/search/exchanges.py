"""Exchanges of a whole search: which component's walk goes on where, and what its answers are worth.

Each lane (this process, or a helper) has a walk of its own for each component it works on; a better packing
found anywhere is handed to the others with their next order. Answers are checked and offered in a fixed
order, so that a run depends on the seed and the number of threads alone.

When to modify: walks should be longer, shorter, or shared out otherwise; measure with benchmarks/.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from solver.exchange.crew import Answer, Order
from solver.exchange.ground import Ground
from solver.exchange.walk import COLD, WARM
from solver.search.bound import Bound
from solver.search.layout import Layout
from solver.search.problem import Column, Problem
from solver.search.standing import Side, Standing

MOVES = 500  # of one order: a second or so
FIRST_ORDERS, MOST_ORDERS = 2, 4  # orders of a cooling; each is twice as long as the one before it
RESUMED = (0.1, 0.03)  # warm and cold of a walk that begins from an earlier plan, which is nearly right
SMALLEST = 2  # grappes that a component must be able to hold for an exchange to make sense


@dataclass
class Walk:
    """A walk of one component in one lane, as seen from here."""

    key: int
    seed: int
    begun: bool = False
    value: int = 0
    orders: int = FIRST_ORDERS
    done: int = 0
    warm: float = WARM
    cold: float = COLD

    def stage(self) -> tuple[float, float, bool]:
        """(warm, cold, whether a new cooling begins) of the next order."""
        again = self.done >= self.orders
        if again:
            self.orders, self.done = min(MOST_ORDERS, 2 * self.orders), 0
        ratio = self.cold / self.warm
        warm = self.warm * ratio ** (self.done / self.orders)
        self.done += 1
        return warm, self.warm * ratio ** (self.done / self.orders), again


@dataclass
class Exchanges:
    """The walks of one component.

    ``idle``: answers in a row that brought nothing; ``seen``: rows with lots that walks went through.
    """

    problem: Problem
    side: Side
    number: int
    seed: int
    bound: Bound
    layout: Layout | None = None
    arrays: Ground | None = None
    walks: dict[int, Walk] = field(default_factory=dict)
    idle: int = 0
    seen: dict[tuple[int, tuple[int, ...]], None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.layout = Layout(self.problem, self.side.component, self.side.columns or ())

    @property
    def apply(self) -> bool:
        """Whether an exchange makes sense here: several grappes, and a packing to begin with."""
        assert self.layout is not None
        if self.side.columns is None or not self.layout.applies:
            return False
        component = self.side.component
        lowest = min(self.problem.rows[int(r)].low for r in self.layout.rows.tolist())
        return int(self.problem.offers.weight[component.lots].sum()) >= SMALLEST * max(lowest, 1)

    def order(self, lane: int) -> Order:
        """The next order for a lane."""
        assert self.layout is not None
        if self.arrays is None:
            self.arrays = self.layout.ground(self.bound)
        key = self.number * 64 + lane
        walk = self.walks.setdefault(lane, Walk(key, self.seed + 31 * self.number + 7919 * lane))
        resumed = bool(self.side.remains) and not self.layout.aside
        if resumed:
            walk.warm, walk.cold = RESUMED
        warm, cold, again = walk.stage()
        packed, value = None, 0.0
        if not walk.begun and resumed:
            packed = self.layout.packed(self.side.remains)
        elif not walk.begun or self.side.value > walk.value:
            packed = self.layout.packed(self.side.columns or ())
            value = float(self.side.value - self.layout.given)
            walk.value = max(walk.value, self.side.value)
        ground = None if walk.begun else self.arrays
        walk.begun = True
        return Order(key, MOVES, warm, cold, walk.seed, again, ground, packed, value)

    def take(self, lane: int, answer: Answer, standing: Standing) -> bool:
        """Check an answer and offer it; whether it was better than what was known."""
        assert self.layout is not None
        packing = self.layout.columns(answer.packed)
        for packed in answer.seen:
            for row, lots in zip(packed.rows, packed.lots, strict=True):
                self.seen.setdefault((row, lots))
        self.walks[lane].value = max(self.walks[lane].value, packing.value)
        better = packing.complete and standing.offer(self.side, packing.columns)
        self.idle = 0 if better else self.idle + 1
        return better

    def collected(self) -> list[Column]:
        """The columns that the walks have gone through since last asked: good ones for the relaxation."""
        assert self.layout is not None
        seen, self.seen = self.seen, {}
        made = [self.layout.column(row, lots) for row, lots in seen]
        return [c for c in made if self.problem.allowed(c)]

    def lost(self, lane: int) -> None:
        """The process of a lane has ended: its walk begins again wherever it goes on."""
        self.walks.pop(lane, None)
