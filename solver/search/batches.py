"""Rows prepared for pricing together: padded index arrays, computed once.

When to modify: rows gain a property that pricing must know.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from solver.search.problem import NO_MAXIMUM, NONE, Problem
from solver.search.rows import Row
from solver.search.types import MARCHE, PORTEUR

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

ROWS_AT_ONCE = 256
NEVER = -np.inf


@dataclass(frozen=True)
class Class:
    """Lots of one kind in a batch: ``index`` (rows, longest) into the flat profit table."""

    flags: int
    weight: int
    high: int
    index: npt.NDArray[np.int32]
    lots: npt.NDArray[np.int32]


@dataclass(frozen=True)
class Batch:
    """Rows priced together; ``states`` is the last size, ``counts`` the last higher-rate count."""

    rows: Ints
    classes: tuple[Class, ...]
    states: int
    counts: int
    open_ended: bool
    mask: Floats
    extra: Floats | None
    always: Ints
    carried: npt.NDArray[np.bool_]
    base_lot: Ints
    identity: Ints
    base_euros: Floats
    base_size: Floats
    base_kept: Floats

    def take(self, which: Ints) -> Batch:
        """The batch of some of its rows."""
        classes = tuple(replace(c, index=c.index[which], lots=c.lots[which]) for c in self.classes)
        extra = None if self.extra is None else self.extra[:, :, which]
        return replace(
            self,
            rows=self.rows[which],
            classes=classes,
            mask=self.mask[:, which],
            extra=extra,
            always=self.always[which],
            carried=self.carried[which],
            base_lot=self.base_lot[which],
            identity=self.identity[which],
            base_euros=self.base_euros[which],
            base_size=self.base_size[which],
            base_kept=self.base_kept[which],
        )


class Batches:
    """Cuts rows into batches. ``profiles``: the (type, previous id) pairs that give lots their profits.

    ``check`` is called before each batch is made; what it raises ends the work.
    """

    def __init__(
        self, problem: Problem, rows: Sequence[int], check: Callable[[], None] = lambda: None
    ) -> None:
        self.problem, self.check = problem, check
        self.rows = rows
        self.count = len(problem.lots.lots)
        self.profiles = sorted({self._profile(r) for r in rows})
        self.profile_at = {p: k for k, p in enumerate(self.profiles)}
        self.flags_of = {t: self._type_flags(t) for t in {p[0] for p in self.profiles}}

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

    def made(self) -> list[Batch]:
        keyed: dict[tuple[bool, bool], list[int]] = {}
        for r in sorted(self.rows, key=lambda r: (*self._profile(r), len(self.problem.rows[r].items))):
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

    def _batch(self, rows: list[int], open_ended: bool, two_levels: bool) -> Batch:
        self.check()
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
        flags = problem.offers.flags
        return Batch(
            np.array(rows),
            classes,
            states,
            counts,
            open_ended,
            mask,
            extra,
            always=np.array([self.flags_of[r.type][1] | r.base_flags for r in own]),
            carried=np.array(
                [r.porteur != NONE or bool((flags[r.items] & PORTEUR).all()) for r in own], dtype=bool
            ),
            base_lot=np.array([r.base_lot if r.base_lot != NONE else self.count for r in own]),
            identity=np.array([r.identity if r.identity != NONE else len(problem.reach.kept) for r in own]),
            base_euros=np.array([r.base_value for r in own]),
            base_size=np.array([float(r.base_weight) for r in own]),
            base_kept=np.array([float(r.base_kept * problem.stability) for r in own]),
        )

    def _classes(self, own: list[Row], offset: Ints, two_levels: bool) -> tuple[Class, ...]:
        offers = self.problem.offers
        codes = []
        for row in own:
            flags = self.flags_of[row.type][0][row.items]
            if row.porteur != NONE or row.fixed != NONE or (flags & PORTEUR).all():
                flags = flags & ~PORTEUR
            high = offers.high[row.type, row.items] if two_levels else 0
            codes.append((flags * 4096 + high) * 65536 + offers.weight[row.items])
        code, flat = np.concatenate(codes), np.concatenate([row.items for row in own])
        row_of = np.repeat(np.arange(len(own)), [len(row.items) for row in own])
        order = np.argsort(code, kind="stable")  # by code, then by row
        code, flat, row_of = code[order], flat[order], row_of[order]
        values, start = np.unique(code, return_index=True)
        parts = zip(values.tolist(), np.split(flat, start[1:]), np.split(row_of, start[1:]), strict=False)
        found = {
            (value // 65536 // 4096, value % 65536, value // 65536 % 4096): (lots, rows)
            for value, lots, rows in parts
        }
        classes = []
        for (flag, weight, higher), (items, rows) in sorted(found.items(), key=_class_order):
            length = np.bincount(rows, minlength=len(own))
            lots = np.full((len(own), int(length.max())), self.count, dtype=np.int32)
            lots[rows, np.arange(len(rows)) - (np.cumsum(length) - length)[rows]] = items
            index = (lots + offset[:, None]).astype(np.int32)
            classes.append(Class(flag, weight, higher, index, lots))
        return tuple(classes)


def _class_order(item: tuple[tuple[int, int, int], object]) -> tuple[bool, int, int, int]:
    """Flagged classes first (they multiply the states), and the largest class, weight 1, first."""
    flags, weight, high = item[0]
    return flags == 0, weight, high, flags
