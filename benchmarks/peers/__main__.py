"""Run every method on the same drawn regions and print one table per region.

    python -m benchmarks.peers --regions 76 --size 600 1700 --seeds 1 --time 60

Funding is a share of the bound certified by the optimiser on the same instance. « Broken » counts the
groups of a tool that break a rule (size, radius, solution) before any repair. The judge reads what every
method hands back; a method with a violation after repair is shown with it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.peers import assignment, by_hand, clusters, territory
from benchmarks.peers.territory import Group, Territory
from benchmarks.regions import draw_region
from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.judge import Judge
from solver.search import search

SEED = 1
Found = tuple[list[Group], list[Group]]  # as handed back by the tool, and after repair


def _clustered(clustering: clusters.Clustering) -> Callable[[Territory, float, int], Found]:
    return lambda region, _seconds, _threads: clusters.by_types(region, clustering)


def _as_is(groups: list[Group] | None) -> Found:
    return groups or [], groups or []


METHODS: dict[str, tuple[str, Callable[[Territory, float, int], Found]]] = {
    "spreadsheet": (
        "spreadsheet, stop at the threshold",
        lambda region, _seconds, _threads: _as_is(by_hand.spreadsheet(region)),
    ),
    "topped-up": (
        "the same, topped up",
        lambda region, _seconds, _threads: _as_is(by_hand.topped_up(region, by_hand.spreadsheet(region))),
    ),
    "randomised": (
        "the same, shaken until time is up",
        lambda region, seconds, _threads: _as_is(
            by_hand.randomised(region, time.monotonic() + seconds, SEED)
        ),
    ),
    "k-means": ("k-means-constrained, repaired", _clustered(clusters.k_means)),
    "max-p": ("PySAL max-p, repaired", _clustered(clusters.max_p)),
    "cp-sat": (
        "assignment model, CP-SAT",
        lambda region, seconds, threads: _as_is(assignment.cp_sat(region, seconds, threads)),
    ),
    "highs": (
        "assignment model, HiGHS",
        lambda region, seconds, _threads: _as_is(assignment.highs(region, seconds)),
    ),
}
OURS = "matchmaker"


def run(method: str, path: Path, seconds: float, threads: int) -> dict[str, Any]:
    """One method on one instance, in this process: funding, bound, time, memory, violations."""
    instance = read_instance(json.loads(path.read_text(encoding="utf-8")))
    scale = scale_for(instance.regime, instance.parameters.readings)
    begun, spent = time.monotonic(), time.process_time()
    figures: dict[str, Any] = {}
    if method == OURS:
        found = search(
            instance,
            scale,
            deadline=begun + seconds,
            gap=0.0,
            seed=SEED,
            threads=threads,
            on_progress=lambda _: None,
            should_stop=lambda: False,
        )
        grappes = list(found.grappes)
        figures |= {"bound": found.upper_bound, "certified": found.certified_bound, "broken": 0}
    else:
        region = territory.read(instance, scale)
        raw, groups = METHODS[method][1](region, seconds, threads)
        grappes = region.grappes(groups)
        figures |= {"broken": region.broken(raw), "groups": len(raw)}
    figures |= {"wall": time.monotonic() - begun, "cpu": time.process_time() - spent, "memory": _peak_mb()}
    judge = Judge(instance, scale)
    figures |= {"violations": len(judge.violations(grappes)), "value": judge.objective_value(grappes)}
    return figures | {"grappes": len(grappes), "placed": sum(len(g.members) for g in grappes)}


def _peak_mb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def _apart(method: str, path: Path, given: argparse.Namespace) -> dict[str, Any]:
    """``run`` in a process of its own; ``failed`` when it ends badly or takes far too long."""
    command = [sys.executable, "-m", "benchmarks.peers", "--one", method, str(path)]
    command += ["--time", str(given.time), "--threads", str(given.threads)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, timeout=3 * given.time + 120
        )
    except subprocess.TimeoutExpired:
        return {"failed": "killed, too long"}
    if done.returncode:
        lines = done.stderr.strip().splitlines()
        return {"failed": lines[-1] if lines else f"ended with {done.returncode}"}
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def compare(regions: list[str], size: int, seed: int, given: argparse.Namespace) -> None:
    """The table of one region."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.json"
        path.write_text(json.dumps(draw_region(regions, size, seed, max_radius_km=given.radius)))
        ours = _apart(OURS, path, given)
        print(f"\n### Region {'+'.join(regions)}, {size} ESMS, seed {seed}, {given.radius:g} km\n")
        if "failed" in ours:
            print(f"{OURS}: {ours['failed']}")
            return
        print(f"Certified bound {ours['certified']:,} €; load {os.getloadavg()[0]:.1f} at the start.\n")
        print(
            "| method | % of the bound | placed | grappes | wall s | CPU s | MB | broken before repair |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- |"
        )
        _line("Matchmaker", ours, ours["certified"])
        for method in given.methods:
            _line(METHODS[method][0], _apart(method, path, given), ours["certified"])


def _line(name: str, f: dict[str, Any], bound: int) -> None:
    if "failed" in f:
        print(f"| {name} | {f['failed']} |" + " |" * 6, flush=True)
        return
    wrong = f", {f['violations']} violations" if f["violations"] else ""
    share = f"{100 * f['value'] / bound:.2f}{wrong}" if f["grappes"] else "none found"
    broken = f"{f['broken']} of {f['groups']}" if "groups" in f else "0"
    print(
        f"| {name} | {share} | {f['placed']} | {f['grappes']} | {f['wall']:.1f} | {f['cpu']:.1f} "
        f"| {f['memory']} | {broken} |",
        flush=True,
    )


def main() -> None:
    """Read the command line; ``--one`` is the child process."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--regions", nargs="+", default=["76"])
    parser.add_argument("--size", type=int, nargs="+", default=[600, 1700])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--time", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--radius", type=float, default=60.0)
    parser.add_argument("--methods", nargs="+", choices=list(METHODS), default=list(METHODS))
    parser.add_argument("--one", nargs=2, metavar=("METHOD", "INSTANCE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(run(given.one[0], Path(given.one[1]), given.time, given.threads)))
        return
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{given.time:g} s each"
    )
    for size in given.size:
        for seed in given.seeds:
            compare(given.regions, size, seed, given)


if __name__ == "__main__":
    main()
