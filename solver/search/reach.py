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

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from solver import distances
from solver.instance import Instance
from solver.scale import Scale
from solver.search.fixed_rows import fixed_rows
from solver.search.lots import Lots
from solver.search.rows import NONE, Builder, Fixed, Ints, Row, minimum_of
from solver.search.types import Offers

PORTEURS_AT_ONCE = 64  # between two checks of the clock


@dataclass(frozen=True)
class Reach:
    """All rows, and what the rows share.

    ``kept[g]``: per lot, its members in the g-th previous grappe. ``fixed``: fixed grappes that are rows;
    ``settled``: those that are constants (indices in the instance). ``minimum``: per lot. ``read``: whether
    at least the rows of fixed grappes are known.
    """

    rows: list[Row]
    kept: list[Ints]
    fixed: list[Fixed]
    settled: list[int]
    minimum: Ints
    read: bool = True


def find(
    instance: Instance,
    scale: Scale,
    lots: Lots,
    offers: Offers,
    check: Callable[[], None] = lambda: None,
    known: Reach | None = None,
) -> Reach:
    """All rows that can hold a grappe. ``check`` is called on the way; what it raises ends the reading.

    ``known``: those of fixed grappes, where they have been read.
    """
    builder = Builder(instance, scale, lots, offers, [] if known is None else list(known.rows))
    fixed, settled = fixed_rows(builder) if known is None else (known.fixed, known.settled)
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
    least = [max(minimum_of(instance, scale, lots.esms[i]) for i in lot.members) for lot in lots.lots]
    return Reach([], [], [], [], np.array(least, dtype=np.int64), read=False)


def of_fixed(instance: Instance, scale: Scale, lots: Lots, offers: Offers) -> Reach:
    """The rows of fixed grappes alone, which are few."""
    builder = Builder(instance, scale, lots, offers)
    fixed, settled = fixed_rows(builder)
    return Reach(builder.rows, builder.kept, fixed, settled, builder.minimum)


def _rows_without_porteur(builder: Builder) -> None:
    lots, offers = builder.lots, builder.offers
    able = builder.lot_territory != NONE
    for code in np.unique(builder.lot_territory[able]) if len(lots.lots) else []:
        here = np.flatnonzero(builder.lot_territory == code)
        for t, kind in enumerate(offers.types):
            items = here[offers.fits[t, here]]
            if len(items):
                low = int(builder.minimum[items].min())
                builder.add(Row(t, NONE, low, 0, items), frozenset(), items, builder.identities(kind))


def _rows_with_porteur(builder: Builder, radius_km: float, check: Callable[[], None]) -> None:
    """Rows in the order of their porteurs."""
    identities = [builder.identities(kind) for kind in builder.offers.types]
    plain = not builder.sides and all(known == [NONE] for known in identities)
    found = _near(builder, radius_km, check)
    for count, p in enumerate(sorted(found)):
        if count % PORTEURS_AT_ONCE == 0:
            check()
        if plain and builder.sameminimum_of(found[p]):
            builder.add_plain(p, found[p])
        else:
            builder.add_each(p, found[p], identities)


def _near(builder: Builder, radius_km: float, check: Callable[[], None]) -> dict[int, Ints]:
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
    builder, limit = Builder(instance, scale, lots, offers), instance.parameters.max_radius_km
    fixed_rows(builder)
    joining = np.unique(np.concatenate([np.zeros(0, np.int64), *(row.items for row in builder.rows)]))
    if limit is None or limit >= distances.UNLIMITED_KM:
        codes = np.unique(builder.lot_territory[builder.lot_territory != NONE])
        around = [(NONE, np.flatnonzero(builder.lot_territory == code)) for code in codes]
    else:
        near = _near(builder, limit, lambda: None)
        around = [(int(builder.lot_of[p]), near[p]) for p in sorted(near)]
    return Surroundings(around, joining, builder.minimum)


def _whole(builder: Builder, lots: Ints) -> Ints:
    """The lots of which all members occur in ``lots``, which is in increasing order and may repeat."""
    starts = np.flatnonzero(np.concatenate(([True], lots[1:] != lots[:-1])))
    which = lots[starts]
    count = np.diff(starts, append=len(lots))
    return np.asarray(which[count == builder.offers.weight[which]], dtype=np.int64)
