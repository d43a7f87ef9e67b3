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
from solver.prices import PRICES_FORMAT, PriceProgress, prices
from solver.proposal import Progress
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


def test_what_lies_within_the_gaps_is_undecided() -> None:
    """Tests a plan whose bound is loose: without its radius the true gain cannot be told from nothing."""
    instance = instance_with({"parameters.max_radius_km": 5})
    exact = prices(instance, scale_of, time_limit_s=20.0)
    known = json.loads(json.dumps(exact["asked"]["proposal"]))
    known["upper_bound"] += 10_000_000
    told = prices(instance, scale_of, time_limit_s=20.0, known=known)
    by_rule = {(p["rule"], str(p["value"])): p for p in told["prices"]}
    sharp = {(p["rule"], str(p["value"])): p for p in exact["prices"]}
    far = by_rule["max_radius_km", "25.0"]
    assert sharp["max_radius_km", "25.0"]["at_least"] >= 0
    # the widest question bounds this one too, so that the loose bound does little harm
    assert told["asked"]["upper_bound"] == min(
        p["proposal"]["upper_bound"] for p in told["prices"] if p["wider"]
    )
    assert far["at_least"] <= sharp["max_radius_km", "25.0"]["at_least"]
    assert far["at_most"] == sharp["max_radius_km", "25.0"]["at_most"]


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
    assert told[-1].done == 1
    assert told[-1].total > 2


def test_a_known_plan_is_not_solved_again() -> None:
    """Tests that its grappes are where relaxed searches begin: none is worth less."""
    instance = instance_with({"parameters.max_radius_km": 5})
    known = prices(instance, scale_of, time_limit_s=20.0)["asked"]["proposal"]
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
