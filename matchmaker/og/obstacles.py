"""« Ce qui bloque, grappe par grappe »: what keeps the ESMS left alone out of the grappes nearest to them.

A rule is met or not, for how many of one's own ESMS: of a grappe nothing is told but what ``standing.Seen``
holds, of its porteur neither place nor distance.

When to modify: the optimiser forms grappes under one more rule of a single ESMS.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from matchmaker.baremes import scale_for
from matchmaker.og.columns import Columns, columns
from matchmaker.og.standing import Seen, seen
from matchmaker.proposals import wording
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
    """The grappes with the fewest rules in the way of these ESMS, then of the fewest of them.

    A plan has thousands of grappes, few different offers, and an organisme few different answers and places:
    each rule is looked at once for those, then all grappes are compared as columns.
    """
    if not alone or not plan.grappes:
        return []
    known = columns(plan)
    asking = _several(alone, _answer)
    by_offer = np.array([_kept_out(plan, grappe, asking) for grappe in known.offering], dtype=np.int64)
    own = {e.id for e in plan.esms_of.get(alone[0].organisme.id, ())}
    blocked = np.column_stack(
        (by_offer[known.offer], _far(plan, known, alone), _crowds(plan, known, alone, own))
    )
    rules, total = (blocked > 0).sum(axis=1), blocked.sum(axis=1)
    shown = np.lexsort((known.rank, total, rules))[:SHOWN]
    return [
        Near(seen(plan.grappes[row], own), _obstacles(plan, plan.grappes[row], blocked[row].tolist()))
        for row in shown
    ]


_answer = attrgetter("champ", "need", "current_solution", "accepted_solutions", "accepted_hosting")
_place = attrgetter("lat", "lon", "region", "departement")


def _several(alone: Sequence[Esms], same: Callable[[Esms], Hashable]) -> list[tuple[Esms, int]]:
    """One of those that are alike, and how many they are."""
    first: dict[Hashable, Esms] = {}
    for e in alone:
        first.setdefault(same(e), e)
    return [(first[key], number) for key, number in Counter(map(same, alone)).items()]


def _kept_out(plan: Plan, grappe: Grappe, asking: Sequence[tuple[Esms, int]]) -> list[int]:
    """For each rule of the offer, how many ESMS it keeps out."""
    return [
        sum(number for e, number in asking if not fits(plan, grappe, e)) for fits, _offer in _RULES.values()
    ]


def _far(plan: Plan, known: Columns, alone: Sequence[Esms]) -> NDArray[np.int64]:
    """For each grappe, how many of these ESMS are beyond its limit or outside its territory."""
    limit, territory = plan.parameters["max_radius_km"], plan.parameters["territory"]
    far = np.zeros(len(plan.grappes), dtype=np.int64)
    for e, number in _several(alone, _place):
        far += number * ~known.within(e, territory, limit)
    return far


def _crowds(plan: Plan, known: Columns, alone: Sequence[Esms], own: Collection[str]) -> NDArray[np.int64]:
    """For each grappe, how many of those who come are too many. Not said, so nobody, where it would tell the
    size of a grappe of few (decision 0122), which the number of other organismes in it decides."""
    most = _most(plan)
    if most is None:
        return np.zeros(len(plan.grappes), dtype=np.int64)
    crowds = np.maximum(0, known.size + len(alone) - most)
    others = known.organismes.copy()
    others[known.rows_of.get(alone[0].organisme.id, [])] -= 1
    for number in np.unique(others[crowds > 0]):
        rows = np.flatnonzero(others == number)
        if seen(plan.grappes[rows[0]], own).few:
            crowds[rows] = 0
    return crowds


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
