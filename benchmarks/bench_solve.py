"""Measure the optimiser on drawn regions: funding, bound, gap, time, memory.

    python -m benchmarks.bench_solve --size 1700 --seeds 1 2 3 --time 120 --threads 2

Prints one line per draw: value, bounds and gap, wall and CPU seconds, peak memory. On a machine that does
other work the CPU seconds tell more than the wall clock: with two threads and nothing else running they
would be up to twice the wall time.
"""

from __future__ import annotations

import argparse
import os
import resource
import time

from benchmarks.regions import all_regions, draw_region
from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.judge import Judge
from solver.proposal import Progress
from solver.search import search


def measure(regions: list[str], size: int, seed: int, given: argparse.Namespace) -> None:
    """Solve one drawn region, judge the grappes, print the figures."""
    document = draw_region(regions, size, seed, max_radius_km=given.radius, territory=given.territory)
    instance = read_instance(document)
    scale = scale_for(instance.regime, instance.parameters.readings)
    begun, cpu = time.monotonic(), time.process_time()

    def show(progress: Progress) -> None:
        if given.trace and progress.objective_value:
            spent = time.process_time() - cpu
            gap = (progress.upper_bound or 0) / progress.objective_value - 1.0
            print(
                f"    {progress.elapsed_s:6.1f} s {spent:6.1f} cpu {progress.phase:10} "
                f"{progress.objective_value:>12} {progress.upper_bound:>12} {100 * gap:7.3f} %",
                flush=True,
            )

    found = search(
        instance,
        scale,
        deadline=begun + given.time,
        gap=given.gap,
        seed=seed,
        threads=given.threads,
        on_progress=show,
        should_stop=lambda: False,
    )
    wall, spent = time.monotonic() - begun, time.process_time() - cpu
    judge = Judge(instance, scale)
    broken = judge.violations(found.grappes)
    gap = found.upper_bound / found.objective_value - 1.0 if found.objective_value else 0.0
    certified = found.certified_bound / found.objective_value - 1.0 if found.objective_value else 0.0
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{'+'.join(regions)} size {size} seed {seed}: value {found.objective_value} "
        f"bound {found.upper_bound} ({found.bound_proof}) "
        f"gap {100 * gap:.3f} % certified {100 * certified:.3f} % "
        f"grappes {len(found.grappes)} wall {wall:.1f} s cpu {spent:.1f} s peak {memory:.0f} MB "
        f"violations {len(broken)} load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def main() -> None:
    """Read the command line and measure every draw."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--regions", nargs="+", default=["76"], help="region codes, or « all »")
    parser.add_argument("--size", type=int, nargs="+", default=[1700])
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--time", type=float, default=120.0)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--radius", type=float, default=60.0)
    parser.add_argument("--territory", default="region")
    parser.add_argument("--gap", type=float, default=0.0)
    parser.add_argument("--trace", action="store_true", help="print the progress too")
    given = parser.parse_args()
    regions = all_regions() if given.regions == ["all"] else given.regions
    for size in given.size:
        for seed in given.seeds:
            measure(regions, size, seed, given)


if __name__ == "__main__":
    main()
