"""Rows: every (kind, porteur) that a grappe can have, with the lots that can join it.

A row also fixes what one knapsack cannot choose: the minimum size (one row per minimum in reach), the
previous
id carried (where stability counts), the side left out of each pair of organismes kept apart, the fixed grappe
that grows. Without a radius, one row stands for all porteurs of a territory.

When to modify: a constraint speaks of a whole grappe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.verify.lots import Lots
from solver.verify.offers import Offers

Ints = npt.NDArray[np.int64]

PAIRS_AT_ONCE = 1_500_000  # (row, lot) pairs worked on together: some tens of megabytes


@dataclass(frozen=True)
class Rows:
    """Arrays over rows. ``pool[r]`` is the place in ``start`` of the lots that can join:
    ``lots[start:stop]``.
    """

    kind: Ints
    low: Ints
    identity: Ints
    pool: Ints
    porteur: Ints
    base_lot: Ints
    fixed: Ints
    weight: Ints
    euros: Ints
    higher: Ints
    flags: Ints
    kept: Ints
    start: Ints
    lots: npt.NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.kind)

    def joining(self, row: int) -> npt.NDArray[np.int32]:
        at = self.pool[row]
        return self.lots[self.start[at] : self.start[at + 1]]

    @cached_property
    def room(self) -> Ints:
        """How many lots can join each row."""
        return np.asarray(np.diff(self.start)[self.pool], dtype=np.int64)

    def portions(self, which: Ints) -> Iterator[Ints]:
        """These rows, in portions that few memory holds with all that can join them."""
        portion = np.cumsum(self.room[which]) // PAIRS_AT_ONCE
        yield from np.split(which, np.flatnonzero(np.diff(portion)) + 1) if len(which) else ()

    def flat(self, which: Ints) -> tuple[Ints, npt.NDArray[np.int32]]:
        """(place in ``which``, lot) of everything that can join these rows."""
        room = self.room[which]
        place = np.repeat(np.arange(len(which)), room)
        before = np.cumsum(room) - room
        at = np.arange(int(room.sum())) + np.repeat(self.start[self.pool[which]] - before, room)
        return place, self.lots[at]


@dataclass(frozen=True)
class FixedInPlay:
    """A fixed grappe that is not settled: ``forced`` when it appears whatever happens."""

    index: int
    forced: bool


@dataclass(frozen=True)
class Ground:
    """Lots, offers and rows of one instance, and which fixed grappes are constants (``settled``)."""

    lots: Lots
    offers: Offers
    rows: Rows
    kept_by: Sequence[Ints]
    fixed: Sequence[FixedInPlay]
    settled: Sequence[int]
