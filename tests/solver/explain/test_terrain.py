"""Who reaches whom, asked of many at once: what one asks lot by lot and row by row."""

from __future__ import annotations

import numpy as np
import pytest

from solver.explain import Survey
from tests.solver.drawing import draw_instance
from tests.solver.reading import read


@pytest.mark.parametrize(("seed", "regime"), [(1, "generalisation-2022"), (4, "amorcage-2021")])
def test_a_lot_is_in_reach_when_all_its_members_are(seed: int, regime: str) -> None:
    terrain = Survey(*read(draw_instance(seed, 60, regime, lots=True))).alone
    assert terrain.weight.max() > 1
    porteurs = terrain.carriers
    ways = [np.arange(len(terrain.lots)), np.arange(0, len(terrain.lots), 3), np.zeros(0, dtype=np.int64)]
    for lots in ways:
        found = terrain.within(porteurs, lots)
        assert found.shape == (len(porteurs), len(lots))
        for column, lot in enumerate(lots.tolist()):
            members = terrain.starts[lot] + np.arange(terrain.weight[lot])
            assert (found[:, column] == terrain.within_esms(porteurs, members).all(axis=1)).all()
    assert (terrain.within(porteurs) == terrain.within(porteurs, ways[0])).all()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("regime", ["generalisation-2022", "generalisation-2022-national"])
def test_whoever_a_row_brings_to_the_minimum_is_reached_be_it_its_own_or_not(seed: int, regime: str) -> None:
    """Tests rows one by one: lots without a porteur of their own, two thresholds, lots that no row holds."""
    document = draw_instance(seed, 50, regime)
    document["parameters"] |= {"min_size": None if seed % 2 else 4, "max_radius_km": 120}
    for e in document["esms"][::3]:
        e["can_be_porteur"] = False
    survey = Survey(*read(document))
    terrain, chances = survey.alone, survey.chances
    expected = np.zeros(len(terrain.lots), dtype=bool)
    able = np.flatnonzero(terrain.eligible)
    for porteur in terrain.carriers.tolist():
        own = int(terrain.lot_of[porteur])
        near = able[terrain.within(np.array([porteur]), able)[0]]
        near = near[terrain.class_of[near] == terrain.class_of[own]]
        for least in terrain.thresholds:
            under = near[terrain.lot_minimum[near] <= least]
            for kind in range(len(terrain.types)):
                row = under[terrain.takes[under, kind]]
                if own in row and int(terrain.weight[row].sum()) >= least:
                    expected[row] = True
    assert (chances.reached == expected).all()
    assert set(chances.missed) == set(np.flatnonzero(terrain.eligible & ~expected).tolist())
