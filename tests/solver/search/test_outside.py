"""Fixed grappes that take lots one by one: what is left out of the search by it changes no optimum."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from solver.exchange.crew import Order, Walks
from solver.exchange.walk import COLD, WARM
from solver.instance import FixedGrappe, Instance
from solver.judge import Judge
from solver.oracle import best
from solver.search.bound import Bounder
from solver.search.components import Component, split
from solver.search.generation import Generation
from solver.search.layout import Layout
from solver.search.outside import Outside, outside
from solver.search.packing import Packing
from solver.search.plan import grappes_of
from solver.search.pricing import Pricer
from solver.search.problem import NONE, Problem, state
from solver.vocabulary import Objective
from tests.solver.search.drawn import draw, run, scale_of


def with_fixed(instance: Instance, count: int, **changes: object) -> Instance:
    """The instance with ``count`` grappes of a first answer fixed and extendable, the others ``previous``."""
    found = run(instance, 5.0, gap=0.2)
    small = {o.id for o in instance.organismes if o.esms_total <= 14}
    of = {e.id: e.organisme for e in instance.esms}
    order = sorted(found.grappes, key=lambda g: (-sum(of[m] in small for m in g.members), g.id))
    fixed = tuple(
        FixedGrappe(g.id, g.solution, g.hosting, g.porteur, g.members, extendable=True) for g in order[:count]
    )
    constraints = replace(instance.constraints, fixed_grappes=fixed)
    return replace(instance, constraints=constraints, previous=tuple(order[count:]), **changes)


def after(rounds: int) -> Callable[[], bool]:
    """Whether one has asked that often."""
    left = iter(range(rounds))
    return lambda: next(left, None) is None


def stated(instance: Instance) -> tuple[Problem, Component, Outside]:
    problem = state(instance, scale_of(instance))
    component = split(problem, 0)[0]
    return problem, component, outside(problem, component)


@pytest.fixture(scope="module")
def repaired() -> Instance:
    """120 ESMS, two grappes fixed, stability at 1,000 euros."""
    instance = with_fixed(draw(120, 5, min_size=6, max_radius_km=45.0, porteurs=1.0), 2)
    parameters = replace(instance.parameters, stability_eur_per_esms=1_000)
    return replace(instance, parameters=parameters)


def test_what_a_lot_brings_outside_is_what_it_adds_to_a_fixed_grappe(repaired: Instance) -> None:
    problem, _, found = stated(repaired)
    assert found.rows, "the drawn fixed grappes should qualify"
    judge, compared = Judge(repaired, scale_of(repaired)), 0
    for k in np.flatnonzero(found.worth > 0.0).tolist():
        added = []
        for r in found.rows:
            given = repaired.constraints.fixed_grappes[problem.rows[r].fixed]
            if k in problem.rows[r].items:
                more = problem.members(problem.column(r, (k,)))
                before, after = (judge.funding(given.solution, m) for m in (given.members, more))
                added.append(after - before)
        assert max(added) == found.worth[k]
        compared += 1
    assert compared > 10


def test_a_grappe_without_a_small_organisme_does_not_take_lots_one_by_one(repaired: Instance) -> None:
    """Tests that who brings the supplements with it is not taken for one who brings a share alone."""
    large = tuple(replace(o, esms_total=40) for o in repaired.organismes)
    _, _, none_small = stated(replace(repaired, organismes=large))
    assert none_small.rows, "nobody can bring a supplement: nothing is paid once"
    some = {
        e.organisme for f in repaired.constraints.fixed_grappes for e in repaired.esms if e.id in f.members
    }
    mixed = tuple(replace(o, esms_total=40 if o.id in some else 3) for o in repaired.organismes)
    _, _, others_small = stated(replace(repaired, organismes=mixed))
    assert not others_small.rows


def test_an_answer_has_the_fixed_grappes_with_who_is_left_out(repaired: Instance) -> None:
    problem, component, found = stated(repaired)
    bounder = Bounder(problem, component, Pricer(problem, component.rows.tolist()))
    layout = Layout(problem, component, ())
    ground = layout.ground(bounder.of(bounder.closed_form()))
    assert not ground.pinned.any()
    judge = Judge(repaired, scale_of(repaired))
    for moves in (0, 400):
        answer = Walks().do(Order(1, moves, WARM, COLD, 3, False, ground, layout.packed(())))
        packing = layout.columns(answer.packed)
        joined = [c for c in packing.columns if problem.rows[c.row].fixed != NONE]
        assert len(joined) == len(found.rows)
        assert moves or any(c.lots for c in joined), "who is in no new grappe should have joined"
        # As long as there is room, what the walk counts and what is given make up the whole.
        assert packing.value == round(answer.value + layout.given)
        assert judge.violations(grappes_of(problem, packing.columns)) == []
    assert len(packing.columns) > len(joined), "grappes should have been formed"


def test_joining_keeps_to_the_room_there_is(repaired: Instance) -> None:
    sizes = [len(f.members) for f in repaired.constraints.fixed_grappes]
    tight = replace(repaired, parameters=replace(repaired.parameters, max_size=max(sizes) + 1))
    problem, component, found = stated(tight)
    assert found.rows
    packing = Packing(problem, component)
    found.join(packing)
    grappes = grappes_of(problem, packing.columns)
    assert sum(len(g.members) for g in grappes) > sum(sizes)
    assert Judge(tight, scale_of(tight)).violations(grappes) == []


def test_prices_that_never_fall_below_the_outside_prove_the_same_bound(
    repaired: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests the gradient, its prices kept at what lots bring anyway, against the simplex, without a floor."""
    problem, component, found = stated(repaired)
    bounds = []
    for simplex in (150, 0):
        monkeypatch.setattr("solver.search.generation.SIMPLEX_LOTS", simplex)
        generation = Generation(problem, component, Pricer(problem, component.rows.tolist()))
        assert (generation.anyway == found.worth[component.lots]).all()
        pool, bound = generation.start([])
        until = time.monotonic() + 60.0
        last = generation.run(pool, bound, after(15), until, lambda better: None)
        bounds.append(last.bound.value)
    assert bounds[1] == pytest.approx(bounds[0], rel=4e-3)  # the simplex stops at 0.3 %: its tree goes on


@pytest.mark.parametrize("objective", list(Objective))
def test_the_optimum_is_that_of_an_exhaustive_search(objective: Objective) -> None:
    """Tests tiny repairs, with room and without, against every proposal there is."""
    grown = compared = 0
    for seed in range(60):
        whole = draw(9, seed, min_size=2, max_radius_km=80.0, porteurs=1.0, objective=objective)
        whole = replace(whole, esms=tuple(replace(e, lot=None) for e in whole.esms))
        instance = with_fixed(whole, 1)
        if not instance.constraints.fixed_grappes or len(instance.constraints.fixed_grappes[0].members) > 5:
            continue
        size = len(instance.constraints.fixed_grappes[0].members)
        stability = 0 if objective is Objective.COVERAGE else 1_000
        parameters = replace(instance.parameters, max_size=size + seed % 3, stability_eur_per_esms=stability)
        instance = replace(instance, parameters=parameters)
        expected = best(instance, scale_of(instance)).objective
        found = run(instance, 20.0)
        assert found.objective_value == expected, seed
        assert expected <= found.upper_bound <= found.certified_bound, seed
        rows = stated(instance)[2].rows if split(state(instance, scale_of(instance)), 0) else ()
        compared += 1
        grown += bool(rows) and any(g.id == instance.constraints.fixed_grappes[0].id for g in found.grappes)
        if compared == 5:
            break
    assert compared == 5
    assert grown >= 2
