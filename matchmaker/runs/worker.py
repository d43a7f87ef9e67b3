"""The worker: Huey's consumer in process mode, a sweep instead of its scheduler.

Children of a consumer outlive it when it is killed by force: ours notice that they were orphaned, put their
run back and end. SIGTERM and SIGINT do the same within a second or two.
When to modify: how workers start, stop, or find what was left behind.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any

from huey.consumer import Consumer, ConsumerStopped, Scheduler, Worker
from sqlalchemy.exc import OperationalError

from matchmaker.database import Database, open_database
from matchmaker.runs import execution, lifecycle
from matchmaker.runs.job import Division
from matchmaker.runs.parts import presence, whole
from matchmaker.runs.queue import UNREACHABLE, RunQueue
from matchmaker.runs.toolbox import Tools
from matchmaker.settings import Settings

log = logging.getLogger(__name__)


def serve_runs(
    settings: Settings, tools: Callable[[], Tools], processes: int = 1, parent: int | None = None
) -> None:
    """Work until SIGTERM, SIGINT, or the death of the process ``parent`` that started us.

    ``tools`` is called in each working process, after the fork.
    """
    queue = RunQueue(settings.queue_url)
    _RunConsumer(queue, settings, tools, processes, parent).run()


def sweep(database: Database, queue: RunQueue, lease_s: float, missing: set[int]) -> list[int]:
    """Enqueue what was left behind: runs of dead workers, and rows that have no message any more.

    A divided run of which a part was given up for good, or the last one ended unnoticed, is settled too.

    ``missing``: rows without a message at the last look, kept by the caller between two looks. A row must be
    missing twice: a worker that has just taken the message is about to claim it.
    """
    with database.writing() as session:
        again = lifecycle.give_up_silent(session, lease_s)
    with database.reading() as session:
        divided = whole.waiting(session)
    for run_id in divided:
        with database.writing() as session:
            if whole.settle(session, run_id):
                again.append(run_id)
    with database.reading() as session:
        old = lifecycle.forgotten(session, lease_s)
    without_message = set(old) - queue.waiting() if old else set()
    for run_id in sorted(without_message & missing):
        with database.writing() as session:
            if lifecycle.mark_requeued(session, run_id):
                again.append(run_id)
    missing.clear()
    missing.update(without_message)
    for run_id in again:
        log.info("run %d: enqueued again", run_id)
        queue.put(run_id)
    return again


class _Orphan:
    """Knows whether the process that started this one is gone; without ``parent`` it never is."""

    def __init__(self, parent: int | None) -> None:
        self._parent = parent

    def __bool__(self) -> bool:
        return self._parent is not None and os.getppid() != self._parent


class _RunWorker(Worker):  # type: ignore[misc]
    """One working process: at most one run at a time."""

    def __init__(
        self, queue: RunQueue, settings: Settings, tools: Callable[[], Tools], **options: Any
    ) -> None:
        super().__init__(**options)
        self._queue, self._settings, self._make_tools = queue, settings, tools
        self._must_end = False

    def initialize(self) -> None:
        # The stop flag says when to leave; Huey's handler would break into a transaction instead.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._orphan = _Orphan(os.getppid())
        self._database = open_database(self._settings.database_url)
        self._name = f"{socket.gethostname()}:{os.getpid()}"
        self._tools = self._make_tools()
        lease_s = self._settings.run_lease_s
        self._division = Division(
            self._settings.divide_from, lambda session: presence.processes(session, lease_s)
        )
        self._queue.execute = self._execute
        super().initialize()

    def loop(self, now: Any = None) -> None:
        if self._orphan:
            self.stop_flag.set()
            return
        super().loop(now)
        if self._must_end:
            # The run is back in the queue but its search still turns in a thread: nothing to wait for.
            log.info("worker %s leaves", self._name)
            self._queue.close()
            logging.shutdown()
            sys.stdout.flush()
            os._exit(0)

    def _leaving(self) -> bool:
        return bool(self._orphan) or bool(self.stop_flag.is_set())

    def _execute(self, run_id: int) -> None:
        ended = execution.execute(
            self._database,
            self._tools,
            run_id,
            worker=self._name,
            leaving=self._leaving,
            beat_s=min(execution.BEAT_S, self._settings.run_lease_s / 6),
            division=self._division,
            enqueue=self._queue.put,
        )
        if not ended:
            self._must_end = True
            self._queue.put(run_id)


class _Sweeper(Scheduler):  # type: ignore[misc]
    """Huey's scheduler process, given our only periodic work. It never waits behind a run."""

    def __init__(self, queue: RunQueue, settings: Settings, processes: int, **options: Any) -> None:
        super().__init__(**options)
        self._queue, self._settings, self._processes = queue, settings, processes

    def initialize(self) -> None:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        self._orphan = _Orphan(os.getppid())
        self._database = open_database(self._settings.database_url)
        self._name = f"{socket.gethostname()}:{os.getppid()}"
        self._next = time.monotonic()
        self._missing: set[int] = set()

    def loop(self, now: Any = None) -> None:
        if self._orphan:
            self.stop_flag.set()
            return
        if time.monotonic() >= self._next:
            self._next = time.monotonic() + self._settings.run_lease_s / 3
            try:
                with self._database.writing() as session:
                    presence.note(session, self._name, self._processes)
                sweep(self._database, self._queue, self._settings.run_lease_s, self._missing)
            except (OperationalError, *UNREACHABLE):
                log.warning("sweep put off: database or queue out of reach", exc_info=True)
        self.stop_flag.wait(0.5)


class _RunConsumer(Consumer):  # type: ignore[misc]
    def __init__(
        self,
        queue: RunQueue,
        settings: Settings,
        tools: Callable[[], Tools],
        processes: int,
        parent: int | None,
    ) -> None:
        self._queue, self._settings, self._tools, self._processes = queue, settings, tools, processes
        self._orphan = _Orphan(parent)
        super().__init__(
            queue.huey,
            workers=processes,
            periodic=False,
            initial_delay=0.1,
            max_delay=1.0,
            worker_type="process",
            health_check_interval=1,
        )
        # A closed terminal means stop, not start again as Huey has it.
        self._signal_actions[signal.SIGHUP] = (False, False)

    def loop(self, health_check_ts: float | None = None) -> Any:
        if self._orphan:
            log.info("the process that started this worker is gone: it leaves")
            self.stop()
            raise ConsumerStopped
        return super().loop(health_check_ts)

    def _create_worker(self) -> Worker:
        return _RunWorker(
            self._queue,
            self._settings,
            self._tools,
            huey=self.huey,
            stop_flag=self.stop_flag,
            default_delay=self.default_delay,
            max_delay=self.max_delay,
            backoff=self.backoff,
            max_tasks=self.max_tasks,
        )

    def _create_scheduler(self) -> Scheduler:
        return _Sweeper(
            self._queue,
            self._settings,
            self._processes,
            huey=self.huey,
            stop_flag=self.stop_flag,
            interval=self.scheduler_interval,
            periodic=False,
        )
