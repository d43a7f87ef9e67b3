"""« Ce qui bloque, grappe par grappe »: what keeps the ESMS left alone out of the grappes nearest to them.

A rule is met or not, for how many of one's own ESMS: of a grappe nothing is told but what ``standing.Seen``
holds, of its porteur neither place nor distance.

When to modify: the optimiser forms grappes under one more rule of a single ESMS.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    """The grappes with the fewest rules in the way of these ESMS, then of the fewest of them."""
    if not alone:
        return []
    most, own = _most(plan), {e.id for e in plan.esms_of.get(alone[0].organisme.id, ())}
    found = [Near(seen(grappe, own), tuple(_obstacles(plan, grappe, alone, most))) for grappe in plan.grappes]
    found.sort(key=lambda near: (near.blocking, sum(o.blocked for o in near.obstacles), near.grappe.id))
    return found[:SHOWN]


def _obstacles(plan: Plan, grappe: Grappe, alone: Sequence[Esms], most: int | None) -> list[Obstacle]:
    return [
        *(
            Obstacle(rule, sum(1 for e in alone if not fits(plan, grappe, e)), offer(plan, grappe))
            for rule, (fits, offer) in _RULES.items()
        ),
        Obstacle(
            "distance",
            sum(1 for e, near in zip(alone, _near(plan, grappe, alone), strict=True) if not near),
            _limit(plan),
        ),
        Obstacle(
            "place",
            0 if most is None else max(0, grappe.size + len(alone) - most),
            "" if most is None else f"{nombre(most)} au plus",
        ),
    ]


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


def _near(plan: Plan, grappe: Grappe, alone: Sequence[Esms]) -> list[bool]:
    limit, territory = plan.parameters["max_radius_km"], plan.parameters["territory"]
    place = _place(grappe.porteur, territory)
    return [
        (limit is None or round(far, 6) <= limit) and _place(e, territory) == place
        for e, far in zip(alone, kilometres_from(grappe.porteur, alone), strict=True)
    ]


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
