"""Exact pricing: the best grappe of every row for given prices, by one batched knapsack.

For prices ``pi`` of lots (and of the budget and of previous ids) the best column of a row maximises a sum
over its lots plus a term of the size, of the flags and, where full rates are limited, of the members at the
higher rate. Lots of one row with the same (flags, weight, members at the higher rate) differ by profit only:
of ``k`` taken, the best ``k`` are. So each such class enters by prefix sums, all rows of a batch at once:
``state[size]`` becomes ``max over k of state[size - k * weight] + prefix[k]``.

Arrays have the rows last: a shift by a size is then a contiguous block.

Where there is no maximum size, the last state means "this size or more": lots of positive profit beyond it
are all taken.

When to modify: the worth of a grappe depends on one more count or flag.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.search.problem import NO_MAXIMUM, NONE, Problem
from solver.search.reach import Row
from solver.search.types import MARCHE, PORTEUR, SMALL

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROWS_AT_ONCE = 256
NEVER = -np.inf


@dataclass(frozen=True)
class Prices:
    """``lots``: shape (lots,), >= 0, in objective units. ``budget``: per euro, >= 0. ``identities``: >= 0."""

    lots: Floats
    budget: float = 0.0
    identities: Floats = field(default_factory=lambda: np.zeros(0))


@dataclass(frozen=True)
class _Class:
    """Lots of one kind in a batch: ``index`` (rows, longest) into the flat profit table."""

    flags: int
    weight: int
    high: int
    index: npt.NDArray[np.int32]
    lots: npt.NDArray[np.int32]


@dataclass(frozen=True)
class _Batch:
    """Rows priced together; ``states`` is the last size, ``counts`` the last higher-rate count."""

    rows: Ints
    classes: tuple[_Class, ...]
    states: int
    counts: int
    open_ended: bool
    mask: Floats
    extra: Floats | None

    def take(self, which: Ints) -> _Batch:
        """The batch of some of its rows."""
        classes = tuple(replace(c, index=c.index[which], lots=c.lots[which]) for c in self.classes)
        extra = None if self.extra is None else self.extra[:, :, which]
        return replace(self, rows=self.rows[which], classes=classes, mask=self.mask[:, which], extra=extra)


class Pricer:
    """Prices a set of rows of one problem again and again."""

    def __init__(self, problem: Problem, rows: Sequence[int], executor: Executor | None = None) -> None:
        self.problem = problem
        self.rows = np.array(rows, dtype=np.int64)
        self.executor = executor
        self.count = len(problem.lots.lots)
        self.profiles = sorted({self._profile(int(r)) for r in self.rows})
        self.profile_at = {p: k for k, p in enumerate(self.profiles)}
        self.flags_of = {t: self._type_flags(t) for t in {p[0] for p in self.profiles}}
        self.batches = list(self._make_batches())

    def _profile(self, row: int) -> tuple[int, int]:
        r = self.problem.rows[row]
        return r.type, r.identity

    def _type_flags(self, kind: int) -> tuple[Ints, int]:
        """Flags of lots that this type can tell apart, and those every grappe of the type has."""
        offers = self.problem.offers
        projet, marche = self.problem.supplement
        fitting = offers.flags[offers.fits[kind]]
        if not (projet or marche):
            return offers.flags & PORTEUR, 0
        if not marche:
            return offers.flags & ~MARCHE, 0
        if len(fitting) and (fitting & MARCHE).all():
            return offers.flags & ~MARCHE, MARCHE
        return offers.flags, 0

    def _make_batches(self) -> list[_Batch]:
        keyed: dict[tuple[bool, bool], list[int]] = {}
        for r in sorted(
            self.rows.tolist(), key=lambda r: (*self._profile(r), len(self.problem.rows[r].items))
        ):
            row = self.problem.rows[r]
            upper, lower = self.problem.offers.levels[row.type]
            keyed.setdefault((row.high >= NO_MAXIMUM, upper != lower), []).append(r)
        batches = []
        for (open_ended, two_levels), rows in keyed.items():
            size = 8 if two_levels else ROWS_AT_ONCE
            batches += [
                self._batch(rows[k : k + size], open_ended, two_levels) for k in range(0, len(rows), size)
            ]
        return batches

    def _batch(self, rows: list[int], open_ended: bool, two_levels: bool) -> _Batch:
        problem = self.problem
        own = [problem.rows[r] for r in rows]
        full = problem.scale.full_rate_members or 0
        whole = [int(problem.offers.weight[r.items].sum()) for r in own]
        if open_ended:
            states = max(max(r.low, full, 1) for r in own)
        else:
            states = max(0, max(min(r.high - r.base_weight, w) for r, w in zip(own, whole, strict=True)))
        counts = full if two_levels else 0
        sizes = np.arange(states + 1)[:, None] + np.array([r.base_weight for r in own])[None, :]
        low, high = np.array([r.low for r in own]), np.array([r.high for r in own])
        mask = np.where((sizes >= low) & (sizes <= high), 0.0, NEVER)
        extra = None
        if full:
            upper, lower = (np.array([problem.offers.levels[r.type][k] for r in own]) for k in (0, 1))
            highs = np.arange(counts + 1)[:, None, None] + np.array([r.base_high for r in own])[None, None, :]
            extra = (lower * np.minimum(sizes, full))[None] + (upper - lower) * np.minimum(highs, full)
            if not two_levels:
                extra = (lower * np.minimum(sizes, full))[None]
        offset = np.array(
            [self.profile_at[self._profile(r)] * (self.count + 1) for r in rows], dtype=np.int64
        )
        classes = self._classes(own, offset, two_levels)
        return _Batch(np.array(rows), classes, states, counts, open_ended, mask, extra)

    def _classes(self, own: list[Row], offset: Ints, two_levels: bool) -> tuple[_Class, ...]:
        offers = self.problem.offers
        found: dict[tuple[int, int, int], list[tuple[int, Ints]]] = {}
        for k, row in enumerate(own):
            flags = self.flags_of[row.type][0][row.items]
            if row.porteur != NONE or row.fixed != NONE or (flags & PORTEUR).all():
                flags = flags & ~PORTEUR
            high = offers.high[row.type, row.items] if two_levels else np.zeros(len(row.items), np.int64)
            code = (flags * 4096 + high) * 65536 + offers.weight[row.items]
            for value in np.unique(code):
                key = (int(value) // 65536 // 4096, int(value) % 65536, int(value) // 65536 % 4096)
                found.setdefault(key, []).append((k, row.items[code == value]))
        classes = []
        for (flag, weight, higher), parts in sorted(found.items(), key=_class_order):
            longest = max(len(lots) for _, lots in parts)
            lots = np.full((len(own), longest), self.count, dtype=np.int32)
            for k, items in parts:
                lots[k, : len(items)] = items
            index = (lots + offset[:, None]).astype(np.int32)
            classes.append(_Class(flag, weight, higher, index, lots))
        return tuple(classes)

    @cached_property
    def _static(self) -> tuple[Floats, Floats]:
        """(euros, size) per profile and lot, with a last column for "no lot"."""
        offers = self.problem.offers
        euros = np.zeros((len(self.profiles), self.count + 1))
        for k, (t, _) in enumerate(self.profiles):
            euros[k, :-1] = offers.value[t]
        kept = np.zeros_like(euros)
        for k, (_, g) in enumerate(self.profiles):
            if g != NONE:
                kept[k, :-1] = self.problem.stability * self.problem.reach.kept[g]
        return euros, kept

    def _profits(self, prices: Prices) -> tuple[Floats, float]:
        """Profit of each lot in each profile (flat), and what one euro of funding counts."""
        euros, kept = self._static
        per_euro = (0.0 if self.problem.covers else 1.0) - prices.budget
        profit = per_euro * euros + kept
        if self.problem.covers:
            profit[:, :-1] += self.problem.offers.weight
        profit[:, :-1] -= prices.lots
        profit[:, -1] = NEVER
        return profit.ravel(), per_euro

    def _base(self, batch: _Batch, prices: Prices, per_euro: float) -> Floats:
        base = np.zeros(len(batch.rows))
        for k, r in enumerate(batch.rows):
            row = self.problem.rows[r]
            base[k] = per_euro * row.base_value + self.problem.stability * row.base_kept
            if self.problem.covers:
                base[k] += row.base_weight
            if row.base_lot != NONE:
                base[k] -= prices.lots[row.base_lot]
            if row.identity != NONE:
                base[k] -= prices.identities[row.identity]
        return base

    def best(self, prices: Prices) -> Floats:
        """Best reduced value of each row, in the order of ``self.rows``; -inf where no grappe exists."""
        profit, per_euro = self._profits(prices)

        def one(batch: _Batch) -> Floats:
            run = _Run(self, batch, profit, keep=False)
            ends = run.ends(per_euro)
            top = np.full(len(batch.rows), NEVER)
            for value in ends.values():
                np.maximum(top, value.reshape(-1, len(batch.rows)).max(axis=0), out=top)
            return top + self._base(batch, prices, per_euro)

        parts = (
            list(map(one, self.batches))
            if self.executor is None
            else list(self.executor.map(one, self.batches))
        )
        values = np.full(len(self.problem.rows), NEVER)
        for batch, part in zip(self.batches, parts, strict=True):
            values[batch.rows] = part
        return values[self.rows]

    def columns(
        self, prices: Prices, rows: Sequence[int], ends_per_row: int = 1
    ) -> list[tuple[int, tuple[int, ...]]]:
        """For each wanted row the lots of its best columns (base lot not included), best first.

        ``ends_per_row`` > 1 gives the best column of several sizes.
        """
        profit, per_euro = self._profits(prices)
        wanted = np.zeros(len(self.problem.rows), dtype=bool)
        wanted[list(rows)] = True
        found = []
        for batch in self.batches:
            which = np.flatnonzero(wanted[batch.rows])
            if len(which):
                run = _Run(self, batch.take(which), profit, keep=True)
                found += run.trace(run.ends(per_euro), ends_per_row)
        return found


def _class_order(item: tuple[tuple[int, int, int], object]) -> tuple[bool, int, int, int]:
    """Flagged classes first (they multiply the states), and the largest class, weight 1, first."""
    flags, weight, high = item[0]
    return flags == 0, weight, high, flags


class _Run:
    """One pass of the knapsack over one batch."""

    def __init__(self, pricer: Pricer, batch: _Batch, profit: Floats, keep: bool) -> None:
        self.pricer, self.batch, self.profit, self.keep = pricer, batch, profit, keep
        self.width = len(batch.rows)
        self.shape = (batch.counts + 1, batch.states + 1, self.width)
        self.stages: list[tuple[dict[int, Floats | None], Floats, Ints | None]] = []
        state: dict[int, Floats | None] = {0: None}  # None: nothing taken yet, a single point
        for group in batch.classes:
            prefix, order = self._prefix(group)
            if keep:
                self.stages.append((state, prefix, order))
            state = self._extend(state, group, prefix)
        self.state = state

    def _prefix(self, group: _Class) -> tuple[Floats, Ints | None]:
        """Prefix sums of the best profits, shape (taken, rows), row 0 for one lot taken."""
        profit = self.profit[group.index]
        most = min(
            profit.shape[1],
            -(-self.batch.states // group.weight)
            if self.batch.open_ended
            else self.batch.states // group.weight,
        )
        order = None
        if self.keep:
            order = np.argsort(-profit, axis=1, kind="stable")
            best = np.take_along_axis(profit, order, axis=1)
            rest = best[:, most:]
            best = best[:, :most]
        else:
            if profit.shape[1] > most > 0:
                profit = np.partition(profit, profit.shape[1] - most, axis=1)
                rest, best = profit[:, : profit.shape[1] - most], profit[:, profit.shape[1] - most :]
            else:
                rest, best = profit[:, most:], profit[:, :most]
            best = np.sort(best, axis=1)[:, ::-1]
        prefix = np.cumsum(best, axis=1)
        if self.batch.open_ended and most:
            prefix[:, -1] += np.maximum(rest, 0.0).sum(axis=1)
        return np.ascontiguousarray(prefix.T), order

    def _extend(
        self, state: dict[int, Floats | None], group: _Class, prefix: Floats
    ) -> dict[int, Floats | None]:
        new: dict[int, Floats | None] = dict(state)
        for flags, source in state.items():
            target = flags | group.flags
            if len(prefix) == 0:
                continue
            moved = self._taken(source, group, prefix)
            here = new.get(target, _ABSENT)
            if here is _ABSENT:
                new[target] = moved
            else:
                base = self._array(here)  # type: ignore[arg-type]
                new[target] = np.maximum(base, moved)
        return new

    @cached_property
    def _point(self) -> Floats:
        point = np.full(self.shape[:2], NEVER)
        point[0, 0] = 0.0
        return point

    def _array(self, source: Floats | None) -> Floats:
        if source is not None:
            return source
        point = np.full(self.shape, NEVER)
        point[0, 0] = 0.0
        return point

    def _taken(self, source: Floats | None, group: _Class, prefix: Floats) -> Floats:
        """The states after taking at least one lot of the class."""
        last_size, last_count = self.batch.states, self.batch.counts
        result = np.full(self.shape, NEVER)
        if source is None:
            for k in range(1, len(prefix) + 1):
                at = min(k * group.weight, last_size) if self.batch.open_ended else k * group.weight
                count = min(k * group.high, last_count)
                np.maximum(result[count, at], prefix[k - 1], out=result[count, at])
            return result
        if last_count == 0 and not self.batch.open_ended:
            buffer = np.empty((last_size + 1, self.width))
            flat, into = source[0], result[0]
            for k in range(1, len(prefix) + 1):
                shift = k * group.weight
                part = buffer[: last_size + 1 - shift]
                np.add(flat[: last_size + 1 - shift], prefix[k - 1], out=part)
                np.maximum(into[shift:], part, out=into[shift:])
            return result
        for k in range(1, len(prefix) + 1):
            np.maximum(
                result, self._shifted(source, k * group.weight, k * group.high) + prefix[k - 1], out=result
            )
        return result

    def _shifted(self, source: Floats, size: int, count: int) -> Floats:
        """``source`` moved by a size and a count; the last states gather what overflows, where they may."""
        moved = np.full(self.shape, NEVER)
        last = self.batch.states
        keep = max(0, last + 1 - size)
        moved[:, size:] = source[:, :keep]
        if self.batch.open_ended and size:
            moved[:, last] = source[:, max(0, last - size) :].max(axis=1)
        if count:
            over = np.full(self.shape, NEVER)
            last = self.batch.counts
            keep = max(0, last + 1 - count)
            over[count:] = moved[:keep]
            over[last] = moved[max(0, last - count) :].max(axis=0)
            moved = over
        return moved

    def ends(self, per_euro: float) -> dict[int, Floats]:
        """Final values per flags, (counts, sizes, rows): sizes out of bounds -inf, supplements added."""
        projet, marche = self.pricer.problem.supplement
        ends: dict[int, Floats] = {}
        own = [self.pricer.problem.rows[r] for r in self.batch.rows]
        common = np.array([self.pricer.flags_of[r.type][1] | r.base_flags for r in own])
        carried = np.array([r.porteur != NONE or r.fixed != NONE for r in own])
        for flags, state in self.state.items():
            value = self._array(state) + self.batch.mask
            if self.batch.extra is not None:
                value = value + per_euro * self.batch.extra
            whole = common | flags
            small = (whole & SMALL) > 0
            paid = np.where(small, projet + np.where((whole & MARCHE) > 0, marche, 0.0), 0.0)
            value = value + per_euro * paid
            if not flags & PORTEUR:
                value = np.where(carried | self._all_carry, value, NEVER)
            ends[flags] = value
        return ends

    @cached_property
    def _all_carry(self) -> npt.NDArray[np.bool_]:
        """Rows without porteur all of whose lots can carry the grappe."""
        problem = self.pricer.problem
        return np.array(
            [bool((problem.offers.flags[problem.rows[r].items] & PORTEUR).all()) for r in self.batch.rows]
        )

    def trace(self, ends: dict[int, Floats], ends_per_row: int) -> list[tuple[int, tuple[int, ...]]]:
        """Walk back from the best end states to the lots taken."""
        found = []
        keys = list(ends)
        stacked = np.stack([ends[f] for f in keys])
        # The best end of each size, then the best sizes.
        for k, row in enumerate(self.batch.rows):
            values = stacked[:, :, :, k]
            by_size = values.max(axis=(0, 1))
            for size in np.argsort(-by_size, kind="stable")[:ends_per_row]:
                if by_size[size] == NEVER:
                    break
                f, count = np.unravel_index(int(values[:, :, size].argmax()), values.shape[:2])
                found.append((int(row), self._walk(k, keys[int(f)], int(count), int(size))))
        return found

    def _walk(self, k: int, flags: int, count: int, size: int) -> tuple[int, ...]:
        lots: list[int] = []
        for group, (state, prefix, order) in zip(
            reversed(self.batch.classes), reversed(self.stages), strict=True
        ):
            taken, flags, count, size = self._step(k, group, state, prefix, flags, count, size)
            if taken and order is not None:
                chosen = group.lots[k, order[k, :taken]]
                if self.batch.open_ended and taken == len(prefix):
                    more = order[k, taken:]
                    chosen = np.append(chosen, group.lots[k, more[self.profit[group.index[k, more]] > 0.0]])
                lots += chosen.tolist()
        return tuple(sorted(lots))

    def _step(
        self,
        k: int,
        group: _Class,
        state: dict[int, Floats | None],
        prefix: Floats,
        flags: int,
        count: int,
        size: int,
    ) -> tuple[int, int, int, int]:
        """How many lots of the class were taken to reach (flags, count, size), and from which state."""
        best = (NEVER, 0, flags, count, size)
        for source_flags, array in state.items():
            source = self._point if array is None else array[:, :, k]
            if source_flags == flags and source[count, size] > best[0]:
                best = (float(source[count, size]), 0, flags, count, size)
            if source_flags | group.flags != flags:
                continue
            if len(prefix) == 0 or prefix[0, k] == NEVER:
                continue
            if self.batch.counts == 0 and not self.batch.open_ended:
                most = min(len(prefix), size // group.weight)
                if most:
                    values = source[0, size - group.weight :: -group.weight][:most] + prefix[:most, k]
                    top = int(values.argmax())
                    if values[top] > best[0]:
                        best = (float(values[top]), top + 1, source_flags, 0, size - (top + 1) * group.weight)
                continue
            for taken in range(1, len(prefix) + 1):
                value, at_count, at_size = self._source(
                    source, count, size, taken * group.high, taken * group.weight
                )
                if value + prefix[taken - 1, k] > best[0]:
                    best = (value + float(prefix[taken - 1, k]), taken, source_flags, at_count, at_size)
        return best[1], best[2], best[3], best[4]

    def _source(
        self, source: Floats, count: int, size: int, high: int, weight: int
    ) -> tuple[float, int, int]:
        """The best state from which taking (high, weight) leads to (count, size)."""
        last_count, last_size = self.batch.counts, self.batch.states
        counts = (
            [count - high]
            if count < last_count or not high
            else list(range(max(0, last_count - high), last_count + 1))
        )
        if self.batch.open_ended and size == last_size:
            sizes = list(range(max(0, last_size - weight), last_size + 1))
        else:
            sizes = [size - weight]
        best = (NEVER, 0, 0)
        for c in counts:
            for s in sizes:
                if c >= 0 and s >= 0 and source[c, s] > best[0]:
                    best = (float(source[c, s]), c, s)
        return best


_ABSENT = object()
