"""The certified bound, recomputed: what the search states, never below the optimum, whatever the prices."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import numpy as np
import pytest

from solver.oracle import best
from solver.verify import verify
from solver.verify.bound import RefusedError
from solver.vocabulary import Regime
from tests.solver.drawing import FEATURES, draw_instance, tiny_instance
from tests.solver.verify.proving import DrawnTrees, found_by_search, ground_of, proven, read, solved

SEEDS = range(60)
REGIMES = [regime.value for regime in Regime]


@pytest.mark.parametrize("seed", SEEDS)
def test_a_proposal_of_a_tiny_instance_holds(seed: int) -> None:
    """Tests everything that a proposal states, on instances of every constraint kind and regime."""
    document, proposal = json.loads(solved(seed, None))
    instance, scale = read(document)
    assert [str(f) for f in verify(instance, scale, proposal).findings] == []
    assert proposal["certified_bound"] >= best(instance, scale).objective


@pytest.mark.parametrize("feature", FEATURES)
def test_a_bound_is_recomputed_under_each_constraint(feature: str) -> None:
    """Tests the bound of a search cut short: its prices are far from good, and it holds all the same."""
    regime = REGIMES[FEATURES.index(feature) % 3]
    document = draw_instance(
        FEATURES.index(feature), 45, regime, **{feature: True} if feature != "places" else {}
    )
    instance, scale = read(document)
    found = found_by_search(instance, scale, 0.15)
    appearing = frozenset(
        k
        for k, f in enumerate(instance.constraints.fixed_grappes)
        if f.extendable and any(not set(f.members).isdisjoint(g.members) for g in found.grappes)
    )
    bound = proven(instance, scale, ground_of(instance, scale), dict(found.certificate), appearing)
    assert bound is not None
    assert bound.exact <= found.certified_bound <= bound.loose
    assert (
        bound.loose - bound.exact <= 1 or bound.exact == bound.loose or found.certified_bound >= bound.exact
    )


@pytest.mark.parametrize("seed", range(40))
def test_any_prices_and_any_tree_bound_the_optimum(seed: int) -> None:
    """Tests random leaves, branches and prices: valid bounds, mostly looser than the search's own."""
    instance, scale = read(tiny_instance(2_000 + seed))
    ground, optimum = ground_of(instance, scale), best(instance, scale).objective
    drawn = DrawnTrees(seed, ground)
    for depth in (0, 0, 1, 2, 3):
        bound = proven(instance, scale, ground, drawn.tree(depth))
        assert bound is not None
        assert bound.exact >= optimum


def test_random_prices_are_looser() -> None:
    looser = compared = 0
    for seed in range(40):
        document, proposal = json.loads(solved(seed, None))
        instance, scale = read(document)
        ground = ground_of(instance, scale)
        bound = proven(instance, scale, ground, DrawnTrees(seed, ground).leaf())
        assert bound is not None
        compared += 1
        looser += bound.stated > proposal["certified_bound"]
    assert looser > 0.6 * compared


# sums ---------------------------------------------------------------------------------------------------


def _parts(ground: Any) -> list[list[str]]:
    """Keys of the lots that share rows, one list per component, by a plain union of sets."""
    groups: list[set[int]] = []
    for r in range(len(ground.rows)):
        held = {int(k) for k in ground.rows.joining(r)} | {int(ground.rows.base_lot[r])} - {-1}
        for group in [g for g in groups if g & held]:
            groups.remove(group)
            held |= group
        groups.append(held)
    return [sorted(ground.lots.keys[k] for k in group) for group in groups if group]


@cache
def _several(regime: str = "generalisation-2022", **features: Any) -> tuple[Any, Any, Any, list[list[str]]]:
    """An instance of several components."""
    for seed in range(100):
        instance, scale = read(
            draw_instance(seed, 45, regime, radius=True, territory="departement", **features)
        )
        ground = ground_of(instance, scale)
        parts = _parts(ground)
        if len(parts) > 2 and not ground.kept_by and not ground.fixed:
            return instance, scale, ground, parts
    raise AssertionError("no drawn instance has several components")


def _leaf(keys: list[str], price: float, **more: Any) -> dict[str, Any]:
    return {"kind": "leaf", "lots": dict.fromkeys(keys, price), **more}


def test_a_sum_is_as_tight_as_its_parts_and_never_looser_than_one_leaf() -> None:
    instance, scale, ground, parts = _several(sizes=True)
    whole = proven(instance, scale, ground, _leaf([k for p in parts for k in p], 30_000.0))
    summed = proven(instance, scale, ground, {"kind": "sum", "parts": [_leaf(p, 30_000.0) for p in parts]})
    assert whole is not None
    assert summed is not None
    assert summed.exact <= whole.loose
    unnamed = proven(instance, scale, ground, {"kind": "sum", "parts": []})
    zero = proven(instance, scale, ground, {"kind": "sum", "parts": [_leaf(p, 0.0) for p in parts]})
    assert unnamed is not None
    assert zero is not None
    assert zero.exact <= unnamed.exact


def test_parts_that_share_grappes_are_refused() -> None:
    instance, scale, ground, parts = _several(sizes=True)
    large = max(parts, key=len)
    halves = [_leaf(large[:1], 1.0), _leaf(large[1:], 1.0)]
    with pytest.raises(RefusedError, match="shares grappes"):
        proven(instance, scale, ground, {"kind": "sum", "parts": halves})


@pytest.mark.parametrize("price", [0.0, 0.25, 0.8])
def test_a_budget_is_priced_once_by_a_sum(price: float) -> None:
    """Tests that a sum with one price of the budget proves what one leaf with that price proves."""
    instance, scale, ground, parts = _several(budget=True, sizes=True)
    everything = [k for p in parts for k in p]
    leaf = proven(instance, scale, ground, _leaf(everything, 20_000.0, budget=price))
    tree = {"kind": "sum", "budget": price, "parts": [_leaf(p, 20_000.0) for p in parts]}
    summed = proven(instance, scale, ground, tree)
    assert leaf is not None
    assert summed is not None
    assert summed.exact == leaf.exact
    tree["parts"] = [_leaf(p, 20_000.0, budget=price or 0.1) for p in parts]
    with pytest.raises(RefusedError, match="a sum above"):
        proven(instance, scale, ground, tree)


def test_a_price_without_what_it_prices_is_refused() -> None:
    instance, scale = read(tiny_instance(3, budget=False))
    assert instance.parameters.budget_eur is None
    ground = ground_of(instance, scale)
    for name in ("budget", "grappes"):
        if name == "grappes" and instance.parameters.max_grappes is not None:
            continue
        with pytest.raises(RefusedError, match="there is no"):
            proven(instance, scale, ground, _leaf([], 0.0, **{name: 0.5}))


# branches -----------------------------------------------------------------------------------------------


def test_branching_on_the_number_of_grappes_tightens_a_leaf() -> None:
    """Tests 20 ESMS alike, minimum 15: there is one grappe, where prices alone pay 20/15 of one."""
    instance, scale = read(_twenty())
    ground = ground_of(instance, scale)
    key = ground.lots.keys
    price = 41_500 + 115_000 / 15  # what each ESMS brings, and its share of what comes once
    whole = proven(instance, scale, ground, _leaf(list(key), round(price, 2)))
    on = {"kind": "grappes", "solution": None, "hosting": None, "porteurs": None}
    low = _leaf(list(key), 41_500.0, branch_prices=[115_000.0])
    tree = {"kind": "branch", "on": on, "at": 1, "low": low, "high": {"kind": "empty"}}
    counted = proven(instance, scale, ground, tree)
    assert whole is not None
    assert counted is not None
    assert counted.exact == 20 * 41_500 + 115_000 == best_of_twenty(instance, scale)
    assert whole.exact > counted.exact
    with pytest.raises(RefusedError, match="no decision of the path"):
        proven(instance, scale, ground, {**tree, "at": 0})


def best_of_twenty(instance: Any, scale: Any) -> int:
    found = found_by_search(instance, scale)
    assert found.objective_value == found.upper_bound
    return int(found.objective_value)


def _twenty() -> dict[str, Any]:
    document = draw_instance(1, 20, "generalisation-2022")
    model = {
        **document["esms"][0],
        "organisme": document["organismes"][0]["id"],
        "champ": "PA",
        "need": "acquisition",
        "current_solution": None,
        "accepted_solutions": "any",
        "accepted_hosting": "any",
        "lot": None,
        "can_be_porteur": True,
        "departement": "31",
        "region": "76",
    }
    document["solutions"] = [
        {"id": "S", "name": "DUI S", "segur_referenced": True, "hosting": ["saas"], "champs": ["PA"]}
    ]
    document["organismes"][0]["esms_total"] = 3
    document["esms"] = [{**model, "id": f"e{k:02}", "lat": 44.0 + k / 100} for k in range(20)]
    document["parameters"], document["constraints"], document["previous"] = {"max_radius_km": 60}, {}, None
    return document


def test_an_empty_leaf_is_refused_without_a_decision() -> None:
    instance, scale = read(tiny_instance(5))
    with pytest.raises(RefusedError, match="no decision of the path"):
        proven(instance, scale, ground_of(instance, scale), {"kind": "empty"})


def test_porteurs_mean_nothing_without_a_radius() -> None:
    document = tiny_instance(5)
    document["parameters"]["max_radius_km"] = None
    instance, scale = read(document)
    ground = ground_of(instance, scale)
    assert len(ground.rows)
    assert (ground.rows.porteur == -1).any()
    on = {"kind": "grappes", "solution": None, "hosting": None, "porteurs": [instance.esms[0].id]}
    tree = {"kind": "branch", "on": on, "at": 0, "low": _leaf([], 0.0), "high": _leaf([], 0.0)}
    with pytest.raises(RefusedError, match="without a porteur"):
        proven(instance, scale, ground, tree)


# arithmetic ---------------------------------------------------------------------------------------------


def test_prices_are_exact_to_twelve_decimals_and_refused_beyond() -> None:
    instance, scale = read(tiny_instance(7))
    ground = ground_of(instance, scale)
    key = ground.lots.keys[0]
    for price in (0.000000000001, 0.1, 12_345.67, 1e-3):
        assert proven(instance, scale, ground, _leaf([key], price)) is not None
    for price, words in (
        (1e-13, "decimals"),
        (1e9 + 1, "price from 0"),
        (-1, "price from 0"),
        (True, "price"),
    ):
        with pytest.raises(RefusedError, match=words):
            proven(instance, scale, ground, _leaf([key], price))
    huge = {"kind": "leaf", "lots": {key: 999_999_999.0, ground.lots.keys[-1]: 1e-12}}
    with pytest.raises(RefusedError, match="64 bits"):
        proven(instance, scale, ground, huge)


def test_the_sum_of_prices_is_the_bound_where_they_pay_for_everything() -> None:
    instance, scale = read(tiny_instance(7, coverage=False))
    ground = ground_of(instance, scale)
    prices = np.full(ground.lots.count, 10_000_000.0)
    bound = proven(
        instance,
        scale,
        ground,
        {"kind": "leaf", "lots": dict(zip(ground.lots.keys, prices.tolist(), strict=True))},
    )
    fixed = len(ground.fixed) + len(ground.settled)
    assert fixed or (bound is not None and bound.exact == 10_000_000 * ground.lots.count)
