"""The peers hand back valid grappes, so that the comparison compares something."""

from __future__ import annotations

import time
from functools import cache

import numpy as np
import pytest

from benchmarks.peers import assignment, by_hand, clusters, territory
from benchmarks.peers.territory import Group, Territory
from benchmarks.regions import draw_region
from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.judge import Judge


@cache
def _region(size: int, region: str = "76") -> Territory:
    instance = read_instance(draw_region([region], size, 1, max_radius_km=60.0))
    return territory.read(instance, scale_for(instance.regime, instance.parameters.readings))


def _value(region: Territory, groups: list[Group]) -> int:
    """Objective by the judge, which must find nothing to say."""
    judge = Judge(region.problem.instance, region.problem.scale)
    grappes = region.grappes(groups)
    assert judge.violations(grappes) == []
    return judge.objective_value(grappes)


def test_more_work_by_hand_finds_more() -> None:
    region = _region(250)
    plain = by_hand.spreadsheet(region)
    topped = by_hand.topped_up(region, plain)
    shaken = by_hand.randomised(region, time.monotonic() + 0.5, seed=1)
    assert region.broken(plain) == region.broken(topped) == region.broken(shaken) == 0
    assert 0 < _value(region, plain) < _value(region, topped) <= _value(region, shaken)


def test_the_two_assignment_models_agree() -> None:
    """Tests a region that both close: Corse, threshold 8."""
    region = _region(40, "94")
    by_cp_sat, by_highs = assignment.cp_sat(region, 30.0, 1), assignment.highs(region, 30.0)
    assert by_cp_sat is not None
    assert by_highs is not None
    assert _value(region, by_cp_sat) == _value(region, by_highs) > 0


def test_what_a_tool_breaks_is_counted_then_repaired() -> None:
    """Tests a tool that puts everything in one cluster."""
    region = _region(250)

    def one_cluster(_region: Territory, lots: object) -> list[clusters.Labels]:
        return [np.zeros(len(lots), dtype=np.int64)]  # type: ignore[arg-type]

    raw, repaired = clusters.by_types(region, one_cluster)
    assert region.broken(raw) > 0
    assert region.broken(repaired) == 0
    assert _value(region, repaired) > 0


def test_constraints_that_peers_cannot_be_told_are_refused() -> None:
    document = draw_region(["94"], 40, 1, max_radius_km=60.0, budget_eur=1000)
    instance = read_instance(document)
    with pytest.raises(ValueError, match="without such constraints"):
        territory.read(instance, scale_for(instance.regime, instance.parameters.readings))
