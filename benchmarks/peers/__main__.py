"""Run every method on the same kept instances and print one table per instance.

    python -m benchmarks.peers --kept region-400 region-1700 --time 60 --record FILE

Funding is a share of the best bound proven by a certificate, by this run of the optimiser or an earlier one
(``benchmarks.kept``). « Broken » counts the groups of a tool that break a rule (size, radius, solution)
before any repair. The judge reads what every method hands back; a method with a violation after repair is
shown with it. ``--record`` adds each run to a results file.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks import kept, record
from benchmarks.peers import territory
from benchmarks.peers.methods import METHODS, OURS, SEED, available, run_of
from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.judge import Judge
from solver.search import search

_MEMORY = 10 * 2**30  # bytes of addresses that a method may ask for; the largest model needs less


def run(method: str, path: Path, seconds: float, threads: int) -> dict[str, Any]:
    """One method on one instance, in this process: funding, bound, time, memory, violations."""
    instance = read_instance(json.loads(path.read_text(encoding="utf-8")))
    scale = scale_for(instance.regime, instance.parameters.readings)
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    busy = record.Busy()
    begun, spent = time.monotonic(), _cpu()
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
    cpu = _cpu() - spent
    figures |= {"wall": round(time.monotonic() - begun, 2), "cpu": round(cpu, 2), "memory": _peak_mb()}
    figures |= busy.over(cpu)
    judge = Judge(instance, scale)
    figures |= {"violations": len(judge.violations(grappes)), "value": judge.objective_value(grappes)}
    return figures | {"grappes": len(grappes), "placed": sum(len(g.members) for g in grappes)}


def _peak_mb() -> int:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) // 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def _cpu() -> float:
    """Processor seconds of this process and of its children that have ended."""
    return sum(os.times()[:4])


def _apart(method: str, path: Path, given: argparse.Namespace) -> dict[str, Any]:
    """``run`` in a process of its own; ``failed`` when it ends badly or takes far too long."""
    command = [sys.executable, "-m", "benchmarks.peers", "--one", method, str(path)]
    command += ["--time", str(given.time), "--threads", str(given.threads)]
    # A session of its own: tools start processes, which must not outlive it.
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        printed, said = process.communicate(timeout=3 * given.time + 120)
    except subprocess.TimeoutExpired:
        return {"failed": f"killed after {3 * given.time + 120:g} s"}
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
    if process.returncode:
        lines = said.strip().splitlines()
        return {"failed": lines[-1][:200] if lines else f"ended with {process.returncode}"}
    figures: dict[str, Any] = json.loads(printed.splitlines()[-1])
    return figures


def compare(instance: kept.Kept, given: argparse.Namespace) -> None:
    """The table of one instance."""
    document = instance.document()
    bound = kept.best_known()[instance.name].bound
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.json"
        path.write_text(json.dumps(document), encoding="utf-8")
        print(f"\n### {document['title']}\n\nBest bound known {bound:,} €.\n")
        print(
            "| method | % of the bound | placed | grappes | wall s | CPU s | MB | broken before repair |\n"
            "| --- | --- | --- | --- | --- | --- | --- | --- |"
        )
        for method in given.methods:
            figures = _apart(method, path, given)
            bound = min(bound, figures.get("certified", bound))
            _line("Matchmaker" if method == OURS else METHODS[method][0], figures, bound)
            if given.record is not None:
                asked = run_of(instance.name, method, given.time, given.threads)
                asked |= {"instance": record.digest(document), "esms": len(document["esms"])}
                asked["code"] = record.code("solve" if method == OURS else "peer")
                record.Results(given.record).add({**asked, **figures})


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
    parser.add_argument("--kept", nargs="+", choices=list(kept.KEPT), default=["region-400", "region-1700"])
    parser.add_argument("--time", type=float, default=60.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--methods", nargs="+", choices=[OURS, *METHODS], default=[OURS, *available()])
    parser.add_argument("--record", type=Path, help="results file that each run is added to")
    parser.add_argument("--one", nargs=2, metavar=("METHOD", "INSTANCE"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(run(given.one[0], Path(given.one[1]), given.time, given.threads)))
        return
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
        f"{given.time:g} s each"
    )
    for name in given.kept:
        compare(kept.KEPT[name], given)


if __name__ == "__main__":
    main()
