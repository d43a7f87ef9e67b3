"""Measure a release: every line of its table, in the order of importance, as far as the time goes.

    python -m benchmarks.release --minutes 90

One run at a time, each recorded in ``benchmarks/results/<version>.json`` as soon as it ends; what is
recorded for the code at hand, on a quiet machine, is skipped, so that the command can be stopped and given
again. ``--dry-run`` prints what is left. Then ``python -m benchmarks.page`` writes docs/results.md. Leave the
machine alone meanwhile: each record says what other work took of it.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import record
from benchmarks.bench_solve import run_of
from benchmarks.lines import Compare, Solve, in_order
from benchmarks.works import BASE_S

_AROUND_S = 15.0  # drawing, starting, recording
_PATIENCE = 3.0  # a run that takes so many times its limit is killed


def main() -> None:
    """Run what is not recorded yet; exit 1 when a run failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--file", type=Path, default=record.file_of())
    parser.add_argument("--only", nargs="+", default=[], help="works, or « peers », or « curve »")
    parser.add_argument("--again", action="store_true", help="other tools too, where the machine was busy")
    parser.add_argument("--quiet-clock", action="store_true", help="solve by it: the machine does other work")
    parser.add_argument("--dry-run", action="store_true")
    given = parser.parse_args()
    # Imported late: the tools of the peers need not be there to be listed.
    from benchmarks.peers.methods import OURS, available

    methods = (OURS, *available())
    ends, failed = time.monotonic() + 60 * given.minutes, 0
    for run in in_order(methods):
        if given.only and _sort(run) not in given.only and _name(run) not in given.only:
            continue
        quiet = (given.again or _kind(run) == "solve") and not given.quiet_clock
        asked = _key(run, given.threads, quiet_clock=given.quiet_clock)
        if record.Results(given.file).holds(record.code(_kind(run)), quiet=quiet, **asked):
            continue
        if time.monotonic() + _takes_s(run) > ends:
            print(f"no time left for {_words(run)}", flush=True)
            continue
        print(_words(run), flush=True)
        if not given.dry_run:
            failed += not _done(run, given)
    sys.exit(1 if failed else 0)


def _sort(run: Solve | Compare) -> str:
    if isinstance(run, Compare):
        return "peers"
    return "curve" if run.work.startswith("curve-") else run.work


def _name(run: Solve | Compare) -> str:
    return run.instance if isinstance(run, Compare) else run.work


def _kind(run: Solve | Compare) -> str:
    from benchmarks.peers.methods import OURS

    return "peer" if isinstance(run, Compare) and run.method != OURS else "solve"


def _key(run: Solve | Compare, threads: int, *, quiet_clock: bool = False) -> dict[str, object]:
    if isinstance(run, Solve):
        return run_of(run.work, run.seed, run.seconds, threads, quiet=quiet_clock, gap=run.gap)
    from benchmarks.peers.methods import run_of as compared

    return compared(run.instance, run.method, run.seconds, threads)


def _takes_s(run: Solve | Compare) -> float:
    more = BASE_S if isinstance(run, Solve) and run.work == "repair" else 0.0
    return run.seconds + more + _AROUND_S


def _words(run: Solve | Compare) -> str:
    if isinstance(run, Compare):
        return f"peers: {run.method} on {run.instance}, {run.seconds:g} s"
    return f"{run.work}, seed {run.seed}, {run.seconds:g} s"


def _done(run: Solve | Compare, given: argparse.Namespace) -> bool:
    """Run in a process of its own, which records; False when it fails or does not end."""
    limit = ["--time", str(run.seconds), "--threads", str(given.threads), "--record", str(given.file)]
    if isinstance(run, Compare):
        command = ["benchmarks.peers", "--kept", run.instance, "--methods", run.method, *limit]
    else:
        command = ["benchmarks.bench_solve", "--work", run.work, "--seeds", str(run.seed)]
        command += ["--gap", str(run.gap), *limit, *(["--quiet-clock"] if given.quiet_clock else [])]
    # A session of its own: what it started ends with it.
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=record.ROOT, start_new_session=True)
    try:
        return process.wait(_PATIENCE * _takes_s(run) + 120) == 0
    except subprocess.TimeoutExpired:
        print(f"killed, too long: {_words(run)}", file=sys.stderr, flush=True)
        return False
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


if __name__ == "__main__":
    main()
