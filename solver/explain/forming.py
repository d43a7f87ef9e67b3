"""A new grappe round a lot: from unplaced lots, from lots that grappes can spare, and when that is not enough
from grappes that are given up."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.explain.board import Board
from solver.explain.chances import row_sums
from solver.explain.drafting import Alternative, Drafting
from solver.explain.lots import Lot
from solver.explain.partners import fewest, filled
from solver.explain.survey import Survey
from solver.explain.terrain import Integers
from solver.funding import funding_eur

_MOST_ROWS = 300
_LARGER = 1 << 32  # than any number of ESMS


@dataclass(frozen=True, slots=True)
class Row:
    porteur: int
    type_: int
    threshold: int


@dataclass(frozen=True)
class Forming:
    """Alternatives in which a lot is in a new grappe."""

    drafting: Drafting

    @property
    def board(self) -> Board:
        return self.drafting.board

    @property
    def survey(self) -> Survey:
        return self.board.survey

    def rows(self, lot: Lot) -> Iterator[Row]:
        """Rows that can hold the lot and reach the size, the most free ESMS first, a few hundred at most."""
        terrain, place = self.survey.terrain, self.survey.place_of[lot.members[0].id]
        if not self.survey.movable[place]:
            return
        porteurs = self.survey.porteurs.get(self.survey.neighbourhood(lot))
        if porteurs is None:
            return
        porteurs = porteurs[terrain.within(porteurs, np.array([place]))[:, 0]]
        types = np.nonzero(terrain.takes[place])[0]
        found = []
        for threshold, table in self.survey.tables.items():
            if terrain.lot_minimum[place] <= threshold:
                p, t = np.nonzero(table.enough[np.ix_(porteurs, types)])
                p, t = porteurs[p], types[t]
                free, counts = self._free[threshold][p, t], table.counts[p, t]
                found.append(np.stack([p, t, np.full(len(p), threshold), free, counts]))
        if not found:
            return
        porteurs, types, thresholds, free, counts = np.concatenate(found, axis=1)
        gathered = np.minimum(free, thresholds) * _LARGER + counts
        if len(gathered) > _MOST_ROWS:  # only what may be among the first is put in order
            least = np.partition(gathered, -_MOST_ROWS)[-_MOST_ROWS]
            first = np.flatnonzero(gathered >= least)
            porteurs, types, thresholds, gathered = (
                a[first] for a in (porteurs, types, thresholds, gathered)
            )
        order = np.lexsort((self.survey.rank[porteurs], types, -gathered))
        for k in order[:_MOST_ROWS]:
            yield Row(int(porteurs[k]), int(types[k]), int(thresholds[k]))

    @cached_property
    def _free(self) -> dict[int, Integers]:
        """Threshold -> (N, T): unplaced ESMS of each row."""
        unplaced = np.array([lot.members[0].id not in self.board.grappe_of for lot in self.survey.lots])
        return row_sums(self.survey.terrain, self.survey.movable, unplaced)

    def of(self, lot: Lot, row: Row) -> Iterator[Alternative]:
        """New grappes of a row that hold the lot: as few members as may be, then all the free ones too."""
        for few, more in self._memberships(lot, row, ()):
            for members in (few, more) if len(more) > len(few) else (few,):
                draft = self.drafting.forming(self.survey.terrain.types[row.type_], members)
                if draft is not None:
                    yield draft

    def with_others(
        self, lot: Lot, row: Row, wanted: Collection[str], *, roughly: bool = False
    ) -> Iterator[Alternative]:
        """New grappes of a row that hold the lot and as many of the lots whose first ESMS is wanted.

        ``roughly``: grappes that lose a member are given up, not seen to.
        """
        for few, more in self._memberships(lot, row, wanted):
            for members in (more, few) if len(more) > len(few) else (few,):
                draft = self.drafting.forming(self.survey.terrain.types[row.type_], members, roughly=roughly)
                if draft is not None:
                    yield draft

    def _memberships(
        self, lot: Lot, row: Row, wanted: Collection[str]
    ) -> Iterator[tuple[list[Lot], list[Lot]]]:
        """The lots that just make a grappe of the row, and those that fill it with unplaced ones."""
        kept, pool = self._reach(lot, row)
        if kept is None:
            return
        size = sum(k.size for k in kept)
        most = self.survey.terrain.max_size
        orders = [self._cheapest_first(pool, wanted)]
        if self.board.instance.parameters.budget_eur is not None:
            orders.append(sorted(pool, key=lambda o: (self._price(o, row.type_), o.members[0].id)))
        for order in orders:
            chosen = fewest(size, order, row.threshold, most)
            if chosen is None:
                continue
            size_then = size + sum(o.size for o in chosen)
            rest = [o for o in order if o.members[0].id not in self.board.grappe_of and o not in chosen]
            more = filled(size_then, rest, row.threshold, most) or []
            yield [*kept, *chosen], [*kept, *chosen, *more]

    def _price(self, lot: Lot, type_: int) -> float:
        """Euros that an ESMS of the lot costs the budget; small organismes come last."""
        solution = self.survey.terrain.types[type_].solution
        return funding_eur(self.board.instance, self.board.scale, solution, sorted(lot.ids)) / lot.size

    def _reach(self, lot: Lot, row: Row) -> tuple[list[Lot] | None, list[Lot]]:
        """The lot and its porteur's lot, and the other lots of the row that agree with them."""
        terrain = self.survey.terrain
        near = self.survey.neighbours[self.survey.neighbourhood(lot)]
        near = near[terrain.takes[near, row.type_] & (terrain.lot_minimum[near] <= row.threshold)]
        near = near[terrain.within(np.array([row.porteur], dtype=np.int64), near)[0]]
        kept = [lot]
        carrier = terrain.lots[int(terrain.lot_of[row.porteur])]
        if carrier is not lot:
            if self.survey.apart.clash(lot.organismes, carrier.organismes):
                return None, []
            kept.append(carrier)
        pool = [terrain.lots[k] for k in near.tolist() if terrain.lots[k] not in kept]
        return kept, self.survey.apart.heaviest(kept, pool)

    def _cheapest_first(self, pool: list[Lot], wanted: Collection[str]) -> list[Lot]:
        """Free lots (those wanted first), lots that can be spared, then grappes that give the most."""
        board = self.board
        spare: dict[int, int] = {}
        free, spared = [], []
        rest: dict[int, list[Lot]] = {}
        for lot in sorted(pool, key=lambda o: (o.members[0].id not in wanted, o.size, o.members[0].id)):
            k = board.grappe_of.get(lot.members[0].id)
            if k is None:
                free.append(lot)
            elif spare.setdefault(k, self._slack(k)) >= lot.size:
                spare[k] -= lot.size
                spared.append(lot)
            else:
                rest.setdefault(k, []).append(lot)
        given_up = sorted(rest, key=lambda k: (-sum(o.size for o in rest[k]), k))
        return [*free, *spared, *(lot for k in given_up for lot in rest[k])]

    def _slack(self, place: int) -> int:
        """ESMS that a grappe may lose."""
        return self._slacks[place]

    @cached_property
    def _slacks(self) -> tuple[int, ...]:
        members = [g.members for g in self.board.grappes]
        return tuple(len(ids) - self.drafting.minimum(ids) for ids in members)
