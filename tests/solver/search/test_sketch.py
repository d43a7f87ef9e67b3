"""The plan by hand that there is before rows are read: valid whatever is asked, told when time runs out."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from solver.judge import Judge
from solver.proposal import Progress
from solver.search.problem import Problem, state_without_rows
from solver.search.sketch import sketch
from solver.vocabulary import Regime
from tests.solver.drawing import draw_instance
from tests.solver.reading import read
from tests.solver.search.drawn import draw, run, scale_of


@pytest.mark.parametrize("regime", list(Regime))
def test_whatever_is_asked_the_judge_refuses_nothing(regime: Regime) -> None:
    formed = 0
    for seed in range(25):
        document = draw_instance(seed, 60 + 3 * seed, regime.value)
        document["constraints"].pop("fixed_grappes", None)
        instance, scale = read(document)
        grappes = sketch(state_without_rows(instance, scale))
        assert Judge(instance, scale).violations(grappes) == []
        formed += len(grappes)
    assert formed > 20


def test_in_a_plain_region_most_are_placed() -> None:
    instance = draw(400, 3, porteurs=1.0, max_radius_km=60.0)
    grappes = sketch(state_without_rows(instance, scale_of(instance)))
    assert Judge(instance, scale_of(instance)).violations(grappes) == []
    assert sum(len(g.members) for g in grappes) > 200


def test_cut_short_it_hands_over_what_is_formed() -> None:
    """Tests a plan by hand given up after some callers: fewer grappes, all of them valid."""
    instance = draw(400, 3, porteurs=1.0, max_radius_km=60.0)
    problem = state_without_rows(instance, scale_of(instance))
    asked = iter([False, False])
    some = sketch(problem, lambda: next(asked, True))
    assert 0 < len(some) < len(sketch(problem))
    assert Judge(instance, scale_of(instance)).violations(some) == []


def test_out_of_time_while_it_reads_the_search_hands_over_the_first_plan(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def endless(begun: Problem, check: Callable[[], None]) -> Any:
        while True:
            check()
            time.sleep(0.01)

    monkeypatch.setattr("solver.search.engine.with_rows", endless)
    monkeypatch.setattr("solver.search.engine.PROMPT_LOTS", 0)
    instance = draw(120, 5, porteurs=1.0, max_radius_km=60.0)
    told: list[Progress] = []
    found = run(
        instance, on_progress=told.append, should_stop=lambda: bool(told and told[-1].objective_value)
    )
    assert found.grappes
    assert not found.read
    assert told[-1].grappes == found.grappes
    assert Judge(instance, scale_of(instance)).violations(found.grappes) == []
    assert found.objective_value <= found.upper_bound == found.certified_bound
