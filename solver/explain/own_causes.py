"""Causes that lie in an ESMS or its lot alone, whoever its partners: the contract's first six reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any

import numpy as np

from solver.distances import geodesic_km, millimetres
from solver.explain.lots import Lot
from solver.explain.offers import Offers
from solver.explain.terrain import Bools, Terrain
from solver.instance import Esms
from solver.vocabulary import Need, Reason

Cause = tuple[Reason, Mapping[str, Any]]


def esms_cause(terrain: Terrain, e: Esms) -> Cause | None:
    """``no_need``, ``excluded``, ``not_fundable`` or ``no_common_offer``; None when none of them applies."""
    offers = terrain.offers
    if e.need is Need.AUCUN:
        return Reason.NO_NEED, {}
    if e.id in terrain.instance.constraints.excluded:
        return Reason.EXCLUDED, {}
    if not offers.is_fundable(e):
        return Reason.NOT_FUNDABLE, {
            "need": e.need.value,
            "champ": e.champ.value,
            "solutions": offers.open_to(e),
        }
    if not offers.takes_some(e):
        return Reason.NO_COMMON_OFFER, {
            "need": e.need.value,
            "champ": e.champ.value,
            "solutions": offers.open_to(e),
        }
    return None


def lot_cause(terrain: Terrain, lot: Lot) -> Cause | None:
    """``lot_too_large`` or ``lot_incompatible`` for a contract lot that no row of the terrain holds."""
    name = lot.members[0].lot
    if lot.size > terrain.max_size:
        return Reason.LOT_TOO_LARGE, {"lot": name, "size": lot.size, "max_size": int(terrain.max_size)}
    if lot.size == 1:
        return None
    found = _first_conflict(terrain, lot)
    if found is None:
        return None
    rule, pair = found
    return Reason.LOT_INCOMPATIBLE, {"lot": name, "pair": [e.id for e in pair], "rule": rule}


Pair = tuple[Esms, Esms]


def _first_conflict(terrain: Terrain, lot: Lot) -> tuple[str, Pair] | None:
    """The first rule that keeps two members apart, with the first such pair."""
    for e in lot.members:
        cause = esms_cause(terrain, e)
        if cause is not None:
            other = next(m for m in lot.members if m is not e)
            return cause[0].value, (other, e)
    for rule, apart in _pair_rules(terrain):
        for pair in combinations(lot.members, 2):
            if apart(*pair):
                return rule, pair
    return _offers_running_out(terrain.offers, lot.members) or _no_common_porteur(terrain, lot)


def _pair_rules(terrain: Terrain) -> list[tuple[str, Callable[[Esms, Esms], bool]]]:
    """Rules between two members, by the name that ``detail.rule`` gives them."""
    instance, offers = terrain.instance, terrain.offers
    parameters = instance.parameters
    return [
        ("champs", lambda a, b: not parameters.mix_champs and a.champ is not b.champ),
        ("needs", lambda a, b: not parameters.mix_needs and a.need.is_acquisition != b.need.is_acquisition),
        ("solution", lambda a, b: not offers.common_solutions([a, b])),
        ("hosting", lambda a, b: not offers.common([a, b])),
        ("territory", lambda a, b: instance.territory_of(a) != instance.territory_of(b)),
    ]


def _offers_running_out(offers: Offers, members: Sequence[Esms]) -> tuple[str, Pair] | None:
    """Every two agree and all of them do not: the member that empties the list, and the one before."""
    for count in range(3, len(members) + 1):
        if not offers.common(members[:count]):
            rule = "hosting" if offers.common_solutions(members[:count]) else "solution"
            return rule, (members[count - 2], members[count - 1])
    return None


def _no_common_porteur(terrain: Terrain, lot: Lot) -> tuple[str, Pair] | None:
    """Each member has a possible porteur in its radius and no porteur has them all.

    A member that nobody at all could be porteur for is not incompatible with its lot: it lacks partners.
    """
    types = [terrain.types.index(t) for t in terrain.offers.common(lot.members)]
    willing: Bools = np.asarray(terrain.takes[:, types].any(axis=1))
    porteurs = terrain.carriers[willing[terrain.lot_of[terrain.carriers]]]
    reached = terrain.within_esms(porteurs, np.array([terrain.position[e.id] for e in lot.members]))
    if not np.all(reached.any(axis=0)) or np.any(reached.all(axis=1)):
        return None
    for i, j in combinations(range(lot.size), 2):
        if not (reached[:, i] & reached[:, j]).any():
            return "radius", (lot.members[i], lot.members[j])
    return "radius", _farthest(lot)


def _farthest(lot: Lot) -> Pair:
    def millimetres_apart(pair: Pair) -> int:
        a, b = (np.array([[e.lat, e.lon]]) for e in pair)
        return int(millimetres(geodesic_km(a[:, 0], a[:, 1], b[:, 0], b[:, 1]))[0])

    return max(combinations(lot.members, 2), key=millimetres_apart)
