"""Which of the instance's constraints keeps out a lot that has enough partners in reach without them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from solver.explain.alternatives import Alternatives
from solver.explain.lots import Lot, lot_by_esms
from solver.instance import Constraints, Instance

_BUDGET, _NUMBER = "budget", "max_grappes"


def binding_constraint(alternatives: Alternatives, lot: Lot) -> Mapping[str, Any] | None:
    """``{"constraint": …}`` and what it names: the first one without which the lot could be placed alone.

    Tried in the order max_grappes, fixed_grappes, together, apart, budget, one at a time; when none alone is
    enough, or there is no time to try, all those in force are named under ``constraints``. None: the instance
    has no constraint.
    """
    instance = alternatives.board.instance
    held = sorted(lot.ids & alternatives.board.survey.held)
    if held:
        fixed = instance.constraints.fixed_grappes
        place = next(k for k, f in enumerate(fixed) if held[0] in f.members)
        return {"constraint": "fixed_grappes", "fixed_grappe": place, "id": fixed[place].id}
    in_force = _in_force(instance, lot)
    for name, relaxed in in_force.items() if len(in_force) > 1 else ():
        if alternatives.out_of_time():
            break
        if _placeable(alternatives.without(name, relaxed), lot):
            return {"constraint": name, **_named(instance, name, lot)}
    if not in_force:
        return None
    if len(in_force) == 1:
        name = next(iter(in_force))
        return {"constraint": name, **_named(instance, name, lot)}
    return {"constraint": "several", "constraints": list(in_force)}


def _in_force(instance: Instance, lot: Lot) -> dict[str, Instance]:
    """Name of each constraint that the instance has -> the instance without it."""
    constraints = instance.constraints
    found: dict[str, Constraints] = {}
    if constraints.fixed_grappes:
        found["fixed_grappes"] = replace(constraints, fixed_grappes=())
    if constraints.together:
        found["together"] = replace(constraints, together=())
    if constraints.apart:
        found["apart"] = replace(constraints, apart=())
    relaxed = {}
    if instance.parameters.max_grappes is not None:
        relaxed[_NUMBER] = replace(instance, parameters=replace(instance.parameters, max_grappes=None))
    relaxed |= {name: replace(instance, constraints=changed) for name, changed in found.items()}
    if instance.parameters.budget_eur is not None:
        relaxed[_BUDGET] = replace(instance, parameters=replace(instance.parameters, budget_eur=None))
    return relaxed


def _placeable(without: Alternatives, lot: Lot) -> bool:
    """Is there a valid proposal that places the lot's first ESMS once one constraint is lifted?"""
    mine = lot_by_esms(without.board.unplaced)[lot.members[0].id]
    return without.best(mine) is not None


def _named(instance: Instance, name: str, lot: Lot) -> Mapping[str, Any]:
    """The pairs of organismes, the budget or the number of grappes, that the constraint is about."""
    if name == _BUDGET:
        return {"budget_eur": instance.parameters.budget_eur}
    if name == _NUMBER:
        return {"max_grappes": instance.parameters.max_grappes}
    pairs = {"apart": instance.constraints.apart, "together": instance.constraints.together}.get(name, ())
    mine = [list(pair) for pair in pairs if not lot.organismes.isdisjoint(pair)]
    return {"pairs": mine or [list(pair) for pair in pairs]} if pairs else {}
