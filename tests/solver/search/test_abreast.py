"""Shares of an instance searched abreast: nothing lost or doubled, and the certificate of all verifies."""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import pytest

from solver.independence import pieces
from solver.instance import Constraints, Grappe, Instance
from solver.judge import Judge, disagreements
from solver.search import abreast, territories
from solver.search.territories import shares
from solver.solve import solve
from solver.verify import verify
from solver.vocabulary import Objective
from tests.solver.search.drawn import draw, run, scale_of

REGIONS = ("76", "75", "93")


@pytest.fixture(autouse=True)
def _small_instances_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(territories, "LEAST_ESMS", 10)


def regions(seed: int = 4, size: int = 90) -> Instance:
    return draw(size, seed, regions=REGIONS, porteurs=1.0, min_size=5, max_size=9, max_radius_km=60.0)


def test_shares_hold_every_esms_once_but_lots_astride() -> None:
    instance = regions()
    parts = shares(instance, scale_of(instance), 2)
    inside = [e.id for part in parts for e in part.esms]
    home = {e.id: e.region for e in instance.esms}
    regions_of: dict[tuple[str, str | None], set[str]] = defaultdict(set)
    for e in instance.esms:
        regions_of[e.organisme, e.lot].add(e.region)
    astride = {e.id for e in instance.esms if e.lot and len(regions_of[e.organisme, e.lot]) > 1}
    assert {instance.esms[p].id for p in pieces(instance, scale_of(instance)).astride} == astride
    assert len(parts) == 2
    assert len(inside) == len(set(inside))
    assert set(inside) == set(home) - astride
    assert astride
    assert not set.intersection(*({e.region for e in part.esms} for part in parts))


def test_what_is_linked_stays_together() -> None:
    instance = regions()
    scale = scale_of(instance)
    count = lambda one: len(shares(one, scale, 3))  # noqa: E731 - a word for what every line asks
    parameters = instance.parameters
    assert count(instance) == 3
    assert count(replace(instance, parameters=replace(parameters, budget_eur=10**7))) == 1
    assert count(replace(instance, parameters=replace(parameters, max_grappes=4))) == 1
    first = [next(e.id for e in instance.esms if e.region == r) for r in REGIONS[:2]]
    earlier = Grappe("G1", "S0", None, first[0], tuple(sorted(first)))
    assert count(replace(instance, previous=(earlier,))) == 2
    assert len(shares(instance, scale, 1)) == 1


def test_abreast_the_same_optimum_is_proven_and_verified() -> None:
    instance = regions()
    scale = scale_of(instance)
    alone = run(instance, threads=1)
    document = solve(instance, scale, time_limit_s=120.0, threads=2)
    assert document["objective_value"] == alone.objective_value == alone.upper_bound
    assert document["upper_bound"] == document["objective_value"]
    assert document["certificate"]["kind"] == "sum"
    assert disagreements(instance, scale, document) == []
    assert verify(instance, scale, document).findings == ()


def test_ids_of_earlier_grappes_are_kept() -> None:
    instance = regions()
    first = run(instance, threads=2)
    again = replace(
        instance,
        previous=first.grappes,
        constraints=Constraints(excluded=frozenset({first.grappes[0].members[0]})),
        parameters=replace(instance.parameters, stability_eur_per_esms=2_000),
    )
    found = run(again, threads=2)
    assert Judge(again, scale_of(again)).violations(found.grappes) == []
    assert Judge(again, scale_of(again)).objective_value(found.grappes) == found.objective_value
    assert len({g.id for g in first.grappes} & {g.id for g in found.grappes}) >= len(first.grappes) - 2


def test_a_share_that_dies_leaves_a_bound_that_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    instance = replace(regions(), parameters=replace(regions().parameters, objective=Objective.COVERAGE))
    optimum = run(instance, threads=1).objective_value
    monkeypatch.setattr(abreast.sys, "executable", "/bin/false")
    found = run(instance, threads=2)
    assert found.grappes == ()
    assert not found.read
    assert found.upper_bound >= optimum


def test_one_share_that_dies_leaves_the_plan_of_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that the grappes of the other share stand, under a bound in closed form for all."""
    instance = regions()
    scale = scale_of(instance)
    begun, count = abreast._begun, [0]

    def dying(task: abreast.Task) -> abreast.Share:
        count[0] += 1
        with monkeypatch.context() as inside:
            if count[0] == 1:
                inside.setattr(abreast.sys, "executable", "/bin/false")
            return begun(task)

    monkeypatch.setattr(abreast, "_begun", dying)
    document = solve(instance, scale, time_limit_s=60.0, threads=2)
    assert document["grappes"]
    assert verify(instance, scale, document).findings == ()


def test_a_share_that_has_told_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Tests a stop while shares still read what they were asked: far sooner than those that may answer."""
    silent = tmp_path / "silent"
    silent.write_text("#!/bin/sh\nexec sleep 600\n", encoding="utf-8")
    silent.chmod(0o755)
    monkeypatch.setattr(abreast.sys, "executable", str(silent))
    monkeypatch.setattr(abreast, "ENDING_S", 300.0)
    begun = time.monotonic()
    found = run(regions(), threads=2, should_stop=lambda: True)
    assert time.monotonic() - begun < 100.0
    assert found.grappes == ()
    assert not found.read


def test_without_a_process_this_one_searches_all(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_command: object, **_options: object) -> None:
        raise OSError("no process left")

    instance = regions(size=40)
    monkeypatch.setattr(abreast.subprocess, "Popen", refuses)
    found = run(instance, threads=2)
    assert Judge(instance, scale_of(instance)).violations(found.grappes) == []
    assert found.objective_value == found.upper_bound


def test_what_a_callback_raises_is_told() -> None:
    """Tests that a progress that cannot be written is not taken for a process that cannot be had."""
    asked: list[object] = []

    def unwritable(progress: object) -> None:
        asked.append(progress)
        raise OSError("the terminal is gone")

    with pytest.raises(OSError, match="the terminal is gone"):
        run(regions(), threads=2, on_progress=unwritable)
    assert len(asked) == 1
