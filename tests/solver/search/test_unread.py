"""A stop before the rows are known: ``verify`` recomputes what is published, which bounds the optimum."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest

import solver.search.engine
from solver.document import read_instance
from solver.instance import Instance
from solver.oracle import best
from solver.parts import Answer, answer, join, parts_of
from solver.search.compact import CompactModel, Limits, Reply
from solver.search.pricing import HaltedError
from solver.search.problem import Problem, state_without_rows, with_rows
from solver.search.unread import joined, rough, unread
from solver.solve import concluded_by, solve
from solver.verify import verify
from tests.solver.drawing import draw_instance, tiny_instance
from tests.solver.examples import scale_of

# Before what is published was made a multiple of every step, exact for fixed grappes and never in a sum,
# verify refused each of these.
WHOLE = (9, 13, 17, 21, 36)  # 13: a fixed grappe that cannot appear; 17: in the national regime
# Fixed grappes that may be absent cost more than they bring; 28, 44: two appear, 166: one of two.
GROWING = (28, 44, 63, 154, 166)
DIVIDED = (0, 7, 9, 12, 17)  # 0: coverage; 12, 17: fixed grappes


def _stopped() -> bool:
    return True


def _nothing_is_read(begun: Problem, check: Callable[[], None]) -> Problem:
    raise HaltedError


@pytest.fixture
def _unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver.search.engine, "PROMPT_LOTS", 0)
    monkeypatch.setattr(solver.search.engine, "with_rows", _nothing_is_read)


def _holds(instance: Instance, proposal: dict[str, Any]) -> None:
    scale = scale_of(instance)
    assert verify(instance, scale, proposal).findings == ()
    assert best(instance, scale).objective <= proposal["upper_bound"] <= proposal["certified_bound"]


@pytest.mark.usefixtures("_unread")
@pytest.mark.parametrize("seed", WHOLE)
def test_stopped_while_it_reads_the_bound_is_what_verify_recomputes(seed: int) -> None:
    """Tests fixed grappes, ids to keep, supplements and degressions: the step is never the search's alone."""
    instance = read_instance(tiny_instance(seed))
    _holds(instance, solve(instance, scale_of(instance), time_limit_s=5.0, should_stop=_stopped))


def _growing(seed: int) -> Instance:
    """No supplement can be had, and fixed grappes are their porteurs, who need others to appear."""
    document = tiny_instance(seed, fixed=True, extendable=True)
    for organisme in document["organismes"]:
        organisme["esms_total"] = 100
    for fixed in document["constraints"]["fixed_grappes"]:
        fixed |= {"extendable": True, "members": [fixed["porteur"]]}
    return read_instance(document)


@pytest.mark.usefixtures("_unread")
@pytest.mark.parametrize("seed", GROWING)
def test_the_bound_is_that_of_the_fixed_grappes_that_the_proposal_shows(seed: int) -> None:
    """Tests a bound that each appearance lowers: no model says how many there must be, the proposal does."""
    instance = _growing(seed)
    growing = unread(instance, scale_of(instance)).growing
    assert growing is not None
    assert list(growing.certified) == sorted(set(growing.certified), reverse=True)
    proposal = solve(instance, scale_of(instance), time_limit_s=5.0, should_stop=_stopped)
    assert proposal["certified_bound"] in growing.certified[1:]
    _holds(instance, proposal)


def test_counting_those_that_can_grow_ends_with_the_stop(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests a count that would never end: it is asked to, and what is then published holds."""
    instance, asked = _growing(GROWING[0]), threading.Event()

    def endless(model: CompactModel, limits: Limits, should_stop: Callable[[], bool]) -> Reply:
        while not should_stop():
            time.sleep(0.01)
        asked.set()
        return Reply(None, float("inf"), False)

    monkeypatch.setattr(CompactModel, "solve", endless)
    proposal = solve(instance, scale_of(instance), time_limit_s=60.0, should_stop=_stopped)
    assert asked.is_set()
    _holds(instance, proposal)


@pytest.mark.parametrize("seed", DIVIDED)
@pytest.mark.parametrize("every", [True, False])
def test_parts_stopped_while_they_read_make_a_whole_that_verify_accepts(
    seed: int, every: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests all parts unread, then one beside others that are solved: their bounds still count."""
    instance = read_instance(tiny_instance(seed, budget=False, max_grappes=False))
    scale = scale_of(instance)
    parts = parts_of(instance, scale)
    assert len(parts) > 1
    answers = []
    for place, part in enumerate(parts):
        with monkeypatch.context() as patched:
            if every or place == 0:
                patched.setattr(solver.search.engine, "PROMPT_LOTS", 0)
                patched.setattr(solver.search.engine, "with_rows", _nothing_is_read)
            one = answer(part, scale, time_limit_s=5.0)
        assert one.read == (not every and place > 0)
        answers.append(Answer.of_document(json.loads(json.dumps(one.document()))))
    proposal = join(instance, scale, answers, time_limit_s=2.0, should_stop=_stopped)
    _holds(instance, proposal)
    assert proposal["upper_bound"] <= sum(a.upper_bound for a in answers)


@pytest.mark.parametrize("seed", WHOLE[:3])
def test_a_share_that_died_leaves_a_bound_of_the_whole(seed: int) -> None:
    """Tests what ``abreast`` publishes then, from the instance alone."""
    instance = read_instance(tiny_instance(seed))
    found = unread(instance, scale_of(instance))
    _holds(
        instance, concluded_by(instance, scale_of(instance), found, time_limit_s=2.0, should_stop=_stopped)
    )


@pytest.mark.parametrize("seed", [0, 5, 6, 7, 9, 14, 12, 30])
def test_rough_results_of_parts_are_that_of_the_whole(seed: int) -> None:
    """Tests that what parts have told need not be computed again, and where it must be."""
    instance = read_instance(tiny_instance(seed, budget=False, max_grappes=False))
    scale = scale_of(instance)
    told = [unread(part, scale) for part in parts_of(instance, scale)]
    found = joined(instance, scale, told, ())
    assert joined(instance, scale, [*told, None], ()) is None
    fixed, supplemented = bool(instance.constraints.fixed_grappes), scale.amoa_projet is not None
    assert found is None or not fixed
    if found is None:
        assert fixed or not supplemented
        return
    _holds(instance, concluded_by(instance, scale, found, time_limit_s=2.0, should_stop=_stopped))


@pytest.mark.parametrize("regime", ["amorcage-2021", "generalisation-2022", "generalisation-2022-national"])
def test_the_bound_is_a_multiple_of_the_step_of_the_rows(regime: str) -> None:
    """Tests 60 ESMS: once the rows are read their step divides what was published without them."""
    instance = read_instance(draw_instance(3, 60, regime, coverage=False, fixed=False, stability=False))
    begun = state_without_rows(instance, scale_of(instance))
    bound = rough(begun, ()).certified_bound
    assert bound > 0
    assert bound % with_rows(begun).step == 0
