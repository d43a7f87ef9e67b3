"""« Ce qui bloque, grappe par grappe »: what keeps the ESMS left alone out of the grappes nearest to them.

A rule is met or not, for how many of one's own ESMS: of a grappe nothing is told but what ``standing.Seen``
holds, of its porteur neither place nor distance.

When to modify: the optimiser forms grappes under one more rule of a single ESMS.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import cos, radians
from operator import attrgetter

from matchmaker.baremes import scale_for
from matchmaker.og.standing import Seen, seen
from matchmaker.proposals import wording
from matchmaker.proposals.distances import kilometres_from
from matchmaker.proposals.plan import Esms, Grappe, Plan
from matchmaker.web.formats import km, nombre
from solver.instance import Readings
from solver.vocabulary import Need, Regime, Territory

SHOWN = 4
_KM_PER_DEGREE = 110.5  # no degree of latitude is shorter
_SMALL = 5.0  # degrees within which a parallel is as good as straight


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A rule for one's ESMS in a grappe. ``blocked``: how many of them it keeps out; ``offer``: what the
    grappe asks there, in words (empty: nothing that may be told)."""

    rule: str
    blocked: int
    offer: str


@dataclass(frozen=True, slots=True)
class Near:
    """A grappe of the plan; ``obstacles``: every rule, met or not, in the order of ``RULES``."""

    grappe: Seen
    obstacles: tuple[Obstacle, ...]

    @property
    def blocking(self) -> int:
        return sum(1 for one in self.obstacles if one.blocked)


def nearest(plan: Plan, alone: Sequence[Esms]) -> list[Near]:
    """The grappes with the fewest rules in the way of these ESMS, then of the fewest of them.

    A plan has thousands of grappes and few different offers: the rules of an offer are looked at once.
    """
    if not alone:
        return []
    most, coming = _most(plan), len(alone)
    offers: dict[Hashable, tuple[tuple[int, ...], int, int]] = {}
    own = {e.id for e in plan.esms_of.get(alone[0].organisme.id, ())}
    found = []
    for grappe, far in zip(plan.grappes, _far(plan, alone), strict=True):
        known = offers.get(grappe.offer)
        if known is None:
            each = tuple(
                sum(1 for e in alone if not fits(plan, grappe, e)) for fits, _offer in _RULES.values()
            )
            known = offers[grappe.offer] = each, len(each) - each.count(0), sum(each)
        kept_out, rules, total = known
        full = 0 if most is None or grappe.size + coming <= most else _crowd(grappe, coming, own, most)
        blocked = (*kept_out, far, full)
        found.append((rules + (far > 0) + (full > 0), total + far + full, grappe.id, grappe, blocked))
    shown = heapq.nsmallest(SHOWN, found, key=lambda one: one[:3])
    return [Near(seen(grappe, own), _obstacles(plan, grappe, blocked)) for *_, grappe, blocked in shown]


def _crowd(grappe: Grappe, coming: int, own: Collection[str], most: int) -> int:
    """How many of those who come are too many. Not said, so nobody, where it would tell the size of a grappe
    of few (decision 0122)."""
    return 0 if seen(grappe, own).few else max(0, grappe.size + coming - most)


def _obstacles(plan: Plan, grappe: Grappe, blocked: Sequence[int]) -> tuple[Obstacle, ...]:
    most = _most(plan)
    offered = [
        *(offer(plan, grappe) for _fits, offer in _RULES.values()),
        _limit(plan),
        "" if most is None else f"{nombre(most)} au plus",
    ]
    return tuple(map(Obstacle, RULES, blocked, offered))


def _takes_solution(_plan: Plan, grappe: Grappe, e: Esms) -> bool:
    if e.need == Need.MONTEE_DE_VERSION and e.current_solution != grappe.solution.id:
        return False
    return e.accepted_solutions is None or grappe.solution.id in e.accepted_solutions


def _takes_hosting(_plan: Plan, grappe: Grappe, e: Esms) -> bool:
    modes = grappe.solution.hosting if grappe.hosting is None else (grappe.hosting,)
    return e.accepted_hosting is None or any(mode in e.accepted_hosting for mode in modes)


def _mixes(plan: Plan, grappe: Grappe, e: Esms) -> bool:
    champs = {champ for champ, _n in grappe.champs}
    kinds = {Need(need).is_acquisition for need, _n in grappe.needs}
    if e.champ not in grappe.solution.champs:
        return False
    if not plan.parameters["mix_champs"] and e.champ not in champs:
        return False
    return plan.parameters["mix_needs"] is not False or Need(e.need).is_acquisition in kinds


def _far(plan: Plan, alone: Sequence[Esms]) -> list[int]:
    """For each grappe, how many of these ESMS are beyond its limit or outside its territory."""
    limit, place = plan.parameters["max_radius_km"], _PLACES.get(plan.parameters["territory"])
    far = [len(alone)] * len(plan.grappes)
    porteurs = [g.porteur for g in plan.grappes]
    places = [(n, p.lat, p.lon, place and place(p)) for n, p in enumerate(porteurs)]
    for e in alone:
        south, north, west, east = _box(e, limit)
        here = place and place(e)
        near = [
            n for n, lat, lon, it in places if south <= lat <= north and west <= lon <= east and it == here
        ]
        if limit is not None:
            away = kilometres_from(e, [porteurs[n] for n in near])
            near = [n for n, km_ in zip(near, away, strict=True) if round(km_, 6) <= limit]
        for n in near:
            far[n] -= 1
    return far


def _box(e: Esms, limit_km: float | None) -> tuple[float, float, float, float]:
    """Latitudes and longitudes that nothing within the limit is beyond: most porteurs are too far without a
    geodesic being drawn."""
    high = 180.0 if limit_km is None else limit_km / _KM_PER_DEGREE
    pole = abs(e.lat) + high
    wide = high / cos(radians(pole)) if high < _SMALL and pole < 90.0 - _SMALL else 360.0
    return e.lat - high, e.lat + high, e.lon - wide, e.lon + wide


def _limit(plan: Plan) -> str:
    if plan.parameters["territory"] == Territory.DEPARTEMENT:
        return "même département"
    limit = plan.parameters["max_radius_km"]
    return "" if limit is None else f"{km(limit)} au plus"


def _most(plan: Plan) -> int | None:
    asked: int | None = plan.parameters.get("max_size")
    if asked is not None:
        return asked
    return scale_for(Regime(plan.regime), Readings(**plan.parameters["readings"])).max_size


# What a porteur and its members share.
_PLACES: Mapping[str, Callable[[Esms], str]] = {
    Territory.REGION.value: attrgetter("region"),
    Territory.DEPARTEMENT.value: attrgetter("departement"),
}
_Fits = Callable[[Plan, Grappe, Esms], bool]
_Offer = Callable[[Plan, Grappe], str]
_RULES: Mapping[str, tuple[_Fits, _Offer]] = {
    "solution": (_takes_solution, lambda _plan, grappe: grappe.solution.name),
    "hosting": (_takes_hosting, lambda _plan, grappe: wording.hosting(grappe.hosting)),
    "mixing": (_mixes, lambda _plan, _grappe: ""),
}
RULES: Mapping[str, str] = {
    "solution": "Solution commune",
    "hosting": "Hébergement identique",
    "mixing": "Public et besoin",
    "distance": "Distance ou territoire",
    "place": "Place",
}
