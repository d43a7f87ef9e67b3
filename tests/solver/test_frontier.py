"""The frontier: every point valid by itself, none beaten, bounds that hold, time shared."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import replace
from typing import Any

import pytest

from solver.document import instance_document, read_instance
from solver.frontier import Axis, Criteria, PointProgress, criteria_of, frontier, question_of
from solver.instance import Instance
from solver.judge import disagreements
from solver.oracle import best
from tests.solver.drawing import tiny_instance
from tests.solver.examples import scale_of
from tests.solver.search.drawn import draw

Document = dict[str, Any]


def weighed(document: Document) -> Criteria:
    return Criteria(**document["criteria"])


@pytest.fixture(scope="module")
def region() -> Instance:
    """Forty ESMS, grappes of three at least, some of small organismes: many small grappes pay most."""
    instance = draw(40, 4, min_size=3, max_size=12, max_radius_km=80.0)
    small = tuple(replace(o, esms_total=3) for o in instance.organismes)
    return replace(instance, organismes=small)


@pytest.fixture(scope="module")
def drawn(region: Instance) -> Document:
    return frontier(region, scale_of(region), points=7, time_limit_s=9.0)


def test_each_point_is_a_valid_proposal_of_its_own_question(region: Instance, drawn: Document) -> None:
    """Tests with the judge, each proposal against the instance with the parameters of its point."""
    asked = json.loads(json.dumps(instance_document(region)))
    assert len(drawn["points"]) >= 4
    for point in drawn["points"]:
        question = read_instance(question_of(asked, point))
        assert disagreements(question, scale_of(question), point["proposal"]) == []
        found = criteria_of(question, scale_of(question), point["proposal"])
        assert found.mean_distance_km == pytest.approx(weighed(point).mean_distance_km, abs=1e-5)
        assert replace(found, mean_distance_km=0) == replace(weighed(point), mean_distance_km=0)


def test_no_point_is_beaten_and_those_left_out_are(drawn: Document) -> None:
    points = drawn["points"]
    for one, other in itertools.permutations(points, 2):
        assert not weighed(one).dominates(weighed(other))
        assert weighed(one) != weighed(other)
    by_id = {point["id"]: weighed(point) for point in points}
    for left_out in drawn["dominated"]:
        by = by_id[left_out["by"]]
        assert by.dominates(weighed(left_out)) or by == weighed(left_out)
    money = [weighed(point).funding_eur for point in points]
    assert money == sorted(money, reverse=True)


def test_the_frontier_shows_that_money_asks_for_many_small_grappes(drawn: Document) -> None:
    """Tests that fewer grappes, and more slack, are met, and that they cost money here."""
    axes = {point["axis"] for point in (*drawn["points"], *drawn["dominated"])}
    assert axes == {axis.value for axis in Axis}
    first, last = weighed(drawn["points"][0]), weighed(drawn["points"][-1])
    assert last.grappes < first.grappes
    assert last.funding_eur < first.funding_eur
    for point in (*drawn["points"], *drawn["dominated"]):
        if point["axis"] == "grappes":
            assert weighed(point).grappes <= point["value"]
        if point["axis"] == "slack":
            assert (weighed(point).slack or 0) >= point["value"]
    assert drawn["complete"] is True


@pytest.mark.parametrize("seed", range(6))
def test_bounds_of_all_points_hold_against_the_oracle(seed: int) -> None:
    document = tiny_instance(seed)
    instance = read_instance(document)
    found = frontier(instance, scale_of(instance), points=6, time_limit_s=60.0)
    for point in found["points"]:
        question = read_instance(question_of(document, point))
        optimum = best(question, scale_of(question)).objective
        proposal = point["proposal"]
        assert proposal["objective_value"] <= optimum <= proposal["upper_bound"]


def test_a_stop_ends_the_point_under_way_and_begins_no_other(region: Instance) -> None:
    seen: list[PointProgress] = []
    found = frontier(
        region,
        scale_of(region),
        points=6,
        time_limit_s=120.0,
        on_progress=seen.append,
        should_stop=lambda: bool(seen) and seen[-1].search.objective_value is not None,
    )
    assert len(found["points"]) == 1
    assert found["complete"] is False
    assert {p.done for p in seen} == {0}


def test_time_is_shared_among_the_points(region: Instance) -> None:
    """Tests that the parts together are the time given, whatever the machine does besides."""
    given: list[float] = []
    begun = time.monotonic()
    frontier(
        region,
        scale_of(region),
        points=3,
        time_limit_s=9.0,
        on_point=lambda p: given.append(p.proposal["wall_time_s"]),
    )
    assert len(given) == 3
    assert sum(given) <= time.monotonic() - begun + 0.1


def test_criteria_are_compared_in_everything() -> None:
    plan = Criteria(1000, 10, 2, 1, 5.0)
    assert not plan.dominates(plan)
    assert replace(plan, grappes=1).dominates(plan)
    assert not replace(plan, grappes=1, slack=0).dominates(plan)
    assert replace(plan, slack=None).dominates(plan)


def test_too_few_or_too_many_points_are_refused(region: Instance) -> None:
    for points in (1, 25):
        with pytest.raises(ValueError, match="points"):
            frontier(region, scale_of(region), points=points, time_limit_s=1.0)


def test_no_point_is_worth_more_than_the_question_as_asked(drawn: Document) -> None:
    """Tests that a later answer, valid for the first question too, is handed back to it."""
    asked = [p for p in (*drawn["points"], *drawn["dominated"]) if p["axis"] == "asked"]
    assert len(asked) == 1
    best_found = max(weighed(p).funding_eur for p in (*drawn["points"], *drawn["dominated"]))
    assert weighed(asked[0]).funding_eur == best_found
