"""The search as its callers use it: anytime, steerable, repeatable, and indifferent to names and order."""

from __future__ import annotations

import itertools
import random
import statistics
import time
from dataclasses import replace

import pytest

from solver.instance import Constraints, FixedGrappe, Instance, Organisme
from solver.judge import Judge
from solver.proposal import Progress, SearchResult
from solver.search.plan import Recogniser
from solver.search.problem import state
from solver.vocabulary import Need, Objective, Regime
from tests.solver.search.drawn import draw, run, scale_of


def judged(instance: Instance, found: SearchResult) -> SearchResult:
    """The result, once the judge has accepted it and its value."""
    judge = Judge(instance, scale_of(instance))
    assert judge.violations(found.grappes) == []
    assert judge.objective_value(found.grappes) == found.objective_value
    assert found.objective_value <= found.upper_bound <= found.certified_bound
    return found


def solved(instance: Instance) -> int:
    """The proven optimum of a small instance."""
    found = judged(instance, run(instance))
    assert found.upper_bound == found.objective_value
    return found.objective_value


def larger(seed: int = 2) -> Instance:
    return draw(220, seed, min_size=6, max_radius_km=45.0)


def test_progress_comes_every_second_from_the_calling_thread_and_tells_the_truth() -> None:
    seen: list[Progress] = []
    found = judged(larger(), run(larger(), 6.0, threads=2, on_progress=seen.append))
    assert len(seen) >= 4
    pauses = [b.elapsed_s - a.elapsed_s for a, b in itertools.pairwise(seen)]
    assert statistics.median(pauses) < 1.5  # one a second; a busy machine may hold one of them up
    assert max(pauses) < 5.0
    values = [p.objective_value for p in seen if p.objective_value is not None]
    bounds = [p.upper_bound for p in seen if p.upper_bound is not None]
    assert values == sorted(values)
    assert bounds == sorted(bounds, reverse=True)
    assert values[-1] <= found.objective_value <= found.upper_bound <= bounds[-1]
    assert any(p.grappes for p in seen)


def test_a_stop_is_honoured_within_a_second_or_so() -> None:
    begun = time.monotonic()
    asked: list[float] = []

    def should_stop() -> bool:
        if time.monotonic() - begun > 3.0:
            asked.append(time.monotonic())
        return bool(asked)

    judged(larger(), run(larger(), 60.0, threads=2, should_stop=should_stop))
    assert time.monotonic() - asked[0] < 20.0  # of the 57 left; one second on a machine of its own


def test_a_callback_that_fails_ends_the_search_and_is_heard() -> None:
    def fail(progress: Progress) -> None:
        raise RuntimeError("the heartbeat failed")

    begun = time.monotonic()
    with pytest.raises(RuntimeError, match="heartbeat"):
        run(larger(), 60.0, on_progress=fail)
    assert time.monotonic() - begun < 40.0  # of 60


def test_the_start_is_used_at_once() -> None:
    instance = draw(40, 5, min_size=4, max_radius_km=50.0)
    first = judged(instance, run(instance))
    again = run(instance, start=first.grappes, should_stop=lambda: True)
    assert judged(instance, again).objective_value == first.objective_value
    stale = tuple(replace(g, members=(*g.members, "gone")) for g in first.grappes)
    judged(instance, run(instance, 3.0, start=stale))


def test_same_seed_and_threads_same_proposal() -> None:
    instance = draw(28, 9, min_size=4, max_radius_km=50.0)
    for threads in (1, 2):
        one, other = (run(instance, 60.0, threads=threads) for _ in range(2))
        assert one.upper_bound == one.objective_value
        assert one == other


def test_order_and_names_do_not_matter() -> None:
    instance = draw(20, 6, min_size=4, max_radius_km=60.0)
    optimum = solved(instance)
    shuffled = list(instance.esms)
    random.Random(1).shuffle(shuffled)
    renamed = tuple(replace(e, id=f"X{(i * 7) % 20:02d}", name="") for i, e in enumerate(shuffled))
    assert solved(replace(instance, esms=tuple(shuffled), organismes=instance.organismes[::-1])) == optimum
    assert solved(replace(instance, esms=renamed, solutions=instance.solutions[::-1])) == optimum


def test_relaxing_a_limit_never_costs() -> None:
    tight = draw(18, 11, min_size=4, max_size=7, max_radius_km=40.0)
    base = solved(tight)
    for change in (
        {"max_radius_km": 60.0},
        {"max_radius_km": None},
        {"min_size": 3},
        {"max_size": 9},
        {"mix_needs": True},
        {"same_hosting": False},
    ):
        assert solved(replace(tight, parameters=replace(tight.parameters, **change))) >= base  # type: ignore[arg-type]


def test_an_esms_in_no_grappe_can_leave_without_a_change() -> None:
    instance = draw(20, 6, min_size=4, max_radius_km=45.0)
    found = judged(instance, run(instance))
    placed = {m for g in found.grappes for m in g.members}
    alone = [e for e in instance.esms if e.id not in placed and e.lot is None]
    assert alone
    rest = tuple(e for e in instance.esms if e.id != alone[0].id)
    assert solved(replace(instance, esms=rest)) == found.objective_value


def test_small_og_supplement_counts_once() -> None:
    """Fifteen of a large organisme and one of a small one: 16 x 21,500 + 20,000 + 115,000."""
    base = draw(16, 1)
    esms = tuple(
        replace(
            e,
            organisme="small" if i == 0 else "large",
            need=Need.ACQUISITION,
            accepted_solutions=frozenset({"S0"}),
            accepted_hosting=None,
            lot=None,
            can_be_porteur=True,
        )
        for i, e in enumerate(base.esms)
    )
    organismes = (Organisme("small", "", 3), Organisme("large", "", 40))
    instance = replace(base, esms=esms, organismes=organismes)
    assert solved(instance) == 16 * 21_500 + 20_000 + 115_000
    coverage = replace(instance.parameters, objective=Objective.COVERAGE)
    assert solved(replace(instance, parameters=coverage)) == 16


def test_fixed_grappes_stay_and_extendable_ones_appear_when_they_can() -> None:
    base = draw(14, 1, min_size=5, max_radius_km=None)
    esms = tuple(
        replace(
            e,
            need=Need.ACQUISITION,
            accepted_solutions=None,
            accepted_hosting=None,
            lot=None,
            can_be_porteur=True,
        )
        for e in base.esms
    )
    ids = sorted(e.id for e in esms)
    mode = sorted(base.solutions[0].hosting)[0]
    fixed = (
        FixedGrappe("kept", "S0", mode, ids[0], tuple(ids[:5])),
        FixedGrappe("grown", "S0", mode, ids[5], tuple(ids[5:8]), extendable=True),
    )
    instance = replace(base, esms=esms, constraints=Constraints(fixed_grappes=fixed))
    found = judged(instance, run(instance))
    by_id = {g.id: g for g in found.grappes}
    assert by_id["kept"].members == tuple(ids[:5])
    assert set(ids[5:8]) < set(by_id["grown"].members)
    assert by_id["grown"].porteur == ids[5]


def test_national_regime_pays_49_in_full() -> None:
    base = draw(60, 2, Regime.GENERALISATION_2022_NATIONAL, max_radius_km=None)
    esms = tuple(
        replace(
            e, need=Need.ACQUISITION, accepted_solutions=frozenset({"S0"}), accepted_hosting=None, lot=None
        )
        for e in base.esms
    )
    assert solved(replace(base, esms=esms)) == 49 * 21_500 + 11 * 5_000


def test_nothing_to_place() -> None:
    instance = draw(5, 1)
    assert solved(instance) == 0


def test_who_can_no_longer_be_placed_leaves_the_others_their_grappe() -> None:
    """Tests that an earlier grappe is read back without the member that has withdrawn since."""
    instance = draw(40, 5, min_size=4, max_radius_km=50.0)
    first = judged(instance, run(instance))
    large = max(first.grappes, key=lambda g: len(g.members))
    gone = next(m for m in large.members if instance.esms_by_id[m].lot is None and m != large.porteur)
    smaller = replace(instance.parameters, min_size=3)
    later = replace(instance, parameters=smaller, constraints=Constraints(excluded=frozenset({gone})))
    problem = state(later, scale_of(later))
    read = {problem.members(column) for column in Recogniser(problem).read(first.grappes)}
    expected = {tuple(m for m in g.members if m != gone) for g in first.grappes}
    assert read == expected
