"""The tree: branch and price on a small component, every leaf a set of prices that proves its own bound.

The linear relaxation of a component with few grappes is loose: 29 ESMS count as 1.93 grappes of 15. Here the
node with the highest bound is cut in two (``solver.search.branches``), both halves are priced until their
bound is known or at most what a packing already reaches, and the component's bound is the largest of the
leaves'. All nodes share one linear program and one pool of columns (``solver.search.node``).

When to modify: trees of some kind of component grow large; try what to branch on first.
"""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from solver.search.bound import published
from solver.search.branches import Among, Count, Decision, Placed
from solver.search.components import Component
from solver.search.node import WHOLE, Node, Nodes
from solver.search.pricing import Pricer, Prices
from solver.search.problem import Column, Problem

TRIED = 5  # decisions compared by the linear program before one is taken
MOST_LEAVES = 1_000

Pair = tuple[Decision, Decision]


class Tree:
    """Grows one node at a time; ``columns`` is the best packing that the tree itself has met."""

    def __init__(self, problem: Problem, component: Component, pricer: Pricer, step: int) -> None:
        self.problem, self.component, self.step = problem, component, step
        self.nodes = Nodes(problem, component, pricer)
        self.columns: tuple[Column, ...] | None = None
        self.open: list[tuple[int, int, Node]] = []
        self.made = 0
        self.stuck = 0  # nodes that can be cut no further
        self.clock = 0
        self.root: Node | None = None
        self.bound = 2**62
        self.lock = threading.Lock()  # held while ``bound`` is not what the leaves of ``root`` prove

    def grow(
        self,
        columns: Sequence[Column],
        prices: Prices,
        value: Callable[[], int],
        over: Callable[[], bool],
    ) -> Iterator[None]:
        """One node after another until the bound meets ``value()``, the best packing known anywhere.

        Starts from known columns and prices. After each step ``bound`` is proven, by ``root``'s leaves.
        """
        root = self.nodes.root(columns, prices)
        self.root = root
        self._price(root, value, over)
        self._wait(root)
        yield
        while self.open and self.made < MOST_LEAVES and not over():
            if -self.open[0][0] <= value():
                return
            node = heapq.heappop(self.open)[2]
            pair = self._choice(node)
            if pair is None:
                self.stuck += 1
                continue
            halves = node.cut(pair)
            for half in halves:
                self._price(half, value, over)
            with self.lock:
                node.halves = halves
                self.bound = self._largest()
            self.made += 1
            for half in halves:
                if self._published(half) > value():
                    self._wait(half)
            yield

    def _largest(self) -> int:
        assert self.root is not None
        return max(self._published(leaf) for leaf in self.root.leaves())

    def _published(self, node: Node) -> int:
        return published(node.bound, self.step)

    def _price(self, node: Node, value: Callable[[], int], over: Callable[[], bool]) -> None:
        self.nodes.price(node, lambda bound: published(bound, self.step), value, over)
        if node is self.root:
            self.bound = self._published(node)
        if node.weights is not None and self.nodes.program.missed < WHOLE:
            use = node.weights.use
            if (np.abs(use - np.rint(use)) < WHOLE).all():
                self._offer([self.nodes.pool.columns[j] for j in np.flatnonzero(use > 0.5)])

    def _wait(self, node: Node) -> None:
        self.clock += 1
        heapq.heappush(self.open, (-self._published(node), self.clock, node))

    def _offer(self, columns: Sequence[Column]) -> None:
        if self.columns is None or sum(c.value for c in columns) > sum(c.value for c in self.columns):
            self.columns = tuple(columns)

    # what to decide ------------------------------------------------------------------------------------

    def _choice(self, node: Node) -> Pair | None:
        """The number of grappes if it is not whole; else what lowers the value most on both sides."""
        candidates = self._candidates(node)
        if len(candidates) <= 1 or _total(candidates[0]):
            return candidates[0] if candidates else None
        best, chosen = -1.0, candidates[0]
        for pair in candidates:
            drops = sorted(max(node.value - self.nodes.guess(node, one), 0.0) for one in pair)
            score = drops[0] + 0.1 * min(drops[1], 10.0 * drops[0] + 0.01 * abs(node.value))
            if score > best:
                best, chosen = score, pair
        return chosen

    def _candidates(self, node: Node) -> list[Pair]:
        """Decisions that the relaxation leaves open, the most promising first."""
        if node.weights is None:
            return []
        counts: dict[Among, float] = {}
        placed: dict[int, float] = {}
        for column, x in node.used:
            own = Among.of(self.problem, self.problem.rows[column.row].type)
            for among in (Among(), own):
                counts[among] = counts.get(among, 0.0) + x
            for k in column.lots:
                placed[k] = placed.get(k, 0.0) + x
        ranked: list[tuple[float, int, Pair]] = []
        for among, total in counts.items():
            far = abs(total - round(total))
            if far > 10 * WHOLE and among in self.nodes.count_at:
                at = int(np.floor(total))
                pair = (Count(among, at, False), Count(among, at, True))
                ranked.append((9.0 if among == Among() else 2.0 * far, len(ranked), pair))
        typical = max(float(node.prices.paid[self.component.lots].mean()), 1e-9)
        for k, total in placed.items():
            far = min(total, 1.0 - total)
            if far > 10 * WHOLE:
                weight = min(float(node.prices.lots[k]) / typical, 3.0)
                ranked.append((far * (0.5 + 0.5 * weight), len(ranked), (Placed(k, False), Placed(k, True))))
        ranked.sort(key=lambda item: (-item[0], item[1]))
        return [pair for _, _, pair in ranked[:TRIED]]


def _total(pair: Pair) -> bool:
    return isinstance(pair[0], Count) and pair[0].among == Among()
