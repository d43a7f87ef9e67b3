"""« Ce qui bloque, grappe par grappe »: what keeps the ESMS left alone out of the grappes nearest to them.

A rule is met or not, for how many of one's own ESMS: of a grappe nothing is told but what ``standing.Seen``
holds, of its porteur neither place nor distance.

When to modify: the optimiser forms grappes under one more rule of a single ESMS.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

from matchmaker.baremes import scale_for
from matchmaker.og.standing import Seen, seen
from matchmaker.proposals import wording
from matchmaker.proposals.distances import kilometres_from
from matchmaker.proposals.plan import Esms, Grappe, Plan
from matchmaker.web.formats import km, nombre
from solver.instance import Readings
from solver.vocabulary import Need, Regime, Territory

SHOWN = 4
_KM_PER_DEGREE = 110.5


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
    most, offers = _most(plan), dict[Hashable, tuple[int, ...]]()
    own = {e.id for e in plan.esms_of.get(alone[0].organisme.id, ())}
    found = []
    for grappe, far in zip(plan.grappes, _far(plan, alone), strict=True):
        mix = frozenset(word for word, _number in (*grappe.champs, *grappe.needs))
        offer = (grappe.solution.id, grappe.hosting, mix)
        kept_out = offers.get(offer)
        if kept_out is None:
            kept_out = offers[offer] = tuple(
                sum(1 for e in alone if not fits(plan, grappe, e)) for fits, _offer in _RULES.values()
            )
        blocked = (*kept_out, far, _crowd(grappe, len(alone), own, most))
        found.append((sum(1 for one in blocked if one), sum(blocked), grappe.id, grappe, blocked))
    shown = heapq.nsmallest(SHOWN, found, key=lambda one: one[:3])
    return [Near(seen(grappe, own), _obstacles(plan, grappe, blocked)) for *_, grappe, blocked in shown]


def _crowd(grappe: Grappe, coming: int, own: Collection[str], most: int | None) -> int:
    """How many of those who come are too many. Not said, so nobody, where it would tell the size of a grappe
    of few (decision 0122)."""
    too_many = 0 if most is None else max(0, grappe.size + coming - most)
    return 0 if too_many and seen(grappe, own).few else too_many


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
    limit, territory = plan.parameters["max_radius_km"], plan.parameters["territory"]
    far = [0] * len(plan.grappes)
    # No degree of latitude is shorter than this: most porteurs are too far without a geodesic being drawn.
    degrees = 180.0 if limit is None else limit / _KM_PER_DEGREE
    places = [(_place(grappe.porteur, territory), grappe.porteur.lat) for grappe in plan.grappes]
    for e in alone:
        place = _place(e, territory)
        inside = [n for n, (it, lat) in enumerate(places) if it == place and abs(lat - e.lat) <= degrees]
        near = set(inside)
        if limit is not None:
            km_ = kilometres_from(e, [plan.grappes[n].porteur for n in inside])
            near = {n for n, away in zip(inside, km_, strict=True) if round(away, 6) <= limit}
        far = [count + (n not in near) for n, count in enumerate(far)]
    return far


def _place(e: Esms, territory: str) -> str:
    """What a porteur and its members share."""
    return {Territory.REGION.value: e.region, Territory.DEPARTEMENT.value: e.departement}.get(territory, "")


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
