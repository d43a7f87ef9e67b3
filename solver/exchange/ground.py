"""What an exchange walks over, as arrays alone: the rows and lots of one component, and a packing of them.

``solver.search.layout`` makes it of a component, ``solver.exchange.crew`` sends it to a helper process.

When to modify: a row knows something more that decides who may join it, or what that is worth.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Small = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

NONE = -1


@dataclass(frozen=True)
class Ground:
    """The rows and lots of one component, lots renumbered from 0.

    ``start``, ``items``: lots that can join row r are ``items[start[r]:start[r + 1]]`` (its base lot
    apart). ``base``: base lot or NONE; ``held``: ESMS of what is always in; ``brought``: what that brings;
    ``flags``: its (small, trigger) flags. ``profile``: row of ``worth`` (profiles, lots): what a lot brings.
    What a lot brings counts less what it would bring anyway, in no open row. ``unit``: the most that one ESMS
    brings, all counted: what temperatures and shortfalls are measured in.
    ``group``: rows of one group exclude each other (previous id), NONE for none; ``pinned``: must stay open.
    ``small``, ``trigger``: flags of lots; ``supplement``: once per grappe with a small one, and more with a
    trigger too. ``prior``: how likely rows are, a logarithm. ``most``: rows that may be open at a time.
    """

    start: Ints
    items: Small
    base: Ints
    held: Ints
    brought: Floats
    base_small: Bools
    base_trigger: Bools
    low: Ints
    high: Ints
    profile: Ints
    group: Ints
    pinned: Bools
    many: Bools
    worth: Floats
    weight: Ints
    small: Bools
    trigger: Bools
    supplement: tuple[float, float]
    step: int
    prior: Floats
    unit: float = 1.0
    most: int = 10**9

    @cached_property
    def holders(self) -> tuple[Ints, Small]:
        """(start, rows): the rows that a lot can join or carry."""
        rows = np.repeat(np.arange(len(self.base)), np.diff(self.start))
        based = np.flatnonzero(self.base != NONE)
        lots = np.concatenate([self.items, self.base[based]])
        rows = np.concatenate([rows, based])
        order = np.argsort(lots, kind="stable")
        start = np.searchsorted(lots[order], np.arange(len(self.weight) + 1))
        return start, rows[order].astype(np.int32)

    def __getstate__(self) -> dict[str, object]:
        """The arrays alone: another thread may be adding ``holders`` while this is sent to a helper."""
        return {one.name: getattr(self, one.name) for one in fields(self)}

    def of(self, row: int) -> Small:
        return self.items[self.start[row] : self.start[row + 1]]


@dataclass(frozen=True)
class Packed:
    """Open rows with the lots of each, base lot included."""

    rows: tuple[int, ...]
    lots: tuple[tuple[int, ...], ...]
