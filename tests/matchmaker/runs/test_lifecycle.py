"""The states of a run, on both databases: who may change what, and what the journal keeps."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select, update

from matchmaker.database import Database
from matchmaker.runs import lifecycle
from matchmaker.runs.lifecycle import Claim, Point
from matchmaker.runs.tables import Run, RunPoint, State
from tests.matchmaker.runs.workplace import events, row

FINAL = Point(3.0, 100_000, 120_000, 2, 31)


def take(database: Database, run_id: int, worker: str = "w1") -> Claim:
    with database.writing() as session:
        held = lifecycle.claim(session, run_id, worker)
    assert held is not None
    return held


def silence(database: Database, run_id: int, seconds: float) -> None:
    """Make the last heartbeat older."""
    with database.writing() as session:
        session.execute(update(Run).where(Run.id == run_id).values(heartbeat_at=Run.heartbeat_at - seconds))


def give_up(database: Database, lease_s: float = 30) -> list[int]:
    with database.writing() as session:
        return lifecycle.give_up_silent(session, lease_s)


def test_a_run_is_claimed_once(database: Database, new_run: Callable[..., int]) -> None:
    """Tests that a second delivery of the same message finds nothing to take."""
    run_id = new_run()
    held = take(database, run_id)
    with database.writing() as session:
        assert lifecycle.claim(session, run_id, "w2") is None
    assert (held.attempt, row(database, run_id).worker) == (1, "w1")
    assert events(database, run_id) == ["created", "claimed"]


def test_an_unknown_run_is_not_claimed(database: Database, campaign_id: int) -> None:
    with database.writing() as session:
        assert lifecycle.claim(session, 4711, "w1") is None


def test_an_old_attempt_writes_nothing(database: Database, new_run: Callable[..., int]) -> None:
    """Tests the fence: beats, points, failures, results of a worker given up for dead are refused."""
    run_id = new_run()
    old = take(database, run_id)
    silence(database, run_id, 31)
    assert give_up(database) == [run_id]
    new = take(database, run_id, "w2")
    stored: list[str] = []
    with database.writing() as session:
        assert lifecycle.beat(session, old, 5.0, points=[FINAL], incumbent="[]") is None
        assert lifecycle.release(session, old) is False
        assert lifecycle.fail(session, old, "phrase", "ref") is False
        assert lifecycle.finish(session, old, FINAL, lambda _s: stored.append("old") or 1) is None  # type: ignore[func-returns-value]
    assert stored == []
    with database.reading() as session:
        assert session.scalars(select(RunPoint)).all() == []
        assert lifecycle.documents(session, run_id)[1] is None
    with database.writing() as session:
        assert lifecycle.finish(session, new, FINAL, lambda _s: 7) is State.DONE
    ended = row(database, run_id)
    assert (ended.state, ended.proposal_id, ended.attempt, ended.lost) == ("done", 7, 2, 1)
    assert events(database, run_id) == ["created", "claimed", "lost", "claimed", "done"]


def test_a_result_is_kept_whole_or_not_at_all(database: Database, new_run: Callable[..., int]) -> None:
    """Tests that a run whose proposal cannot be stored is still running."""
    held = take(database, new_run())

    def broken(_session: object) -> int:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"), database.writing() as session:
        lifecycle.finish(session, held, FINAL, broken)
    assert row(database, held.run_id).state == "running"


def test_a_living_run_is_left_alone(database: Database, new_run: Callable[..., int]) -> None:
    run_id = new_run()
    take(database, run_id)
    silence(database, run_id, 29)
    assert give_up(database) == []
    assert row(database, run_id).state == "running"


def test_the_third_death_ends_a_run(database: Database, new_run: Callable[..., int]) -> None:
    """Tests that a run which kills its workers fails with a sentence, and keeps what was found."""
    run_id = new_run()
    for death in range(1, 4):
        held = take(database, run_id)
        with database.writing() as session:
            lifecycle.beat(session, held, 1.0 * death, incumbent=f'["{death}"]')
        silence(database, run_id, 31)
        assert give_up(database) == ([run_id] if death < 3 else [])
    ended = row(database, run_id)
    assert (ended.state, ended.lost, ended.failure) == ("failed", 3, lifecycle.LOST_TOO_OFTEN)
    assert ended.finished_at is not None
    assert events(database, run_id)[-2:] == ["lost", "failed"]
    with database.reading() as session:
        assert lifecycle.documents(session, run_id)[1] == '["3"]'


def test_leaving_is_not_dying(database: Database, new_run: Callable[..., int]) -> None:
    """Tests that a run put back by workers that were asked to leave never fails for it."""
    run_id = new_run()
    for _ in range(5):
        held = take(database, run_id)
        with database.writing() as session:
            assert lifecycle.release(session, held) is True
    again = row(database, run_id)
    assert (again.state, again.lost, again.attempt, again.heartbeat_at) == ("queued", 0, 5, None)


def test_stopping_a_waiting_run_ends_it(database: Database, new_run: Callable[..., int]) -> None:
    run_id = new_run()
    with database.writing() as session:
        assert lifecycle.request_stop(session, run_id) is State.STOPPED
    assert row(database, run_id).proposal_id is None
    with database.writing() as session:
        assert lifecycle.claim(session, run_id, "w1") is None
        assert lifecycle.request_stop(session, run_id) is State.STOPPED
    assert events(database, run_id) == ["created", "stop_requested", "stopped"]


def test_stopping_a_running_run_is_told_to_its_worker(
    database: Database, new_run: Callable[..., int]
) -> None:
    """Tests that the worker learns it with its next beat and that the run ends « stopped » with its plan."""
    held = take(database, new_run())
    with database.writing() as session:
        assert lifecycle.beat(session, held, 1.0) is False
        assert lifecycle.request_stop(session, held.run_id) is State.RUNNING
        assert lifecycle.beat(session, held, 2.0) is True
        assert lifecycle.finish(session, held, FINAL, lambda _s: 9) is State.STOPPED
    ended = row(database, held.run_id)
    assert (ended.state, ended.proposal_id, ended.objective_value) == ("stopped", 9, 100_000)


def test_a_stop_outlives_a_death(database: Database, new_run: Callable[..., int]) -> None:
    """Tests that a run stopped while its worker was dying is taken up again to keep its plan."""
    run_id = new_run()
    take(database, run_id)
    with database.writing() as session:
        lifecycle.request_stop(session, run_id)
    silence(database, run_id, 31)
    assert give_up(database) == [run_id]
    held = take(database, run_id, "w2")
    with database.writing() as session:
        assert lifecycle.beat(session, held, 2.0) is True


def test_stopping_an_unknown_run(database: Database, campaign_id: int) -> None:
    with database.writing() as session:
        assert lifecycle.request_stop(session, 4711) is None


def test_time_already_worked_is_counted(database: Database, new_run: Callable[..., int]) -> None:
    """Tests that a run taken up again knows how long it was worked on."""
    held = take(database, new_run())
    with database.writing() as session:
        lifecycle.beat(session, held, 12.5, phase="search", points=[FINAL])
        lifecycle.release(session, held)
    assert take(database, held.run_id).worked_s == 12.5


def test_a_forgotten_run_is_found(database: Database, new_run: Callable[..., int]) -> None:
    """Tests that a row whose message was never sent is found once it has waited for a lease."""
    run_id = new_run()
    with database.reading() as session:
        assert lifecycle.forgotten(session, 30) == []
    with database.writing() as session:
        session.execute(update(Run).where(Run.id == run_id).values(enqueued_at=Run.enqueued_at - 31))
    with database.writing() as session:
        assert lifecycle.forgotten(session, 30) == [run_id]
        assert lifecycle.mark_requeued(session, run_id) is True
        assert lifecycle.forgotten(session, 30) == []
    assert events(database, run_id) == ["created", "requeued"]
