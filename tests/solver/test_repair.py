"""Repair: moves are counted as they are, and no proposal worth as much needs fewer than what is proven."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from solver.document import instance_document, read_instance
from solver.instance import Constraints, Grappe, Instance
from solver.judge import Judge, disagreements
from solver.repair import Moves, least_moves, moves_of, question_of, repair
from solver.vocabulary import Objective
from tests.solver.drawing import tiny_instance
from tests.solver.examples import scale_of
from tests.solver.oracle.test_oracle import every_proposal
from tests.solver.search.drawn import draw, run

WEIGHT = 4_000


def test_moves_are_those_who_leave_change_or_enter() -> None:
    instance = draw(8, 1)
    ids = [e.id for e in instance.esms]
    before = Grappe("P1", "S0", None, ids[0], tuple(ids[:4]))
    instance = replace(instance, previous=(before, replace(before, id="P2", members=tuple(ids[4:6]))))
    now = (
        replace(before, members=(ids[0], ids[1], ids[4], ids[7])),  # 0 and 1 stay, 4 comes from P2, 7 enters
        replace(before, id="G001", members=(ids[5],)),  # 5 changes
    )
    assert moves_of(instance, now) == Moves(left=2, changed=2, entered=1)
    assert moves_of(instance, instance.previous).total == 0
    assert moves_of(instance, ()) == Moves(left=6, changed=0, entered=0)


def named(instance: Instance, grappes: list[Grappe]) -> Iterator[list[Grappe]]:
    """The same grappes under all ids that they may carry."""
    fresh = [f"N{k}" for k in range(len(grappes))]
    kinds = [
        [own, *(p.id for p in instance.previous if (p.solution, p.hosting) == (g.solution, g.hosting))]
        for own, g in zip(fresh, grappes, strict=True)
    ]
    for ids in itertools.product(*kinds):
        if len(set(ids)) == len(ids):
            yield [replace(g, id=id_) for g, id_ in zip(grappes, ids, strict=True)]


def repairable(seed: int) -> Instance:
    drawn = read_instance(
        tiny_instance(seed, previous=True, stability=True, fixed=False, extendable=False, coverage=False)
    )
    parameters = replace(drawn.parameters, objective=Objective.FUNDING)
    return replace(drawn, parameters=parameters, constraints=replace(drawn.constraints, fixed_grappes=()))


def test_no_proposal_worth_as_much_needs_fewer_moves() -> None:
    """Tests the lower bound against all proposals of tiny instances, for every funding that one has."""
    compared = tight = 0
    for seed in range(26):
        instance = repairable(seed)
        if not instance.previous or len(instance.esms) > 7:
            continue
        judge = Judge(instance, scale_of(instance))
        fewest: dict[int, int] = {}
        for bare in every_proposal(instance, judge):
            for grappes in named(instance, bare):
                if not judge.violations(grappes):
                    funding = sum(judge.funding(g.solution, g.members) for g in grappes)
                    moves = moves_of(instance, grappes).total
                    fewest[funding] = min(moves, fewest.get(funding, moves))
        for value in [*list(fewest)[:4], max(fewest)]:
            needed = min(moves for funding, moves in fewest.items() if funding >= value)
            least, proofs = least_moves(instance, judge.scale, value, WEIGHT, time.monotonic() + 20.0)
            assert 0 <= least <= needed
            assert len(proofs) == 3
            compared += 1
            tight += least == needed
    assert compared > 15
    assert tight > compared / 3


@pytest.fixture(scope="module")
def refused() -> Instance:
    """A solved drawn region from which two placed ESMS have withdrawn."""
    base = draw(40, 6, min_size=3, max_size=8, max_radius_km=60.0)
    found = run(base, 3.0)
    gone = frozenset(sorted(m for g in found.grappes for m in g.members)[:2])
    return replace(base, previous=found.grappes, constraints=Constraints(excluded=gone))


def test_a_repaired_plan_is_valid_near_and_its_moves_are_proven(refused: Instance) -> None:
    found = repair(refused, scale_of(refused), weight_eur=3_000, time_limit_s=5.0)
    document = json.loads(json.dumps(instance_document(refused))) | {"parameters": found["parameters"]}
    question = read_instance(document)
    assert question.parameters.stability_eur_per_esms == found["weight_eur"] == 3_000
    assert disagreements(question, scale_of(question), found["proposal"]) == []
    moves = found["moves"]
    assert moves["total"] == moves["left"] + moves["changed"] + moves["entered"]
    assert 2 <= found["moves_at_least"] <= moves["total"]
    assert found["funding_eur"] == found["proposal"]["funding_eur"]


def test_an_earlier_plan_that_still_stands_needs_no_move(refused: Instance) -> None:
    whole = replace(refused, constraints=Constraints())
    question, weight = question_of(whole, 500_000)
    found = run(question, 3.0, start=question.previous)
    assert moves_of(question, found.grappes).total == 0
    assert weight == 500_000


def test_what_cannot_be_repaired_is_said(refused: Instance) -> None:
    with pytest.raises(ValueError, match="no earlier proposal"):
        question_of(replace(refused, previous=()))
    coverage = replace(refused.parameters, objective=Objective.COVERAGE)
    with pytest.raises(ValueError, match="coverage"):
        question_of(replace(refused, parameters=coverage))
    assert question_of(refused)[1] == 5_000
    own = replace(refused.parameters, stability_eur_per_esms=700)
    assert question_of(replace(refused, parameters=own))[1] == 700
