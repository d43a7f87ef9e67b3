"""Measure the optimiser on drawn regions: funding, bounds, gap, time, memory.

    python -m benchmarks.bench_solve --work region-1700 --seeds 11 12 13 14 15
    python -m benchmarks.bench_solve --curve --gap 0.01 --seeds 11

One line per draw, then the median and the worst. Each draw is solved in a process of its own, from the
instance file to the proposal, as ``matchmaker solve`` would with the same limit (``--search-only``: without
explanations). ``gap`` is by the published bound, ``certified`` by the certificate alone. Memory is the peak
of the largest process (VmHWM). ``--quiet-clock``: the limit is counted as on a machine with nothing else to
do (an estimate). ``--record FILE`` adds each draw and its progress to a results file.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

from benchmarks import quiet_clock, record
from benchmarks.works import WORKS, Work, curve_works, neighbours

PEAK_EVERY_S = 0.2


def main() -> None:
    """Read the command line and measure every draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--work", choices=[*WORKS, *curve_works()], nargs="+", default=[])
    parser.add_argument("--curve", action="store_true", help="sizes from 500 to 33,000, 30 s per 1,000 ESMS")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--time", type=float, help="another limit than the work's, seconds")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--gap", type=float, default=0.0)
    parser.add_argument("--search-only", action="store_true")
    parser.add_argument("--quiet-clock", action="store_true")
    parser.add_argument("--trace", action="store_true", help="print the progress too")
    parser.add_argument("--keep", type=Path, help="folder where instances and results are kept")
    parser.add_argument("--record", type=Path, help="results file that each draw is added to")
    parser.add_argument("--solve", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.solve is not None:
        print(json.dumps(_solved(given.solve, given)))
        return
    known = WORKS | curve_works()
    works = {name: known[name] for name in given.work} | (curve_works() if given.curve else {})
    for name, work in works.items():
        _measure(name, work, given)


def _measure(name: str, work: Work, given: argparse.Namespace) -> None:
    found = []
    limit = given.time or work.seconds
    for seed in given.seeds:
        with tempfile.TemporaryDirectory() as folder:
            path = (given.keep or Path(folder)) / f"{name}-{seed}.json"
            if not path.exists():
                path.write_text(json.dumps(work.draw(seed), ensure_ascii=False), encoding="utf-8")
            found.append(_run(path, limit, seed, given))
            _record(name, path, limit, seed, given, found[-1])
        one = found[-1]
        print(
            f"{name} seed {seed}: value {one['value']} bound {one['bound']} gap {one['gap']:.3f} % "
            f"certified {one['certified']:.3f} % grappes {one['grappes']} wall {one['wall']:.1f} s "
            f"cpu {one['cpu']:.1f} s peak {one['peak']} MB load {one['load']} others {one['others']}",
            flush=True,
        )
    gaps = [one["gap"] for one in found]
    print(
        f"{name}, {limit:g} s{' by the quiet clock' if given.quiet_clock else ''}, {given.threads} threads: "
        f"gap median {statistics.median(gaps):.3f} % worst {max(gaps):.3f} % "
        f"(floor {work.floor} %, goal {work.goal} %), certified median "
        f"{statistics.median(one['certified'] for one in found):.3f} %, proven {sum(g <= 0 for g in gaps)} "
        f"of {len(gaps)}, peak {max(one['peak'] for one in found)} MB",
        flush=True,
    )


def _record(
    name: str, path: Path, limit: float, seed: int, given: argparse.Namespace, one: dict[str, Any]
) -> None:
    """Add a draw to the results file, when one is asked for."""
    if given.record is None:
        return
    document = json.loads(path.read_text(encoding="utf-8"))
    asked = run_of(name, seed, limit, given.threads, quiet=given.quiet_clock, gap=given.gap)
    asked |= {"instance": record.digest(document), "esms": len(document["esms"])}
    record.Results(given.record).add({**asked, "neighbours": neighbours(document), **one})


def run_of(
    name: str, seed: int, limit: float, threads: int, *, quiet: bool = False, gap: float = 0.0
) -> dict[str, Any]:
    """What tells this run from another one in a results file."""
    return {
        "kind": "solve",
        "work": name,
        "seed": seed,
        "seconds": limit,
        "threads": threads,
        "clock": "quiet" if quiet else "wall",
        "gap_asked": gap,
    }


def _run(path: Path, limit: float, seed: int, given: argparse.Namespace) -> dict[str, Any]:
    """Solve one instance file in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.bench_solve", "--solve", str(path), "--time", str(limit)]
    command += ["--seeds", str(seed), "--threads", str(given.threads), "--gap", str(given.gap)]
    command += [
        f"--{flag.replace('_', '-')}" for flag in ("search_only", "quiet_clock", "trace") if vars(given)[flag]
    ]
    printed = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout
    return dict(json.loads(printed))


def _solved(path: Path, given: argparse.Namespace) -> dict[str, Any]:
    """In the process of its own: read, solve, judge; the figures."""
    from matchmaker.baremes import scale_for
    from solver.document import read_instance

    if given.quiet_clock:
        quiet_clock.install()
    busy, peaks = record.Busy(), _Peaks()
    begun, cpu = time.monotonic(), _cpu()
    trail = record.Trail(given.time)
    instance = read_instance(json.loads(path.read_text(encoding="utf-8")))
    scale = scale_for(instance.regime, instance.parameters.readings)
    show = _shown(given, begun, peaks, trail)
    document = (_search if given.search_only else _solve)(instance, scale, given, begun, show)
    spent = _cpu() - cpu + peaks.children_cpu
    return {
        "value": document["objective_value"],
        "bound": document["upper_bound"],
        "gap": _per_cent(document["upper_bound"], document["objective_value"]),
        "certified": _per_cent(document["certified_bound"], document["objective_value"]),
        "certified_bound": document["certified_bound"],
        "grappes": len(document["grappes"]),
        "explained": not given.search_only,
        "wall": round(time.monotonic() - begun, 2),
        "cpu": round(spent, 2),
        "peak": peaks.largest,
        **busy.over(spent),
        "points": trail.points(),
    }


def _solve(instance: Any, scale: Any, given: argparse.Namespace, begun: float, show: Any) -> dict[str, Any]:
    from solver.solve import solve

    return solve(
        instance,
        scale,
        time_limit_s=given.time,
        gap=given.gap,
        seed=given.seeds[0],
        threads=given.threads,
        on_progress=show,
    )


def _search(instance: Any, scale: Any, given: argparse.Namespace, begun: float, show: Any) -> dict[str, Any]:
    from solver.judge import Judge
    from solver.search import search

    found = search(
        instance,
        scale,
        deadline=begun + given.time,
        gap=given.gap,
        seed=given.seeds[0],
        threads=given.threads,
        on_progress=show,
        should_stop=lambda: False,
    )
    broken = Judge(instance, scale).violations(found.grappes)
    if broken:
        raise SystemExit(f"the judge refuses: {broken[:3]}")
    return {
        "objective_value": found.objective_value,
        "upper_bound": found.upper_bound,
        "certified_bound": found.certified_bound,
        "grappes": found.grappes,
    }


def _shown(given: argparse.Namespace, begun: float, peaks: _Peaks, trail: record.Trail) -> Any:
    spent = _cpu()

    def show(progress: Any) -> None:
        now, cpu = time.monotonic() - begun, _cpu() - spent + peaks.children_cpu
        trail.add(now, cpu, progress.objective_value, progress.upper_bound)
        if given.trace and progress.objective_value:
            gap = _per_cent(progress.upper_bound, progress.objective_value)
            print(
                f"  {now:6.1f} s {cpu:6.1f} cpu {progress.phase:11} "
                f"{progress.objective_value:>12} {progress.upper_bound:>12} {gap:7.3f} %",
                file=sys.stderr,
                flush=True,
            )

    return show


def _per_cent(bound: int, value: int) -> float:
    return 100.0 * (bound / value - 1.0) if value else 0.0


def _cpu() -> float:
    return time.process_time()


class _Peaks:
    """Watches the memory of this process and its children, and the children's CPU time."""

    def __init__(self) -> None:
        self.largest, self.children_cpu = 0, 0.0
        threading.Thread(target=self._watch, name="peaks", daemon=True).start()

    def _watch(self) -> None:
        spent: dict[int, float] = {}
        while True:
            processes = quiet_clock.children()
            for process in [os.getpid(), *processes]:
                try:
                    status = Path(f"/proc/{process}/status").read_text()
                    ticks = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[11:13]
                except OSError:  # it has just ended
                    continue
                high = next((line for line in status.splitlines() if line.startswith("VmHWM")), "VmHWM: 0 kB")
                self.largest = max(self.largest, int(high.split()[1]) // 1024)
                if process in processes:
                    spent[process] = sum(map(int, ticks)) / os.sysconf("SC_CLK_TCK")
            self.children_cpu = sum(spent.values())
            time.sleep(PEAK_EVERY_S)


if __name__ == "__main__":
    main()
