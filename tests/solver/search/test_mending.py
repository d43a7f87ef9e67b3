"""An earlier plan mended by hand is a plan, near the earlier one."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from solver.instance import Grappe, Instance
from solver.judge import Judge
from solver.search.components import split
from solver.search.engine import search
from solver.search.mending import mended
from solver.search.packing import Packing
from solver.search.plan import Recogniser, grappes_of
from solver.search.problem import Column, Problem, state
from tests.solver.search.drawn import draw, run, scale_of


def refused(size: int, seed: int, share: float, **parameters: int | None) -> Instance:
    """An instance with the plan of another day, of which some ESMS are then in no grappe."""
    instance = draw(size, seed, min_size=5, max_radius_km=45.0, porteurs=1.0)
    plan = run(instance, 2.0, gap=0.05).grappes
    placed = sorted(m for g in plan for m in g.members)
    leaving = frozenset(random.Random(seed).sample(placed, round(share * len(placed))))
    return replace(
        instance,
        previous=plan,
        parameters=replace(instance.parameters, stability_eur_per_esms=1_000, **parameters),
        constraints=replace(instance.constraints, excluded=leaving),
    )


def begun(instance: Instance) -> tuple[Problem, list[Column], list[Column]]:
    """The problem, the columns of its earlier plan that stand, and what is left of the others."""
    problem = state(instance, scale_of(instance))
    recogniser = Recogniser(problem)
    known = recogniser.read(instance.previous)
    return problem, known, recogniser.remains(instance.previous, known)


def together(problem: Problem, known: list[Column], fallen: list[Column]) -> tuple[list[Column], int]:
    """Both mended, and what those that stand are worth, of all components."""
    whole, standing = [], 0
    for component in split(problem, 0):
        rows = set(component.rows.tolist())
        packing = Packing(problem, component)
        packing.fill([c for c in known if c.row in rows])
        standing += packing.value
        whole += mended(problem, component, packing.columns, [c for c in fallen if c.row in rows])
    return whole, standing


def kept(grappes: tuple[Grappe, ...], instance: Instance) -> int:
    before = {m: g.id for g in instance.previous for m in g.members}
    return sum(before.get(m) == g.id for g in grappes for m in g.members)


@pytest.mark.parametrize("seed", [1, 2])
def test_broken_grappes_are_made_whole_from_one_another(seed: int) -> None:
    instance = refused(160, seed, 0.15)
    problem, known, fallen = begun(instance)
    assert fallen, "refusals should have broken some grappes"
    columns, standing = together(problem, known, fallen)
    grappes = grappes_of(problem, columns)
    assert Judge(instance, scale_of(instance)).violations(grappes) == []
    assert sum(c.value for c in columns) > standing
    assert kept(grappes, instance) > kept(grappes_of(problem, known), instance)


@pytest.mark.parametrize("limit", [{"budget_eur": 600_000}, {"max_grappes": 2}])
def test_a_mended_plan_keeps_to_what_is_shared(limit: dict[str, int]) -> None:
    for seed in range(4):
        instance = refused(40, seed, 0.1, **limit)
        problem, known, fallen = begun(instance)
        columns, _ = together(problem, known, fallen)
        assert Judge(instance, scale_of(instance)).violations(grappes_of(problem, columns)) == []


def test_a_search_without_time_has_the_mended_plan() -> None:
    """Tests what a search begins with: nothing that its exchanges find is waited for."""
    instance = refused(160, 1, 0.15)
    columns, standing = together(*begun(instance))
    found = search(
        instance,
        scale_of(instance),
        deadline=0.0,
        gap=0.0,
        seed=1,
        threads=1,
        on_progress=lambda progress: None,
        should_stop=lambda: False,
    )
    assert found.read
    assert standing < sum(c.value for c in columns) <= found.objective_value
