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
    found = []
    for part in table.portions(rows):
        place, lot = table.flat(part)
        weight = np.where(scope.out[lot], 0, lots.weight[lot])
        whole = table.weight[part] + np.bincount(place, weight, len(part))
        found.append(part[whole >= table.low[part]])
    return np.concatenate([np.zeros(0, dtype=np.int64), *found])


def held_by(ground: Ground, rows: Ints) -> Bools:
    """Which lots these rows hold."""
    table = ground.rows
    held = np.zeros(ground.lots.count, dtype=bool)
    for part in table.portions(rows):
        held[table.flat(part)[1]] = True
    base = table.base_lot[rows]
    held[base[base != NONE]] = True
    return held


def components(ground: Ground, scope: Scope) -> tuple[Ints, Ints, Ints]:
    """(rows that can hold a grappe, their component, component of each lot).

    Lots are linked by the rows that hold them, rows by the previous id that they carry and by the fixed
    grappe that grows; all fixed grappes that may be absent are linked together.
    """
    table, rows = ground.rows, alive(ground, scope)
    optional = sorted(f.index for f in ground.fixed if not f.forced)
    ids = ground.lots.count  # nodes: lots, previous ids, fixed grappes, one for those that may be absent
    fixed = ids + len(ground.kept_by)
    hub = fixed + len(ground.lots.instance.constraints.fixed_grappes)
    label = np.arange(hub + 1)
    centres = np.zeros(len(rows), dtype=np.int64)
    at = 0
    for part in table.portions(rows):
        place, lot = table.flat(part)
        stays = ~scope.out[lot]
        place, lot = place[stays], lot[stays].astype(np.int64)
        centre = np.where(table.fixed[part] != NONE, fixed + table.fixed[part], table.base_lot[part])
        bare = centre == NONE  # a row without a porteur: its first lot stands for it
        centre[bare] = lot[np.searchsorted(place, np.flatnonzero(bare))]
        tied, carrying = np.isin(table.fixed[part], optional), table.identity[part] != NONE
        one = np.concatenate([centre[place], centre[tied], centre[carrying]])
        other = np.concatenate([lot, np.full(int(tied.sum()), hub), ids + table.identity[part][carrying]])
        label = _joined(label, one, other)
        centres[at : at + len(part)] = centre
        at += len(part)
    return rows, label[centres], label[: ground.lots.count]


def _joined(label: Ints, one: Ints, other: Ints) -> Ints:
    """Labels of the nodes once the nodes ``one`` and ``other`` are linked too."""
    one, other = label[one], label[other]
    count = len(label)
    pairs = np.unique((one * count + other)[one != other])
    links = (np.ones(len(pairs), dtype=np.int8), (pairs // count, pairs % count))
    _, merged = connected_components(coo_matrix(links, shape=(count, count)), directed=False)
    return np.asarray(merged[label], dtype=np.int64)
