"""What the judge's distances keep: the same answers as asked for the first time, of each question its own."""

from __future__ import annotations

from itertools import combinations, product
from typing import Any

import pytest

from solver.judge import distances
from solver.judge.distances import Distances
from tests.solver.drawing import draw_instance
from tests.solver.reading import read


def test_what_is_kept_answers_no_other_question() -> None:
    """Tests groups that overlap, in both orders, under limits that differ for one member alone."""
    instance, _ = read(draw_instance(2, 12, "generalisation-2022"))
    ids = [e.id for e in instance.esms][:6]
    keeping = Distances(instance.esms)
    limits = [[60.0] * 3, [5.0] * 3, [60.0, 60.0, 5.0], [5.0, 60.0, 60.0]]
    seen = set()
    for _, group, limit in product(range(2), combinations(ids, 3), limits):
        for members in (group, group[::-1]):
            fresh = Distances(instance.esms)
            assert keeping.reaching(ids, members, limit) == fresh.reaching(ids, members, limit)
            assert keeping.within(ids[0], members, limit) == fresh.within(ids[0], members, limit)
            assert keeping.excess_km(ids, members) == fresh.excess_km(ids, members)
            seen.add(tuple(fresh.reaching(ids, members, limit)))
    assert len(seen) > 2


def test_what_is_learnt_at_once_is_what_is_measured_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests groups of several sizes, one with an id that does not exist: one measurement serves them all."""
    instance, _ = read(draw_instance(2, 12, "generalisation-2022"))
    ids = [e.id for e in instance.esms]
    groups = [(ids[0], ids[:3]), (ids[4], ids[2:9]), (ids[5], ids[5:6]), (ids[1], ["nobody", ids[1]])]
    learnt, fresh = Distances(instance.esms), Distances(instance.esms)
    alone = [fresh.from_one(porteur, members) for porteur, members in groups[:3]]
    measured, original = [0], distances._vincenty_km

    def counting(*given: Any) -> Any:
        measured[0] += 1
        return original(*given)

    monkeypatch.setattr(distances, "_vincenty_km", counting)
    learnt.learn(groups)
    for (porteur, members), km in zip(groups[:3], alone, strict=True):
        assert learnt.from_one(porteur, members) == pytest.approx(km, abs=1e-9)
        limits = [60.0] * len(members)
        assert learnt.within(porteur, members, limits) == fresh.within(porteur, members, limits)
        assert learnt.reaching(members[::-1], members, limits) == fresh.reaching(
            members[::-1], members, limits
        )
        assert learnt.excess_km(members, members) == pytest.approx(fresh.excess_km(members, members))
    assert measured[0] == 1
    assert learnt.from_one(ids[7], ids[:3]) == fresh.from_one(ids[7], ids[:3])  # of nobody's grappe
    learnt.learn([])
    assert learnt.from_one(*groups[0]) == fresh.from_one(*groups[0])
