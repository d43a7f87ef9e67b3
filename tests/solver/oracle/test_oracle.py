"""The oracle on instances whose optimum is known by hand, and against the judge on drawn ones."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from solver.document import read_instance
from solver.instance import Grappe, Instance
from solver.judge import Judge
from solver.oracle import best
from tests.solver.drawing import tiny_instance
from tests.solver.examples import instance_with, scale_of, sound_document


@pytest.mark.parametrize(
    ("changes", "objective", "placed"),
    [
        # E1 and E2 (of a small organisme, 41,500 each) in two grappes of the region, so that the 115,000 come
        # twice; E3, E4, E5 share them (21,500 each). E6 is alone in its region.
        ({}, 2 * 41_500 + 3 * 21_500 + 2 * 115_000, 5),
        ({"parameters.max_size": 2}, 41_500 + 21_500 + 115_000 + 41_500 + 21_500 + 115_000, 4),
        ({"parameters.min_size": 6}, 0, 0),
        ({"parameters.objective": "coverage"}, 5, 5),
        ({"parameters.objective": "coverage", "parameters.territory": "none"}, 6, 6),
        ({"parameters.budget_eur": 43_000}, 43_000, 2),
        ({"parameters.budget_eur": 42_999}, 38_000, 2),
        ({"constraints.excluded": ["E1", "E2"]}, 64_500, 3),
        ({"esms.0.accepted_hosting": [], "esms.1.accepted_solutions": []}, 64_500, 3),
    ],
)
def test_a_known_optimum(changes: dict[str, Any], objective: int, placed: int) -> None:
    """Tests optima worked out by hand."""
    instance = instance_with(changes)
    result = best(instance, scale_of(instance))
    assert result.objective == objective
    assert sum(len(g.members) for g in result.grappes) == placed


def every_proposal(instance: Instance, judge: Judge) -> Iterator[list[Grappe]]:
    """All sets of disjoint valid grappes, found by trying every set of ESMS: slower and simpler still."""
    ids = sorted(e.id for e in instance.esms)
    fixed = instance.constraints.fixed_grappes
    grappes = []
    for size in range(1, len(ids) + 1):
        for members in itertools.combinations(ids, size):
            for solution in instance.solutions:
                modes: list[Any] = sorted(solution.hosting) if instance.parameters.same_hosting else [None]
                own = {f.id for f in fixed if f.id and set(f.members) & set(members)}
                for hosting, id_ in itertools.product(modes, sorted(own) or ["G"]):
                    porteur = judge.elect(members)
                    if porteur is not None:
                        found = Grappe(id_, solution.id, hosting, porteur, members)
                        if not judge.grappe_violations(found):
                            grappes.append(found)

    def extend(start: int, chosen: list[Grappe], used: frozenset[str]) -> Iterator[list[Grappe]]:
        yield chosen
        for k in range(start, len(grappes)):
            if used.isdisjoint(grappes[k].members):
                yield from extend(k + 1, [*chosen, grappes[k]], used.union(grappes[k].members))

    return extend(0, [], frozenset())


@pytest.mark.parametrize("seed", range(40))
def test_no_set_of_grappes_is_worth_more(seed: int) -> None:
    """Tests the oracle against plain enumeration, without identities (no stability)."""
    instance = read_instance(tiny_instance(seed, stability=False))
    if len(instance.esms) > 7:
        instance = read_instance(tiny_instance(seed + 1000, stability=False))
    judge = Judge(instance, scale_of(instance))
    budget = instance.parameters.budget_eur
    most = instance.parameters.max_grappes
    kept = {id_ for f in instance.constraints.fixed_grappes if not f.extendable for id_ in f.members}
    grown = [set(f.members) for f in instance.constraints.fixed_grappes if f.extendable]
    top = (-1, -1)
    for grappes in every_proposal(instance, judge):
        placed = {id_ for g in grappes for id_ in g.members}
        funding = sum(judge.funding(g.solution, g.members) for g in grappes)
        if most is not None and len(grappes) > most:
            continue
        if kept <= placed and (budget is None or funding <= budget):
            top = max(top, (sum(members <= placed for members in grown), judge.objective_value(grappes)))
    assert best(instance, scale_of(instance)).objective == top[1]


@pytest.mark.parametrize("seed", range(150))
def test_the_judge_accepts_what_the_oracle_finds(seed: int) -> None:
    """Tests that the oracle's grappes are valid and worth what it says, every constraint kind drawn."""
    instance = read_instance(tiny_instance(seed))
    judge = Judge(instance, scale_of(instance))
    result = best(instance, judge.scale)
    assert judge.violations(result.grappes) == []
    assert judge.objective_value(result.grappes) == result.objective


def test_too_large_an_instance_is_refused() -> None:
    """Tests that the oracle says so rather than run for ever."""
    esms = [{**esms_like("E1"), "id": f"M{k}"} for k in range(20)]
    instance = instance_with({"esms": esms})
    with pytest.raises(ValueError, match="20 lots"):
        best(instance, scale_of(instance))


def esms_like(id_: str) -> dict[str, Any]:
    return next(e for e in sound_document()["esms"] if e["id"] == id_)
