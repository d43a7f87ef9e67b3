"""Valid proposals that place an unplaced lot: what the lot's absence costs, and whether one is better.

Two moves: the lot joins a grappe, lots that stand in the way leaving it; or a new grappe is formed round it
from unplaced lots, from lots that grappes can spare, and when that is not enough from grappes that are given
up. Each is checked by the judge, so the best one is an upper estimate of the loss.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from solver.explain.board import Board
from solver.explain.chances import row_counts
from solver.explain.ground import Ground
from solver.explain.lots import Lot
from solver.explain.offers import Type
from solver.explain.partners import Apart, fewest, filled
from solver.explain.terrain import Bools, Integers, Terrain
from solver.explain.worth import Worth
from solver.funding import funding_eur
from solver.instance import Esms, Grappe, Instance
from solver.judge import Judge

_ROWS = 6  # new grappes tried for one lot before the best is kept
_MORE_ROWS = 300  # rows tried when none of the first is valid
_FEW_ROWS = 20  # the same without time


@dataclass(frozen=True, slots=True)
class Alternative:
    """A proposal made from the board: grappes changed (None: no longer there), given up and new.

    ``difference``: its objective minus that of the board.
    """

    before: tuple[Grappe, ...]
    changed: Mapping[int, Grappe | None]
    given_up: frozenset[int]
    new: tuple[Grappe, ...]
    difference: int

    @property
    def touched(self) -> tuple[Grappe, ...]:
        return tuple(g for g in (*self.changed.values(), *self.new) if g is not None)

    @property
    def newly_placed(self) -> set[str]:
        """ESMS of the touched grappes that were not there before; those of other grappes among them."""
        there = {id_ for k in self.changed for id_ in self.before[k].members}
        return {id_ for g in self.touched for id_ in g.members} - there

    @property
    def grappes(self) -> tuple[Grappe, ...]:
        kept = [self.changed.get(k) or g for k, g in enumerate(self.before) if k not in self.given_up]
        return (*kept, *self.new)


@dataclass(frozen=True, slots=True)
class _Row:
    porteur: int
    type_: int
    threshold: int


@dataclass
class Alternatives:
    board: Board
    judge: Judge
    out_of_time: Callable[[], bool]

    def without(self, name: str, relaxed: Instance) -> Alternatives:
        """The same where one constraint, called by its name, is lifted."""
        if name not in self._relaxed:
            board = Board(relaxed, self.board.scale, self.board.grappes)
            self._relaxed[name] = Alternatives(board, Judge(relaxed, self.board.scale), self.out_of_time)
        return self._relaxed[name]

    @cached_property
    def _relaxed(self) -> dict[str, Alternatives]:
        return {}

    @cached_property
    def terrain(self) -> Terrain:
        return Terrain(self.board.instance, self.board.scale, self.board.lots)

    @cached_property
    def worth(self) -> Worth:
        return Worth(self.board.instance, self.board.scale)

    @cached_property
    def apart(self) -> Apart:
        return Apart(self.board.instance)

    @cached_property
    def held(self) -> frozenset[str]:
        """Members of fixed grappes: they go nowhere else."""
        return frozenset(id_ for f in self.board.instance.constraints.fixed_grappes for id_ in f.members)

    @cached_property
    def place_of(self) -> dict[str, int]:
        """First ESMS of a lot -> place of the lot in the terrain."""
        return {lot.members[0].id: k for k, lot in enumerate(self.terrain.lots)}

    @cached_property
    def movable(self) -> Bools:
        """(U,) lots that may go elsewhere."""
        free = np.array([lot.ids.isdisjoint(self.held) for lot in self.terrain.lots], dtype=bool)
        movable: Bools = self.terrain.eligible & free
        return movable

    def best(self, lot: Lot) -> Alternative | None:
        """The best valid proposal found that places the lot; None when none was found.

        An alternative found for another lot that places this one too counts; without time it is enough.
        """
        known = self._known.get(lot.members[0].id)
        hurried = self.out_of_time()
        if hurried and known is not None:
            return known
        found = self._sought(lot, hurried=hurried)
        if found is None or (known is not None and known.difference > found.difference):
            return known
        for id_ in found.newly_placed:
            before = self._known.get(id_)
            if before is None or before.difference < found.difference:
                self._known[id_] = found
        return found

    @cached_property
    def _known(self) -> dict[str, Alternative]:
        """ESMS id -> the best alternative met that places it."""
        return {}

    def _sought(self, lot: Lot, *, hurried: bool) -> Alternative | None:
        drafts = [] if hurried else list(self._joining(lot))
        for tried, row in enumerate(self._rows(lot)):
            drafts.extend(self._forming(lot, row))
            if drafts and (tried + 1 >= _ROWS or self.out_of_time()):
                found = self._first_valid(drafts)
                if found is not None:
                    return found
                drafts = []
        if hurried:
            drafts.extend(self._joining(lot))
        return self._first_valid(drafts)

    def _first_valid(self, drafts: list[Alternative]) -> Alternative | None:
        """The best of the drafts that the judge accepts, grappe by changed grappe."""
        for draft in sorted(drafts, key=lambda d: -d.difference):
            if not any(self.judge.grappe_violations(g) for g in draft.touched):
                return draft
        return None

    # joining a grappe ---------------------------------------------------------------------------------

    def _joining(self, lot: Lot) -> Iterator[Alternative]:
        board, terrain = self.board, self.terrain
        place = self.place_of[lot.members[0].id]
        for k, grappe in enumerate(board.grappes):
            type_ = terrain.types.index(board.type_of(k))
            if (
                not board.is_open(k)
                or not terrain.takes[place, type_]
                or not self._mix(lot, board.lots_of(k))
            ):
                continue
            leaving = self._in_the_way(lot, k)
            if leaving is None:
                continue
            gone = {id_ for other in leaving for id_ in other.ids}
            ids = [id_ for id_ in grappe.members if id_ not in gone] + [e.id for e in lot.members]
            changed = self._regrouped(grappe, ids, k)
            draft = None if changed is None else self._draft({k: changed}, ())
            if draft is not None:
                yield draft

    def _in_the_way(self, lot: Lot, place: int) -> list[Lot] | None:
        """Lots that must leave a grappe for this one to enter: those apart from it, then the least worth that
        makes room in the size and the budget. None: fixed members stand in the way."""
        board = self.board
        lots = list(board.lots_of(place))
        leaving = [other for other in lots if self.apart.clash(lot.organismes, other.organismes)]
        size = sum(other.size for other in lots) + lot.size - sum(other.size for other in leaving)
        over = size - self.terrain.max_size
        if over > 0:
            able = [o for o in lots if o.size >= over and o not in leaving and o.ids.isdisjoint(self.held)]
            if not able:
                return None
            leaving.append(min(able, key=lambda o: (o.size, self._alone(o, place), o.members[0].id)))
        elif not leaving and self._over_budget(lot, place):
            able = [o for o in lots if o.ids.isdisjoint(self.held)]
            if not able:
                return None
            enough = [o for o in able if self._alone(o, place) >= self._paid(lot, place)]
            chosen = min(enough, key=lambda o: (self._alone(o, place), o.members[0].id), default=None)
            leaving.append(chosen or max(able, key=lambda o: (self._alone(o, place), o.members[0].id)))
        return leaving if all(o.ids.isdisjoint(self.held) for o in leaving) else None

    def _over_budget(self, lot: Lot, place: int) -> bool:
        return not self.board.within_budget(self._paid(lot, place))

    def _paid(self, lot: Lot, place: int) -> int:
        g = self.board.grappes[place]
        ids = tuple(sorted((*g.members, *lot.ids)))
        return self.worth.euros(replace(g, members=ids)) - self.board.funding[place]

    def _alone(self, lot: Lot, place: int) -> int:
        """Euros that the grappe loses when this lot of it leaves."""
        g = self.board.grappes[place]
        ids = tuple(id_ for id_ in g.members if id_ not in lot.ids)
        return self.board.funding[place] - (self.worth.euros(replace(g, members=ids)) if ids else 0)

    def _mix(self, lot: Lot, others: Sequence[Lot]) -> bool:
        class_of = self.terrain.class_of
        mine = class_of[self.place_of[lot.members[0].id]]
        return all(class_of[self.place_of[o.members[0].id]] == mine for o in others)

    # forming a grappe ---------------------------------------------------------------------------------

    def _rows(self, lot: Lot) -> Iterator[_Row]:
        """Rows that can hold the lot and reach the size, the most free ESMS first, a few hundred at most."""
        terrain, place = self.terrain, self.place_of[lot.members[0].id]
        if not self.movable[place]:
            return
        porteurs = self._porteurs.get(
            (int(terrain.class_of[place]), int(terrain.territory[terrain.starts[place]]))
        )
        if porteurs is None:
            return
        porteurs = porteurs[terrain.within(porteurs, np.array([place]))[:, 0]]
        types = np.nonzero(terrain.takes[place])[0]
        found = []
        for threshold, (counts, free, enough) in self._tables.items():
            if terrain.lot_minimum[place] <= threshold:
                p, t = np.nonzero(enough[np.ix_(porteurs, types)])
                p, t = porteurs[p], types[t]
                found.append(np.stack([p, t, np.full(len(p), threshold), free[p, t], counts[p, t]]))
        if not found:
            return
        porteurs, types, thresholds, free, counts = np.concatenate(found, axis=1)
        order = np.lexsort((self._rank[porteurs], types, -counts, -np.minimum(free, thresholds)))
        for tried, k in enumerate(order[:_MORE_ROWS]):
            if tried >= _FEW_ROWS and self.out_of_time():
                return
            yield _Row(int(porteurs[k]), int(types[k]), int(thresholds[k]))

    @cached_property
    def _porteurs(self) -> dict[tuple[int, int], Integers]:
        """(class, territory) -> possible porteurs."""
        terrain = self.terrain
        carriers = terrain.carriers[self.movable[terrain.lot_of[terrain.carriers]]]
        keys = np.stack([terrain.class_of[terrain.lot_of[carriers]], terrain.territory[carriers]], axis=1)
        found: dict[tuple[int, int], list[int]] = {}
        for carrier, (class_, territory) in zip(carriers, keys, strict=True):
            found.setdefault((int(class_), int(territory)), []).append(int(carrier))
        return {key: np.array(mine, dtype=np.int64) for key, mine in found.items()}

    @cached_property
    def _tables(self) -> dict[int, tuple[Integers, Integers, Bools]]:
        """Threshold -> (N, T): ESMS of each row, unplaced ones, and whether it reaches the threshold."""
        terrain = self.terrain
        shape = (len(terrain.esms), len(terrain.types))
        unplaced = np.array(
            [lot.members[0].id not in self.board.grappe_of for lot in terrain.lots], dtype=bool
        )
        tables = {
            m: (np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool))
            for m in terrain.thresholds
        }
        for block in terrain.blocks(self.movable):
            for threshold, (counts, free, enough) in tables.items():
                here = block.porteurs
                counts[here], valid = row_counts(terrain, block, threshold)
                free[here], _ = row_counts(terrain, block, threshold, among=unplaced & self.movable)
                enough[here] = valid & (counts[here] >= threshold)
        return tables

    @cached_property
    def _rank(self) -> Integers:
        """(N,) place of each ESMS in the order of ids."""
        ids = [e.id for e in self.terrain.esms]
        rank = np.empty(len(ids), dtype=np.int64)
        rank[np.argsort(ids)] = np.arange(len(ids))
        return rank

    def _forming(self, lot: Lot, row: _Row) -> Iterator[Alternative]:
        """New grappes of a row that hold the lot: with what can be spared, then whatever must be given up."""
        kept, pool = self._reach(lot, row)
        if kept is None:
            return
        size = sum(k.size for k in kept)
        most = self.terrain.max_size
        orders = [self._cheapest_first(pool)]
        if self.board.instance.parameters.budget_eur is not None:
            orders.append(sorted(pool, key=lambda o: (self._price(o, row.type_), o.members[0].id)))
        for order in orders:
            chosen = fewest(size, order, row.threshold, most)
            if chosen is None:
                continue
            size_then = size + sum(o.size for o in chosen)
            rest = [o for o in order if o.members[0].id not in self.board.grappe_of and o not in chosen]
            more = filled(size_then, rest, row.threshold, most) or []
            for members in ([*kept, *chosen], [*kept, *chosen, *more])[: 2 if more else 1]:
                draft = self._with_new(row, members)
                if draft is not None:
                    yield draft

    def _price(self, lot: Lot, type_: int) -> float:
        """Euros that an ESMS of the lot costs the budget; small organismes come last."""
        solution = self.terrain.types[type_].solution
        return funding_eur(self.board.instance, self.board.scale, solution, sorted(lot.ids)) / lot.size

    def _reach(self, lot: Lot, row: _Row) -> tuple[list[Lot] | None, list[Lot]]:
        """The lot and its porteur's lot, and the other lots of the row that agree with them."""
        terrain = self.terrain
        porteur = np.array([row.porteur], dtype=np.int64)
        place = self.place_of[lot.members[0].id]
        ok = (
            self.movable
            & (terrain.class_of == terrain.class_of[place])
            & terrain.takes[:, row.type_]
            & (terrain.lot_minimum <= row.threshold)
            & terrain.within(porteur)[0]
        )
        kept = [lot]
        carrier = terrain.lots[int(terrain.lot_of[row.porteur])]
        if carrier is not lot:
            if self.apart.clash(lot.organismes, carrier.organismes):
                return None, []
            kept.append(carrier)
        pool = [terrain.lots[k] for k in np.nonzero(ok)[0] if terrain.lots[k] not in kept]
        return kept, self.apart.heaviest(kept, pool)

    def _cheapest_first(self, pool: list[Lot]) -> list[Lot]:
        """Free lots, then lots that their grappes can spare, then the grappes that give the most at once."""
        board = self.board
        spare: dict[int, int] = {}
        free, spared = [], []
        rest: dict[int, list[Lot]] = {}
        for lot in sorted(pool, key=lambda o: (o.size, o.members[0].id)):
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
        minima = [
            int(self.terrain.minimum[self.terrain.position[id_]]) for id_ in self.board.grappes[place].members
        ]
        return len(minima) - max(minima)

    def _with_new(self, row: _Row, lots: Sequence[Lot]) -> Alternative | None:
        """The proposal once these lots have left their grappes for a new one."""
        board = self.board
        taken = {id_ for lot in lots for id_ in lot.ids}
        type_ = self.terrain.types[row.type_]
        if self._price_of(type_, taken) > self._spendable:
            return None
        new = self._seated(self._new_id, type_, sorted(taken), None)
        if new is None:
            return None
        changed: dict[int, Grappe | None] = {}
        for k in sorted({board.grappe_of[id_] for id_ in taken if id_ in board.grappe_of}):
            left = [id_ for id_ in board.grappes[k].members if id_ not in taken]
            changed[k] = self._regrouped(board.grappes[k], left, k)
            if changed[k] is None and board.fixed[k] is not None:
                return None
        return self._draft(changed, (new,))

    def _regrouped(self, grappe: Grappe, ids: Sequence[str], place: int) -> Grappe | None:
        """The grappe with other members and its porteur chosen again; None when it no longer stands."""
        fixed = self.board.fixed[place]
        porteur = self.board.instance.esms_by_id[fixed.porteur] if fixed is not None else None
        return self._seated(grappe.id, self.board.type_of(place), sorted(ids), porteur)

    def _price_of(self, type_: Type, ids: Iterable[str]) -> int:
        return funding_eur(self.board.instance, self.board.scale, type_.solution, sorted(ids))

    @cached_property
    def _spendable(self) -> float:
        """Euros of the budget that the fixed grappes leave."""
        board, budget = self.board, self.board.instance.parameters.budget_eur
        if budget is None:
            return float("inf")
        return budget - sum(paid for paid, fixed in zip(board.funding, board.fixed, strict=True) if fixed)

    def _seated(self, id_: str, type_: Type, ids: Sequence[str], porteur: Esms | None) -> Grappe | None:
        """A grappe of these members with its porteur; None under the minimum or when nobody can carry it."""
        members = tuple(self.board.instance.esms_by_id[i] for i in ids)
        if len(members) < self._minimum(ids):
            return None
        seat = Ground(self.board.instance, members[:-1], porteur).seat(members[-1:])
        if seat is None:
            return None
        return Grappe(id_, type_.solution, type_.hosting, seat.porteur.id, tuple(ids))

    def _minimum(self, ids: Sequence[str]) -> int:
        return max((int(self.terrain.minimum[self.terrain.position[id_]]) for id_ in ids), default=1)

    @cached_property
    def _new_id(self) -> str:
        used = {g.id for g in self.board.grappes} | {g.id for g in self.board.instance.previous}
        used |= {f.id for f in self.board.instance.constraints.fixed_grappes if f.id is not None}
        number = len(self.board.grappes) + 1
        while f"G{number}" in used:
            number += 1
        return f"G{number}"

    def _draft(self, changed: dict[int, Grappe | None], new: Sequence[Grappe]) -> Alternative | None:
        """The whole proposal, within the budget and the number of grappes: those worth least are given up."""
        before, now = self._worths, {k: self.worth.of(g) for k, g in changed.items() if g is not None}
        difference = sum(now.values()) + self.worth.total(new) - sum(before[k] for k in changed)
        given_up: set[int] = {k for k, g in changed.items() if g is None}
        budget = self.board.instance.parameters.budget_eur
        if budget is not None:
            touched = [g for g in (*changed.values(), *new) if g is not None]
            total = self.board.total_eur - sum(self.board.funding[k] for k in changed)
            total += sum(self.worth.euros(g) for g in touched)
            for k in sorted(set(range(len(before))) - set(changed), key=lambda k: (before[k], k)):
                if total <= budget:
                    break
                if self.board.fixed[k] is None:
                    given_up.add(k)
                    total -= self.board.funding[k]
                    difference -= before[k]
            if total > budget:
                return None
        most = self.board.instance.parameters.max_grappes
        over = 0 if most is None else len(before) - len(given_up) + len(new) - most
        if over > 0:
            spare = [k for k in range(len(before)) if k not in changed and k not in given_up]
            spare = sorted((k for k in spare if self.board.fixed[k] is None), key=lambda k: (before[k], k))
            if len(spare) < over:
                return None
            given_up |= set(spare[:over])
            difference -= sum(before[k] for k in spare[:over])
        return Alternative(self.board.grappes, changed, frozenset(given_up), tuple(new), difference)

    @cached_property
    def _worths(self) -> tuple[int, ...]:
        return tuple(self.worth.of(g) for g in self.board.grappes)
