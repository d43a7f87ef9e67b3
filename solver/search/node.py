"""Nodes of a tree: column generation on the proposals that obey some decisions.

All nodes share one pool and one linear program; a node is a set of bounds of its rows. A lot that must be
placed, or a number of grappes that must be reached, has a slack so dear that only impossible nodes use it:
their bound then falls below any packing, and they need no other proof.

When to modify: one node takes long to price.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from solver.search import certificate
from solver.search.bound import Bounder
from solver.search.branches import Among, Branching, Count, Decision, Placed
from solver.search.components import Component
from solver.search.master import Master, Pool, Weights
from solver.search.pricing import Pricer, Prices
from solver.search.problem import NONE, Column, Problem
from solver.search.simplex import Program

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

ROUNDS = 60  # of pricing at one node, at most
SMOOTH = 0.4  # share of the best known prices in those tried
PER_ROW = 2  # columns of a row and round
WHOLE = 1e-5  # how far from a whole number still counts as one
NEARLY = 3e-4  # a gap at which a node may be cut rather than priced further
DEAR = 4.0  # price of missing a raised row by one, in most valued columns
MOST_COLUMNS, KEPT_COLUMNS = 3_000, 1_500
SECONDS = 60.0  # of one linear program, far above what it takes


@dataclass
class Node:
    """A part of the proposals: those that obey ``path``. ``halves``: once cut, its two parts.

    ``bound`` is what ``prices`` (as in a certificate: not yet repaired) and ``branch_prices`` prove; ``dual``
    are the same prices as the program knows them. ``used``: the columns of ``weights`` with their use.
    """

    path: tuple[Decision, ...]
    bound: float
    prices: Prices
    branch_prices: tuple[float, ...]
    dual: Floats
    halves: tuple[Node, Node] | None = None
    weights: Weights | None = None
    used: tuple[tuple[Column, float], ...] = ()

    @property
    def value(self) -> float:
        return self.weights.value if self.weights is not None else 0.0

    def cut(self, pair: tuple[Decision, Decision]) -> tuple[Node, Node]:
        """Its two halves, at first with its own prices and bound: a new decision may have the price 0."""
        one, other = (
            Node((*self.path, d), self.bound, self.prices, (*self.branch_prices, 0.0), self.dual)
            for d in pair
        )
        return one, other

    def leaves(self) -> Iterator[Node]:
        if self.halves is None:
            yield self
        else:
            for half in self.halves:
                yield from half.leaves()


class Nodes:
    """Prices the nodes of one component."""

    def __init__(self, problem: Problem, component: Component, pricer: Pricer) -> None:
        self.problem, self.component, self.pricer = problem, component, pricer
        self.master = Master(problem, component)
        self.bounder = Bounder(problem, component, pricer)
        self.branching = Branching(problem, component)
        own = self.branching.amongs
        amongs = [Among(), *(own if len(own) > 1 else [])]
        self.count_at = {a: self.master.size + c for c, a in enumerate(amongs)}
        self.pool = Pool(self.master)
        self.program = Program(self.master, len(amongs))
        self.fixed = np.array([problem.rows[r].fixed for r in component.rows])
        self.raised: set[int] = set()

    def root(self, columns: Sequence[Column], prices: Prices) -> Node:
        """The node of all proposals, with known columns and prices."""
        self._pooled(columns)
        dual = np.zeros(self.master.size + len(self.count_at))
        dual[: len(self.component.lots)] = prices.lots[self.component.lots]
        if self.master.budget_at != NONE:
            dual[self.master.budget_at] = prices.budget * self.master.money
        if self.master.most_at != NONE:
            dual[self.master.most_at] = prices.most * self.master.fill
        if self.master.grappes_at != NONE:
            dual[self.master.grappes_at] = prices.grappes * self.master.several
        for g, at in self.master.identity_at.items():
            dual[at] = prices.identities[g]
        plain = certificate.rounded(replace(prices, branched=None), self.problem.covers)
        return Node((), self.bounder.of(plain).value, plain, (), dual)

    def price(
        self,
        node: Node,
        published: Callable[[float], int],
        value: Callable[[], int],
        over: Callable[[], bool],
    ) -> None:
        """Column generation until the bound is at most ``value()``, nearly the program's, or time is over."""
        self._thin(node.dual)
        self._enter(node.path)
        best = node.dual
        reduced, tried = self._bounded(node, best)
        for round_ in range(ROUNDS):
            weights = self.program.solve(SECONDS)
            if weights is None:
                return
            self._keep(node, weights)
            if published(node.bound) <= value() or over():
                return
            near = node.bound - weights.value <= NEARLY * abs(weights.value) and self.program.missed < WHOLE
            if published(node.bound) <= weights.value or (near and round_ >= 5 and self._open_count(node)):
                return
            for share in (SMOOTH, 0.0):
                dual = share * best + (1.0 - share) * weights.dual
                before = node.bound
                reduced, tried = self._bounded(node, dual)
                if node.bound < before:
                    best = dual
                if self._add(reduced, tried, weights.dual):
                    break
            else:
                return

    def guess(self, node: Node, decision: Decision) -> float:
        """What the program makes of a half of a node with the columns it knows."""
        self._enter((*node.path, decision))
        weights = self.program.solve(SECONDS)
        return 0.0 if weights is None else weights.value

    def _open_count(self, node: Node) -> bool:
        """Whether the number of grappes is clearly no whole number: then more rounds would be lost."""
        total = sum(x for _, x in node.used)
        return abs(total - round(total)) > 0.05

    def _keep(self, node: Node, weights: Weights) -> None:
        node.weights = weights
        node.used = tuple(
            (self.pool.columns[j], float(weights.use[j])) for j in np.flatnonzero(weights.use > 1e-9)
        )

    def _bounded(self, node: Node, dual: Floats) -> tuple[Floats, Prices]:
        """Price every row at these duals; the node keeps the bound if it is better."""
        prices, branch_prices = self._prices(node.path, dual)
        bound = self.bounder.of(prices)
        if bound.value < node.bound:
            node.bound, node.prices, node.branch_prices, node.dual = bound.value, prices, branch_prices, dual
        return bound.reduced, prices

    def _prices(self, path: Sequence[Decision], dual: Floats) -> tuple[Prices, tuple[float, ...]]:
        """The program's duals as the prices of a certificate, and those of the decisions."""
        prices = [0.0] * len(path)
        tightest: dict[tuple[Among, bool], int] = {}
        for k, decision in enumerate(path):
            if isinstance(decision, Placed):
                if decision.inside:
                    prices[k] = -float(dual[self.master.lot_at[decision.lot]])
                continue
            key = (decision.among, decision.more)
            before = path[tightest[key]] if key in tightest else None
            if not isinstance(before, Count) or (decision.at > before.at) == decision.more:
                tightest[key] = k
        for (among, more), k in tightest.items():
            prices[k] = float(dual[self.count_at[among]]) * (-1.0 if more else 1.0)
        branch_prices = tuple(certificate.hundredths(max(p, 0.0)) for p in prices)
        plain = certificate.rounded(self.master.prices(dual), self.problem.covers)
        branched = self.branching.priced(path, branch_prices)
        plain.lots[branched.barred] = 0.0
        return replace(plain, branched=branched), branch_prices

    def _enter(self, path: Sequence[Decision]) -> None:
        """Set the program's bounds for a node."""
        dear = DEAR * max((c.value for c in self.pool.columns), default=1)
        counts: dict[int, tuple[float | None, float | None]] = {}
        inside: set[int] = set()
        for decision in path:
            if isinstance(decision, Placed):
                if decision.inside:
                    inside.add(self.master.lot_at[decision.lot])
                continue
            at = self.count_at[decision.among]
            low, high = counts.get(at, (None, None))
            if decision.more:
                low = max(low or 0.0, decision.at + 1.0)
            else:
                high = min(decision.at if high is None else high, float(decision.at))
            counts[at] = low, high
        for row in self.raised - inside - set(counts):
            self.program.bound(row, None, 1.0 if row < self.master.size else None, dear)
        for row in sorted(inside):
            self.program.bound(row, 1.0, 1.0, dear)
        for row, (low, high) in counts.items():
            self.program.bound(row, low, high, dear)
        self.raised = inside | set(counts)
        barred = self.branching.barred(path)
        self.program.allow(np.array([not barred[list(c.lots)].any() for c in self.pool.columns], dtype=bool))

    def _add(self, reduced: Floats, tried: Prices, dual: Floats) -> int:
        """Columns that the program would use at ``dual``, the best of each row at the prices tried."""
        tiny = 1e-6 * max(1.0, float(np.abs(reduced[reduced > -np.inf]).max(initial=1.0)))
        good = np.flatnonzero(np.where(self.fixed == NONE, reduced > tiny, reduced > -np.inf))
        if not len(good):
            return 0
        found = self.pricer.columns(tried, self.component.rows[good].tolist(), PER_ROW)
        return self._pooled([c for c in found if self._gain(c, dual) > 1e-6 * max(1.0, c.value)])

    def _gain(self, column: Column, dual: Floats) -> float:
        at, coefficients = self.master.entries(column)
        return column.value - float(np.dot(dual[at], coefficients)) - float(dual[self._counted(column)].sum())

    def _pooled(self, columns: Sequence[Column]) -> int:
        added = self.pool.add(columns)
        known = len(self.program.columns)
        fresh = self.pool.columns[known:]
        if fresh:
            self.program.extend(self.pool, [[]] * known + [self._counted(c) for c in fresh])
        return added

    def _counted(self, column: Column) -> list[int]:
        own = Among.of(self.problem, self.problem.rows[column.row].type)
        return [self.count_at[a] for a in (Among(), own) if a in self.count_at]

    def _thin(self, dual: Floats) -> None:
        """Forget the columns that lose most at these duals, once there are many."""
        if len(self.pool.columns) <= MOST_COLUMNS:
            return
        gain = np.array([self._gain(c, dual) for c in self.pool.columns])
        keep = np.zeros(len(gain), dtype=bool)
        keep[np.argsort(-gain, kind="stable")[:KEPT_COLUMNS]] = True
        self.pool.keep(keep)
        self.program = Program(self.master, len(self.count_at))
        self.raised = set()
        self._pooled(())
