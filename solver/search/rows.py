"""Rows one by one: what a row is, and how the rows of one porteur are made.

When to modify: a row gains a property, or a constraint splits rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from solver.instance import Esms, Instance
from solver.scale import Scale
from solver.search.lots import Lots
from solver.search.types import GrappeType, Offers

Ints = npt.NDArray[np.int64]

NONE = -1
NO_MAXIMUM = 10**9
APART_SPLITS = 3  # pairs of organismes resolved by splitting a row, up to 2**3 rows


@dataclass(frozen=True)
class Row:
    """One row; ``items`` are the lots that can join, ``base_lot`` (the porteur's) not among them.

    ``base_*`` sum up what is always in: the base lot, or a fixed grappe's members. ``relaxed``: pairs kept
    apart are ignored, so columns must be checked and bounds stay valid.
    """

    type: int
    porteur: int
    low: int
    high: int
    items: Ints
    base_lot: int = NONE
    base_weight: int = 0
    base_value: float = 0.0
    base_flags: int = 0
    base_high: int = 0
    base_kept: int = 0
    fixed: int = NONE
    identity: int = NONE
    relaxed: bool = False


@dataclass(frozen=True)
class Fixed:
    """A fixed grappe in play: ``forced`` when it appears in every proposal, else only if it can grow."""

    index: int
    forced: bool


@dataclass
class Builder:
    instance: Instance
    scale: Scale
    lots: Lots
    offers: Offers
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        parameters = self.instance.parameters
        codes = _territory_codes(self.instance)
        self.territory = np.array(
            [codes[self.instance.territory_of(e)] for e in self.lots.esms], dtype=np.int64
        )
        self.minimum_of = np.array(
            [minimum_of(self.instance, self.scale, e) for e in self.lots.esms], dtype=np.int64
        )
        self.high = parameters.max_size or self.scale.max_size or NO_MAXIMUM
        self.lot_of = np.full(len(self.lots.esms), NONE, dtype=np.int64)
        for k, lot in enumerate(self.lots.lots):
            self.lot_of[list(lot.members)] = k
        groups = [list(lot.members) for lot in self.lots.lots]
        self.minimum = np.array([self.minimum_of[g].max() for g in groups], dtype=np.int64)
        self.lot_territory = np.array(
            [self.territory[g[0]] if len(set(self.territory[g])) == 1 else NONE for g in groups],
            dtype=np.int64,
        )
        self.kept = self._kept()
        self.sides = self._sides()

    def _kept(self) -> list[Ints]:
        if not self.instance.parameters.stability_eur_per_esms:
            return []
        at = {e.id: int(k) for e, k in zip(self.lots.esms, self.lot_of, strict=True) if k != NONE}
        kept = []
        for grappe in self.instance.previous:
            here = np.array([at[m] for m in grappe.members if m in at], dtype=np.int64)
            kept.append(np.bincount(here, minlength=len(self.lots.lots)).astype(np.int64))
        return kept

    def _sides(self) -> list[tuple[str, str, npt.NDArray[np.bool_], npt.NDArray[np.bool_]]]:
        def holding(organisme: str) -> npt.NDArray[np.bool_]:
            return np.array([organisme in lot.organismes for lot in self.lots.lots], dtype=bool)

        pairs = sorted({(min(a, b), max(a, b)) for a, b in self.instance.constraints.apart})
        return [(a, b, holding(a), holding(b)) for a, b in pairs]

    def add(self, base: Row, organismes: frozenset[str], candidates: Ints, identities: list[int]) -> None:
        """Append the rows of one (type, porteur): one per side of pairs apart, threshold and identity."""
        items = candidates[self.offers.fits[base.type, candidates]]
        items = items[(items != base.base_lot) & (self.offers.weight[items] + base.base_weight <= self.high)]
        for chosen, relaxed in self._conflict_free(items, organismes):
            for low, among in self._thresholds(base.low, chosen):
                low = self._due(low, base.fixed)
                whole = base.base_weight + int(self.offers.weight[among].sum())
                if whole < low or base.base_weight > self.high:
                    continue
                for identity in identities:
                    kept = self._base_kept(base, identity)
                    if (
                        identity != NONE
                        and len(identities) > 1
                        and not (kept or self.kept[identity][among].any())
                    ):
                        continue
                    self.rows.append(
                        Row(
                            base.type,
                            base.porteur,
                            low,
                            self.high,
                            among,
                            base.base_lot,
                            base.base_weight,
                            base.base_value,
                            base.base_flags,
                            base.base_high,
                            kept,
                            base.fixed,
                            identity,
                            relaxed,
                        )
                    )

    def _due(self, low: int, fixed: int = NONE) -> int:
        """The minimum with ``min_slack``, as far as the maximum allows; fixed grappes need no slack."""
        slack = 0 if fixed != NONE else self.instance.parameters.min_slack
        return max(low, min(low + slack, self.high))

    def sameminimum_of(self, lots: Ints) -> bool:
        """Whether all these lots bring the same minimum size."""
        minima = self.minimum[lots]
        return bool((minima == minima[0]).all())

    def add_each(self, porteur: int, here: Ints, identities: list[list[int]]) -> None:
        """The rows of one porteur with the lots in its reach, type by type."""
        home, offers = int(self.lot_of[porteur]), self.offers
        for t in np.flatnonzero(offers.fits[:, home]).tolist():
            base = Row(
                t,
                porteur,
                int(self.minimum[home]),
                0,
                here,
                home,
                int(offers.weight[home]),
                float(offers.value[t, home]),
                int(offers.flags[home]),
                int(offers.high[t, home]),
            )
            self.add(base, self.lots.lots[home].organismes, here, identities[t])

    def add_plain(self, porteur: int, here: Ints) -> None:
        """``add_each`` where one minimum holds and rows are not split, all types at once."""
        home, offers = int(self.lot_of[porteur]), self.offers
        low, weight = self._due(int(self.minimum[home])), int(offers.weight[home])
        if weight > self.high:
            return
        weights = offers.weight[here]
        types = np.flatnonzero(offers.fits[:, home])
        joins = offers.fits[types[:, None], here] & ((here != home) & (weights + weight <= self.high))
        enough = weight + joins @ weights >= low
        flags = int(offers.flags[home])
        for k in np.flatnonzero(enough).tolist():
            t = int(types[k])
            value, high = float(offers.value[t, home]), int(offers.high[t, home])
            self.rows.append(
                Row(t, porteur, low, self.high, here[joins[k]], home, weight, value, flags, high)
            )

    def _base_kept(self, base: Row, identity: int) -> int:
        if identity == NONE:
            return 0
        if base.base_lot != NONE:
            return int(self.kept[identity][base.base_lot])
        if base.fixed == NONE:
            return 0
        members = set(self.instance.previous[identity].members)
        return sum(self.lots.esms[i].id in members for i in self.lots.bases[base.fixed] or ())

    def _conflict_free(self, items: Ints, organismes: frozenset[str]) -> Iterator[tuple[Ints, bool]]:
        for a, b, with_a, with_b in self.sides:
            if a in organismes:
                items = items[~with_b[items]]
            if b in organismes:
                items = items[~with_a[items]]
        open_pairs = [(wa, wb) for _, _, wa, wb in self.sides if wa[items].any() and wb[items].any()]
        if len(open_pairs) > APART_SPLITS:
            yield items, True
            return
        choices = [items]
        for with_a, with_b in open_pairs:
            choices = [c[~side[c]] for c in choices for side in (with_a, with_b)]
        seen: list[set[int]] = []
        for choice in sorted(choices, key=len, reverse=True):
            these = set(choice.tolist())
            if not any(these <= other for other in seen):
                seen.append(these)
                yield choice, False

    def _thresholds(self, low: int, items: Ints) -> Iterator[tuple[int, Ints]]:
        levels = np.unique(np.append(self.minimum[items], low))
        for level in levels[levels >= low]:
            yield int(level), items[self.minimum[items] <= level]

    def identities(self, kind: GrappeType) -> list[int]:
        """NONE, and the previous grappes whose id a new grappe of this type may carry."""
        used = {f.id for f in self.instance.constraints.fixed_grappes}
        return [NONE] + [
            g
            for g in range(len(self.kept))
            if self.same(g, kind) and self.instance.previous[g].id not in used
        ]

    def same(self, g: int, kind: GrappeType) -> bool:
        previous = self.instance.previous[g]
        return (previous.solution, previous.hosting) == (kind.solution, kind.hosting)


def minimum_of(instance: Instance, scale: Scale, esms: Esms) -> int:
    if instance.parameters.min_size is not None:
        return instance.parameters.min_size
    return scale.min_size_by_region.get(esms.region, scale.min_size)


def _territory_codes(instance: Instance) -> dict[str, int]:
    return {code: k for k, code in enumerate(sorted({instance.territory_of(e) for e in instance.esms}))}
