"""What the judge's distances keep: the same answers as asked for the first time, of each question its own."""

from __future__ import annotations

from itertools import combinations, product

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
