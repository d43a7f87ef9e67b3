"""What pages say of compared plans, in French."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matchmaker.web.formats import keuros, km, nombre, pluriel, pourcent

if TYPE_CHECKING:
    from matchmaker.runs.comparison.keeping import Plan


def condition(axis: str, value: float | None) -> str:
    """What distinguishes the question of a plan: « 4 grappes au plus »."""
    match axis:
        case "grappes":
            return f"{pluriel(round(value or 0), 'grappe', 'grappes')} au plus"
        case "slack":
            return f"marge de {nombre(value)}\u00a0ESMS"
        case "radius":
            return f"{km(value)} au plus du porteur"
        case "coverage":
            return "le plus d’ESMS placés"
        case _:
            return "comme la campagne le demande"


def title(campaign: str, axis: str, value: float | None) -> str:
    """The title of a plan of a comparison, so that a list tells plans apart."""
    words = condition(axis, value)
    return f"{campaign} : {words}" if campaign else words


def in_words(plan: Plan) -> str:
    """A plan in one line, as a screen reader hears it."""
    return (
        f"Plan {plan.number} ({condition(plan.axis, plan.value)}) : {keuros(plan.funding_eur)}, "
        f"{pluriel(plan.grappes, 'grappe', 'grappes')}, {nombre(plan.esms_placed)}\u00a0ESMS placés"
    )


def left_to_gain(plan: Plan) -> str:
    """How far the bound is from the plan, under the same conditions."""
    if plan.upper_bound <= plan.objective_value:
        return "rien : c’est prouvé"
    missing = plan.upper_bound - plan.objective_value
    words = keuros(missing) if plan.bound_eur is not None else pluriel(missing, "ESMS", "ESMS")
    if not plan.objective_value:
        return f"{words} au plus"
    return f"{words} au plus ({pourcent(missing / plan.objective_value, 1)})"
