"""Partners in reach: how many ESMS each row gathers, and how many it misses.

When to modify: what makes two ESMS compatible changes.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.instance import Constraints, Instance
from solver.scale import Scale
from solver.verify.lots import NONE, Lots, lots_of
from solver.verify.offers import PORTEUR, UnpricedError
from solver.verify.rows import Ground
from solver.verify.survey import survey

Ints = npt.NDArray[np.int64]


class Partners:
    """Who could be in one grappe with whom, whatever ``constraints`` ask but for what is excluded."""

    def __init__(self, instance: Instance, scale: Scale) -> None:
        plain = Constraints(excluded=instance.constraints.excluded)
        parameters = replace(instance.parameters, stability_eur_per_esms=0, budget_eur=None)
        bare = replace(instance, constraints=plain, parameters=parameters, previous=())
        self.lots: Lots = lots_of(bare, scale)
        try:
            self.ground: Ground | None = survey(self.lots, short=True)
        except UnpricedError:
            self.ground = None

    @cached_property
    def _size(self) -> Ints:
        """ESMS that each row gathers."""
        assert self.ground is not None
        table = self.ground.rows
        weight = np.append(self.lots.weight[table.lots], 0)
        upto = np.concatenate([[0], np.cumsum(weight)])
        start, stop = table.start[table.pool], table.start[table.pool + 1]
        return np.asarray(table.weight + upto[stop] - upto[start], dtype=np.int64)

    @cached_property
    def _least_missing(self) -> Ints:
        """Per lot, what its best row misses; -1 when no row holds it."""
        assert self.ground is not None
        table = self.ground.rows
        none = np.iinfo(np.int64).max
        best = np.full(self.lots.count, none)
        short = np.maximum(table.low - self._size, 0)
        rows = self._carried(np.arange(len(table)))
        for part in np.array_split(rows, 1 + len(rows) // 4096):
            place, lot = table.flat(part)
            np.minimum.at(best, lot, short[part][place])
            home = table.base_lot[part]
            np.minimum.at(best, home[home != NONE], short[part][home != NONE])
        return np.where(best == none, NONE, best)

    def _carried(self, rows: Ints) -> Ints:
        """Rows with a porteur of their own, or with a lot that has one."""
        assert self.ground is not None
        table, flags = self.ground.rows, self.ground.offers.flags
        if not len(rows) or (table.porteur[rows] != NONE).all():
            return rows
        return np.array([r for r in rows if (flags[table.joining(int(r))] & PORTEUR).any()], dtype=np.int64)

    def holds(self, first: str) -> bool:
        """Whether some row holds the lot of this smallest id."""
        return self.missing(first) is not None

    def missing(self, first: str) -> int | None:
        """How many ESMS its best row misses; None when no row holds it."""
        lot = self.lots.place_of.get(first)
        if lot is None or self.ground is None:
            return None
        found = int(self._least_missing[lot])
        return None if found == NONE else found

    def counts(self, first: str, solution: str, hosting: str | None, porteur: str) -> set[tuple[int, int]]:
        """(in reach, missing) of the rows of this solution, hosting and porteur that hold the lot."""
        if self.ground is None:
            return set()
        table, kinds = self.ground.rows, self.ground.offers.kinds
        lot = self.lots.place_of[first]
        alike = [t for t, kind in enumerate(kinds) if (kind.solution, kind.hosting) == (solution, hosting)]
        carrier = next((i for i, e in enumerate(self.lots.esms) if e.id == porteur), NONE)
        if carrier == NONE or not self.lots.can_carry[carrier] or self.lots.lot_of[carrier] == NONE:
            return set()
        without = table.porteur == NONE
        found = set()
        for r in np.flatnonzero(np.isin(table.kind, alike) & (without | (table.porteur == carrier))).tolist():
            held = {*table.joining(r).tolist(), int(table.base_lot[r])}
            if lot in held and (not without[r] or int(self.lots.lot_of[carrier]) in held):
                found.add((int(self._size[r]), int(table.low[r] - self._size[r])))
        return found
