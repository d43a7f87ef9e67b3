"""Measure one national run by one worker process and by several: what dividing it gains.

    python -m benchmarks.bench_workers --size 4000 --seconds 120 --workers 1 2

Regions of one draw (``benchmarks.regions``), no ESMS of one in reach of another's. The run goes the whole
way: campaign, queue, ``matchmaker worker --processes N`` on a SQLite file of its own (``--database URL``:
another), plan stored. The threads are the same in all: ``--threads`` over N processes (``--each``: N times
as many, as on N machines). One line each: wall time from the question to the plan and, of a divided run,
until its last part was over; CPU seconds of all processes, funding, bound, gap, whether all changes were
sought, peak memory of the largest process (VmHWM). ``--stop-after S``: a stop is asked for S seconds after
the question; the line ends with the seconds from there to the plan.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from sqlalchemy import func, select

from benchmarks.regions import draw_region
from matchmaker.campaigns import campaign
from matchmaker.database import Database, migrate, open_database
from matchmaker.proposals.keeping import documents
from matchmaker.runs import lifecycle
from matchmaker.runs.lifecycle import Asked
from matchmaker.runs.parts import presence, whole
from matchmaker.runs.parts.tables import RunPart
from matchmaker.runs.queue import enqueue
from matchmaker.runs.reading import Standing, standing
from matchmaker.runs.request import question_of
from matchmaker.runs.tables import Run

REGIONS = ("76", "84", "93", "53", "52")
LEASE_S = 30


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
    parser.add_argument("--stop-after", type=float, help="seconds after which a stop is asked for")
    parser.add_argument("--database", help="URL of an empty PostgreSQL database")
    given = parser.parse_args()
    instance = draw_region(given.regions, given.size, given.seed, max_radius_km=60.0)
    text = json.dumps(instance, ensure_ascii=False)
    for workers in given.workers:
        with tempfile.TemporaryDirectory() as home:
            url = given.database or f"sqlite:///{home}/matchmaker.sqlite3"
            queue = given.database or f"sqlite:///{home}/queue.sqlite3"
            _measure(text, question_of(instance), given, workers, home, url, queue)


def _measure(
    instance: str,
    question: dict[str, object],
    given: argparse.Namespace,
    workers: int,
    home: str,
    url: str,
    queue: str,
) -> None:
    threads = given.threads if given.each else max(1, given.threads // workers)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("MATCHMAKER_")}
    environment = kept | {
        "MATCHMAKER_HOME": home,
        "MATCHMAKER_DATABASE_URL": url,
        "MATCHMAKER_QUEUE_URL": queue,
        "MATCHMAKER_SOLVER_THREADS": str(threads),
    }
    database = open_database(url)
    migrate.upgrade(database)
    command = [sys.executable, "-m", "matchmaker", "worker", "--processes", str(workers)]
    log = Path(home) / "worker.log"
    with log.open("wb") as stream:
        worker = subprocess.Popen(command, env=environment, stdout=stream, stderr=stream)
    try:
        while _processes(database) < workers:
            time.sleep(0.2)
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
        begun, load = time.monotonic(), os.getloadavg()[0]
        enqueue(queue, run_id)
        used, stopped = Used(), None
        while not (now := _standing(database, run_id)).state.is_final:
            used.look(worker.pid)
            if (
                given.stop_after is not None
                and stopped is None
                and time.monotonic() - begun >= given.stop_after
            ):
                with database.writing() as session:
                    lifecycle.request_stop(session, run_id)
                stopped = time.monotonic()
            time.sleep(0.2)
        ended = time.monotonic()
        since = "" if stopped is None else f", {ended - stopped:.1f} s after the stop"
        _tell(database, now, workers, threads, ended - begun, used, load, since)
    finally:
        worker.terminate()
        worker.wait(30)
        database.dispose()


@dataclass
class Used:
    """What the processes of a worker have used so far: CPU seconds of each, MB of the largest."""

    cpu: dict[int, float] = field(default_factory=dict)
    peak_mb: float = 0.0

    def look(self, pid: int) -> None:
        """Look at the worker and at all that it has started; what ends between two looks is missed."""
        for process in [psutil.Process(pid), *psutil.Process(pid).children(recursive=True)]:
            try:
                times = process.cpu_times()
                status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii", errors="replace")
            except (OSError, psutil.NoSuchProcess):
                continue
            self.cpu[process.pid] = times.user + times.system
            line = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0")
            self.peak_mb = max(self.peak_mb, int(line.split()[1]) / 1024)


def _tell(
    database: Database,
    now: Standing,
    workers: int,
    threads: int,
    seconds: float,
    used: Used,
    load: float,
    since: str,
) -> None:
    with database.reading() as session:
        parts = len(whole.parts_of(session, now.id))
        searched = session.scalar(select(func.max(Run.finished_at)).join(RunPart, RunPart.run_id == Run.id))
        asked_at = session.scalars(select(Run.created_at).where(Run.id == now.id)).one()
        searches = "" if searched is None else f" (parts over after {searched - asked_at:.1f} s)"
        proposal = json.loads(documents(session, now.proposal_id or 0)[1])
    print(
        f"{workers} worker(s) of {threads} thread(s), {parts} parts: {seconds:6.1f} s{searches}, "
        f"{sum(used.cpu.values()):.0f} CPU s, "
        f"{proposal['funding_eur'] / 1000:,.1f} kEUR, bound {proposal['upper_bound'] / 1000:,.1f}, "
        f"gap {100 * (proposal['gap'] or 0):.2f} %, changes complete {proposal['changes_complete']}, "
        f"{used.peak_mb:.0f} MB, load {load:.1f} before, {os.getloadavg()[0]:.1f} after{since}",
        flush=True,
    )


def _processes(database: Database) -> int:
    with database.reading() as session:
        return presence.processes(session, LEASE_S)


def _standing(database: Database, run_id: int) -> Standing:
    with database.reading() as session:
        found = standing(session, run_id)
    assert found is not None
    return found


if __name__ == "__main__":
    main()
