"""Doing one run: claim it, search in a helper thread, keep its row alive, store what it found.

CP-SAT must not hold the main thread (a signal would wait for its end) and nothing may hold a transaction
during the search: the helper thread computes, the main thread beats once a second in short transactions.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from matchmaker.database import Database
from matchmaker.runs import lifecycle
from matchmaker.runs.holding import Holding
from matchmaker.runs.job import Division, do, job_of
from matchmaker.runs.parts import whole
from matchmaker.runs.toolbox import Tools
from matchmaker.runs.watch import Watch

log = logging.getLogger(__name__)

TICK_S = 0.2
BEAT_S = 1.0


def execute(
    database: Database,
    tools: Tools,
    run_id: int,
    *,
    worker: str,
    leaving: Callable[[], bool],
    beat_s: float = BEAT_S,
    division: Division | None = None,
    enqueue: Callable[[int], object] = lambda _run_id: None,
) -> bool:
    """Do a run to its end. False when the process must end now: the search still turns in its thread.

    ``leaving`` says that the worker is asked to leave: the run goes back to the queue with its best grappes.
    ``enqueue`` is given the runs that this one leaves to be done: its parts, or the whole of which it was the
    last part.
    """
    with database.writing() as session:
        held = lifecycle.claim(session, run_id, worker)
    if held is None:
        log.info("run %d: nothing to do, already taken or ended", run_id)
        return True
    log.info("run %d: attempt %d by %s", run_id, held.attempt, worker)
    with database.reading() as session:
        job = job_of(session, held, division)
        stopped = job.parent_id is not None and whole.stop_asked(session, job.parent_id)
    watch = Watch(held.worked_s, stop=stopped)
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"run-{run_id}")
    future = executor.submit(do, tools, job, held, watch)
    executor.shutdown(wait=False)
    ended = threading.Event()
    future.add_done_callback(lambda _future: ended.set())
    holding = Holding(database, held, job)
    if not _attend(holding, watch, ended, leaving, beat_s):
        return False
    for left in holding.conclude(tools, watch, future):
        enqueue(left)
    return True


def _attend(
    holding: Holding,
    watch: Watch,
    ended: threading.Event,
    leaving: Callable[[], bool],
    beat_s: float,
) -> bool:
    """Wait for the search, beating; False when the worker must leave before its end."""
    next_beat = time.monotonic()
    lost = False
    while not ended.wait(TICK_S):
        if leaving():
            watch.stop = True
            if not lost:
                holding.beat(watch)
                holding.release()
            return False
        if not lost and time.monotonic() >= next_beat:
            next_beat = time.monotonic() + beat_s
            stop = holding.beat(watch)
            lost = stop is None
            watch.stop = watch.stop or lost or bool(stop)
    return True
