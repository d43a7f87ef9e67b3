"""Tests of a stop at any moment: during the reading, the search, the explanations; nothing counts seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import solver.search.reach
from solver.instance import Grappe, Instance
from solver.judge import disagreements
from solver.proposal import Progress
from solver.scale import Scale
from solver.search import search
from solver.search.problem import state
from solver.solve import solve
from solver.verify import verify
from solver.vocabulary import Hosting, Regime
from tests.solver.drawing import draw_instance
from tests.solver.explain.planted import planted_document
from tests.solver.reading import read


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


def test_after_a_stop_every_reason_is_told_and_changes_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests reasons without any time: the planted causes are told all the same, a few words less exactly."""
    monkeypatch.setattr("solver.solve._EXPLAINING_AFTER_STOP_S", 0.0)
    instance, scale = read(planted_document())
    told: list[Progress] = []

    def stop() -> bool:
        return bool(told) and told[-1].phase == "explanation"

    proposal = solve(instance, scale, time_limit_s=600.0, on_progress=told.append, should_stop=stop)
    assert disagreements(instance, scale, proposal) == []
    assert not proposal["changes_complete"]
    reasons = {u["esms"]: u["reason"] for u in proposal["unplaced"]}
    assert {reasons[id_] for id_ in ("t1", "t2", "t3", "t4")} == {"too_few_partners"}
    assert reasons["o1"] == "outcompeted"
    assert (reasons["r1"], reasons["g1"], reasons["x1"]) == ("lot_incompatible", "lot_too_large", "excluded")


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
