"""What each grappe of a plan becomes when one organisme leaves it, in values and in French.

When to modify: the optimiser says one more thing of departures.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from matchmaker.proposals.plan import Esms, Grappe, Organisme, Plan
from matchmaker.proposals.wording import concession, listed, place
from matchmaker.web.formats import ecart_euros, euros, km, nombre, pluriel, typographie
from solver.vocabulary import DepartureRule

WORDS: Mapping[str, str] = {"ok": "Solide", "demi": "Partielle", "frag": "Fragile"}


@dataclass(frozen=True, slots=True)
class Replacement:
    """``km``: from ``porteur`` to the farthest of ``esms``; ``funding_eur``: of the grappe with them;
    ``concession``: its kind and value, None when they concede nothing."""

    esms: tuple[Esms, ...]
    porteur: Esms
    km: float
    funding_eur: int
    concession: tuple[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """``rules``: what those who stay break; empty: they still make a grappe worth ``funding_eur``."""

    organisme: Organisme
    count: int
    rules: tuple[str, ...]
    missing: int | None
    porteur: Esms | None
    funding_eur: int | None
    replacements: tuple[Replacement, ...]

    @property
    def stands(self) -> bool:
        return not self.rules


@dataclass(frozen=True)
class Solidity:
    """Of one grappe: its departures, those that break it first."""

    departures: tuple[Departure, ...]

    @cached_property
    def breaking(self) -> tuple[Departure, ...]:
        return tuple(d for d in self.departures if not d.stands)

    @property
    def spared(self) -> int:
        """Organismes that could leave, one at a time, without breaking the grappe."""
        return len(self.departures) - len(self.breaking)

    @property
    def word(self) -> str:
        """``ok``: any one organisme may leave; ``frag``: none may; ``demi``: some may."""
        if not self.spared:
            return "frag"
        return "demi" if self.breaking else "ok"


def solidity(plan: Plan, grappe: Grappe) -> Solidity:
    """Departures from one grappe of a plan: those that break it, the largest organismes first."""
    organismes = {e.organisme.id: e.organisme for e in grappe.members}
    found = [
        Departure(
            organisme=organismes[one["organisme"]],
            count=one["esms"],
            rules=tuple(one["rules"]),
            missing=one["missing"],
            porteur=None if one["porteur"] is None else plan.esms[one["porteur"]],
            funding_eur=one["funding_eur"],
            replacements=tuple(
                Replacement(
                    tuple(plan.esms[id_] for id_ in r["esms"]),
                    plan.esms[r["porteur"]],
                    r["km"],
                    r["funding_eur"],
                    _concession(r.get("concession")),
                )
                for r in one["replacements"]
            ),
        )
        for one in plan.robustness[grappe.id]["departures"]
    ]
    return Solidity(
        tuple(sorted(found, key=lambda d: (d.stands, -d.count, d.organisme.name, d.organisme.id)))
    )


def _concession(stated: Mapping[str, Any] | None) -> tuple[str, Any] | None:
    return None if stated is None else (stated["kind"], stated["value"])


def by_grappe(plan: Plan) -> Mapping[str, Solidity]:
    return {g.id: solidity(plan, g) for g in plan.grappes}


# in French --------------------------------------------------------------------------------------------


def resists(found: Solidity) -> str:
    """``résiste au départ de 2 organismes sur 5, un à la fois``."""
    total = len(found.departures)
    if not found.spared:
        return "ne résiste au départ d’aucun organisme"
    if not found.breaking:
        return "résiste au départ de n’importe lequel de ses organismes"
    return typographie(
        f"résiste au départ de {pluriel(found.spared, 'organisme')} sur {nombre(total)}, un à la fois"
    )


def breakers(found: Solidity) -> str:
    """Names of the organismes whose departure breaks the grappe."""
    return listed([d.organisme.name for d in found.breaking], "ou", 6) if found.breaking else ""


def outcome(grappe: Grappe, departure: Departure) -> str:
    """What would be left after a departure: a sentence."""
    left = grappe.size - departure.count
    if departure.stands:
        text = f"La grappe tient, à {pluriel(left, 'ESMS', 'ESMS')} et {euros(departure.funding_eur)}"
        if departure.porteur is not None and departure.porteur.id != grappe.porteur.id:
            text += f", avec {departure.porteur.name} pour porteur"
        return typographie(text + ".")
    why = listed([_why(rule, left, departure.missing) for rule in departure.rules], "et")
    return typographie(f"La grappe ne tient plus : {why}.")


def _why(rule: str, left: int, missing: int | None) -> str:
    match rule:
        case DepartureRule.MEMBERS:
            return "tous ses ESMS sont à cet organisme"
        case DepartureRule.SIZE:
            short = missing or 0
            threshold = nombre(left + short)
            return f"il reste {nombre(left)} ESMS, il en manque {nombre(short)} pour le seuil de {threshold}"
        case DepartureRule.PORTEUR:
            return "aucun de ceux qui restent ne peut être porteur"
        case DepartureRule.RADIUS:
            return "aucun de ceux qui restent n’est assez près de tous les autres pour être porteur"
        case _:
            return "des membres ne peuvent être placés qu’avec cet organisme"


def condition(plan: Plan, one: Replacement) -> str:
    """What they must accept: ``à condition d’accepter l’hébergement SaaS``; nothing: an empty text."""
    if one.concession is None:
        return ""
    words = concession(plan, *one.concession)
    return f"à condition d’{words}" if words.startswith("a") else f"à condition de {words}"


def replacement(plan: Plan, grappe: Grappe, one: Replacement) -> str:
    """``Foyer Bel Air, Auch (Gers), à 23 km du porteur : 555 000 € pour la grappe (-21 500 €)``."""
    names = listed([f"{e.name}, {place(e)}" for e in one.esms], "et", 6)
    away = f"à {km(one.km)} du porteur" if one.km > 0 else "qui serait porteur"
    change = one.funding_eur - grappe.funding_eur
    money = f"{euros(one.funding_eur)} pour la grappe"
    money += f" ({ecart_euros(change)})" if change else ", comme aujourd’hui"
    away += f", {condition(plan, one)}" if one.concession else ""
    return typographie(f"{names}, {away} : {money}")


def without_replacement(plan: Plan, departure: Departure) -> str:
    """Why nobody is named in the place of an organisme."""
    if DepartureRule.MEMBERS in departure.rules:
        return "Sans objet."
    if DepartureRule.TOGETHER in departure.rules:
        return "Personne : des membres doivent rester avec cet organisme."
    if not plan.departures_complete:
        return "Pas cherché : le calcul s’est terminé avant."
    return "Aucun ESMS non placé ne convient, même avec une concession."
