"""Whether the fixed grappes of an instance can stand; problems are reported at their path."""

from __future__ import annotations

from solver.instance import FixedGrappe, Grappe, Instance
from solver.judge import rules
from solver.judge.court import Judge
from solver.judge.violation import Violation
from solver.scale import Scale


def fixed_grappe_problems(instance: Instance, scale: Scale) -> list[tuple[str, str]]:
    """(path, message) for each fixed grappe that breaks a rule by itself, or with the others.

    A non-extendable one must respect every rule, an extendable one every rule but the minimum size.
    """
    judge = Judge(instance, scale)
    problems: list[tuple[str, str]] = []
    holder: dict[str, int] = {}
    ids: dict[str, int] = {}
    total = 0
    for place, fixed in enumerate(instance.constraints.fixed_grappes):
        path = f"constraints.fixed_grappes[{place}]"
        if fixed.id is not None and ids.setdefault(fixed.id, place) != place:
            problems.append((path, f"its id {fixed.id!r} is also that of fixed_grappes[{ids[fixed.id]}]"))
        for member in fixed.members:
            if holder.setdefault(member, place) != place:
                problems.append((path, f"{member} is also in fixed_grappes[{holder[member]}]"))
        found = _violations(judge, fixed, path)
        problems.extend((path, _sentence(violation)) for violation in found)
        if not found:
            total += judge.appraise(_as_grappe(fixed)).funding_eur
    budget = instance.parameters.budget_eur
    if budget is not None and total > budget:
        last = len(instance.constraints.fixed_grappes) - 1
        message = f"the fixed grappes together need {total} euros, the budget is {budget}"
        problems.append((f"constraints.fixed_grappes[{last}]", message))
    return problems


def _violations(judge: Judge, fixed: FixedGrappe, path: str) -> list[Violation]:
    grappe = _as_grappe(fixed)
    if not fixed.extendable:
        return judge.grappe_violations(grappe, path=path, fixed=True)
    found = judge.grappe_violations(grappe, path=path, checks=rules.EVERY_RULE_BUT_SIZE, fixed=True)
    highest = rules.maximum_size(judge.instance, judge.scale)
    if highest is not None and len(fixed.members) > highest:
        found.append(Violation("too_large", path, len(fixed.members), highest))
    return found


def _as_grappe(fixed: FixedGrappe) -> Grappe:
    return Grappe(fixed.id or "fixed", fixed.solution, fixed.hosting, fixed.porteur, fixed.members)


def _sentence(violation: Violation) -> str:
    """The violation in the words of a person who wrote the instance."""
    stated, found = violation.stated, violation.recomputed
    match violation.rule:
        case "too_small":
            return f"it has {stated} members, the minimum is {found}"
        case "too_large":
            return f"it has {stated} members, the maximum is {found}"
        case "member_twice":
            return "it names a member twice"
        case "hosting_not_offered":
            return f"its solution does not offer the hosting {stated}"
        case "hosting_must_be_null":
            return "hosting must be null when same_hosting is false"
        case "hosting_not_accepted":
            return f"{stated} does not accept its hosting"
        case "solution_not_accepted":
            return f"{stated} does not accept the solution {found}"
        case "champ_not_covered":
            return f"its solution does not cover the champ of {stated}"
        case "version_of_another_solution":
            return f"{stated} asks for a montée de version of {found}"
        case "not_fundable":
            return f"{stated} is not fundable with {found}"
        case "no_need_placed":
            return f"{stated} has no need"
        case "excluded_placed":
            return f"{stated} is excluded"
        case "porteur_not_member":
            return f"its porteur {stated} is not a member"
        case "porteur_may_not":
            return f"its porteur {stated} may not be porteur"
        case "out_of_reach":
            return f"{stated} is {found} km from the porteur"
        case "out_of_territory":
            return f"{stated} is not in the territory of the porteur {found}"
        case "champs_mixed":
            return "it mixes champs"
        case "needs_mixed":
            return "it mixes montées de version with acquisitions or renouvellements"
        case "apart_together":
            return f"{stated} and {found} must stay apart"
        case "lot_split":
            return f"it holds a part of a lot: {found} is missing"
        case "together_split":
            return f"it holds a part of organismes kept together: {found} is missing"
        case rule:
            return f"{rule}: {stated!r}, {found!r}"
