"""Fixed grappes that break a rule: what the reader of documents cannot know.

When to modify: the contract asks more of fixed grappes.
"""

from __future__ import annotations

from collections.abc import Iterator

from solver.document import Problem
from solver.document.problems import shown
from solver.instance import FixedGrappe, Grappe, Instance
from solver.judge.figures import UnfundableError
from solver.judge.judge import Judge
from solver.judge.verdict import Rule, Violation
from solver.scale import Scale


def fixed_grappe_problems(instance: Instance, scale: Scale) -> list[Problem]:
    """Why fixed grappes cannot appear, each at ``constraints.fixed_grappes[i]``.

    A fixed grappe respects every rule by itself (an extendable one every rule but the minimum size; its
    porteur is the one given, be it not the most central), and all of them fit the budget and the number of
    grappes together.
    """
    fixed = instance.constraints.fixed_grappes
    if not fixed:
        return []
    judge = Judge(instance, scale)
    problems = []
    for place, grappe in enumerate(fixed):
        path = f"constraints.fixed_grappes[{place}]"
        problems += [Problem(path, words) for words in _faults(judge, grappe)]
    return problems + list(_budget(judge)) + list(_number(instance))


def _faults(judge: Judge, fixed: FixedGrappe) -> Iterator[str]:
    grappe = _as_grappe(fixed)
    for violation in judge.grappe_violations(grappe):
        if fixed.extendable and _is_too_small(violation):
            continue
        yield _words(violation)


def _as_grappe(fixed: FixedGrappe) -> Grappe:
    return Grappe(fixed.id or "", fixed.solution, fixed.hosting, fixed.porteur, fixed.members)


def _is_too_small(violation: Violation) -> bool:
    return violation.rule is Rule.SIZE and str(violation.recomputed).startswith("at least")


def _words(violation: Violation) -> str:
    stated = violation.stated
    listed = ", ".join(map(shown, stated)) if isinstance(stated, list) else shown(stated)
    if violation.rule is Rule.SIZE:
        return f"{listed} members, {violation.recomputed} are due"
    return f"{listed}: {violation.recomputed} ({violation.rule.value})"


def _number(instance: Instance) -> Iterator[Problem]:
    """Told at the first fixed grappe that is one too many."""
    most, count = instance.parameters.max_grappes, len(instance.constraints.fixed_grappes)
    if most is not None and count > most:
        words = f"the fixed grappes are {count}, more than max_grappes, {most}"
        yield Problem(f"constraints.fixed_grappes[{most}]", words)


def _budget(judge: Judge) -> Iterator[Problem]:
    """Told at the first fixed grappe with which the budget is exceeded."""
    budget = judge.instance.parameters.budget_eur
    if budget is None:
        return
    total = 0
    for place, fixed in enumerate(judge.instance.constraints.fixed_grappes):
        try:
            total += judge.funding(fixed.solution, fixed.members)
        except UnfundableError:
            continue  # told already
        if total > budget:
            words = f"the fixed grappes up to this one bring {total} euros, more than the budget of {budget}"
            yield Problem(f"constraints.fixed_grappes[{place}]", words)
            return
