"""What pages say of the price of a rule, in French.

When to modify: another rule can be relaxed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from matchmaker.proposals.plan import Plan
from matchmaker.runs.prices.keeping import Again, Price
from matchmaker.web.formats import keuros, km, nombre, pluriel, signed, typographie
from solver.explain.relaxations import Rule

_READINGS: Mapping[tuple[str, str], str] = {
    ("K01", "lt15"): "petit organisme : moins de 15 ESMS",
    ("K01", "le15"): "petit organisme : 15 ESMS au plus",
    ("K07", "acquisition"): "renouvellement payé comme une acquisition",
    ("K07", "mise_en_conformite"): "renouvellement payé comme une mise en conformité",
    ("K10", "counted"): "aide au marché public comptée pour les publics sociaux",
    ("K10", "not_counted"): "aide au marché public non comptée pour les publics sociaux",
}

_UNDER_WAY: Mapping[Rule, str] = {
    Rule.MAX_RADIUS_KM: "distance au porteur",
    Rule.SAME_HOSTING: "hébergement identique",
    Rule.TERRITORY: "territoire d’une grappe",
    Rule.MIX_CHAMPS: "publics séparés",
    Rule.MIX_NEEDS: "besoins séparés",
    Rule.MIN_SIZE: "nombre minimum d’ESMS",
    Rule.MAX_SIZE: "nombre maximum d’ESMS",
    Rule.MIN_SLACK: "marge de chaque grappe",
    Rule.MAX_GRAPPES: "nombre de grappes",
    Rule.BUDGET_EUR: "budget",
    Rule.STABILITY: "préférence pour le plan de référence",
    Rule.TOGETHER: "organismes gardés ensemble",
    Rule.APART: "organismes tenus à part",
    Rule.EXCLUDED: "ESMS exclus",
    Rule.FIXED_GRAPPES: "grappes conservées",
    Rule.LOTS: "lots",
    Rule.READINGS: "autres lectures des règles",
}


def under_way(rule: str | None) -> str:
    """What is being computed: the rule that is left out, or the question again."""
    return "sans rien changer" if rule is None else _UNDER_WAY[Rule(rule)]


def relaxed(plan: Plan, price: Price) -> str:
    """The plan's question without the rule: ``distance de 80 km au lieu de 60 km``."""
    return typographie(_relaxed(plan, price))


def _relaxed(plan: Plan, price: Price) -> str:
    asked, value = plan.parameters, price.value
    match price.rule:
        case Rule.MAX_RADIUS_KM:
            now = km(asked["max_radius_km"])
            return f"{km(value)} au plus du porteur au lieu de {now}" if value else f"sans la limite de {now}"
        case Rule.SAME_HOSTING:
            return "sans l’hébergement identique pour toute la grappe"
        case Rule.TERRITORY:
            return (
                "grappes sur plusieurs régions" if value == "none" else "grappes sur plusieurs départements"
            )
        case Rule.MIX_CHAMPS:
            return "publics mélangés dans une grappe"
        case Rule.MIX_NEEDS:
            return "acquisitions et montées de version mélangées"
        case Rule.MIN_SIZE if value is not None:
            return f"seuil de {nombre(value)} ESMS, un de moins"
        case Rule.MIN_SIZE:
            return f"seuil des règles au lieu de {nombre(asked['min_size'])} ESMS"
        case Rule.MAX_SIZE:
            return f"sans le maximum de {nombre(asked['max_size'])} ESMS par grappe"
        case Rule.MIN_SLACK:
            return f"sans la marge de {nombre(asked['min_slack'])} ESMS par grappe"
        case Rule.MAX_GRAPPES if value is not None:
            return f"{pluriel(value, 'grappe')} au plus au lieu de {nombre(asked['max_grappes'])}"
        case Rule.MAX_GRAPPES:
            return "sans limite au nombre de grappes"
        case Rule.BUDGET_EUR if value is not None:
            return f"budget de {keuros(value)} au lieu de {keuros(asked['budget_eur'])}"
        case Rule.BUDGET_EUR:
            return f"sans le budget maximal de {keuros(asked['budget_eur'])}"
        case Rule.STABILITY:
            return "sans préférence pour le plan de référence"
        case Rule.TOGETHER:
            return f"sans garder ensemble {_pairs(plan, value)}"
        case Rule.APART:
            return f"sans tenir à part {_pairs(plan, value)}"
        case Rule.EXCLUDED:
            return "avec les ESMS exclus de la campagne"
        case Rule.FIXED_GRAPPES:
            return "sans les grappes conservées"
        case Rule.LOTS:
            return "sans les lots, dont les ESMS pourraient se séparer"
        case Rule.READINGS:
            return "autre lecture : " + ", ".join(_READINGS.get(one, " ".join(one)) for one in value.items())
        case _:
            return str(price.rule)


def _pairs(plan: Plan, pairs: Any) -> str:
    names = {e.organisme.id: e.organisme.name for e in plan.esms.values()}
    told = [" et ".join(names.get(id_, id_) for id_ in pair) for pair in pairs[:3]]
    more = len(pairs) - len(told)
    return " ; ".join(told) + (f" ; et {pluriel(more, 'autre paire')}" if more else "")


def amount(plan: Plan, value: int) -> str:
    """In the unit of the objective, with its sign."""
    if plan.objective == "coverage":
        return signed(lambda v: pluriel(int(v), "ESMS", "ESMS"), value)
    return signed(keuros, value)


def verdict(plan: Plan, price: Price) -> str:
    """What is proven of the price: a sentence part."""
    least, most = price.at_least, price.at_most
    if least == most == 0:
        return "ne coûte rien : c’est prouvé"
    if least == most:
        return typographie(f"exactement {amount(plan, least)}")
    if least > 0:
        return typographie(f"au moins {amount(plan, least)}, au plus {amount(plan, most)}")
    if price.wider or least == 0:
        return typographie(f"non tranché : {amount(plan, most)} au plus")
    between = f"entre {amount(plan, least)} et {amount(plan, most)}"
    return typographie(between if most < 0 else f"non tranché : {between}")


def found(plan: Plan, price: Price, again: Again | None = None) -> str:
    """What was found, beside the plan: certain whatever the bounds are; not all of it is the rule's doing."""
    told = gain(plan, price.gained, price.esms_placed)
    more = (
        0 if again is None or price.rule == Rule.STABILITY else again.objective_value - plan.objective_value
    )
    if more <= 0 or price.gained <= 0:
        return told
    beyond = price.gained - more
    if beyond <= 0:
        return typographie(f"{told}, mais pas plus que sans rien changer")
    return typographie(f"{told}, soit {amount(plan, beyond)} de plus que sans rien changer")


def gain(plan: Plan, gained: int, esms_placed: int) -> str:
    """What another plan brings more than this one."""
    placed = esms_placed - plan.placed_count
    money = "même montant" if not gained else amount(plan, gained)
    if plan.objective == "coverage":
        return typographie("autant d’ESMS placés" if not gained else money)
    esms = "" if not placed else f", {signed(lambda v: pluriel(int(v), 'ESMS', 'ESMS'), placed)} placés"
    return typographie(money + esms)


def order(price: Price) -> tuple[bool, int, int]:
    """Those that are proven to cost first, the dearest before; then what was found."""
    return (price.at_least <= 0, -max(price.at_least, 0), -price.gained)
