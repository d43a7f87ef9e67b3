"""Searches that begin with the prices of an earlier answer: valid whatever they are, near when they fit."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from solver.instance import Instance
from solver.proposal import SearchResult
from solver.search import search
from solver.search.bound import Bound, Bounder
from solver.search.components import split
from solver.search.known_prices import KnownPrices, bound_from, of_certificate
from solver.search.pricing import Pricer
from solver.search.problem import state
from tests.solver.search.drawn import draw, run, scale_of
from tests.solver.search.repricing import recomputed

KINDS: tuple[Mapping[str, Any], ...] = (
    {"max_radius_km": 60.0},
    {"max_radius_km": 60.0, "budget_eur": 600_000},
    {"max_radius_km": 60.0, "max_grappes": 2},
)


def _begun(instance: Instance, known: KnownPrices) -> SearchResult:
    """A search that begins with these prices, to its end."""
    return search(
        instance,
        scale_of(instance),
        deadline=time.monotonic() + 60.0,
        gap=0.0,
        seed=1,
        threads=1,
        on_progress=lambda _: None,
        should_stop=lambda: False,
        known=known,
    )


def _bounds(instance: Instance, known: KnownPrices) -> list[tuple[Bound, Bound]]:
    """Per component (from the known prices, in closed form)."""
    problem = state(instance, scale_of(instance))
    found = []
    for component in split(problem, 0):
        bounder = Bounder(problem, component, Pricer(problem, component.rows.tolist()))
        found.append((bound_from(known, problem, bounder), bounder.of(bounder.closed_form())))
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_any_known_prices_leave_the_answer_what_it_is(kind: Mapping[str, Any]) -> None:
    """Tests prices that have nothing to do with the question, too high, too low, and of unknown ESMS."""
    instance = draw(18, 3, min_size=3, max_size=7, **kind)
    plain = run(instance)
    assert plain.upper_bound == plain.objective_value
    rng = random.Random(1)
    for top in (0.0, 10_000.0, 90_000.0):
        esms = {e.id: rng.uniform(0.0, top) for e in instance.esms[::2]} | {"nobody": 1e6}
        known = KnownPrices(esms, rng.uniform(0, top), rng.uniform(0, top), rng.random())
        assert sum(near.value for near, _ in _bounds(instance, known)) >= plain.objective_value
        found = _begun(instance, known)
        assert (found.objective_value, found.upper_bound) == (plain.objective_value, plain.upper_bound)
        assert recomputed(instance, found.certificate) == found.certified_bound


def test_prices_of_the_same_question_prove_what_they_proved() -> None:
    """Tests the way there and back through a certificate, and that a rule relaxed begins near."""
    nearer = 0
    for seed in range(4):
        instance = draw(60, seed, min_size=5, max_radius_km=50.0)
        answer = run(instance)
        known = of_certificate(instance, answer.certificate)
        for relaxed in (instance, replace(instance, parameters=replace(instance.parameters, min_size=4))):
            pairs = _bounds(relaxed, known)
            nearer += sum(min(near.value, far.value) for near, far in pairs) < 0.995 * sum(
                far.value for _, far in pairs
            )
    assert nearer >= 6


def test_a_tree_gives_the_prices_of_one_leaf() -> None:
    def leaf(price: float, **more: Any) -> dict[str, Any]:
        return {"kind": "leaf", "lots": {"E000": price}, "budget": 0.5, "identities": {}, **more}

    instance = draw(6, 1)
    on = {"kind": "grappes", "solution": None, "hosting": None, "porteurs": None}
    most = {
        "kind": "branch",
        "on": on,
        "at": 2,
        "low": leaf(9.0, branch_prices=[4.0]),
        "high": {"kind": "empty"},
    }
    known = of_certificate(instance, {"kind": "sum", "parts": [most, leaf(0.0) | {"lots": {}}]})
    members = state(instance, scale_of(instance)).lots
    size = next(len(lot.members) for lot in members.lots if lot.key == "E000")
    assert known.esms["E000"] == 9.0 / size
    assert (known.most, known.grappes, known.budget) == (4.0, 0.0, 0.5)
