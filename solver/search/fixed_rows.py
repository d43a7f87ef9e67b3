"""Rows of fixed grappes, and which of them are constants.

When to modify: the reading of ``extendable`` changes.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver import distances
from solver.instance import FixedGrappe
from solver.search.rows import NONE, Builder, Fixed, Ints, Row
from solver.search.types import Offers, appraise_groups


def _whole_lots(builder: Builder, positions: npt.NDArray[np.int32]) -> Ints:
    """The lots all of whose members are among ``positions``."""
    found = builder.lot_of[positions]
    which, count = np.unique(found[found != NONE], return_counts=True)
    return np.asarray(which[count == builder.offers.weight[which]], dtype=np.int64)


def fixed_rows(builder: Builder) -> tuple[list[Fixed], list[int]]:
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


def _add_fixed(builder: Builder, k: int, given: FixedGrappe, worth: Offers, at: int) -> bool:
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


def _fixed_identities(builder: Builder, given: FixedGrappe, t: int) -> list[int]:
    kind = builder.offers.types[t]
    if given.id is None:
        return builder.identities(kind)
    own = [
        g
        for g in range(len(builder.kept))
        if builder.instance.previous[g].id == given.id and builder.same(g, kind)
    ]
    return own or [NONE]


def _in_reach(builder: Builder, porteur: int) -> Ints:
    """Positions within the radius and the territory of one porteur."""
    esms, limit = builder.lots.esms, builder.instance.parameters.max_radius_km
    same = np.flatnonzero(builder.territory == builder.territory[porteur])
    if limit is None:
        return same
    lat, lon = np.array([esms[i].lat for i in same]), np.array([esms[i].lon for i in same])
    here = esms[porteur]
    km = distances.geodesic_km(np.full_like(lat, here.lat), np.full_like(lon, here.lon), lat, lon)
    return np.asarray(same[distances.millimetres(km) <= distances.millimetres(limit)], dtype=np.int64)
