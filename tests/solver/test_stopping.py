"""Tests of a stop at any moment: during the reading, the search, the explanations; nothing counts seconds."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import solver.search.engine
import solver.search.reach
from solver.beside import uncollected
from solver.document import without_further
from solver.explain.changes import ChangeSearch
from solver.instance import Grappe, Instance
from solver.judge import GivenUpError, Judge, disagreements, proposal_disagreements
from solver.proposal import Progress
from solver.scale import Scale
from solver.search import search
from solver.search.generation import Generation
from solver.search.pricing import HaltedError, Pricer, Prices
from solver.search.problem import state
from solver.search.rounds import Rounds
from solver.solve import solve
from solver.verify import verify
from solver.vocabulary import Hosting, Regime
from tests.solver.drawing import draw_instance
from tests.solver.explain.planted import planted_document
from tests.solver.reading import read
from tests.solver.search.drawn import draw, scale_of


def _drawn(seed: int, size: int, regime: Regime) -> tuple[Instance, Scale]:
    return read(draw_instance(seed, size, regime.value))


@pytest.mark.parametrize("seed", range(10))
@pytest.mark.parametrize("regime", list(Regime))
def test_stopped_before_it_has_read_a_proposal_is_valid_and_its_bound_holds(
    seed: int, regime: Regime
) -> None:
    """Tests instances of every constraint kind: fixed grappes appear, no optimum is above the bound."""
    instance, scale = _drawn(seed, 12 + seed % 20, regime)
    stopped = solve(instance, scale, time_limit_s=60.0, should_stop=lambda: True)
    assert disagreements(instance, scale, stopped) == []
    assert verify(instance, scale, stopped).findings == ()
    full = search(
        instance, scale, deadline=time.monotonic() + 1.0, gap=0.0, seed=0, threads=1,
        on_progress=lambda _: None, should_stop=lambda: False,
    )  # fmt: skip
    assert full.objective_value <= stopped["upper_bound"] <= stopped["certified_bound"]


def test_the_reading_asks_no_more_once_it_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that the first check after a stop is the last: no row is built after it."""
    monkeypatch.setattr(solver.search.reach, "PORTEURS_AT_ONCE", 1)
    document = draw_instance(1, 400, Regime.GENERALISATION_2022.value)
    document["parameters"]["max_radius_km"] = 60
    instance, scale = read(document)
    asked, built = [0], [0]
    original = solver.search.reach._whole

    def counting(*given: Any) -> Any:
        built[0] += 1
        return original(*given)

    monkeypatch.setattr(solver.search.reach, "_whole", counting)

    class StoppedError(Exception):
        pass

    def check() -> None:
        asked[0] += 1
        if asked[0] == 50:
            raise StoppedError

    with pytest.raises(StoppedError):
        state(instance, scale, check)
    assert asked[0] == 50
    assert built[0] <= 50


def test_an_earlier_proposal_survives_a_stop_during_the_reading() -> None:
    instance, scale = _drawn(3, 40, Regime.AMORCAGE_2021)
    first = solve(instance, scale, time_limit_s=60.0)
    assert first["grappes"]
    start = [
        Grappe(
            g["id"],
            g["solution"],
            None if g["hosting"] is None else Hosting(g["hosting"]),
            g["porteur"],
            tuple(sorted(g["members"])),
        )
        for g in first["grappes"]
    ]
    again = solve(instance, scale, time_limit_s=60.0, should_stop=lambda: True, start=start)
    assert again["objective_value"] >= first["objective_value"]


# What each phase begins with, in the thread that works.
PHASES: dict[str, tuple[object, str]] = {
    "reading": (solver.search.engine, "with_rows"),
    "first": (Generation, "start"),
    "exchange": (Rounds, "run"),
    "explanation": (Judge, "violations"),
}


@pytest.mark.parametrize("phase", PHASES)
def test_after_a_stop_in_any_phase_nothing_more_is_sought(
    phase: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests a stop while each phase is shown: every reason is told and holds, no change and no departure is.

    The work is held where the phase begins until the stop has been answered once and is asked for again: so
    the phase is shown, and nothing is sought before the stop is known, however small the instance.
    """
    instance, scale = read(planted_document())
    shown, heard, known = threading.Event(), threading.Event(), threading.Event()
    held, tried = [0], [0]
    where, name = PHASES[phase]
    original, trial = getattr(where, name), ChangeSearch._try

    def waiting(*given: Any, **named: Any) -> Any:
        held[0] += 1
        assert known.wait(60.0)
        return original(*given, **named)

    def trying(*given: Any) -> None:
        tried[0] += 1
        trial(*given)

    def stop() -> bool:
        if heard.is_set():
            known.set()
        if shown.is_set():
            heard.set()
        return shown.is_set()

    def tell(step: Progress) -> None:
        if step.phase == phase and held[0]:
            shown.set()

    monkeypatch.setattr(where, name, waiting)
    monkeypatch.setattr(ChangeSearch, "_try", trying)
    monkeypatch.setattr("solver.search.engine.REPORT_S", 0.0)
    proposal = solve(instance, scale, time_limit_s=600.0, on_progress=tell, should_stop=stop)
    assert known.is_set(), "the phase was never shown"
    assert disagreements(instance, scale, proposal) == []
    assert verify(instance, scale, proposal).findings == ()
    assert tried == [0]
    assert all(u["changes"] == [] for u in proposal["unplaced"])
    assert "robustness" not in proposal
    assert not proposal["changes_complete"]
    assert not proposal["departures_complete"]
    reasons = {u["esms"]: u["reason"] for u in proposal["unplaced"]}
    assert {reasons[id_] for id_ in ("t1", "t2", "t3", "t4")} == {"too_few_partners"}
    assert (reasons["r1"], reasons["g1"], reasons["x1"]) == ("lot_incompatible", "lot_too_large", "excluded")
    if phase == "explanation":
        assert reasons["o1"] == "outcompeted"


def test_a_long_step_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that a search stuck in a step hands over what stands, with a certificate that verifies."""
    instance = draw(400, 3, porteurs=1.0, max_radius_km=60.0)
    scale = scale_of(instance)
    stuck, released = threading.Event(), threading.Event()

    def endless(self: Rounds) -> None:
        stuck.set()
        assert released.wait(60.0)

    monkeypatch.setattr(Rounds, "run", endless)
    try:
        proposal = solve(instance, scale, time_limit_s=600.0, should_stop=stuck.is_set)
    finally:
        released.set()
    assert stuck.is_set()
    assert proposal["grappes"]
    assert verify(instance, scale, proposal).findings == ()


def test_no_more_than_one_batch_is_priced_after_a_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that pricing asks before each batch, and gives up at the first answer."""
    monkeypatch.setattr("solver.search.batches.ROWS_AT_ONCE", 4)
    instance = draw(120, 3, porteurs=1.0, max_radius_km=60.0)
    problem = state(instance, scale_of(instance))
    asked, stop_at = [0], [10**9]

    def halted() -> bool:
        asked[0] += 1
        return asked[0] > stop_at[0]

    pricer = Pricer(problem, range(len(problem.rows)), halted=halted)
    prices = Prices(np.zeros(len(problem.lots.lots)))
    assert len(pricer.batches) > 5
    asked[0], stop_at[0] = 0, 3
    for work in (lambda: pricer.best(prices), lambda: pricer.columns(prices, range(len(problem.rows)))):
        asked[0] = 0
        with pytest.raises(HaltedError):
            work()
        assert asked[0] == 4
    assert np.isfinite(pricer.unhalted().best(prices)).any()


def test_what_is_not_judged_to_the_end_is_not_told() -> None:
    """Tests the judge given up: never before all but changes and departures is judged."""
    instance, scale = read(planted_document())
    proposal = solve(instance, scale, time_limit_s=60.0)
    assert any(u["changes"] for u in proposal["unplaced"])
    judge = Judge(instance, scale)
    with pytest.raises(GivenUpError):
        proposal_disagreements(judge, proposal, lambda: True)
    bare = without_further(proposal)
    assert proposal_disagreements(judge, bare, lambda: True) == []
    assert bare["grappes"] == proposal["grappes"]
    wrong = {**proposal, "funding_eur": proposal["funding_eur"] + 1}
    assert proposal_disagreements(judge, wrong, lambda: True) != []


@pytest.mark.parametrize("callback", ["on_progress", "should_stop"])
def test_callbacks_belong_to_the_calling_thread_also_while_explaining(callback: str) -> None:
    instance, scale = _drawn(3, 40, Regime.AMORCAGE_2021)
    threads: list[threading.Thread] = []

    def seen(*_: object) -> bool:
        threads.append(threading.current_thread())
        return False

    given: dict[str, Callable[..., Any]] = {callback: seen}
    solve(instance, scale, time_limit_s=60.0, **given)
    assert set(threads) == {threading.current_thread()}


def test_no_pass_of_the_collector_while_it_explains(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that what would stop every thread waits: nobody could report, and no stop would be heard."""
    instance, scale = read(planted_document())
    original, seen = Judge.violations, []

    def seeing(self: Judge, *given: Any) -> Any:
        seen.append(gc.isenabled())
        return original(self, *given)

    monkeypatch.setattr(Judge, "violations", seeing)
    assert gc.isenabled()
    solve(instance, scale, time_limit_s=60.0)
    assert gc.isenabled()
    assert seen
    assert not any(seen)


def test_what_was_made_without_a_pass_is_collected_later() -> None:
    class Ring:
        pass

    def made() -> weakref.ref[Ring]:
        ring = Ring()
        ring.__dict__["itself"] = ring
        return weakref.ref(ring)

    with uncollected():
        with uncollected():
            found = made()
        assert not gc.isenabled()
        assert found() is not None
    assert gc.isenabled()
    gc.collect()
    assert found() is None
