"""Changes whose effect on the optimum is known: value and bound follow, on tiny instances proven optimal.

A failure names the change and the seed. A few dozen of each run here, hundreds by the long command.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import islice
from random import Random
from typing import Any

import pytest

from solver.instance import Grappe, Instance
from solver.judge import Judge
from solver.scale import Scale
from tests.solver import transforming
from tests.solver.drawing import tiny_instance
from tests.solver.transforming import RELAXED, SAME, Document
from tests.solver.verify.proving import found_by_search, ground_of, proven, read

FEW, MANY = 2, 150
SEEDS = range(20_000, 24_000)


def _optimum(instance: Instance, scale: Scale) -> tuple[int, tuple[Grappe, ...], Any]:
    """Value and grappes, once the search has proven them, and its certificate."""
    found = found_by_search(instance, scale)
    judge = Judge(instance, scale)
    assert judge.violations(found.grappes) == []
    assert judge.objective_value(found.grappes) == found.objective_value == found.upper_bound
    return found.objective_value, tuple(found.grappes), found


@cache
def _optimum_of(seed: int, features: tuple[tuple[str, Any], ...]) -> tuple[int, tuple[Grappe, ...], Any]:
    return _optimum(*read(tiny_instance(seed, **dict(features))))


def _drawn(**features: bool) -> Iterator[tuple[int, Document, tuple[int, tuple[Grappe, ...], Any]]]:
    """(seed, document, optimum) of drawn instances in which something can be formed."""
    for seed in SEEDS:
        document = tiny_instance(seed, **features)
        optimum = _optimum_of(seed, tuple(features.items()))
        if optimum[0] > 0:
            yield seed, document, optimum


def _same(name: str, many: int) -> list[str]:
    wrong = []
    for seed, document, (value, _, _) in islice(_drawn(), many):
        other = SAME[name](document, Random(seed))
        assert other is not None
        after = _optimum(*read(other))[0]
        if after != value:
            wrong.append(f"seed {seed}: {value}, {name}: {after}")
    return wrong


def _relaxed(name: str, many: int) -> tuple[list[str], int]:
    """What fell, and how often the optimum rose: a change that never helps would test nothing."""
    features, change = RELAXED[name]
    features = {**features, "extendable": False}
    wrong, rose, done = [], 0, 0
    for seed in SEEDS:
        document = tiny_instance(seed, **features)
        other = change(document, Random(seed))
        if other is None:
            continue
        value = _optimum_of(seed, tuple(features.items()))[0]
        after = _optimum(*read(other))[0]
        rose += after > value
        if after < value:
            wrong.append(f"seed {seed}: {value}, {name}: {after}")
        done += 1
        if done == many:
            break
    assert done == many
    return wrong, rose


@pytest.mark.parametrize("seed", [7, 20_001])
def test_a_proof_that_nothing_can_be_formed_is_published(seed: int) -> None:
    """Tests budgets that pay for no grappe: CP-SAT proves it, where prices leave much open."""
    instance, scale = read(tiny_instance(seed))
    value, _, found = _optimum(instance, scale)
    assert value == 0
    assert found.certified_bound > 0
    assert found.bound_proof == "solver"


@pytest.mark.parametrize("name", SAME)
def test_the_same_question_has_the_same_optimum(name: str) -> None:
    assert _same(name, FEW) == []


@pytest.mark.parametrize("name", RELAXED)
def test_asking_less_never_lowers_the_optimum(name: str) -> None:
    assert _relaxed(name, FEW)[0] == []


def _scaled(many: int, factor: int) -> list[str]:
    wrong = []
    for seed, document, (value, _, found) in islice(_drawn(), many):
        instance, scale = read(transforming.asked_in(document, factor))
        richer = transforming.paid(scale, factor)
        due = value if instance.parameters.objective == "coverage" else factor * value
        after = _optimum(instance, richer)[0]
        if after != due:
            wrong.append(f"seed {seed}: {value}, paid {factor} times: {after}")
        if instance.parameters.objective == "funding" and not _bound_follows(document, found, factor):
            wrong.append(f"seed {seed}: the bound of the same prices does not follow")
    return wrong


def _bound_follows(document: Document, found: Any, factor: int) -> bool:
    """Whether prices ``factor`` times as large prove ``factor`` times the bound."""
    instance, scale = read(document)
    once = proven(instance, scale, ground_of(instance, scale), dict(found.certificate))
    more, _ = read(transforming.asked_in(document, factor))
    richer = transforming.paid(scale, factor)
    priced = _times(found.certificate, factor)
    after = proven(more, richer, ground_of(more, richer), priced)
    if once is None or after is None:
        return once is after
    return bool(after.exact == factor * once.exact)


def _times(node: Any, factor: int) -> Any:
    """A certificate whose prices in euros are ``factor`` times as large; a euro of budget costs the same."""
    if isinstance(node, list):
        return [_times(one, factor) for one in node]
    if not isinstance(node, dict):
        return node
    found = {key: _times(value, factor) for key, value in node.items()}
    for key in ("lots", "identities"):
        if key in node:
            found[key] = {id_: round(factor * price, 6) for id_, price in node[key].items()}
    if "branch_prices" in node:
        found["branch_prices"] = [round(factor * price, 6) for price in node["branch_prices"]]
    if "grappes" in node:
        found["grappes"] = round(factor * node["grappes"], 6)
    return found


@pytest.mark.parametrize("factor", [2, 7])
def test_value_and_bound_follow_the_amounts(factor: int) -> None:
    assert _scaled(4 * FEW, factor) == []


def _without_unused(many: int) -> list[str]:
    wrong, done = [], 0
    for seed, document, (value, grappes, _) in _drawn():
        other = transforming.without_an_unused_esms(document, grappes, Random(seed))
        if other is None:
            continue
        after = _optimum(*read(other))[0]
        if after != value:
            wrong.append(f"seed {seed}: {value}, an unused ESMS less: {after}")
        done += 1
        if done == many:
            break
    assert done == many
    return wrong


def test_an_unused_esms_is_not_missed() -> None:
    assert _without_unused(5 * FEW) == []


def _twice(many: int) -> list[str]:
    wrong, done = [], 0
    for seed, document, (value, _, found) in _drawn():
        other = transforming.twice(document)
        if other is None:
            continue
        after, _, both = _optimum(*read(other))
        if after != 2 * value or both.certified_bound > 2 * found.certified_bound:
            wrong.append(f"seed {seed}: {value}, twice: {after}; {both.certified_bound}")
        done += 1
        if done == many:
            break
    assert done == many
    return wrong


def test_two_independent_regions_add_up() -> None:
    assert _twice(4 * FEW) == []


@pytest.mark.long
@pytest.mark.parametrize("name", SAME)
def test_the_same_question_has_the_same_optimum_hundreds_of_times(name: str) -> None:
    assert _same(name, MANY) == []


@pytest.mark.long
@pytest.mark.parametrize("name", RELAXED)
def test_asking_less_never_lowers_the_optimum_hundreds_of_times(name: str) -> None:
    """Tests also that each change raises the optimum now and then."""
    wrong, rose = _relaxed(name, MANY)
    assert wrong == []
    assert rose > 0


@pytest.mark.long
def test_the_other_relations_hundreds_of_times() -> None:
    assert _scaled(MANY, 3) + _without_unused(MANY) + _twice(MANY) == []
