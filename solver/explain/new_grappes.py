"""A new grappe of one lot that makes a single concession and of unplaced lots that make none."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.explain.board import Board
from solver.explain.chances import row_counts
from solver.explain.concessions import Mover, change_of, concessions_for, split
from solver.explain.ground import Ground, Seat, in_radius, kilometres
from solver.explain.lots import Lot, moving_lots
from solver.explain.partners import Apart, fewest, filled
from solver.explain.terrain import Bools, Integers, Terrain
from solver.funding import funding_eur
from solver.instance import Esms, Grappe
from solver.judge import Concession, Judge
from solver.proposal import Change
from solver.vocabulary import ChangeKind

_VERIFIED = 3  # verified grappes compared for one concession before the best is kept
_ATTEMPTS = 60  # rows tried for one concession before it is given up
_NEW = "new grappe"  # id while the judge looks at it


@dataclass(frozen=True, slots=True)
class Row:
    """A porteur of the free lots, or of the mover itself, with the type and the minimum of the grappe."""

    type_: int
    threshold: int
    porteur: Esms
    count: int
    concession: Concession


@dataclass(frozen=True)
class NewGrappes:
    """Seeks new grappes among the unplaced lots of a board."""

    board: Board
    judge: Judge

    @cached_property
    def _free(self) -> Terrain:
        return self.board.free

    @cached_property
    def _counts(self) -> dict[int, tuple[Integers, Bools]]:
        """Threshold -> ((N, T) ESMS of each row of free lots, whether its porteur may be in it)."""
        free = self._free
        shape = (len(free.esms), len(free.types))
        tables = {t: (np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=bool)) for t in free.thresholds}
        for block in free.blocks(free.eligible) if free.lots else ():
            for threshold, (counts, valid) in tables.items():
                counts[block.porteurs], valid[block.porteurs] = row_counts(free, block, threshold)
        return tables

    def changes(
        self, mover: Mover, terrain: Terrain, place: int, out_of_time: Callable[[], bool]
    ) -> Iterator[Change]:
        """One change per (kind, value): the largest gain found; the fewest kilometres for ``radius_km``."""
        budget = self.board.instance.parameters.budget_eur
        if not self.board.may_form or (budget is not None and budget <= self.board.total_eur):
            return
        rows: dict[tuple[ChangeKind, str], list[Row]] = {}
        for row in self._rows(mover, terrain, place):
            kind, value = row.concession.kind, str(row.concession.value)
            rows.setdefault((kind, "" if kind is ChangeKind.RADIUS_KM else value), []).append(row)
        for (kind, _), those in rows.items():
            if out_of_time():
                return
            if kind is ChangeKind.RADIUS_KM:
                change = self._nearest(mover, those)
            else:
                change = self._richest(mover, those)
            if change is not None:
                yield change

    # rows ---------------------------------------------------------------------------------------------

    def _rows(self, mover: Mover, terrain: Terrain, place: int) -> Iterator[Row]:
        """Rows with enough free ESMS in reach, the mover included, where it makes one concession."""
        least = int(terrain.lot_minimum[place])
        minima = {*self._free.thresholds, least}
        ways = {
            t: found
            for t in range(len(terrain.types))
            if (found := self._ways(mover, terrain, place, t)) is not None
        }
        if not ways:
            return
        for threshold in sorted(m for m in minima if m >= least):
            if mover.dissolved is None:
                yield from self._rows_of_others(mover, threshold, ways)
            yield from self._rows_of_its_own(mover, threshold, ways)
            if mover.dissolved is not None:
                yield from self._rows_of_others(mover, threshold, ways)

    def _ways(self, mover: Mover, terrain: Terrain, place: int, type_: int) -> list[Concession] | None:
        """Concessions of offers that the type needs; [] when the lot takes it as it is; None: no way."""
        if terrain.takes[place, type_]:
            return [split(mover)] if mover.dissolved is not None else []
        return concessions_for(terrain, mover, place, type_) or None

    def _rows_of_others(
        self, mover: Mover, threshold: int, ways: dict[int, list[Concession]]
    ) -> Iterator[Row]:
        free = self._free
        if threshold not in self._counts:
            return
        counts, valid = self._counts[threshold]
        carriers = np.array(
            [i for i in free.carriers if free.esms[i].id not in mover.source.ids], dtype=np.int64
        )
        if not len(carriers):
            return
        types = np.array(sorted(ways))
        enough = valid[np.ix_(carriers, types)] & (
            counts[np.ix_(carriers, types)] + mover.lot.size >= threshold
        )
        some = enough.any(axis=1)
        carriers, enough = carriers[some], enough[some]
        near, same = self._reach([free.esms[i] for i in carriers], mover)
        for k, carrier in enumerate(carriers):
            porteur = free.esms[carrier]
            for type_ in types[enough[k]]:
                count = int(counts[carrier, type_]) + mover.lot.size
                for concession in self._spatial(mover, ways[int(type_)], porteur, near[k], same[k]):
                    yield Row(int(type_), threshold, porteur, count, concession)

    def _spatial(
        self, mover: Mover, offers: list[Concession], porteur: Esms, near: bool, same: bool
    ) -> Iterable[Concession]:
        """The concessions that remain single once the place of the porteur is known."""
        if near and same:
            return offers
        if offers or near == same:
            return ()
        if same:
            return (Concession(mover.lot.ids, ChangeKind.RADIUS_KM, 0.0),)
        code = self.board.instance.territory_of(porteur)
        return (Concession(mover.lot.ids, ChangeKind.TERRITORY, code),)

    def _reach(self, porteurs: Sequence[Esms], mover: Mover) -> tuple[list[bool], list[bool]]:
        """For each porteur: is the whole mover in its radius, in its territory?"""
        instance = self.board.instance
        within = in_radius(instance, kilometres(porteurs, mover.lot.members))
        near = [bool(row.all()) for row in within]
        codes = {instance.territory_of(e) for e in mover.lot.members}
        return near, [codes == {instance.territory_of(p)} for p in porteurs]

    def _rows_of_its_own(
        self, mover: Mover, threshold: int, ways: dict[int, list[Concession]]
    ) -> Iterator[Row]:
        """Rows whose porteur is in the mover, or in another piece of the lot that is split."""
        for porteur in mover.lot.members if mover.dissolved is None else mover.source.members:
            if not porteur.can_be_porteur:
                continue
            ((near,), (same,)) = self._reach([porteur], mover)
            for type_, offers in ways.items():
                pool = self._pool(mover, type_, threshold, porteur)
                count = mover.lot.size + sum(lot.size for lot in pool)
                carried = porteur.id in mover.lot.ids or any(porteur.id in lot.ids for lot in pool)
                if count < threshold or not carried:
                    continue
                for concession in self._spatial(mover, offers, porteur, near, same):
                    yield Row(type_, threshold, porteur, count, concession)

    # grappes ------------------------------------------------------------------------------------------

    def _pool(self, mover: Mover, type_: int, threshold: int, porteur: Esms) -> list[Lot]:
        """Possible partners under this porteur: free lots, and the pieces of the lot that is split."""
        instance = self.board.instance
        pieces: tuple[Lot, ...] = ()
        if mover.dissolved is not None:
            split_up = moving_lots(instance, among=mover.source.members, dissolved=mover.dissolved)
            pieces = tuple(p for p in split_up if p.ids.isdisjoint(mover.lot.ids))
        found: list[Lot] = []
        for terrain in (self._free, Terrain(instance, self.board.scale, pieces)):
            if not terrain.lots:
                continue
            near = terrain.within_position(porteur)
            ok = terrain.takes[:, type_] & (terrain.lot_minimum <= threshold) & near
            found += [terrain.lots[k] for k in np.nonzero(ok)[0] if self._mixes(terrain.lots[k], mover)]
        return [lot for lot in found if lot is not mover.source]

    def _mixes(self, lot: Lot, mover: Mover) -> bool:
        parameters = self.board.instance.parameters
        a, b = lot.members[0], mover.lot.members[0]
        return (parameters.mix_champs or a.champ is b.champ) and (
            parameters.mix_needs or a.need.is_acquisition == b.need.is_acquisition
        )

    def _richest(self, mover: Mover, rows: list[Row]) -> Change | None:
        best: Change | None = None
        verified = 0
        for row in sorted(rows, key=lambda r: (-r.count, r.type_, r.porteur.id))[:_ATTEMPTS]:
            change = self._verified(mover, row)
            if change is None:
                continue
            verified += 1
            if best is None or change.gain_eur > best.gain_eur:
                best = change
            if verified == _VERIFIED:
                break
        return best

    def _nearest(self, mover: Mover, rows: list[Row]) -> Change | None:
        """The grappe that needs the fewest kilometres among the rows whose porteur is nearest."""
        by_km = []
        for porteur in {r.porteur.id: r.porteur for r in rows}.values():
            by_km.append((float(kilometres([porteur], mover.lot.members).max()), porteur.id))
        least = {id_: km for km, id_ in by_km}
        best: Change | None = None
        for row in sorted(rows, key=lambda r: (least[r.porteur.id], -r.count, r.type_))[:_ATTEMPTS]:
            if best is not None and least[row.porteur.id] >= float(best.value):
                break
            change = self._verified(mover, row)
            if change is not None and (best is None or float(change.value) < float(best.value)):
                best = change
        return best

    def _verified(self, mover: Mover, row: Row) -> Change | None:
        """The grappe of a row, when the judge accepts it within the budget."""
        for members in self._memberships(mover, row):
            seat = self._seat(members, mover, row.concession)
            if seat is None:
                continue
            concession = row.concession
            if concession.kind is ChangeKind.RADIUS_KM:
                concession = Concession(concession.esms, concession.kind, round(seat.km, 6))
            type_ = self._free.types[row.type_]
            ids = tuple(sorted(e.id for e in (*members, *mover.lot.members)))
            gain = self.judge.funding(type_.solution, ids)
            grappe = Grappe(_NEW, type_.solution, type_.hosting, seat.porteur.id, ids)
            if self.board.within_budget(gain) and not self.judge.grappe_violations(grappe, concession):
                partners = tuple(sorted(e.id for e in members))
                return change_of(concession, None, partners, gain)
        return None

    def _memberships(self, mover: Mover, row: Row) -> Iterator[tuple[Esms, ...]]:
        """Partners that reach the size: as many as may be, then as few."""
        board = self.board
        most = self._free.max_size
        pool = self._pool(mover, row.type_, row.threshold, row.porteur)
        carrier = [lot for lot in pool if row.porteur.id in lot.ids]
        kept = [mover.lot, *carrier]
        size = sum(lot.size for lot in kept)
        solution = self._free.types[row.type_].solution

        def worth(lot: Lot) -> tuple[float, str]:
            ids = [e.id for e in lot.members]
            return (-funding_eur(board.instance, board.scale, solution, ids) / lot.size, ids[0])

        others = Apart(board.instance).heaviest(kept, [lot for lot in pool if lot not in carrier])
        others.sort(key=worth)
        for chosen in (
            filled(size, others, row.threshold, most),
            fewest(size, others[::-1], row.threshold, most),
        ):
            if chosen is not None:
                yield tuple(e for lot in (*carrier, *chosen) for e in lot.members)

    def _seat(self, members: tuple[Esms, ...], mover: Mover, concession: Concession) -> Seat | None:
        return Ground(self.board.instance, members).seat(mover.lot.members, concession.kind)
