"""Components: parts of the problem that share no lot, no id and no money, solved apart.

Two lots are linked when some row holds both. Bounds and values of components add up.

When to modify: a constraint links grappes that share no lot.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt

from solver.search.problem import NONE, Problem

Ints = npt.NDArray[np.int64]

ROWS_AT_ONCE = 4_096


@dataclass(frozen=True)
class Component:
    """Lots and rows (positions in the problem), with the shared constraints that concern them.

    ``forced``: fixed grappes that appear; ``optional``: those of which ``at_least`` appear.
    ``budget``: euros, ``grappes``: how many of them may be formed; None where nothing limits it.
    ``most``: how many grappes the lots can fill, which the relaxation does not see; None with ``grappes``.
    """

    lots: Ints
    rows: Ints
    forced: frozenset[int]
    optional: frozenset[int]
    at_least: int
    budget: int | None
    grappes: int | None = None
    most: int | None = None


def split(problem: Problem, at_least: int) -> list[Component]:
    """The components, largest first; with a budget or a number of grappes everything is one component."""
    rows = problem.rows
    forced = frozenset(f.index for f in problem.reach.fixed if f.forced)
    optional = frozenset(f.index for f in problem.reach.fixed if not f.forced)
    if not rows:
        return []
    label = _labels(problem, optional)
    components = []
    for code in np.unique(label):
        mine = np.flatnonzero(label == code)
        own = {rows[r].fixed for r in mine} - {NONE}
        lots = np.unique(np.concatenate([np.append(rows[r].items, rows[r].base_lot) for r in mine]))
        components.append(
            Component(
                lots[lots != NONE],
                mine,
                forced & own,
                optional & own,
                at_least if optional & own else 0,
                problem.free_budget,
                problem.free_grappes,
                _most(problem, mine) if problem.free_grappes is None else None,
            )
        )
    return sorted(components, key=lambda c: (-len(c.lots), int(c.rows[0])))


def _most(problem: Problem, rows: Ints) -> int | None:
    """Grappes that the lots of these rows can fill, growing fixed ones besides."""
    free = [problem.rows[r] for r in rows if problem.rows[r].fixed == NONE]
    least = min((r.low for r in free), default=0)
    if least < 1:
        return None
    held = np.unique(np.concatenate([np.append(r.items, r.base_lot) for r in free]))
    weight = int(problem.offers.weight[held[held != NONE]].sum())
    return weight // least + len({problem.rows[r].fixed for r in rows} - {NONE})


def _labels(problem: Problem, optional: frozenset[int]) -> Ints:
    """A common label for the rows of each component (smallest row number)."""
    rows = problem.rows
    if problem.free_budget is not None or problem.free_grappes is not None:
        return np.zeros(len(rows), dtype=np.int64)
    count = len(problem.lots.lots)
    # Nodes: lots, then previous ids, then one for the optional fixed grappes, then fixed grappes.
    identity, together = count, count + len(problem.reach.kept)
    fixed = together + 1
    size = fixed + len(problem.instance.constraints.fixed_grappes)
    nodes = []
    for row in rows:
        more = [row.base_lot] if row.base_lot != NONE else []
        more += [identity + row.identity] if row.identity != NONE else []
        more += [fixed + row.fixed] if row.fixed != NONE else []
        more += [together] if row.fixed in optional else []
        nodes.append(np.concatenate((row.items, np.array(more, dtype=np.int64))) if more else row.items)
    return _smallest_rows(nodes, size)


def _smallest_rows(nodes: list[Ints], size: int) -> Ints:
    """Per row the smallest row of its component in the compatibility graph.

    All pairs of lots that a row holds would be millions of edges. Each node is shrunk to the first row that
    holds it, and a row links the rows that its nodes are shrunk to: the same components, few edges.
    """
    count = len(nodes)
    first = np.full(size, count, dtype=np.int64)
    for held, row_of, _ in _portions(nodes):
        np.minimum.at(first, held, row_of)
    graph: nx.Graph[int] = nx.Graph()
    lowest = np.zeros(count, dtype=np.int64)
    for held, row_of, start in _portions(nodes):
        met = first[held]
        low = np.minimum.reduceat(met, start)
        lowest[row_of[start]] = low
        pairs = np.unique(low[row_of - row_of[0]] * count + met)
        graph.add_edges_from(zip((pairs // count).tolist(), (pairs % count).tolist(), strict=True))
    smallest = {row: min(part) for part in nx.connected_components(graph) for row in part}
    return np.array([smallest[low] for low in lowest.tolist()], dtype=np.int64)


def _portions(nodes: list[Ints]) -> Iterator[tuple[Ints, Ints, Ints]]:
    """Some rows at a time: their nodes one after the other, the row of each node, where each row starts."""
    for cut in range(0, len(nodes), ROWS_AT_ONCE):
        some = nodes[cut : cut + ROWS_AT_ONCE]
        length = np.array([len(held) for held in some])
        row_of = cut + np.repeat(np.arange(len(some)), length)
        yield np.concatenate(some), row_of, np.cumsum(length) - length
