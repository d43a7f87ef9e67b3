"""Prices of rules: the true difference of the two optima, by exhaustive search, lies in what is stated."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from solver.document import read_instance
from solver.document.parameters import parameters_document
from solver.explain.relaxations import Relaxation, Rule, relaxations
from solver.instance import Instance
from solver.judge import disagreements, objective_value
from solver.oracle import best
from solver.prices import PRICES_FORMAT, Price, PriceProgress, Question, Solved, price_of, prices
from solver.proposal import Progress
from solver.solve import solve
from tests.solver.drawing import tiny_instance
from tests.solver.examples import instance_with, scale_of

_WANTED = {
    1: {"radius": True, "same_hosting": False},
    2: {"together": True, "lots": True},
    3: {"apart": True, "radius": True},
    4: {"budget": True, "mix_champs": True},
    5: {"fixed": True, "excluded": True},
    6: {"max_grappes": True, "min_slack": True},
    7: {"stability": True, "previous": True, "coverage": False},
    8: {"extendable": True, "territory": "departement"},
    10: {"mix_needs": True, "readings": True, "coverage": True},
}


def _true_price(optimum: int, relaxation: Relaxation, present_eur: int) -> int:
    """By exhaustive search of the relaxed question; ``optimum``: of the question."""
    relaxed = best(relaxation.instance, scale_of(relaxation.instance)).objective
    if relaxation.rule is Rule.STABILITY:
        return relaxed - present_eur
    return relaxed - optimum


@pytest.fixture(scope="module")
def drawn() -> list[tuple[Instance, dict[str, Any]]]:
    found = []
    for seed, features in _WANTED.items():
        instance = read_instance(tiny_instance(seed, **features))
        found.append((instance, prices(instance, scale_of, time_limit_s=60.0)))
    return found


def test_the_true_price_lies_between_what_is_stated(drawn: list[tuple[Instance, dict[str, Any]]]) -> None:
    rules: dict[str, int] = {}
    worth = 0
    for instance, document in drawn:
        assert document["complete"]
        asked = document["asked"]["proposal"]
        exact = best(instance, scale_of(instance))
        wanted = relaxations(instance, scale_of, exact.grappes)
        assert [(w.rule.value, w.value) for w in wanted] == [
            (p["rule"], p["value"]) for p in document["prices"]
        ]
        for relaxation, price in zip(wanted, document["prices"], strict=True):
            true = _true_price(exact.objective, relaxation, asked["funding_eur"])
            assert price["at_least"] <= true <= price["at_most"], (relaxation.rule, relaxation.value)
            assert price["gained"] == price["proposal"]["objective_value"] - (
                asked["funding_eur"] if relaxation.rule is Rule.STABILITY else asked["objective_value"]
            )
            if relaxation.wider:
                assert true >= 0
            rules[relaxation.rule] = rules.get(relaxation.rule, 0) + 1
            worth += price["at_least"] > 0
    assert set(rules) == {rule.value for rule in Rule}, rules
    assert worth > 5


def test_each_answer_is_a_proposal_of_its_own_question(
    drawn: list[tuple[Instance, dict[str, Any]]],
) -> None:
    for instance, document in drawn:
        for relaxation, price in zip(
            relaxations(instance, scale_of, best(instance, scale_of(instance)).grappes),
            document["prices"],
            strict=True,
        ):
            question = relaxation.instance
            assert disagreements(question, scale_of(question), price["proposal"]) == []
        assert json.loads(json.dumps(document))["format"] == PRICES_FORMAT


@pytest.fixture(scope="module")
def near() -> tuple[Instance, dict[str, Any]]:
    """A question with a short radius, and the exact prices of its rules."""
    instance = instance_with({"parameters.max_radius_km": 5})
    return instance, prices(instance, scale_of, time_limit_s=200.0)


def _proposal(value: int, bound: int) -> dict[str, Any]:
    return {"objective_value": value, "upper_bound": bound, "funding_eur": value}


def _undecided(wider: bool) -> Solved:
    relaxation = Relaxation(Rule.LOTS, None, instance_with({}), wider)
    return Solved(relaxation, _proposal(1_300, 1_700))


def test_what_lies_within_the_gaps_is_undecided() -> None:
    """Tests loose bounds: what was found is told, and nothing is concluded from it but an interval."""
    question = Question(_proposal(1_000, 1_500), _proposal(1_200, 1_500), 1_500)
    assert price_of(question, _undecided(True)) == Price(0, 500, 300)
    assert price_of(question, _undecided(False)) == Price(-200, 500, 300)
    proven = Question(_proposal(1_000, 1_250), _proposal(1_200, 1_250), 1_250)
    assert price_of(proven, _undecided(True)) == Price(50, 500, 300)


def test_the_question_is_searched_again_as_long_as_without_a_rule(
    near: tuple[Instance, dict[str, Any]],
) -> None:
    """Tests a plan that is neither best nor proven: what a longer search finds is no rule's cost."""
    instance, exact = near
    best = exact["asked"]["proposal"]
    poor = solve(instance, scale_of(instance), time_limit_s=2.0, should_stop=lambda: True)
    poor = poor | {"upper_bound": best["upper_bound"] + 10_000_000}
    told: list[tuple[int, Relaxation | None]] = []
    document = prices(
        instance,
        scale_of,
        time_limit_s=200.0,
        known=poor,
        on_progress=lambda p: told.append((p.done, p.relaxation)),
    )
    assert (1, None) in told
    again = document["asked"]["again"]
    assert again["objective_value"] == again["upper_bound"] == best["objective_value"]
    assert document["asked"]["upper_bound"] == best["objective_value"]
    assert document["asked"]["value"] == poor["objective_value"]
    for one, other in zip(exact["prices"], document["prices"], strict=True):
        assert (one["rule"], one["value"]) == (other["rule"], other["value"])
        assert (one["at_least"], one["at_most"]) == (other["at_least"], other["at_most"])
        assert other["gained"] == one["gained"] + best["objective_value"] - poor["objective_value"]


def test_a_stop_keeps_what_is_solved() -> None:
    instance = instance_with({"parameters.max_radius_km": 5, "parameters.budget_eur": 200_000})
    solved: list[str] = []
    told: list[PriceProgress] = []
    document = prices(
        instance,
        scale_of,
        time_limit_s=20.0,
        on_progress=told.append,
        on_solved=lambda one: solved.append(one.relaxation.rule.value),
        should_stop=lambda: bool(solved),
    )
    assert not document["complete"]
    assert [p["rule"] for p in document["prices"]] == solved == ["max_radius_km"]
    assert told[0].relaxation is None
    assert isinstance(told[0].search, Progress)
    assert told[-1].done == 2
    assert told[-1].total > 2


def test_a_known_plan_is_not_solved_again(near: tuple[Instance, dict[str, Any]]) -> None:
    """Tests that its grappes are where relaxed searches begin: none is worth less."""
    instance, exact = near
    known = exact["asked"]["proposal"]
    told: list[PriceProgress] = []
    document = prices(instance, scale_of, time_limit_s=20.0, known=known, on_progress=told.append)
    assert document["asked"]["proposal"] == known
    assert all(progress.relaxation is not None for progress in told)
    assert all(p["gained"] >= 0 for p in document["prices"] if p["wider"])


def test_the_relaxed_rule_is_all_that_changes() -> None:
    instance = instance_with({"parameters.max_radius_km": 5, "parameters.mix_champs": False})
    for relaxation in relaxations(instance, scale_of, ()):
        before = parameters_document(instance.parameters)
        after = parameters_document(relaxation.instance.parameters)
        changed = {key for key in before if before[key] != after[key]}
        assert changed <= {relaxation.rule.value}
        if not changed:
            assert replace(relaxation.instance, parameters=instance.parameters) != instance
    assert objective_value(instance, scale_of(instance), ()) == 0
