"""Measure a stop: how long after Ctrl-C the search has ended and the file is there, and the longest silence.

    python -m benchmarks.bench_stop --work region-3200 --seeds 31 --at 0.5 5 30
    python -m benchmarks.bench_stop --work france --seeds 31 --never --time 60 --quiet-clock

Each stop is ``matchmaker solve`` in a process of its own, which sends itself SIGINT after so many seconds.
``search``: from the signal to the end of the search; ``file``: to the file written; ``cpu``: seconds of CPU
spent meanwhile, all processes. ``silence``: the longest time between two reports of progress, and what was
under way. ``--never``: no stop, the time limit is measured instead. ``--quiet-clock`` as in ``bench_solve``.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import quiet_clock
from benchmarks.works import WORKS, curve_works


def main() -> None:
    """Read the command line and measure every stop."""
    known = WORKS | curve_works()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", choices=known, default="region-3200")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--at", type=float, nargs="+", default=[5.0], help="when it is stopped, seconds")
    parser.add_argument("--never", action="store_true", help="do not stop it")
    parser.add_argument("--time", type=float, help="another limit than the work's, seconds")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--quiet-clock", action="store_true")
    parser.add_argument("--keep", type=Path, help="folder where instances are kept")
    parser.add_argument("--instance", type=Path, help="this instance file instead of a work")
    parser.add_argument("--solve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.solve is not None:
        print(json.dumps(_stopped(given.solve, given)))
        return
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as folder:
            path = given.instance or (given.keep or Path(folder)) / f"{given.work}-{seed}.json"
            if not path.exists():
                document = known[given.work].draw(seed)
                path.write_text(json.dumps(document, ensure_ascii=False), encoding="utf-8")
            limit = given.time or known[given.work].seconds
            for at in [limit] if given.never else given.at:
                print(f"{path.stem}: {_told(_run(path, limit, at, seed, given))}", flush=True)


def _run(path: Path, limit: float, at: float, seed: int, given: argparse.Namespace) -> dict[str, Any]:
    """One solve in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_stop", "--solve", str(path), "--time", str(limit)]
    command += ["--at", str(at), "--seeds", str(seed), "--threads", str(given.threads)]
    command += ["--quiet-clock"] * given.quiet_clock + ["--never"] * given.never
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return dict(json.loads(printed.splitlines()[-1]))


def _told(one: dict[str, Any]) -> str:
    seconds, phase = one["silence"]
    after = "" if one["search"] is None else f"search {one['search']:.2f} s file {one['file']:.2f} s "
    return (
        f"stopped at {one['at']:.1f} s in {one['phase']}: {after}cpu {one['cpu']:.1f} s, "
        f"silence {seconds:.2f} s in {phase}, whole {one['wall']:.1f} s, value {one['value']} "
        f"bound {one['bound']} grappes {one['grappes']} changes {one['changes']} "
        f"load {os.getloadavg()[0]:.1f}"
    )


@dataclass
class _Log:
    """What happens in the process, by ``clock``."""

    begun: float
    last: float
    phase: str = "loading"
    silence: tuple[float, str] = (0.0, "")
    asked: tuple[float, str, float] | None = None
    found: float | None = None

    def line(self, text: str) -> None:
        """A line of progress on standard error: time, unit, phase."""
        now = time.monotonic()
        self._silent(now)
        words = text.split()
        self.phase = words[2] if len(words) > 2 else self.phase

    def _silent(self, now: float) -> None:
        if now - self.last > self.silence[0]:
            self.silence = round(now - self.last, 3), self.phase
        self.last = now

    def ended(self) -> None:
        self._silent(time.monotonic())


def _stopped(path: Path, given: argparse.Namespace) -> dict[str, Any]:
    """In the process of its own: the command, its signal and its figures."""
    if given.quiet_clock:
        quiet_clock.install()
    begun = time.monotonic()
    log = _Log(begun, begun)
    import solver.solve
    from matchmaker.optimiser import command_line
    from matchmaker.optimiser.commands import solve_command

    searched = solver.solve.search

    def search(*args: Any, **extra: Any) -> Any:
        try:
            return searched(*args, **extra)
        finally:
            log.found = time.monotonic()

    solver.solve.search = search
    command_line.say = log.line
    over = threading.Event()

    def stop() -> None:
        while time.monotonic() < begun + given.at[0]:
            if over.wait(0.01):
                return
        log.asked = time.monotonic(), log.phase, _spent()
        os.kill(os.getpid(), signal.SIGINT)

    if not given.never:
        threading.Thread(target=stop, daemon=True).start()
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "proposal.json"
        asked = [str(path), "--output", str(output), "--time-limit", str(given.time)]
        asked += ["--seed", str(given.seeds[0]), "--threads", str(given.threads)]
        solve_command.main(asked, standalone_mode=False)
        over.set()
        log.ended()
        wall = log.last - begun
        document = json.loads(output.read_text(encoding="utf-8"))
    at, phase, before = log.asked or (None, "the end", 0.0)
    return {
        "at": wall if at is None else at - begun,
        "phase": phase,
        "search": None if at is None or log.found is None else max(0.0, log.found - at),
        "file": None if at is None else log.last - at,
        "cpu": _spent() - before,
        "silence": log.silence,
        "wall": wall,
        "value": document["objective_value"],
        "bound": document["upper_bound"],
        "grappes": len(document["grappes"]),
        "changes": "complete" if document["changes_complete"] else "cut",
    }


def _spent() -> float:
    """CPU seconds of this process and of its children, those that have ended among them."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    spent = time.process_time() + ended.ru_utime + ended.ru_stime
    for process in quiet_clock.children():
        try:
            ticks = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
        except OSError:  # it has just ended
            continue
        spent += sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
    return spent


if __name__ == "__main__":
    main()
