"""Bounds that go on after the search: lower ones that hold, from a process that nothing depends on."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from solver.exchange.crew import Helper
from solver.instance import Instance
from solver.judge import disagreements
from solver.proposal import Progress, SearchResult
from solver.search import Onward, conduct, search
from solver.search.bound import Bounder
from solver.search.components import split
from solver.search.conduct import Conduct
from solver.search.generation import BOXED_ROUNDS, Generation
from solver.search.onward import Better, Underway, Unfinished, without_esms
from solver.search.pricing import Pricer
from solver.search.problem import state
from solver.search.standing import Standing
from solver.solve import solve
from solver.verify import verify
from tests.solver.search.drawn import draw, scale_of
from tests.solver.search.repricing import recomputed


def _large(seed: int = 2) -> Instance:
    """One component of more lots than the simplex takes, so that its relaxation is long."""
    return draw(260, seed, min_size=6, max_radius_km=45.0)


def _underway(instance: Instance) -> tuple[Underway, Bounder]:
    """The relaxation of the largest component before its first round."""
    problem = state(instance, scale_of(instance))
    component = split(problem, 0)[0]
    pricer = Pricer(problem, component.rows.tolist(), halted=lambda: False)
    bounder = Bounder(problem, component, pricer)
    generation = Generation(problem, component, pricer, bounder)
    pool, bound = generation.start(())
    underway = Underway(
        0, without_esms(problem), component, pricer, generation.anyway, tuple(pool.columns), bound, None,
        BOXED_ROUNDS, 0, problem.step,
    )  # fmt: skip
    return underway, bounder


def test_a_helper_proves_what_this_process_finds_in_its_prices() -> None:
    """Tests that what comes back is priced exactly here too, and that the rounds are those of any search."""
    underway, bounder = _underway(_large())
    helper = Helper()
    told: list[Better] = []
    try:
        for better in helper.give(Unfinished((underway,))):
            told.append(better)
            if len(told) == 3:
                break
    finally:
        helper.end()
        helper.close()
    values = [better.value for better in told]
    assert values == sorted(values, reverse=True)
    assert values[0] < underway.bound.value
    for better in told:
        again = bounder.of(better.prices)
        assert np.isclose(again.value, better.value, rtol=1e-12)
        assert again.reduced.max() <= 1e-6
    here: list[float] = []
    for _ in underway.rounds(lambda bound: here.append(bound.value)):
        if len(here) == 3:
            break
    assert here == values


def test_it_goes_on_where_it_stood() -> None:
    """Tests that a relaxation taken up with its pool and weights is not back at its first rounds."""
    underway, _ = _underway(_large())
    for k, relaxation in enumerate(underway.rounds(lambda bound: None)):
        if k == BOXED_ROUNDS + 5 or relaxation.converged:
            break
    stood = Underway(
        0, underway.problem, underway.component, underway.pricer, underway.anyway,
        tuple(relaxation.pool.columns), relaxation.bound, relaxation.weights, 0, 0, underway.step,
    )  # fmt: skip
    first = next(pickle.loads(pickle.dumps(stood)).rounds(lambda bound: None))
    assert first.bound.value <= relaxation.bound.value
    assert abs(first.weights.value / relaxation.weights.value - 1.0) < 0.01


def _searched(instance: Instance, onward: Onward, seconds: float, gap: float = 0.0) -> SearchResult:
    return search(
        instance, scale_of(instance), deadline=time.monotonic() + seconds, gap=gap, seed=1, threads=2,
        on_progress=lambda _: None, should_stop=lambda: False, onward=onward,
    )  # fmt: skip


@pytest.fixture
def noted(monkeypatch: pytest.MonkeyPatch) -> list[Helper]:
    """The helpers that go on."""
    noted: list[Helper] = []
    begin = Onward.begin

    def noting(self: Onward, helper: Helper, unfinished: Unfinished, standing: Standing) -> None:
        noted.append(helper)
        begin(self, helper, unfinished, standing)

    monkeypatch.setattr(Onward, "begin", noting)
    return noted


@pytest.fixture
def unproven(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search that leaves its bounds alone, however fast the machine: its relaxations are all unfinished."""
    monkeypatch.setattr(Conduct, "_background", lambda self, parts: iter(()))


def _until(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60.0
    while not done() and time.monotonic() < deadline:
        time.sleep(0.05)


@pytest.mark.usefixtures("unproven")
def test_what_is_proven_after_the_search_is_certified_and_outlives_the_helper(noted: list[Helper]) -> None:
    instance = _large()
    for seconds in (2.0, 8.0, 32.0):  # a busy machine may not have come to relaxations
        onward = Onward()
        found = _searched(instance, onward, seconds)
        if noted:
            break
    told: list[SearchResult] = []

    def heard() -> bool:
        if (better := onward.better()) is not None:
            told.append(better)
        return bool(told) or not onward.going

    _until(heard)
    os.kill(noted[0].process.pid, signal.SIGKILL)
    _until(lambda: not onward.going)
    assert not onward.going
    last = onward.better() or told[0]
    onward.end()
    assert len(noted) == 1
    assert noted[0].process.poll() is not None
    assert last.certified_bound <= told[0].certified_bound < found.certified_bound
    for better in (told[0], last):
        assert (better.grappes, better.objective_value) == (found.grappes, found.objective_value)
        assert found.objective_value <= better.upper_bound <= found.upper_bound
        assert recomputed(instance, better.certificate) == better.certified_bound


def test_nothing_goes_on_when_the_search_ends_by_itself(noted: list[Helper]) -> None:
    """Tests small components, a gap that is reached, and a stop."""
    onward = Onward()
    _searched(draw(60, 3, min_size=6, max_radius_km=45.0), onward, 1.0)
    _searched(_large(), onward, 60.0, gap=0.5)
    instance, told = _large(), list[Progress]()
    search(
        instance, scale_of(instance), deadline=time.monotonic() + 60.0, gap=0.0, seed=1, threads=2,
        on_progress=told.append, should_stop=lambda: any(p.phase == "exchange" for p in told), onward=onward,
    )  # fmt: skip
    assert noted == []
    assert not onward.going
    assert onward.better() is None
    onward.end()


@pytest.mark.usefixtures("unproven")
def test_the_document_has_the_last_bound_and_is_verified(
    noted: list[Helper], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(conduct, "READY_LOTS", 0)
    instance = _large(4)
    scale = scale_of(instance)
    for seconds in (6.0, 24.0, 96.0):
        told: list[Progress] = []
        document = solve(instance, scale, time_limit_s=seconds, threads=2, on_progress=told.append)
        bounds = [p.upper_bound for p in told if p.phase == "explanation" and p.upper_bound is not None]
        if noted and document["upper_bound"] < bounds[0]:
            break
    assert document["upper_bound"] < bounds[0]
    assert bounds == sorted(bounds, reverse=True)
    assert noted[-1].process.poll() is not None
    assert disagreements(instance, scale, document) == []
    assert verify(instance, scale, document).findings == ()


@pytest.mark.usefixtures("unproven")
def test_a_stop_during_the_explanations_ends_it(noted: list[Helper]) -> None:
    instance = _large()
    scale = scale_of(instance)
    phases: list[str] = []
    for seconds in (3.0, 12.0, 48.0):
        document = solve(
            instance, scale, time_limit_s=seconds, threads=2, on_progress=lambda p: phases.append(p.phase),
            should_stop=lambda: bool(noted) and phases[-1] == "explanation",
        )  # fmt: skip
        if noted:
            break
    assert noted[0].process.poll() is not None
    assert document["departures_complete"] is False
    assert disagreements(instance, scale, document) == []


@dataclass(frozen=True)
class Silent:
    """An errand that tells once and then nothing for long."""

    def carry_out(self, tell: Callable[[object], None]) -> None:
        tell("begun")
        time.sleep(600.0)


def test_a_helper_never_outlives_who_gave_it_an_errand() -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "solver.exchange"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path)},
    ) as helper:
        assert helper.stdin
        assert helper.stdout
        pickle.dump(Silent(), helper.stdin)
        helper.stdin.flush()
        assert pickle.load(helper.stdout) == "begun"
        assert helper.poll() is None
        helper.stdin.close()
        assert helper.wait(60.0) == 0
