"""What a node of a certificate speaks of: rows, lots, the decisions above it; and how it falls into parts.

When to modify: a node of the format decides on something new.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from solver.verify.knapsack import Pricer
from solver.verify.lots import NONE
from solver.verify.rows import Ground

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Decision:
    """One branch taken: at most (``at_most``) or more than ``count`` grappes of ``rows``; or ``lot``
    placed.
    """

    rows: Bools | None = None
    count: int = 0
    at_most: bool = False
    lot: int = NONE


@dataclass(frozen=True)
class Scope:
    """What a node speaks of: rows, lots, lots left out, the decisions of its part, prices set by a sum
    above.
    """

    rows: Ints
    lots: Bools
    out: Bools
    step: int
    pricer: Pricer
    decisions: tuple[Decision, ...] = ()
    budget: int | None = None
    grappes: int | None = None

    @property
    def priced_above(self) -> bool:
        return self.budget is not None or self.grappes is not None


def alive(ground: Ground, scope: Scope) -> Ints:
    """The rows that can still hold a grappe once lots are left out."""
    table, lots, rows = ground.rows, ground.lots, scope.rows
    if not scope.out.any():
        return rows
    base = table.base_lot[rows]
    rows = rows[~((base != NONE) & scope.out[base])]
    place, lot = table.flat(rows)
    stays = ~scope.out[lot]
    whole = table.weight[rows] + np.bincount(place[stays], lots.weight[lot[stays]], len(rows))
    return np.asarray(rows[whole >= table.low[rows]], dtype=np.int64)


def held_by(ground: Ground, rows: Ints) -> Ints:
    """The lots that these rows hold, more than once as the case may be."""
    table = ground.rows
    base = table.base_lot[rows]
    return np.concatenate([table.flat(rows)[1].astype(np.int64), base[base != NONE]])


def components(ground: Ground, scope: Scope) -> tuple[Ints, Ints, Ints]:
    """(rows that can hold a grappe, their component, component of each lot).

    Lots are linked by the rows that hold them, rows by the previous id that they carry and by the fixed
    grappe that grows; all fixed grappes that may be absent are linked together.
    """
    table, lots = ground.rows, ground.lots
    rows = alive(ground, scope)
    place, lot = table.flat(rows)
    stays = ~scope.out[lot]
    optional = {f.index for f in ground.fixed if not f.forced}
    first = len(rows)
    ids = first + lots.count
    fixed = ids + len(ground.kept_by)
    hub = fixed + len(lots.instance.constraints.fixed_grappes)
    each = np.arange(len(rows))
    links = [(place[stays], first + lot[stays].astype(np.int64))]
    for values, shift in ((table.base_lot, first), (table.identity, ids), (table.fixed, fixed)):
        some = values[rows] != NONE
        links.append((each[some], shift + values[rows][some]))
    tied = np.isin(table.fixed[rows], sorted(optional))
    links.append((each[tied], np.full(int(tied.sum()), hub)))
    one, other = (np.concatenate([link[k] for link in links]) for k in (0, 1))
    graph = coo_matrix((np.ones(len(one), dtype=np.int8), (one, other)), shape=(hub + 1, hub + 1))
    _, label = connected_components(graph.tocsr(), directed=False)
    return rows, label[: len(rows)], label[first : first + lots.count]
