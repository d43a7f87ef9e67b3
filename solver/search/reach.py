"""Rows: (type, porteur) and the lots that can join it.

A row is a family of grappes that one knapsack prices exactly. Beside its type and porteur it fixes what a
knapsack cannot choose by itself:

* the minimum size, where members of several thresholds may meet (one row per threshold);
* the previous grappe whose id it carries, where stability counts (one row per id in reach);
* which side of a pair of organismes kept apart it leaves out (one row per side, while these are few);
* the members of an extendable fixed grappe.

Without a radius any member carries a grappe as well as another: then a row has no porteur, and stands for
all of them.

When to modify: a constraint speaks of a whole grappe.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from solver import distances
from solver.instance import Esms, FixedGrappe, Instance
from solver.scale import Scale
from solver.search.lots import Lots
from solver.search.types import GrappeType, Offers, appraise_groups
from solver.vocabulary import Territory

Ints = npt.NDArray[np.int64]

NONE = -1
NO_MAXIMUM = 10**9
PORTEURS_AT_ONCE = 64  # between two checks of the clock
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


@dataclass(frozen=True)
class Reach:
    """All rows, and what the rows share.

    ``kept[g]``: per lot, its members in the g-th previous grappe. ``fixed``: fixed grappes that are rows;
    ``settled``: those that are constants (indices in the instance). ``minimum``: per lot.
    """

    rows: list[Row]
    kept: list[Ints]
    fixed: list[Fixed]
    settled: list[int]
    minimum: Ints


@dataclass
class _Builder:
    instance: Instance
    scale: Scale
    lots: Lots
    offers: Offers
    rows: list[Row] = field(default_factory=list)

    def __post_init__(self) -> None:
        parameters = self.instance.parameters
        codes = _territory_codes(self.instance)
        self.territory = np.array(
            [codes[_territory(self.instance, e)] for e in self.lots.esms], dtype=np.int64
        )
        self.minimum_of = np.array(
            [_minimum(self.instance, self.scale, e) for e in self.lots.esms], dtype=np.int64
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

    def same_minimum(self, lots: Ints) -> bool:
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
            if self._same(g, kind) and self.instance.previous[g].id not in used
        ]

    def _same(self, g: int, kind: GrappeType) -> bool:
        previous = self.instance.previous[g]
        return (previous.solution, previous.hosting) == (kind.solution, kind.hosting)


def find(
    instance: Instance,
    scale: Scale,
    lots: Lots,
    offers: Offers,
    check: Callable[[], None] = lambda: None,
) -> Reach:
    """All rows that can hold a grappe. ``check`` is called on the way; what it raises ends the reading."""
    builder = _Builder(instance, scale, lots, offers)
    fixed, settled = _fixed_rows(builder)
    check()
    if (
        instance.parameters.max_radius_km is None
        or instance.parameters.max_radius_km >= distances.UNLIMITED_KM
    ):
        _rows_without_porteur(builder)
    else:
        _rows_with_porteur(builder, instance.parameters.max_radius_km, check)
    return Reach(builder.rows, builder.kept, fixed, settled, builder.minimum)


def unsought(instance: Instance, scale: Scale, lots: Lots, offers: Offers) -> Reach:
    """No row at all: what is known of an instance before anybody's reach is."""
    least = [max(_minimum(instance, scale, lots.esms[i]) for i in lot.members) for lot in lots.lots]
    return Reach([], [], [], [], np.array(least, dtype=np.int64))


def _rows_without_porteur(builder: _Builder) -> None:
    lots, offers = builder.lots, builder.offers
    able = builder.lot_territory != NONE
    for code in np.unique(builder.lot_territory[able]) if len(lots.lots) else []:
        here = np.flatnonzero(builder.lot_territory == code)
        for t, kind in enumerate(offers.types):
            items = here[offers.fits[t, here]]
            if len(items):
                low = int(builder.minimum[items].min())
                builder.add(Row(t, NONE, low, 0, items), frozenset(), items, builder.identities(kind))


def _rows_with_porteur(builder: _Builder, radius_km: float, check: Callable[[], None]) -> None:
    """Rows in the order of their porteurs."""
    identities = [builder.identities(kind) for kind in builder.offers.types]
    plain = not builder.sides and all(known == [NONE] for known in identities)
    found = _near(builder, radius_km, check)
    for count, p in enumerate(sorted(found)):
        if count % PORTEURS_AT_ONCE == 0:
            check()
        if plain and builder.same_minimum(found[p]):
            builder.add_plain(p, found[p])
        else:
            builder.add_each(p, found[p], identities)


def _near(builder: _Builder, radius_km: float, check: Callable[[], None]) -> dict[int, Ints]:
    """Per porteur the lots that it reaches, its own among them; territory by territory."""
    esms = builder.lots.esms
    found: dict[int, Ints] = {}
    for code in np.unique(builder.territory):
        mine = np.flatnonzero((builder.territory == code) & (builder.lot_of != NONE))
        mine = mine[np.argsort(builder.lot_of[mine], kind="stable")]
        lat, lon = np.array([(esms[i].lat, esms[i].lon) for i in mine]).reshape(-1, 2).T
        indptr, near = distances.neighbours(lat, lon, radius_km)
        check()
        lots = builder.lot_of[mine]
        for place, p in enumerate(mine.tolist()):
            if esms[p].can_be_porteur:
                here = _whole(builder, lots[near[indptr[place] : indptr[place + 1]]])
                if (here == lots[place]).any():
                    found[p] = here
            if place % PORTEURS_AT_ONCE == 0:
                check()
    return found


@dataclass(frozen=True)
class Surroundings:
    """Whom each porteur reaches, whatever the types and sizes.

    ``near``: pairs (the porteur's lot, lots in its reach with its own); without a radius one pair a
    territory, under ``NONE``. ``joining``: lots that can join a fixed grappe. ``minimum``: per lot.
    """

    near: list[tuple[int, Ints]]
    joining: Ints
    minimum: Ints


def surroundings(instance: Instance, scale: Scale, lots: Lots, offers: Offers) -> Surroundings:
    """``find`` before any choice of solution, for who asks about people rather than grappes."""
    builder, limit = _Builder(instance, scale, lots, offers), instance.parameters.max_radius_km
    _fixed_rows(builder)
    joining = np.unique(np.concatenate([np.zeros(0, np.int64), *(row.items for row in builder.rows)]))
    if limit is None or limit >= distances.UNLIMITED_KM:
        codes = np.unique(builder.lot_territory[builder.lot_territory != NONE])
        around = [(NONE, np.flatnonzero(builder.lot_territory == code)) for code in codes]
    else:
        near = _near(builder, limit, lambda: None)
        around = [(int(builder.lot_of[p]), near[p]) for p in sorted(near)]
    return Surroundings(around, joining, builder.minimum)


def _whole(builder: _Builder, lots: Ints) -> Ints:
    """The lots of which all members occur in ``lots``, which is in increasing order and may repeat."""
    starts = np.flatnonzero(np.concatenate(([True], lots[1:] != lots[:-1])))
    which = lots[starts]
    count = np.diff(starts, append=len(lots))
    return np.asarray(which[count == builder.offers.weight[which]], dtype=np.int64)


def _whole_lots(builder: _Builder, positions: npt.NDArray[np.int32]) -> Ints:
    """The lots all of whose members are among ``positions``."""
    found = builder.lot_of[positions]
    which, count = np.unique(found[found != NONE], return_counts=True)
    return np.asarray(which[count == builder.offers.weight[which]], dtype=np.int64)


def _fixed_rows(builder: _Builder) -> tuple[list[Fixed], list[int]]:
    fixed: list[Fixed] = []
    settled: list[int] = []
    lots, types = builder.lots, list(builder.offers.types)
    groups = [base or () for base in lots.bases]
    held = [k for k, base in enumerate(groups) if base]
    worth = appraise_groups(builder.instance, builder.scale, lots.esms, [groups[k] for k in held], types)
    at = {k: place for place, k in enumerate(held)}
    for k, given in enumerate(builder.instance.constraints.fixed_grappes):
        free_id = given.id is None and bool(builder.kept)
        if not given.extendable and not free_id:
            settled.append(k)
            continue
        before = len(builder.rows)
        forced = k in at and _add_fixed(builder, k, given, worth, at[k])
        if len(builder.rows) > before or forced:
            fixed.append(Fixed(k, forced))
    return fixed, settled


def _add_fixed(builder: _Builder, k: int, given: FixedGrappe, worth: Offers, at: int) -> bool:
    """Rows of one fixed grappe, worth what ``worth`` says ``at`` its place; True when it always appears."""
    base, lots = builder.lots.bases[k] or (), builder.lots
    kinds = [
        t
        for t, kind in enumerate(worth.types)
        if worth.fits[t, at] and (kind.solution, kind.hosting) == (given.solution, given.hosting)
    ]
    porteur = next(i for i in base if lots.esms[i].id == given.porteur)
    inside = _in_reach(builder, porteur)
    if not kinds or not set(base) <= set(inside.tolist()):
        return False
    t = kinds[0]
    low = int(builder.minimum_of[list(base)].max())
    forced = len(base) >= low or not given.extendable
    row = Row(
        t,
        porteur,
        low if given.extendable else 0,
        0,
        np.zeros(0, np.int64),
        NONE,
        len(base),
        float(worth.value[t, at]),
        int(worth.flags[at]),
        int(worth.high[t, at]),
        fixed=k,
    )
    near = _whole_lots(builder, inside.astype(np.int32)) if given.extendable else np.zeros(0, np.int64)
    builder.add(
        row, frozenset(lots.esms[i].organisme for i in base), near, _fixed_identities(builder, given, t)
    )
    return forced


def _fixed_identities(builder: _Builder, given: FixedGrappe, t: int) -> list[int]:
    kind = builder.offers.types[t]
    if given.id is None:
        return builder.identities(kind)
    own = [
        g
        for g in range(len(builder.kept))
        if builder.instance.previous[g].id == given.id and builder._same(g, kind)
    ]
    return own or [NONE]


def _in_reach(builder: _Builder, porteur: int) -> Ints:
    """Positions within the radius and the territory of one porteur."""
    esms, limit = builder.lots.esms, builder.instance.parameters.max_radius_km
    same = np.flatnonzero(builder.territory == builder.territory[porteur])
    if limit is None:
        return same
    lat, lon = np.array([esms[i].lat for i in same]), np.array([esms[i].lon for i in same])
    here = esms[porteur]
    km = distances.geodesic_km(np.full_like(lat, here.lat), np.full_like(lon, here.lon), lat, lon)
    return np.asarray(same[distances.millimetres(km) <= distances.millimetres(limit)], dtype=np.int64)


def _minimum(instance: Instance, scale: Scale, esms: Esms) -> int:
    if instance.parameters.min_size is not None:
        return instance.parameters.min_size
    return scale.min_size_by_region.get(esms.region, scale.min_size)


def _territory(instance: Instance, esms: Esms) -> str:
    match instance.parameters.territory:
        case Territory.REGION:
            return esms.region
        case Territory.DEPARTEMENT:
            return esms.departement
        case Territory.NONE:
            return ""


def _territory_codes(instance: Instance) -> dict[str, int]:
    return {code: k for k, code in enumerate(sorted({_territory(instance, e) for e in instance.esms}))}
