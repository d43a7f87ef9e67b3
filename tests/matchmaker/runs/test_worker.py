"""The real queue and the real worker, in processes of their own, on both databases."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text, update

from matchmaker.database import Database
from matchmaker.runs import lifecycle
from matchmaker.runs.queue import QueueError, RunQueue
from matchmaker.runs.tables import Run, RunPoint
from matchmaker.runs.worker import sweep
from matchmaker.settings import Settings
from tests.matchmaker.runs.workplace import Tree, events, row, wait_until

WORKER = str(Path(__file__).with_name("paced_worker.py"))


@pytest.fixture(autouse=True)
def kept(database: Database) -> None:
    with database.writing() as session:
        session.execute(text("CREATE TABLE kept (run_id integer PRIMARY KEY, proposal text)"))


@pytest.fixture
def queue(settings: Settings) -> Iterator[RunQueue]:
    with RunQueue(settings.queue_url) as opened:
        yield opened


def running(database: Database, run_id: int) -> bool:
    return row(database, run_id).objective_value is not None


def ended(database: Database, run_id: int) -> bool:
    return row(database, run_id).finished_at is not None


def test_a_run_is_done(
    database: Database, queue: RunQueue, new_run: Callable[..., int], start_tree: Callable[..., Tree]
) -> None:
    """Tests the whole way: enqueued here, claimed there, beating, points for the chart, one proposal."""
    run_id = new_run()
    queue.put(run_id)
    assert queue.waiting() == {run_id}
    start_tree(WORKER, PACE_S="1.5")
    wait_until(lambda: running(database, run_id), "the first beat")
    wait_until(lambda: ended(database, run_id), "the end")
    run = row(database, run_id)
    assert (run.state, run.proposal_id, run.phase, run.attempt) == ("done", run_id, None, 1)
    assert events(database, run_id) == ["created", "claimed", "done"]
    with database.reading() as session:
        points = session.scalars(
            select(RunPoint).where(RunPoint.run_id == run_id).order_by(RunPoint.id)
        ).all()
        values = [p.objective_value for p in points]
        assert len(values) > 3
        assert values == sorted(values)
        assert values[-1] == run.objective_value
        assert [p.elapsed_s for p in points] == sorted(p.elapsed_s for p in points)
    assert queue.waiting() == set()


def test_double_delivery_is_harmless(
    database: Database, queue: RunQueue, new_run: Callable[..., int], start_tree: Callable[..., Tree]
) -> None:
    run_id = new_run()
    for _ in range(4):
        queue.put(run_id)
    start_tree(WORKER, PACE_S="0.5")
    wait_until(lambda: ended(database, run_id) and not queue.waiting(), "four messages gone")
    assert events(database, run_id) == ["created", "claimed", "done"]


def test_a_stopped_run_keeps_its_best(
    database: Database, queue: RunQueue, new_run: Callable[..., int], start_tree: Callable[..., Tree]
) -> None:
    run_id = new_run()
    queue.put(run_id)
    start_tree(WORKER, PACE_S="60")
    wait_until(lambda: running(database, run_id), "the first beat")
    with database.writing() as session:
        lifecycle.request_stop(session, run_id)
    wait_until(lambda: ended(database, run_id), "the stop", 10)
    run = row(database, run_id)
    assert (run.state, run.proposal_id) == ("stopped", run_id)
    assert run.objective_value
    assert events(database, run_id) == ["created", "claimed", "stop_requested", "stopped"]


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_worker_asked_to_leave_puts_its_run_back(
    database: Database,
    queue: RunQueue,
    new_run: Callable[..., int],
    start_tree: Callable[..., Tree],
    number: signal.Signals,
) -> None:
    """Tests that it leaves within seconds, no child behind, and that the next one starts from its best."""
    run_id = new_run()
    queue.put(run_id)
    tree = start_tree(WORKER, PACE_S="60", lease_s=30)
    wait_until(lambda: running(database, run_id), "the first beat")
    before = tree.processes()
    assert len(before) == 3, tree.said()
    os.kill(tree.process.pid, number)
    assert tree.process.wait(6) == 0, tree.said()
    assert tree.processes() == []
    run = row(database, run_id)
    assert (run.state, run.lost) == ("queued", 0)
    found = run.objective_value or 0
    start_tree(WORKER, PACE_S="0.3", lease_s=30)
    wait_until(lambda: ended(database, run_id), "the second worker")
    run = row(database, run_id)
    assert run.state == "done"
    assert (run.objective_value or 0) > found > 0
    assert events(database, run_id) == ["created", "claimed", "released", "claimed", "done"]


def test_a_killed_worker_process_is_replaced(
    database: Database, queue: RunQueue, new_run: Callable[..., int], start_tree: Callable[..., Tree]
) -> None:
    """Tests kill -9 of the process that computes: its consumer starts another, the sweep finds the run."""
    run_id = new_run()
    queue.put(run_id)
    tree = start_tree(WORKER, PACE_S="2")
    wait_until(lambda: running(database, run_id), "the first beat")
    tree.processes()
    pid = int((row(database, run_id).worker or "").split(":")[1])
    assert pid != tree.process.pid
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: ended(database, run_id), "taken up again")
    assert row(database, run_id).state == "done"
    assert events(database, run_id) == ["created", "claimed", "lost", "claimed", "done"]


def test_orphans_put_their_run_back_and_end(
    database: Database, queue: RunQueue, new_run: Callable[..., int], start_tree: Callable[..., Tree]
) -> None:
    """Tests kill -9 of the consumer alone: its children do not go on behind our back."""
    run_id = new_run()
    queue.put(run_id)
    tree = start_tree(WORKER, PACE_S="60", lease_s=30)
    wait_until(lambda: running(database, run_id), "the first beat")
    tree.processes()
    os.kill(tree.process.pid, signal.SIGKILL)
    tree.process.wait(5)
    wait_until(lambda: not tree.processes(), "the orphans gone", 15)
    assert row(database, run_id).state == "queued"
    assert events(database, run_id)[-1] == "released"


def test_a_failing_search_is_told(
    database: Database, queue: RunQueue, new_run: Callable[..., int], start_tree: Callable[..., Tree]
) -> None:
    """Tests that an error of the program ends the run with a sentence and a reference found in the log."""
    run_id = new_run()
    queue.put(run_id)
    tree = start_tree(WORKER, FAULT="error")
    wait_until(lambda: ended(database, run_id), "the failure")
    run = row(database, run_id)
    assert (run.state, run.proposal_id) == ("failed", None)
    assert run.failure
    assert run.error_reference
    assert run.error_reference in tree.said()
    assert "ArithmeticError: planted" in tree.said()


def test_a_run_that_kills_its_workers_is_given_up(
    database: Database, queue: RunQueue, new_run: Callable[..., int], start_tree: Callable[..., Tree]
) -> None:
    run_id = new_run()
    queue.put(run_id)
    start_tree(WORKER, FAULT="crash", lease_s=1)
    wait_until(lambda: ended(database, run_id), "given up", 40)
    assert row(database, run_id).failure == lifecycle.LOST_TOO_OFTEN
    assert events(database, run_id) == ["created", *["claimed", "lost"] * 3, "failed"]


def test_a_lost_message_is_sent_again(
    database: Database, queue: RunQueue, new_run: Callable[..., int]
) -> None:
    """Tests « row committed, process died before the message », and that a waiting message is enough."""
    run_id, other = new_run(), new_run()
    queue.put(other)
    with database.writing() as session:
        session.execute(update(Run).values(enqueued_at=Run.enqueued_at - 60))
    missing: set[int] = set()
    assert sweep(database, queue, 30, missing) == []  # a worker may have just taken the message
    assert missing == {run_id}
    assert sweep(database, queue, 30, missing) == [run_id]
    assert queue.waiting() == {run_id, other}
    assert sweep(database, queue, 30, missing) == []


def test_the_queue_carries_no_pickle(
    settings: Settings, queue: RunQueue, new_run: Callable[..., int]
) -> None:
    """Tests that a message is plain JSON and that anything else is refused."""
    queue.put(new_run())
    (message,) = queue.huey.storage.enqueued_items()
    assert bytes(message).startswith(b'{"id": ')
    with pytest.raises(ValueError, match="not a message"):
        queue.huey.serializer.deserialize(b'{"id": "1", "task": "x", "run": "1"}')


@pytest.mark.parametrize("url", ["sqlite://", "redis://localhost", "mysql://localhost/x"])
def test_an_unusable_queue_url_is_refused(url: str) -> None:
    with pytest.raises(QueueError, match="MATCHMAKER_QUEUE_URL"):
        RunQueue(url)
