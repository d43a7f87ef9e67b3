"""Fixed grappes that only the judge can refuse, each at ``constraints.fixed_grappes[i]``."""

from __future__ import annotations

from typing import Any

import pytest

from solver.judge import Judge, Rule, fixed_grappe_problems
from tests.solver.examples import grappe, instance_with, scale_of

FIXED = {"solution": "SA", "hosting": "saas", "porteur": "E1", "members": ["E1", "E2"], "extendable": False}
EARLIER = {"id": "P", "solution": "SB", "hosting": "on_premise", "porteur": "E3", "members": ["E3"]}


@pytest.mark.parametrize(
    ("fixed", "changes", "words"),
    [
        ({}, {"parameters.min_size": 3}, "at least 3"),
        ({"hosting": "on_premise"}, {}, "hosting"),
        ({}, {"esms.1.accepted_solutions": ["SB"]}, "does not accept"),
        ({"members": ["E1", "E6"]}, {}, "territory"),
        ({"members": ["E1", "E5"]}, {"parameters.max_radius_km": 20}, "radius"),
        ({}, {"esms.0.can_be_porteur": False}, "may not be porteur"),
        ({}, {"parameters.mix_champs": False, "esms.0.champ": "PH"}, "mix_champs"),
        ({}, {"constraints.together": [["O1", "O2"]]}, "together"),
        ({"members": ["E1", "E3"]}, {"constraints.apart": [["O1", "O2"]]}, "apart"),
        ({"id": "P"}, {"previous": [EARLIER]}, "previous"),
        ({}, {"parameters.budget_eur": 197_999}, "budget"),
    ],
)
def test_a_rule_is_refused_at_the_fixed_grappe(
    fixed: dict[str, Any], changes: dict[str, Any], words: str
) -> None:
    """Tests that each broken rule is told, and that the same fixed grappe passes without the change."""
    instance = instance_with({**changes, "constraints.fixed_grappes": [{**FIXED, **fixed}]})
    found = fixed_grappe_problems(instance, scale_of(instance))
    assert [problem.path for problem in found] == ["constraints.fixed_grappes[0]"] * len(found)
    assert any(words in problem.message for problem in found)
    sound = instance_with({"constraints.fixed_grappes": [FIXED]})
    assert fixed_grappe_problems(sound, scale_of(sound)) == []


def test_an_extendable_one_may_be_too_small() -> None:
    """Tests that the minimum size, and it alone, is forgiven."""
    changes = {"parameters.min_size": 3, "constraints.fixed_grappes": [{**FIXED, "extendable": True}]}
    instance = instance_with(changes)
    assert fixed_grappe_problems(instance, scale_of(instance)) == []
    instance = instance_with({**changes, "esms.1.accepted_hosting": []})
    assert len(fixed_grappe_problems(instance, scale_of(instance))) == 1


def test_the_slack_is_not_asked_of_them() -> None:
    """Tests that a fixed grappe of the minimum size stays, extended or not, while a free one must grow."""
    changes = {"parameters.min_slack": 2, "constraints.fixed_grappes": [FIXED]}
    instance = instance_with(changes)
    assert fixed_grappe_problems(instance, scale_of(instance)) == []
    judge = Judge(instance, scale_of(instance))
    assert judge.violations([grappe("E1 E2")]) == []
    assert {v.rule for v in judge.violations([grappe("E1 E2"), grappe("E3 E4", id_="G2")])} == {Rule.SIZE}


def test_the_number_of_grappes_holds_for_all_of_them() -> None:
    """Tests that the one too many is told, an extendable one counted."""
    both = [FIXED, {**FIXED, "porteur": "E3", "members": ["E3", "E4"], "extendable": True}]
    enough = instance_with({"constraints.fixed_grappes": both, "parameters.max_grappes": 2})
    assert fixed_grappe_problems(enough, scale_of(enough)) == []
    instance = instance_with({"constraints.fixed_grappes": both, "parameters.max_grappes": 1})
    found = fixed_grappe_problems(instance, scale_of(instance))
    assert [problem.path for problem in found] == ["constraints.fixed_grappes[1]"]
    assert "more than max_grappes, 1" in found[0].message


def test_the_budget_holds_for_all_of_them_together() -> None:
    """Tests two fixed grappes that fit alone: the second one is told."""
    both = [FIXED, {**FIXED, "porteur": "E3", "members": ["E3", "E4"]}]
    instance = instance_with({"constraints.fixed_grappes": both, "parameters.budget_eur": 200_000})
    found = fixed_grappe_problems(instance, scale_of(instance))
    assert [problem.path for problem in found] == ["constraints.fixed_grappes[1]"]
