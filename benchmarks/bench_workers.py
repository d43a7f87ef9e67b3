"""Measure one national run by one worker process and by several: what dividing it gains, and when it ends.

    python -m benchmarks.bench_workers --size 4000 --seconds 120 --workers 1 2
    python -m benchmarks.bench_workers --postgresql --apart --workers 2 --seconds 60 --kill-after 15

Regions of one draw (``benchmarks.regions``), no ESMS of one in reach of another's. The run goes the whole
way: campaign, queue, workers, plan stored; on a SQLite file of its own, ``--postgresql``: on a PostgreSQL
server of its own (the tests' one), ``--database URL``: on that one. ``--apart``: N ``matchmaker worker`` of
one process, as on N machines, instead of one with N. The threads are the same in all: ``--threads`` over N
processes (``--each``: N times as many, as on N machines).

One line each: wall time from the question to the plan, CPU seconds of all processes, funding, bound, gap,
whether all changes were sought, peak memory of the largest process (VmHWM); then where the time went, by the
run's journal, and how far the end is from the limit. ``--stop-after S``: a stop is asked for S seconds after
the question; the line ends with the seconds from there to the plan, and to the moment when no worker does
anything any more. ``--kill-after S``: the worker of a part that has a plan by then is killed by force and
does not come back (with ``--apart``; else its process alone is killed, and the worker starts another).
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from benchmarks.regions import draw_region
from benchmarks.run_phases import phases
from benchmarks.workplaces import Workplace, idle_after_s
from matchmaker.campaigns import campaign
from matchmaker.database import Database, migrate, open_database
from matchmaker.proposals.keeping import documents
from matchmaker.runs import lifecycle
from matchmaker.runs.lifecycle import Asked
from matchmaker.runs.parts import presence, whole
from matchmaker.runs.queue import enqueue
from matchmaker.runs.reading import Standing, standing
from matchmaker.runs.request import question_of
from matchmaker.runs.tables import Run, State
from tests.postgres import running_server

REGIONS = ("76", "84", "93", "53", "52")
LEASE_S = 30
_LOOK_S = 0.2


def main() -> None:
    """Read the command line and measure each number of workers on the same instance."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--regions", nargs="+", default=list(REGIONS))
    parser.add_argument("--size", type=int, default=4000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=int, default=120)
    parser.add_argument("--gap", type=float, default=0.0)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--each", action="store_true", help="threads of each process, not of all")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--apart", action="store_true", help="N workers of one process, not one of N")
    parser.add_argument("--stop-after", type=float, help="seconds after which a stop is asked for")
    parser.add_argument("--kill-after", type=float, help="seconds after which a worker is killed")
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--database", help="URL of an empty PostgreSQL database")
    where.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server of its own")
    given = parser.parse_args()
    instance = draw_region(given.regions, given.size, given.seed, max_radius_km=60.0)
    text = json.dumps(instance, ensure_ascii=False)
    for workers in given.workers:
        with _installed(given) as place:
            _measure(text, question_of(instance), given, workers, place)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where an installation of its own keeps its files, rows and queue."""

    home: Path
    url: str
    queue: str


@contextmanager
def _installed(given: argparse.Namespace) -> Iterator[_Place]:
    with tempfile.TemporaryDirectory() as folder:
        if given.postgresql:
            with running_server() as server:
                url = server.url(server.create())
                yield _Place(Path(folder), url, url)
        elif given.database:
            yield _Place(Path(folder), given.database, given.database)
        else:
            yield _Place(
                Path(folder), f"sqlite:///{folder}/matchmaker.sqlite3", f"sqlite:///{folder}/queue.sqlite3"
            )


def _measure(
    instance: str, question: dict[str, object], given: argparse.Namespace, workers: int, place: _Place
) -> None:
    threads = given.threads if given.each else max(1, given.threads // workers)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MATCHMAKER_")}
    environment = kept | {
        "MATCHMAKER_HOME": str(place.home),
        "MATCHMAKER_DATABASE_URL": place.url,
        "MATCHMAKER_QUEUE_URL": place.queue,
        "MATCHMAKER_SOLVER_THREADS": str(threads),
    }
    database = open_database(place.url)
    migrate.upgrade(database)
    groups = [1] * workers if given.apart else [workers]
    places = [Workplace.start(n, environment, place.home / "worker.log") for n in groups]
    try:
        _wait(lambda: _processes(database) >= workers)
        with database.writing() as session:
            number = campaign.create(
                session,
                name=f"Mesure, {workers}",
                region=None,
                regime="generalisation-2022",
                parameters={"max_radius_km": 60},
                fictitious=True,
            )
            asked = Asked(given.seconds, given.gap, 1, threads)
            run_id = lifecycle.create_run(session, number, instance, question, asked)
        watched = _Watched(database, places, run_id, given.stop_after, given.kill_after)
        load = os.getloadavg()[0]
        enqueue(place.queue, run_id)
        watched.to_the_end()
        watched.tell(f"{workers} worker(s) of {threads} thread(s)", load)
    finally:
        for workplace in places:
            workplace.end()
        database.dispose()


@dataclass
class _Watched:
    """One run, from the question to the plan, with what is done to it on the way; moments are monotonic."""

    database: Database
    places: list[Workplace]
    run_id: int
    stop_after: float | None
    kill_after: float | None
    begun: float = field(default_factory=time.monotonic)
    ended: float = 0.0
    stopped: float | None = None
    killed: str = ""

    def to_the_end(self) -> None:
        """Look at the run until it is over; ask for a stop, or kill a worker, when it is time."""
        while not self._standing().state.is_final:
            for place in self.places:
                place.look()
            since = time.monotonic() - self.begun
            if self.stop_after is not None and self.stopped is None and since >= self.stop_after:
                with self.database.writing() as session:
                    lifecycle.request_stop(session, self.run_id)
                self.stopped = time.monotonic()
            if self.kill_after is not None and not self.killed and since >= self.kill_after:
                self.killed = self._kill(since)
            time.sleep(_LOOK_S)
        self.ended = time.monotonic()

    def tell(self, who: str, load: float) -> None:
        """What came of it, and where the time went."""
        now, after = self._standing(), os.getloadavg()[0]
        idle = None if self.stopped is None else idle_after_s(self.places, self.stopped)
        with self.database.reading() as session:
            went = phases(session, self.run_id)
            parts = len(whole.parts_of(session, self.run_id))
            proposal = None if now.proposal_id is None else json.loads(documents(session, now.proposal_id)[1])
        cpu = sum(sum(place.cpu.values()) for place in self.places)
        print(
            f"{who}, {parts} parts: {now.state.value} after {self.ended - self.begun:.1f} s, "
            f"{went.late_s:+.1f} s of its limit, {cpu:.0f} CPU s, {_worth(proposal)}, "
            f"{max(place.peak_mb for place in self.places):.0f} MB, load {load:.1f} before, {after:.1f} after"
            + self.killed
        )
        if self.stopped is not None:
            quiet = "not idle a minute later" if idle is None else f"workers idle after {idle:.1f} s"
            print(f"  stop asked: plan after {self.ended - self.stopped:.1f} s, {quiet}")
        print("\n".join(went.lines), flush=True)

    def _kill(self, since: float) -> str:
        """Kill whoever works on a part that has a plan; empty while there is none."""
        with self.database.reading() as session:
            runs = [session.get_one(Run, number) for number in whole.parts_of(session, self.run_id)]
            found = next((run for run in runs if run.state == State.RUNNING and run.objective_value), None)
            if found is None:
                return ""
            pid, placed = int((found.worker or "").rpartition(":")[2]), found.esms_placed
        if len(self.places) > 1:
            next(place for place in self.places if place.holds(pid)).kill()
        else:
            with suppress(psutil.NoSuchProcess):
                psutil.Process(pid).kill()
        return f", process {pid} killed after {since:.1f} s with {placed} ESMS placed"

    def _standing(self) -> Standing:
        with self.database.reading() as session:
            found = standing(session, self.run_id)
        assert found is not None
        return found


def _worth(proposal: Mapping[str, Any] | None) -> str:
    if proposal is None:
        return "no plan"
    return (
        f"{proposal['funding_eur'] / 1000:,.1f} kEUR, bound {proposal['upper_bound'] / 1000:,.1f}, "
        f"gap {100 * (proposal['gap'] or 0):.2f} %, changes complete {proposal['changes_complete']}"
    )


def _processes(database: Database) -> int:
    with database.reading() as session:
        return presence.processes(session, LEASE_S)


def _wait(look: Callable[[], bool]) -> None:
    while not look():
        time.sleep(_LOOK_S)


if __name__ == "__main__":
    main()
