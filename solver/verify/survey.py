"""Listing every row of an instance: distances, minimum sizes, ids, organismes apart, fixed grappes.

When to modify: a constraint speaks of a whole grappe.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.instance import FixedGrappe
from solver.verify.distances import LONGEST_KM, Places, places, within
from solver.verify.lots import NONE, Lots
from solver.verify.offers import Kind, Offers
from solver.verify.rows import FixedInPlay, Ground, Rows

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

OPEN_PAIRS = 3  # pairs of organismes kept apart that a row tells apart; with more it ignores them all
_AT_ONCE = 256  # porteurs


@dataclass(frozen=True)
class Base:
    """What every grappe of some rows holds: the porteur's lot, or a fixed grappe. Euros as in ``Offers``."""

    porteur: int = NONE
    lot: int = NONE
    fixed: int = NONE
    weight: int = 0
    euros: int = 0
    higher: int = 0
    flags: int = 0


@dataclass
class _Table:
    """Rows being listed."""

    lots: Lots
    offers: Offers
    kept_by: Sequence[Ints]
    short: bool
    columns: list[tuple[int, ...]] = field(default_factory=list)
    blocks: list[Ints] = field(default_factory=list)  # many rows at once, as columns
    pools: list[npt.NDArray[np.int32]] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)

    @cached_property
    def sides(self) -> list[tuple[str, str, Bools, Bools]]:
        pairs = sorted({(min(p), max(p)) for p in self.lots.instance.constraints.apart})

        def holding(organisme: str) -> Bools:
            return np.array([organisme in o for o in self.lots.organismes], dtype=bool)

        return [(a, b, holding(a), holding(b)) for a, b in pairs]

    def identities(self, kind: Kind) -> list[int]:
        """Previous grappes whose id a new grappe of this kind may carry."""
        reserved = {f.id for f in self.lots.instance.constraints.fixed_grappes}
        return [
            g
            for g in range(len(self.kept_by))
            if self._alike(g, kind) and self.lots.instance.previous[g].id not in reserved
        ]

    def _alike(self, g: int, kind: Kind) -> bool:
        earlier = self.lots.instance.previous[g]
        return (earlier.solution, earlier.hosting) == (kind.solution, kind.hosting)

    def fixed_identities(self, given: FixedGrappe, kind: Kind) -> list[int]:
        if given.id is None:
            return [NONE, *self.identities(kind)]
        previous = self.lots.instance.previous
        own = [g for g in range(len(self.kept_by)) if previous[g].id == given.id and self._alike(g, kind)]
        return own or [NONE]

    def add(
        self, kind: int, base: Base, low: int, joining: Ints, organismes: frozenset[str], ids: Sequence[int]
    ) -> None:
        """The rows of one kind and base: ``joining`` are lots that fit and are in reach."""
        most = self.lots.maximum
        if most is not None and not self.short:
            joining = joining[self.lots.weight[joining] + base.weight <= most]
        for side in self._sides_of(joining, organismes):
            levels = np.unique(np.append(self.lots.minimum[side], low))
            for level in levels[levels >= low].tolist():
                among = side[self.lots.minimum[side] <= level]
                due = self.lots.due(level) if base.fixed == NONE else level
                if not self.short and base.weight + int(self.lots.weight[among].sum()) < due:
                    continue
                if most is not None and base.weight > most:
                    continue
                self._append(kind, base, due, among, ids)

    def _sides_of(self, joining: Ints, organismes: frozenset[str]) -> Iterator[Ints]:
        """Choices of lots without two organismes kept apart; where too many pairs are open, all lots."""
        for a, b, with_a, with_b in self.sides:
            if a in organismes:
                joining = joining[~with_b[joining]]
            if b in organismes:
                joining = joining[~with_a[joining]]
        is_open = [(wa, wb) for _, _, wa, wb in self.sides if wa[joining].any() and wb[joining].any()]
        choices = [joining]
        if len(is_open) <= OPEN_PAIRS:
            for pair in is_open:
                choices = [c[~side[c]] for c in choices for side in pair]
        yield from choices

    def _append(self, kind: int, base: Base, low: int, among: Ints, ids: Sequence[int]) -> None:
        pool = len(self.sizes)
        self.pools.append(among.astype(np.int32))
        self.sizes.append(len(among))
        for g in ids:
            kept = self.base_kept(base, g)
            if g != NONE and len(ids) > 1 and not (kept or self.kept_by[g][among].any()):
                continue  # the row without an id is worth as much
            self.columns.append(
                (kind, low, g, pool, base.porteur, base.lot, base.fixed,
                 base.weight, base.euros, base.higher, base.flags, kept)
            )  # fmt: skip

    def base_kept(self, base: Base, g: int) -> int:
        if g == NONE:
            return 0
        if base.lot != NONE:
            return int(self.kept_by[g][base.lot])
        if base.fixed == NONE:
            return 0
        members = set(self.lots.instance.previous[g].members)
        return sum(self.lots.esms[i].id in members for i in self.lots.bases[base.fixed] or ())

    def add_plain(self, kind: int, porteurs: Ints, home: Ints, low: Ints, reached: Bools, here: Ints) -> None:
        """Rows of many porteurs with one minimum (``low``) and no id: ``reached`` (porteurs, lots
        ``here``).
        """
        lots, groups = self.lots, self.offers.of_lots
        low = np.array([lots.due(int(m)) for m in low], dtype=np.int64)
        weight = reached @ lots.weight[here] + lots.weight[home]
        good = (weight >= low) | self.short
        reached, porteurs, home, low = reached[good], porteurs[good], home[good], low[good]
        if not len(porteurs):
            return
        place, at = np.nonzero(reached)
        pool = len(self.sizes) + np.arange(len(porteurs))
        self.pools.append(here[at].astype(np.int32))
        self.sizes.extend(np.bincount(place, minlength=len(porteurs)).tolist())
        none = np.full(len(porteurs), NONE)
        self.blocks.append(
            np.stack([
                np.full(len(porteurs), kind), low, none, pool, porteurs, home, none, lots.weight[home],
                groups.euros[kind, home], groups.higher[kind, home], self.offers.flags[home], 0 * low,
            ])
        )  # fmt: skip

    def rows(self) -> Rows:
        single = np.array(self.columns, dtype=np.int64).reshape(-1, 12).T
        table = np.concatenate([single, *self.blocks], axis=1)
        lots = np.concatenate([np.zeros(0, np.int32), *self.pools])
        start = np.zeros(len(self.sizes) + 1, dtype=np.int64)
        np.cumsum(self.sizes, out=start[1:])
        kind, low, identity, pool, porteur, base_lot, fixed = table[:7]
        weight, euros, higher, flags, kept = table[7:]
        return Rows(
            kind,
            low,
            identity,
            pool,
            porteur,
            base_lot,
            fixed,
            weight,
            euros,
            higher,
            flags,
            kept,
            start,
            lots,
        )


def survey(lots: Lots, *, short: bool = False) -> Ground:
    """Every row of an instance that can reach its minimum; with ``short`` the others too, whatever the
    maximum.

    Raises UnpricedError for a scale that no knapsack here can follow.
    """
    offers = Offers(lots)
    _ = offers.losses
    table = _Table(lots, offers, _kept(lots), short)
    where = places(np.array([e.lat for e in lots.esms]), np.array([e.lon for e in lots.esms]))
    fixed, settled = _fixed(table, where)
    limit = lots.instance.parameters.max_radius_km
    for code in np.unique(lots.territory[lots.territory != NONE]) if lots.count else ():
        here = np.flatnonzero(lots.territory == code)
        if limit is None or limit >= LONGEST_KM:
            _without_porteur(table, here)
        else:
            _with_porteur(table, here, where, limit)
    return Ground(lots, offers, table.rows(), table.kept_by, fixed, settled)


def _kept(lots: Lots) -> list[Ints]:
    """Per previous grappe, how many members of each lot it held; nothing where stability does not count."""
    if not lots.instance.parameters.stability_eur_per_esms:
        return []
    place = {e.id: i for i, e in enumerate(lots.esms)}
    found = []
    for grappe in lots.instance.previous:
        home = lots.lot_of[[place[m] for m in grappe.members]]
        found.append(np.bincount(home[home != NONE], minlength=lots.count).astype(np.int64))
    return found


def _without_porteur(table: _Table, here: Ints) -> None:
    lots, fits = table.lots, table.offers.of_lots.fits
    for t, kind in enumerate(table.offers.kinds):
        joining = here[fits[t, here]]
        if len(joining):
            low = int(lots.minimum[joining].min())
            table.add(t, Base(), low, joining, frozenset(), [NONE, *table.identities(kind)])


def _with_porteur(table: _Table, here: Ints, where: Places, limit_km: float) -> None:
    """Rows of one territory: ``here`` are its lots."""
    lots, groups = table.lots, table.offers.of_lots
    members = np.concatenate([np.array(lots.members[k], dtype=np.int64) for k in here])
    start = np.cumsum([0, *lots.weight[here][:-1]])
    able = members[lots.can_carry[members]]
    inside = np.full(lots.count, NONE)
    inside[here] = np.arange(len(here))
    ids = [table.identities(kind) for kind in table.offers.kinds]
    for first in range(0, len(able), _AT_ONCE):
        porteurs = able[first : first + _AT_ONCE]
        near = within(_some(where, porteurs), _some(where, members), limit_km)
        reached = np.logical_and.reduceat(near, start, axis=1)
        home = lots.lot_of[porteurs]
        own = inside[home]
        each = np.arange(len(porteurs))
        whole = reached[each, own]
        reached[each, own] = False
        for t in range(len(ids)):
            which = np.flatnonzero(whole & groups.fits[t, home])
            if len(which):
                mask = reached[which] & groups.fits[t, here][None, :]
                _of_kind(table, t, porteurs[which], mask, here, ids[t])


def _of_kind(table: _Table, t: int, porteurs: Ints, mask: Bools, here: Ints, ids: Sequence[int]) -> None:
    lots, groups = table.lots, table.offers.of_lots
    home = lots.lot_of[porteurs]
    if lots.maximum is not None and not table.short:
        mask &= lots.weight[here][None, :] + lots.weight[home][:, None] <= lots.maximum
    one_minimum = len(np.unique(lots.minimum[here])) == 1
    if one_minimum and not ids and not table.sides:
        sound = np.ones(len(porteurs), dtype=bool)
        if lots.maximum is not None:
            sound = lots.weight[home] <= lots.maximum
        table.add_plain(t, porteurs[sound], home[sound], lots.minimum[home][sound], mask[sound], here)
        return
    for k, p in enumerate(porteurs.tolist()):
        lot = int(home[k])
        base = Base(
            p,
            lot,
            NONE,
            int(lots.weight[lot]),
            int(groups.euros[t, lot]),
            int(groups.higher[t, lot]),
            int(table.offers.flags[lot]),
        )
        low = int(lots.minimum[lot])
        table.add(t, base, low, here[mask[k]], lots.organismes[lot], [NONE, *ids])


def _some(where: Places, which: Ints) -> Places:
    return Places(where.lat[which], where.lon[which], where.point[which])


def _fixed(table: _Table, where: Places) -> tuple[list[FixedInPlay], list[int]]:
    in_play: list[FixedInPlay] = []
    settled: list[int] = []
    for k, given in enumerate(table.lots.instance.constraints.fixed_grappes):
        if not given.extendable and not (given.id is None and len(table.kept_by)):
            settled.append(k)
            continue
        before = len(table.columns)
        forced = _grown(table, where, k, given)
        if len(table.columns) > before:
            in_play.append(FixedInPlay(k, forced))
    return in_play, settled


def _grown(table: _Table, where: Places, k: int, given: FixedGrappe) -> bool:
    """Rows of a fixed grappe that may grow or carry a previous id; True when it appears whatever happens."""
    lots, offers = table.lots, table.offers
    held = lots.bases[k]
    if held is None:
        return False
    worth = offers.of([held])
    alike = [
        t
        for t, kind in enumerate(offers.kinds)
        if worth.fits[t, 0] and (kind.solution, kind.hosting) == (given.solution, given.hosting)
    ]
    near = _near_fixed(lots, where, given)
    if not alike or not near[list(held)].all():
        return False
    t = alike[0]
    low = int(lots.esms_minimum[list(held)].max())
    joining = np.zeros(0, dtype=np.int64)
    if given.extendable and lots.count:
        start = np.cumsum([0, *lots.weight[:-1]])
        reached = np.logical_and.reduceat(near[np.concatenate([list(m) for m in lots.members])], start)
        joining = np.flatnonzero(reached & offers.of_lots.fits[t])
    porteur = next(i for i in held if lots.esms[i].id == given.porteur)
    base = Base(
        porteur, NONE, k, len(held), int(worth.euros[t, 0]), int(worth.higher[t, 0]), offers.flags_of(held)
    )
    organismes = frozenset(lots.esms[i].organisme for i in held)
    ids = table.fixed_identities(given, offers.kinds[t])
    table.add(t, base, low if given.extendable else 0, joining, organismes, ids)
    return len(held) >= low or not given.extendable


def _near_fixed(lots: Lots, where: Places, given: FixedGrappe) -> Bools:
    """ESMS in reach of the porteur of a fixed grappe."""
    porteur = next(i for i, e in enumerate(lots.esms) if e.id == given.porteur)
    near = lots.esms_territory == lots.esms_territory[porteur]
    limit = lots.instance.parameters.max_radius_km
    if limit is not None:
        near = near & within(_some(where, np.array([porteur])), where, limit)[0]
    return np.asarray(near, dtype=bool)
