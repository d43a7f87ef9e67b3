"""The order of things: a quick packing of each component, then rounds of exchanges beside the bounds.

When to modify: time is better spent otherwise; measure with benchmarks/ before and after.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import numpy.typing as npt

from solver.distances import unit_vectors
from solver.exchange.crew import Helper
from solver.search.bound import Bound, published
from solver.search.compact import Limits, Question, Reply, answer, entries
from solver.search.dive import dive, quick
from solver.search.exchanges import Exchanges
from solver.search.generation import BOXED_ROUNDS, SIMPLEX_LOTS, Generation, Relaxation
from solver.search.layout import Layout
from solver.search.master import Pool
from solver.search.onward import Onward, Underway, Unfinished, without_esms
from solver.search.onward import __name__ as onward_name
from solver.search.packing import Packing
from solver.search.plan import Recogniser
from solver.search.pricing import HaltedError, Pricer, Prices
from solver.search.problem import Column, Problem
from solver.search.rounds import Improved, Rounds, hired
from solver.search.standing import Side, Standing
from solver.search.tree import Tree
from solver.search.windows import Local, Neighbourhood

TREE_LOTS = (
    250  # components up to this size have a tree once relaxed; larger ones price its root for a minute
)
TINY_ENTRIES = 6_000  # (lot, row) variables up to which the compact model is tried on a whole component
TINY_WORK = 0.5  # deterministic seconds of the first try, where there are large components too
BEFORE_TINY = 16  # rounds of large relaxations before that, where rounds are short: then each brings less
SHORT_ROUND = 0.7  # in orders; where they are longer, relaxations prove nothing in half a minute
BUDGET_WORK = 3.0  # deterministic seconds: a budget is a knapsack, which the compact model closes best
LAST_WORK = (4.0, 30.0, 200.0)  # of the last tries
READY_LOTS = 500  # helpers wait for the first packing of so large a component, and prepare meanwhile
FIRST_LOTS, FIRST_STEPS = 40, 8  # steps of the proof of so small a component, before others are relaxed
VAIN = 0.05  # a component waits longer, by this share, for each step that brought it nothing
# About how long steps are, in orders of an exchange, which last a second or so on any machine.
ROUND_LENGTH, CELL_LENGTH = 0.05, 3.4e-7  # a round of a large relaxation, and each cell of its pricing
LOT_LENGTH = 2.7e-5  # a step of the proof of a small component, per pair of lots
TINY_LENGTH = 1.6  # a deterministic second of CP-SAT
DIVE_SHARE, DIVE_TIME = 0.2, 0.25  # columns fixed at a step; of the time left, at most


@dataclass
class _Part:
    """What the phases know of one component."""

    number: int
    side: Side
    pricer: Pricer
    generation: Generation
    pool: Pool | None = None
    bound: Bound | None = None
    relaxation: Relaxation | None = None
    improved: Improved | None = None

    @property
    def small(self) -> bool:
        return len(self.side.component.lots) <= SIMPLEX_LOTS

    @property
    def room(self) -> float:
        return 0.0 if self.side.closed else float(self.side.upper - self.side.value)


class Conduct:
    """Drives the phases of one search."""

    def __init__(self, standing: Standing, seed: int, threads: int, recogniser: Recogniser) -> None:
        self.standing, self.seed, self.threads = standing, seed, threads
        self.problem: Problem = standing.problem
        self.recogniser = recogniser
        self.place = _places(self.problem)
        self.parts: list[_Part] = []

    def run(self, onward: Onward | None = None) -> None:
        """Quick packings, smallest component first; then rounds to the end.

        ``onward``: where bounds go on once time is over.
        """
        large = any(len(side.component.lots) >= READY_LOTS for side in self.standing.sides)
        ready = (onward_name,) if onward is not None and large else ()
        with hired(self.standing, self.threads, ready) as helpers:
            try:
                self._run(helpers)
            except HaltedError:
                self._hand_over(helpers, onward)
                raise
            self._hand_over(helpers, onward)

    def _hand_over(self, helpers: dict[int, Helper], onward: Onward | None) -> None:
        """Large relaxations go on in the helpers: there is nothing else for these to do."""
        if onward is None or not self.standing.out_of_time:
            return
        lanes = [lane for lane, helper in helpers.items() if helper.at_hand]
        parts = sorted((p for p in self.parts if self._unfinished(p)), key=lambda p: -p.room)
        for k, lane in enumerate(lanes[: len(parts)]):
            mine = [self._underway(p) for p in parts[k :: len(lanes)]]
            helper = helpers.pop(lane)
            self.standing.release(helper)
            onward.begin(helper, Unfinished(tuple(mine)), self.standing)

    def _unfinished(self, part: _Part) -> bool:
        """Whether a relaxation would go on to prove more, and is not a matter of GLOP's own objects."""
        ended = part.relaxation is not None and part.relaxation.converged
        return not part.small and part.pool is not None and part.room > 0.0 and not ended

    def _underway(self, part: _Part) -> Underway:
        assert part.pool is not None
        assert part.bound is not None
        walked = self._collect(part)
        last, side = part.relaxation, part.side
        at = next(k for k, other in enumerate(self.standing.sides) if other is side)
        boxed = last is None and not walked and not side.near
        return Underway(
            at,
            without_esms(self.problem),
            side.component,
            part.pricer,
            part.generation.anyway,
            tuple(part.pool.columns),
            part.bound if last is None else last.bound,
            None if last is None else last.weights,
            BOXED_ROUNDS if boxed else 0,
            side.value,
            side.step,
        )

    def _run(self, helpers: Mapping[int, Helper]) -> None:
        standing, parts = self.standing, self.parts
        for number, side in enumerate(sorted(standing.sides, key=lambda s: len(s.component.lots))):
            generation = Generation(self.problem, side.component, side.pricer, side.bounder)
            part = _Part(number, side, side.pricer, generation)
            parts.append(part)
            self._first(part)
        parts = [p for p in parts if p.side.columns is not None and not p.side.closed]
        if standing.over or not parts:
            return
        standing.phase = "exchange"
        improved = [self._improved(p) for p in parts]
        Rounds(standing, improved, self._background(parts), self.seed, helpers).run()

    def _first(self, part: _Part) -> None:
        """A packing from the best columns of each row at prices near the closed form's."""
        if self.standing.over or part.side.closed:
            return
        self.standing.phase = "first"
        side = part.side
        part.pool, part.bound = part.generation.start(side.columns or (), side.closed_form, side.near)
        self._prove(part, part.bound)
        packing = Packing(self.problem, part.side.component, self._fixed_columns(part))
        prices = part.bound.prices
        if part.small or not Layout(self.problem, part.side.component, packing.columns).applies:
            quick(self.problem, part.pricer, prices, packing, self.recogniser, lambda: self.standing.over)
        else:
            _fill(packing, part.pool.columns, prices)  # an exchange from there is faster than a better start
        if packing.complete:
            self.standing.offer(part.side, packing.columns)

    def _fixed_columns(self, part: _Part) -> list[Column]:
        """The columns of fixed grappes in the packing known so far: they must stay."""
        return [c for c in part.side.columns or () if self.problem.rows[c.row].fixed >= 0]

    def _prove(self, part: _Part, bound: Bound) -> None:
        self.standing.prove(part.side, bound.value, bound.prices)

    def _improved(self, part: _Part) -> Improved:
        assert part.bound is not None
        exchanges = Exchanges(self.problem, part.side, part.number, self.seed, part.bound)
        part.improved = Improved(part.side, exchanges if exchanges.apply else None, lambda: self._local(part))
        return part.improved

    def _local(self, part: _Part) -> Local:
        packing = Packing(self.problem, part.side.component, part.side.columns or ())
        return Local(self._around(part), packing, self.seed + 31 * part.number)

    # Bounds

    def _background(self, parts: list[_Part]) -> Iterator[float]:
        """Relaxations, and trees of small components, where most is open; then long proofs by CP-SAT.

        Yields, before each step, how many orders of an exchange it is about as long as: from sizes alone,
        so that the same search takes the same course on a slower machine.
        """
        tiny = [p for p in parts if self._tiny(p)]
        works = {p.number: self._proved(p) for p in parts}
        for part in tiny:
            if part.side.component.budget is not None:
                yield BUDGET_WORK / 2
                self._take(part, self._close(part, BUDGET_WORK))
        for part in parts:
            if len(part.side.component.lots) <= FIRST_LOTS:
                yield self._length(part)
                for _ in islice(works[part.number], FIRST_STEPS):
                    yield self._length(part)
        # Where there are large components too: a first try before them, or once they have nearly converged.
        large = max((self._length(p) for p in parts if not p.small), default=0.0)
        relaxed, waiting = (0 if large < SHORT_ROUND else BEFORE_TINY), tiny if large else []
        vain = dict.fromkeys(works, 0)
        while works:
            if relaxed >= BEFORE_TINY:
                yield from self._closed(waiting, TINY_WORK)
                waiting = []
            able = [p for p in parts if p.number in works]
            part = max(able, key=lambda p: p.room / (1.0 + VAIN * vain[p.number]))
            yield self._length(part)
            room = part.room
            if next(works[part.number], None) is None:
                del works[part.number]
            relaxed += not part.small
            vain[part.number] = 0 if part.room < room else vain[part.number] + 1
        for work in LAST_WORK:
            yield from self._closed(tiny, work)

    def _closed(self, tiny: Sequence[_Part], work: float) -> Iterator[float]:
        """The compact model on tiny components, one after the other."""
        for part in tiny:
            if not part.side.closed:
                yield work * TINY_LENGTH
                self._take(part, self._close(part, work))

    def _length(self, part: _Part) -> float:
        """About how long a step of the proof of this component is, in orders."""
        lots = len(part.side.component.lots)
        if part.small or part.side.tree is not None:
            return LOT_LENGTH * lots * lots
        return ROUND_LENGTH + CELL_LENGTH * part.pricer.cells

    def _proved(self, part: _Part) -> Iterator[bool]:
        """The relaxation of a component, then its tree unless it is too large, a step at a time."""
        yield from self._relaxed(part)
        self._learnt(part)
        relaxation = part.relaxation
        if relaxation is None or part.side.closed or len(part.side.component.lots) > TREE_LOTS:
            return
        if part.small or relaxation.converged:
            yield from self._branched(part, relaxation)

    def _branched(self, part: _Part, relaxation: Relaxation) -> Iterator[bool]:
        """The tree of a component, a node at a time."""
        side, standing = part.side, self.standing
        tree = Tree(self.problem, side.component, part.pricer, side.step)
        for _ in tree.grow(
            relaxation.pool.columns,
            relaxation.bound.prices,
            lambda: side.value if side.columns is not None else -1,
            lambda: standing.stopping,
        ):
            if tree.columns is not None:
                standing.offer(side, tree.columns)
            side.tree = tree
            yield True

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
        size = entries(self.problem, component.rows.tolist(), component.lots.tolist())
        return size <= TINY_ENTRIES

    def _take(self, part: _Part, reply: Reply) -> None:
        if reply.columns is not None:
            self.standing.offer(part.side, reply.columns)
        if reply.bound < float("inf"):
            self.standing.prove_by_solver(part.side, published(reply.bound, part.side.step))

    def _relaxed(self, part: _Part) -> Iterator[bool]:
        """Column generation, a round at a time."""
        standing, side = self.standing, part.side
        if standing.over or part.pool is None or part.bound is None or side.closed:
            return
        walked = self._collect(part)
        rounds = part.generation.rounds(
            part.pool,
            part.bound,
            lambda: standing.stopping,
            standing.deadline,
            lambda better: self._prove(part, better),
            0 if walked or side.near else BOXED_ROUNDS,
        )
        for relaxation in rounds:
            part.relaxation = relaxation
            self._collect(part)
            if part.room <= 0.0:
                return
            yield True

    def _collect(self, part: _Part) -> bool:
        """Columns that exchanges have gone through join the relaxation's; whether there were any."""
        assert part.pool is not None
        part.pool.add(part.side.columns or ())
        exchanges = part.improved.exchanges if part.improved is not None else None
        walked = exchanges.collected() if exchanges is not None and not part.small else []
        part.pool.add(walked)
        return bool(walked)

    def _learnt(self, part: _Part) -> None:
        """A relaxation has ended: windows see its prices; where no exchange applies, dive from it."""
        if part.improved is None:
            return
        if part.improved.exchanges is None:
            self._dive(part)
        if part.improved.windows is not None:
            part.improved.windows.around = self._around(part)

    def _dive(self, part: _Part) -> None:
        if part.side.closed or self.standing.stopping or part.relaxation is None:
            return
        packing = dive(
            self.problem,
            part.side.component,
            part.pricer,
            part.relaxation.pool.columns,
            part.relaxation.bound.prices,
            DIVE_SHARE,
            self.seed,
            lambda: self.standing.stopping,
            time.monotonic() + DIVE_TIME * self.standing.left(1e9),
            self.recogniser,
        )
        if packing.complete:
            self.standing.offer(part.side, packing.columns)

    def _around(self, part: _Part) -> Neighbourhood:
        component, problem = part.side.component, self.problem
        prices = part.side.prices or Prices(np.zeros(len(problem.lots.lots)))
        mass = np.zeros(len(component.rows))
        if part.relaxation is not None:
            at = {int(r): c for c, r in enumerate(component.rows)}
            use = part.relaxation.weights.use
            for column, x in zip(part.relaxation.pool.columns, use, strict=False):
                mass[at[column.row]] += float(x)
        slack = part.pricer.best(prices)
        return Neighbourhood(problem, component, self.recogniser, prices.lots, mass, slack, self.place)


def _fill(packing: Packing, columns: Sequence[Column], prices: Prices) -> None:
    """Columns that lose least an ESMS first."""
    loss = [(float(prices.lots[list(c.lots)].sum()) - c.value) / packing.problem.size(c) for c in columns]
    order = sorted(range(len(columns)), key=lambda j: (loss[j], columns[j].row, columns[j].lots))
    packing.fill([columns[j] for j in order])


def _places(problem: Problem) -> npt.NDArray[np.float64]:
    """Mean unit vector of the members of each lot."""
    esms = problem.lots.esms
    vectors = unit_vectors(np.array([e.lat for e in esms]), np.array([e.lon for e in esms]))
    means = [vectors[list(lot.members)].mean(axis=0) for lot in problem.lots.lots]
    return np.array(means).reshape(-1, 3)
