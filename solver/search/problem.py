"""The problem as the search sees it: lots, types, rows, and what a column is worth.

A *column* is one grappe of one row. Money is in euros, sizes in ESMS; ``Worth`` says how both enter the
objective, so that no other module asks whether funding or coverage is maximised.

When to modify: the objective gains a term.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.funding import funding_eur
from solver.instance import Instance
from solver.scale import Scale
from solver.search import reach
from solver.search.lots import Lots, gather
from solver.search.reach import Reach
from solver.search.rows import NO_MAXIMUM, NONE, Row
from solver.search.types import MARCHE, PORTEUR, SMALL, Offers, appraise_lots
from solver.vocabulary import Objective

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Column:
    """One grappe of row ``row`` with the lots ``lots`` (base lot included, sorted).

    ``value``: what it adds to the objective; ``funding``: euros; both whole numbers.
    """

    row: int
    lots: tuple[int, ...]
    value: int
    funding: int


@dataclass(frozen=True)
class Problem:
    """Everything that the search needs, computed once."""

    instance: Instance
    scale: Scale
    lots: Lots
    offers: Offers
    reach: Reach

    @cached_property
    def rows(self) -> list[Row]:
        return self.reach.rows

    @cached_property
    def porteurs(self) -> dict[tuple[int, ...], str | None]:
        """Who carries the lots of a grappe, as far as it was asked: progress asks again each second."""
        return {}

    @cached_property
    def supplement(self) -> tuple[float, float]:
        """Euros once per grappe with a small organisme: always, and more with a marché trigger."""
        projet, marche = self.scale.amoa_projet, self.scale.amoa_marche
        return (float(projet.unit_eur) if projet else 0.0), (float(marche.unit_eur) if marche else 0.0)

    @property
    def stability(self) -> int:
        return self.instance.parameters.stability_eur_per_esms

    @property
    def covers(self) -> bool:
        """Whether the objective is the number of ESMS placed."""
        return self.instance.parameters.objective is Objective.COVERAGE

    @cached_property
    def free_budget(self) -> int | None:
        """Budget left by the settled fixed grappes."""
        budget = self.instance.parameters.budget_eur
        return None if budget is None else budget - sum(self.settled_funding)

    @cached_property
    def free_grappes(self) -> int | None:
        """Grappes left by the settled fixed ones; None when more could not be formed anyway."""
        most = self.instance.parameters.max_grappes
        if most is None:
            return None
        lowest = min((r.low for r in self.rows if r.fixed == NONE), default=1)
        could = int(self.offers.weight.sum()) // max(lowest, 1) + len(self.reach.fixed)
        left = most - len(self.reach.settled)
        return left if left < could else None

    @cached_property
    def settled_funding(self) -> list[int]:
        fixed = self.instance.constraints.fixed_grappes
        return [
            funding_eur(self.instance, self.scale, fixed[k].solution, fixed[k].members)
            for k in self.reach.settled
        ]

    def extra_eur(self, kind: int, flags: int, size: int, high: int) -> float:
        """What a grappe gets beyond the sum of its lots: supplements, and full rates (national)."""
        projet, marche = self.supplement
        euros = 0.0
        if flags & SMALL:
            euros += projet + (marche if flags & MARCHE else 0.0)
        if self.scale.full_rate_members is not None:
            upper, lower = self.offers.levels[kind]
            full = self.scale.full_rate_members
            euros += lower * min(size, full) + (upper - lower) * min(high, full)
        return euros

    def worth(self, kind: int, identity: int) -> Floats:
        """What each lot adds to the objective of a grappe of this type and earlier id (or NONE)."""
        worth = self.offers.weight.astype(np.float64) if self.covers else self.offers.value[kind]
        if identity != NONE:
            worth = worth + self.stability * self.reach.kept[identity]
        return np.asarray(worth)

    def column(self, row: int, lots: Iterable[int]) -> Column:
        """A column from the lots that join (base lot included or not)."""
        r = self.rows[row]
        joined = [k for k in lots if k != r.base_lot]
        offers, kind = self.offers, r.type
        size = r.base_weight + sum(int(offers.weight[k]) for k in joined)
        flags = reduce(lambda f, k: f | int(offers.flags[k]), joined, r.base_flags)
        high = r.base_high + sum(int(offers.high[kind, k]) for k in joined)
        euros = r.base_value + sum(float(offers.value[kind, k]) for k in joined)
        funding = round(euros + self.extra_eur(kind, flags, size, high))
        value = size if self.covers else funding
        if r.identity != NONE:
            kept = self.reach.kept[r.identity]
            value += self.stability * (r.base_kept + sum(int(kept[k]) for k in joined))
        whole = joined if r.base_lot == NONE else [*joined, r.base_lot]
        return Column(row, tuple(sorted(whole)), value, funding)

    def columns(self, rows: Ints, lots: Ints, start: Ints) -> list[Column]:
        """Many columns at once: column j is ``rows[j]`` joined by ``lots[start[j]:start[j + 1]]``."""
        if len(rows) == 0:
            return []
        offers = self.offers
        kind, base_lot, weight, euros, flags, high, kept = (a[rows] for a in self._bases)
        of = np.repeat(np.arange(len(rows)), np.diff(start))
        size = weight + np.bincount(of, offers.weight[lots], len(rows))
        euros = euros + np.bincount(of, offers.value[kind[of], lots], len(rows))
        for flag in (SMALL, MARCHE):
            some = np.bincount(of, (offers.flags[lots] & flag) > 0, len(rows)) > 0
            flags = flags | np.where(some, flag, 0)
        projet, marche = self.supplement
        small = (flags & SMALL) > 0
        euros = euros + np.where(small, projet + np.where((flags & MARCHE) > 0, marche, 0.0), 0.0)
        full = self.scale.full_rate_members
        if full is not None:
            upper, lower = np.array(offers.levels)[kind].T
            high = high + np.bincount(of, offers.high[kind[of], lots], len(rows))
            euros = euros + lower * np.minimum(size, full) + (upper - lower) * np.minimum(high, full)
        funding = np.rint(euros).astype(np.int64)
        value = np.rint(size).astype(np.int64) if self.covers else funding
        if self.reach.kept:
            value = value + self.stability * (kept + self._kept_by(rows, of, lots))
        cut = start.tolist()
        found = []
        for j, row in enumerate(rows.tolist()):
            mine = lots[cut[j] : cut[j + 1]].tolist()
            if base_lot[j] != NONE:
                mine = sorted([*mine, int(base_lot[j])])
            found.append(Column(row, tuple(mine), int(value[j]), int(funding[j])))
        return found

    def _kept_by(self, rows: Ints, of: Ints, lots: Ints) -> Ints:
        identity = np.array([self.rows[r].identity for r in rows])
        kept = np.array([*self.reach.kept, np.zeros(len(self.lots.lots), dtype=np.int64)])
        return np.rint(np.bincount(of, kept[identity[of], lots], len(rows))).astype(np.int64)

    @cached_property
    def _bases(self) -> tuple[npt.NDArray[Any], ...]:
        """(type, base lot, weight, euros, flags, higher-rate members, kept members) of every row."""
        return (
            np.array([r.type for r in self.rows]),
            np.array([r.base_lot for r in self.rows]),
            np.array([r.base_weight for r in self.rows]),
            np.array([r.base_value for r in self.rows]),
            np.array([r.base_flags for r in self.rows]),
            np.array([r.base_high for r in self.rows]),
            np.array([r.base_kept for r in self.rows]),
        )

    def size(self, column: Column) -> int:
        """ESMS of a column, fixed members included."""
        row = self.rows[column.row]
        own = row.base_weight if row.base_lot == NONE else 0
        return own + sum(int(self.offers.weight[k]) for k in column.lots)

    def members(self, column: Column) -> tuple[str, ...]:
        """Ids of the members, increasing."""
        row = self.rows[column.row]
        positions = [i for k in column.lots for i in self.lots.lots[k].members]
        if row.fixed != NONE:
            positions += self.lots.bases[row.fixed] or ()
        return tuple(self.lots.esms[i].id for i in sorted(positions))

    def allowed(self, column: Column) -> bool:
        """Size, a porteur, organismes apart: what relaxed pricing may have ignored."""
        row = self.rows[column.row]
        if not row.low <= self.size(column) <= row.high:
            return False
        if row.porteur == NONE and not any(int(self.offers.flags[k]) & PORTEUR for k in column.lots):
            return False
        return not row.relaxed or self.peaceful(column.lots)

    def peaceful(self, lots: Sequence[int]) -> bool:
        """Whether no two organismes of these lots are to stay apart."""
        organismes = frozenset[str]().union(*(self.lots.lots[k].organismes for k in lots))
        return not any(a in organismes and b in organismes for a, b in self.instance.constraints.apart)

    @cached_property
    def step(self) -> int:
        """The greatest common divisor of all amounts of the objective: values are multiples of it."""
        return self.step_of(range(len(self.lots.lots)), range(len(self.rows)))

    def step_of(self, lots: Iterable[int], rows: Iterable[int]) -> int:
        """The same for a part of the problem."""
        if self.covers:
            return 1
        which = np.fromiter(lots, dtype=np.int64)
        amounts: set[float] = set(np.unique(self.offers.value[:, which]).tolist()) if len(which) else set()
        kinds = {self.rows[r].type for r in rows}
        amounts |= {a for t in kinds for a in self.offers.levels[t]}
        amounts |= {self.rows[r].base_value for r in rows} if len(kinds) else set()
        amounts |= {*self.supplement, float(self.stability)}
        return math.gcd(*(round(a) for a in amounts)) or 1


def state(instance: Instance, scale: Scale, check: Callable[[], None] = lambda: None) -> Problem:
    """Read an instance into lots, types and rows. What ``check``, called often, raises ends it."""
    return with_rows(state_without_rows(instance, scale), check)


def with_rows(begun: Problem, check: Callable[[], None] = lambda: None) -> Problem:
    """The same problem with its rows."""
    known = begun.reach if begun.reach.read else None
    return replace(
        begun, reach=reach.find(begun.instance, begun.scale, begun.lots, begun.offers, check, known)
    )


def with_fixed_rows(begun: Problem) -> Problem:
    """The same problem with the rows of fixed grappes alone, which ``with_rows`` need not read again."""
    if not begun.instance.constraints.fixed_grappes:
        return begun
    return replace(begun, reach=reach.of_fixed(begun.instance, begun.scale, begun.lots, begun.offers))


def state_without_rows(instance: Instance, scale: Scale) -> Problem:
    """Lots and types alone, which are quickly read."""
    lots = gather(instance)
    offers = appraise_lots(instance, scale, lots)
    return Problem(instance, scale, lots, offers, reach.unsought(instance, scale, lots, offers))


__all__ = [
    "NONE",
    "NO_MAXIMUM",
    "Column",
    "Problem",
    "state",
    "state_without_rows",
    "with_fixed_rows",
    "with_rows",
]
