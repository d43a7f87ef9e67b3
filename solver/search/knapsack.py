"""The knapsack: best value of every (flags, size) state of every row of a batch.

When to modify: the worth of a grappe depends on one more count or flag.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.search.batches import NEVER, Batch, Class
from solver.search.types import MARCHE, PORTEUR, SMALL

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
States = dict[int, Floats | None]  # flags -> (counts, sizes, rows); None: the single point (0, 0)


_ABSENT: Floats = np.zeros(0)


class Knapsack:
    """One pass of the knapsack over one batch."""

    def __init__(self, batch: Batch, profit: Floats, supplement: tuple[float, float], keep: bool) -> None:
        self.batch, self.profit, self.supplement, self.keep = batch, profit, supplement, keep
        self.width = len(batch.rows)
        self.shape = (batch.counts + 1, batch.states + 1, self.width)
        self.stages: list[tuple[States, Floats, Ints | None]] = []
        state: States = {0: None}  # None: nothing taken yet, a single point
        for group in batch.classes:
            prefix, order = self._prefix(group)
            if keep:
                self.stages.append((state, prefix, order))
            state = self._extend(state, group, prefix)
        self.state = state

    def _prefix(self, group: Class) -> tuple[Floats, Ints | None]:
        """Prefix sums of the best profits, shape (taken, rows), row 0 for one lot taken."""
        profit = self.profit[group.index]
        most = self.batch.states // group.weight
        if self.batch.open_ended:  # until the class alone saturates the size and the higher-rate count
            most = -(-self.batch.states // group.weight)
            if self.batch.counts and group.high:
                most = max(most, -(-self.batch.counts // group.high))
        most = min(profit.shape[1], most)
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

    def _extend(self, state: States, group: Class, prefix: Floats) -> States:
        new: States = dict(state)
        for flags, source in state.items():
            target = flags | group.flags
            if len(prefix) == 0:
                continue
            moved = self._taken(source, group, prefix)
            here = new.get(target, _ABSENT)
            if here is _ABSENT:
                new[target] = moved
            else:
                new[target] = np.maximum(self.array(here), moved)
        return new

    @cached_property
    def point(self) -> Floats:
        point = np.full(self.shape[:2], NEVER)
        point[0, 0] = 0.0
        return point

    def array(self, source: Floats | None) -> Floats:
        if source is not None:
            return source
        point = np.full(self.shape, NEVER)
        point[0, 0] = 0.0
        return point

    def _taken(self, source: Floats | None, group: Class, prefix: Floats) -> Floats:
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
        projet, marche = self.supplement
        ends: dict[int, Floats] = {}
        for flags, state in self.state.items():
            value = self.array(state) + self.batch.mask
            if self.batch.extra is not None:
                value = value + per_euro * self.batch.extra
            whole = self.batch.always | flags
            small = (whole & SMALL) > 0
            paid = np.where(small, projet + np.where((whole & MARCHE) > 0, marche, 0.0), 0.0)
            value = value + per_euro * paid
            if not flags & PORTEUR:
                value = np.where(self.batch.carried, value, NEVER)
            ends[flags] = value
        return ends
