"""Bounds and certificates: valid for any prices, and recomputable from the certificate alone."""

from __future__ import annotations

import time
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from benchmarks.regions import draw_region
from solver.document import read_instance
from solver.instance import Grappe
from solver.search.bound import SHARES, Bounder, published
from solver.search.compact import Limits
from solver.search.components import split
from solver.search.fixed import must_appear
from solver.search.generation import SIMPLEX_LOTS, Generation
from solver.search.pricing import Pricer, Prices
from solver.search.problem import state
from solver.vocabulary import Objective, Regime
from tests.solver.search.drawn import draw, run, scale_of
from tests.solver.search.repricing import leaves, recomputed, with_prices


def test_random_prices_bound_the_optimum() -> None:
    """Tests that any prices >= 0 prove a bound: never below the optimum, mostly above the search's own."""
    rng = np.random.default_rng(5)
    looser = compared = 0
    for seed in range(8):
        regime = Regime.GENERALISATION_2022 if seed % 2 else Regime.AMORCAGE_2021
        instance = draw(
            18,
            seed,
            regime,
            min_size=3,
            max_size=7,
            max_radius_km=[None, 60.0][seed % 2],
            budget_eur=600_000 if seed % 3 == 0 else None,
            max_grappes=2 if seed % 4 == 1 else None,
            objective=Objective.COVERAGE if seed % 4 == 3 else Objective.FUNDING,
        )
        found = run(instance)
        assert found.upper_bound == found.objective_value, "the drawn instance should be closed"
        problem = state(instance, scale_of(instance))
        unit = 1.0 if problem.covers else 30_000.0
        for spread in (0.0, 0.5, 2.0):
            total = 0.0
            for component in split(problem, 0):
                pricer = Pricer(problem, component.rows.tolist())
                prices = Prices(
                    rng.uniform(0.0, spread * unit + 1e-9, len(problem.lots.lots)),
                    float(rng.uniform(0.0, 0.8)) if component.budget is not None else 0.0,
                    np.zeros(0),
                    float(rng.uniform(0.0, 3 * spread * unit)) if component.grappes is not None else 0.0,
                )
                total += Bounder(problem, component, pricer).of(prices).value
            assert published(total, problem.step) >= found.objective_value
            compared += 1
            looser += published(total, problem.step) > found.certified_bound
    assert looser > compared / 2


def test_certified_bound_is_recomputed_from_the_certificate() -> None:
    priced = 0
    for seed in range(6):
        instance = draw(
            26,
            seed,
            min_size=4,
            max_radius_km=[None, 50.0][seed % 2],
            budget_eur=700_000 if seed % 3 == 1 else None,
            stability_eur_per_esms=2_000 if seed % 3 == 2 else 0,
            max_grappes=1 + seed // 2 if seed % 2 == 0 else None,
        )
        ids = [e.id for e in instance.esms]
        mode = sorted(instance.solutions[0].hosting)[0]
        instance = replace(instance, previous=(Grappe("P1", "S0", mode, ids[0], tuple(ids[:6])),))
        found = run(instance, 5.0)
        priced += any("grappes" in leaf for leaf in leaves(found.certificate))
        assert recomputed(instance, found.certificate) == found.certified_bound
        assert found.certified_bound >= found.upper_bound >= found.objective_value
    assert priced >= 2


def test_any_prices_in_a_tree_bound_the_optimum() -> None:
    """Tests that trees are emitted, and that their decisions cover every proposal whatever the prices."""
    rng = np.random.default_rng(7)
    trees = looser = 0
    for seed in range(3):
        instance = draw(30, seed, min_size=5, max_radius_km=60.0)
        found = run(instance)
        assert found.upper_bound == found.objective_value, "the drawn instance should be closed"
        assert recomputed(instance, found.certificate) == found.certified_bound
        trees += any("branch_prices" in leaf for leaf in leaves(found.certificate))
        for spread in (5_000.0, 40_000.0):
            drawn = with_prices(found.certificate, lambda s=spread: float(rng.integers(0, int(s))))
            bound = recomputed(instance, drawn)
            assert bound >= found.objective_value
            looser += bound > found.certified_bound
    assert trees
    assert looser >= 3


def test_a_tree_goes_on_where_the_gradient_has_converged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests components too large for the simplex: their tree begins from the prices of the gradient."""
    monkeypatch.setattr("solver.search.generation.SIMPLEX_LOTS", 4)
    monkeypatch.setattr("solver.search.conduct.SIMPLEX_LOTS", 4)
    monkeypatch.setattr("solver.search.conduct.TINY_ENTRIES", 0)  # or CP-SAT closes them first
    instance = read_instance(draw_region(["76"], 150, 1, max_radius_km=60.0))
    found = run(instance)
    assert found.certified_bound == found.objective_value
    assert recomputed(instance, found.certificate) == found.certified_bound
    monkeypatch.setattr("solver.search.conduct.TREE_LOTS", 0)
    assert run(instance, 2.0).certified_bound > found.certified_bound, "the relaxation should not close it"


def test_the_closed_form_is_repaired_by_nothing() -> None:
    """Tests that without shared constraints no row has a positive reduced value at the closed form."""
    instance = draw(40, 3, min_size=5, max_radius_km=60.0)
    problem = state(instance, scale_of(instance))
    assert must_appear(problem, Limits(1.0, 1.0, 1)) == (0, [])
    for component in split(problem, 0):
        bounder = Bounder(problem, component, Pricer(problem, component.rows.tolist()))
        closed = bounder.closed_form()
        assert bounder.of(closed).reduced.max() < 1e-6


def test_few_grappes_share_the_supplements_alone() -> None:
    """Tests that shares of the supplements prove less than shares of all lots bring, never too little."""
    for seed in range(2):
        instance = draw(32, seed, min_size=5, max_radius_km=60.0, max_grappes=2)
        found = run(instance)
        assert found.upper_bound == found.objective_value, "the drawn instance should be closed"
        problem = state(instance, scale_of(instance))
        (component,) = split(problem, 0)
        pricer = Pricer(problem, component.rows.tolist())
        bounder = Bounder(problem, component, pricer)
        of_all = []
        for share in SHARES:
            paid = Prices(share * bounder.ceiling(1.0), 0.0, np.zeros(0))
            of_all.append(bounder.of(replace(paid, grappes=float(pricer.best(paid).max(initial=0.0)))).value)
        closed = bounder.of(bounder.closed_form()).value
        assert found.objective_value <= published(closed, problem.step) < min(of_all)


def test_a_large_relaxation_keeps_to_the_number_of_grappes() -> None:
    """Tests that the price of the number keeps pace with those of lots: columns do not use far more of it."""
    instance = draw(420, 1, min_size=8, max_radius_km=15.0, max_grappes=12)
    problem = state(instance, scale_of(instance))
    (component,) = split(problem, 0)
    assert len(component.lots) > SIMPLEX_LOTS, "the gradient should solve this one"
    pricer = Pricer(problem, component.rows.tolist())
    generation = Generation(problem, component, pricer)
    pool, bound = generation.start(())
    for last in islice(
        generation.rounds(pool, bound, lambda: False, time.monotonic() + 600.0, lambda _: None), 4
    ):
        used = float(last.weights.use.sum())
    assert used < 1.05 * 12
    assert last.bound.value < bound.value


def test_published_rounds_down_but_never_below_what_was_proven() -> None:
    assert published(1_499_999.9999999, 500) == 1_500_000
    assert published(1_500_499.0, 500) == 1_500_000
    assert published(0.0, 500) == 0
