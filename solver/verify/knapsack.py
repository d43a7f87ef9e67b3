"""The best grappe of every row for given prices: a 0/1 knapsack, one lot after the other, in whole numbers.

Rows of one profile (kind, previous id) are worked on side by side. Of lots of a row that only differ by their
profit (same weight, flags and higher-loss members) no more than fill a grappe can matter, the best ones: the
others are left out before the knapsack begins. Where a size has no upper limit, states saturate: the last one
means "this size or more", and what is left of a class once it alone saturates is taken whole if it pays.

Everything is in units of 1/``Profits.scale`` of the objective, in 64-bit integers; ``Profits`` refuses prices
with which a sum could overflow.

When to modify: the worth of a grappe depends on one more count or flag.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.verify.lots import NONE
from solver.verify.offers import PORTEUR, SMALL, TRIGGER
from solver.verify.rows import PAIRS_AT_ONCE, Ground

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

NEVER = -(1 << 61)
IMPOSSIBLE = -(1 << 60)  # anything below is no grappe at all
_ROWS_AT_ONCE = 512
_ROWS_WITH_COUNTS = 24


@dataclass(frozen=True)
class Profits:
    """What counts for one leaf, in units of 1/``scale``.

    ``per_euro``: worth of a euro of funding. ``per_esms``: of an ESMS placed. ``per_kept``: of an ESMS that
    keeps its grappe's id. ``lots``: price of each lot (any sign). ``out``: lots that may not be placed.
    ``rows``: what is taken off the value of each row's grappes (ids, decisions; any sign).
    """

    scale: int
    per_euro: int
    per_esms: int
    per_kept: int
    lots: Ints
    out: Bools
    rows: Ints


class Batch:
    """Rows of one profile: ``place`` and ``lot`` list everything that can join them, and of what class it
    is.
    """

    def __init__(self, ground: Ground, kind: int, identity: int, rows: Ints) -> None:
        self.ground, self.kind, self.identity, self.rows = ground, kind, identity, rows
        table, lots = ground.rows, ground.lots
        self.width = len(rows)
        self.place, self.lot = table.flat(rows)
        self.full = lots.scale.full_rate_members or 0
        self.more, self.less = ground.offers.losses[kind]
        self.counts = self.full if self.more != self.less else 0
        whole = np.bincount(self.place, lots.weight[self.lot], self.width) + table.weight[rows]
        most, largest = lots.maximum, int(whole.max())
        self.open = most is None or most >= largest
        limited = most if most is not None else largest
        self.last = max(int(table.low[rows].max()), self.full, 1) if self.open else limited
        self.carried = table.porteur[rows] != NONE
        projet, marche = ground.offers.supplements
        self.telling = (0 if self.carried.all() else PORTEUR) | (SMALL if projet or marche else 0)
        self.telling |= TRIGGER if marche else 0
        self.base_flags = (table.flags[rows] | np.where(self.carried, PORTEUR, 0)) & self.telling

    @cached_property
    def lots(self) -> Ints:
        """The lots that can join some row."""
        met = np.zeros(self.ground.lots.count, dtype=bool)
        met[self.lot] = True
        return np.flatnonzero(met)

    @cached_property
    def sorts(self) -> tuple[Ints, Ints]:
        """(flags, weight, higher) of each class, without flags first (they open no new state); class of
        ``lots``.
        """
        g = self.ground
        flags, weight = g.offers.flags[self.lots] & self.telling, g.lots.weight[self.lots]
        higher = g.offers.of_lots.higher[self.kind, self.lots] if self.counts else np.zeros_like(weight)
        sorts, sort = np.unique(np.stack([flags, weight, higher]), axis=1, return_inverse=True)
        return sorts, sort.reshape(-1)


class Pricer:
    """Prices some rows of a ground again and again."""

    def __init__(self, ground: Ground, rows: Ints) -> None:
        self.ground, self.rows = ground, rows
        self._small = int(ground.rows.room[rows].sum()) <= 4 * PAIRS_AT_ONCE

    @cached_property
    def _kept(self) -> list[Batch]:
        return list(self._cut())

    def _cut(self) -> Iterator[Batch]:
        """Rows by profile, then by room, so that rows worked on together are alike."""
        table = self.ground.rows
        kind, identity, room = table.kind[self.rows], table.identity[self.rows], table.room[self.rows]
        order = np.lexsort((room, identity, kind))
        profile = np.stack([kind, identity])[:, order]
        cuts = np.flatnonzero(np.any(profile[:, 1:] != profile[:, :-1], axis=0)) + 1
        for part in np.split(order, cuts) if len(order) else ():
            t, first = int(kind[part[0]]), 0
            more, less = self.ground.offers.losses[t]
            at_once = _ROWS_AT_ONCE if more == less else _ROWS_WITH_COUNTS
            while first < len(part):
                filled = np.cumsum(room[part[first : first + at_once]])
                many = max(1, int(np.searchsorted(filled, PAIRS_AT_ONCE)))
                yield Batch(self.ground, t, int(identity[part[0]]), self.rows[part[first : first + many]])
                first += many

    def best(self, profits: Profits) -> Ints:
        """Best reduced value of each row, in the order of ``rows``; below ``IMPOSSIBLE`` where none
        exists.
        """
        values = np.full(len(self.ground.rows), NEVER, dtype=np.int64)
        for batch in self._kept if self._small else self._cut():
            values[batch.rows] = _Run(batch, profits).best()
        return values[self.rows]


@dataclass(frozen=True)
class _Class:
    """Lots alike but for their profit: ``items`` (steps, rows), best first; ``rest``: all others that pay."""

    weight: int
    flags: int
    higher: int
    items: Ints
    rest: Ints | None


class _Run:
    """One batch at one set of prices; ``states``: flags -> (counts of higher-loss members, sizes, rows)."""

    def __init__(self, batch: Batch, profits: Profits) -> None:
        self.batch, self.profits, self.ground = batch, profits, batch.ground
        self.shape = (batch.counts + 1, batch.last + 1, batch.width)
        self.states: dict[int, Ints] = {}

    def best(self) -> Ints:
        self._start()
        for group in self._classes():
            for profit in group.items:
                for source, into in self._moves(group.flags):
                    self._take(source, into, group, profit)
            if group.rest is not None:
                for source, into in self._moves(group.flags):
                    self._take_rest(source, into, group, group.rest)
        return self._ends()

    def _moves(self, flags: int) -> Iterator[tuple[Ints, Ints]]:
        """Each state with the one that it becomes with these flags.

        A state that already has them comes first: it must not see what another one brings.
        """
        held = [f for f in self.states if f | flags == f]
        for source in [*held, *(f for f in list(self.states) if f not in held)]:
            target = source | flags
            if target not in self.states:
                self.states[target] = np.full(self.shape, NEVER, dtype=np.int64)
            yield self.states[source], self.states[target]

    def _start(self) -> None:
        """Nothing taken but the base."""
        table, batch, p = self.ground.rows, self.batch, self.profits
        rows = batch.rows
        value = p.per_euro * table.euros[rows] + p.per_esms * table.weight[rows]
        value += p.per_kept * table.kept[rows] - p.rows[rows]
        home = table.base_lot[rows]
        if len(p.lots):
            value -= np.where(home != NONE, p.lots[home], 0)
            value = np.where((home != NONE) & p.out[home], NEVER, value)
        size, count = np.minimum(table.weight[rows], batch.last), np.minimum(table.higher[rows], batch.counts)
        for flags in np.unique(batch.base_flags).tolist():
            mine = np.flatnonzero(batch.base_flags == flags)
            state = np.full(self.shape, NEVER, dtype=np.int64)
            state[count[mine], size[mine], mine] = value[mine]
            self.states[flags] = state

    # classes -------------------------------------------------------------------------------------------

    def _classes(self) -> Iterator[_Class]:
        """The lots that can join each row, class by class, the most paying first."""
        batch = self.batch
        if not len(batch.lot):
            return
        lots, (sorts, sort) = batch.lots, batch.sorts
        profit = self._profit(lots)
        order = np.lexsort((-profit, sort))
        rank = np.zeros(self.ground.lots.count, dtype=np.int64)
        rank[lots[order]] = np.arange(len(lots))
        profit, sort = profit[order], sort[order]
        at, place = rank[batch.lot], batch.place
        if self.profits.out.any():
            stays = ~self.profits.out[batch.lot]
            at, place = at[stays], place[stays]
        key = np.sort((sort[at] * batch.width + place) * len(lots) + at)
        at, place = key % len(lots), key // len(lots) % batch.width
        cuts = np.searchsorted(sort[at], np.arange(sorts.shape[1] + 1))
        for k in range(sorts.shape[1]):
            mine = slice(cuts[k], cuts[k + 1])
            if cuts[k] < cuts[k + 1]:
                flags, weight, higher = (int(x) for x in sorts[:, k])
                yield self._class(flags, weight, higher, place[mine], profit[at[mine]])

    def _profit(self, lots: Ints) -> Ints:
        p, g = self.profits, self.ground
        profit = p.per_euro * g.offers.of_lots.euros[self.batch.kind, lots] + p.per_esms * g.lots.weight[lots]
        if self.batch.identity != NONE:
            profit = profit + p.per_kept * g.kept_by[self.batch.identity][lots]
        return np.asarray(profit - p.lots[lots], dtype=np.int64)

    def _class(self, flags: int, weight: int, higher: int, place: Ints, profit: Ints) -> _Class:
        """``place``, ``profit``: of the lots of one class, row by row, the most paying first."""
        batch = self.batch
        most = batch.last // weight
        if batch.open:
            most = max(-(-batch.last // weight), -(-batch.counts // higher) if higher else 0)
        step = np.arange(len(place)) - np.searchsorted(place, np.arange(batch.width))[place]
        head = step < most
        items = np.full((int(step[head].max(initial=-1)) + 1, batch.width), NEVER, dtype=np.int64)
        items[step[head], place[head]] = profit[head]
        rest = None
        if batch.open and not head.all():
            pays = ~head & (profit > 0)
            rest = np.full(batch.width, NEVER, dtype=np.int64)
            rest[place[pays]] = 0
            np.add.at(rest, place[pays], profit[pays])
        return _Class(weight, flags, higher, items, rest)

    # the knapsack --------------------------------------------------------------------------------------

    def _take(self, source: Ints, into: Ints, group: _Class, profit: Ints) -> None:
        """One more lot in each row, or not. ``into`` may be ``source``: what moves is copied first."""
        last, w, h = self.batch.last, group.weight, min(group.higher, self.batch.counts)
        stays = max(0, last + 1 - w)
        moved = source[:, :stays] + profit
        over = source[:, stays:].max(axis=1) + profit if self.batch.open else None
        _lift(into[:, w:], moved, h)
        if over is not None:
            _lift(into[:, last], over, h)

    def _take_rest(self, source: Ints, into: Ints, group: _Class, rest: Ints) -> None:
        """Once a class alone has saturated the states, all of it that pays joins."""
        counts = slice(self.batch.counts, None) if group.higher else slice(None)
        last = self.batch.last
        more = source[counts, last] + rest
        np.maximum(into[counts, last], more, out=into[counts, last])

    def _ends(self) -> Ints:
        batch, per_euro = self.batch, self.profits.per_euro
        projet, marche = self.ground.offers.supplements
        sizes = np.minimum(np.arange(batch.last + 1), batch.full)
        counts = np.minimum(np.arange(batch.counts + 1), batch.full)
        paid = per_euro * (batch.less * sizes[None, :] + (batch.more - batch.less) * counts[:, None])
        enough = np.arange(batch.last + 1)[:, None] >= self.ground.rows.low[batch.rows][None, :]
        top = np.full(batch.width, NEVER, dtype=np.int64)
        for flags, state in self.states.items():
            if batch.telling & PORTEUR and not flags & PORTEUR:
                continue
            extra = (projet + (marche if flags & TRIGGER else 0)) if flags & SMALL else 0
            value = (state + paid[:, :, None]).max(axis=0)
            value = np.where(enough, value, NEVER).max(axis=0) + per_euro * extra
            np.maximum(top, value, out=top)
        return top


def _lift(into: Ints, moved: Ints, by: int) -> None:
    """``into`` becomes the better of itself and ``moved``, counts (first axis) raised and held at the
    last.
    """
    stays = len(moved) - by
    np.maximum(into[by:], moved[:stays], out=into[by:])
    if by:
        np.maximum(into[-1], moved[stays:].max(axis=0), out=into[-1])


def largest_sum(ground: Ground, profits: Profits) -> int:
    """More than any sum that a row can meet, to know that 64 bits hold it."""
    lots = ground.lots
    euros = int(ground.offers.of_lots.euros.max(initial=0)) + int(ground.rows.euros.max(initial=0))
    more = max((abs(x) for pair in ground.offers.losses for x in pair), default=0)
    weight = int(lots.weight.max(initial=0)) + int(ground.rows.weight.max(initial=0))
    one = abs(profits.per_euro) * euros + (profits.per_esms + profits.per_kept) * weight
    one += int(np.abs(profits.lots).max(initial=0))
    many = int(ground.rows.room.max(initial=0)) + 1
    once = abs(profits.per_euro) * (
        sum(ground.offers.supplements) + more * 2 * (1 + (lots.scale.full_rate_members or 0))
    )
    return many * one + once + int(np.abs(profits.rows).max(initial=0))
