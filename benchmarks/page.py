"""docs/results.md and its charts, made of the recorded results alone.

    python -m benchmarks.page            write them
    python -m benchmarks.page --check    exit 1 when they are not what the records say

When to modify: the table of a release has another line or column.
"""

from __future__ import annotations

import argparse
import math
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import median

from benchmarks import kept, record
from benchmarks.lines import CURVE_GAP, LINES, PEER_SECONDS, Line
from benchmarks.peers.methods import METHODS, OURS
from benchmarks.plot import Run, anytime, growth
from benchmarks.record import Record, Results, of_one_code
from benchmarks.works import CURVE

PAGE = record.ROOT / "docs" / "results.md"
IMAGES = record.ROOT / "docs" / "images"
SHOWN = ("region-1700", "region-3200", "france")  # in the chart against time
NOT_MEASURED = "not measured"

_HEAD = """\
# Results

Written by `python -m benchmarks.page` from the files under `benchmarks/results/`: do not edit. What is not in
them says *not measured*. `python -m benchmarks.release --minutes N` measures what is missing, run by run.

* **gap**: `upper_bound / objective_value - 1` of the proposal; **certified**: the same by the certificate
  alone, which `matchmaker verify` prices again. Both are of the whole command (reading, search, reasons,
  judge) within its limit.
* Draws are regions at real positions (`benchmarks/regions.py`). The median over the draws, then the worst.
* **peak**: memory of the largest process. **others**: processor cores that other work took from the machine
  meanwhile, the largest of the draws; above 0.2 the machine was not quiet, and a limit in seconds gave less
  than it would.
* **by the quiet clock**: while other work ran, the limit was counted in processor seconds of the busiest
  thread (`benchmarks/quiet_clock.py`): an estimate of the seconds of a quiet machine.
"""


def pages() -> dict[Path, str]:
    """Every file that this command writes, by path."""
    stored = set(record.FOLDER.glob("*.json")) | {record.file_of()}
    releases = sorted(stored, key=_numbers, reverse=True)
    newest = Results(releases[0])
    found: dict[Path, str] = {}
    parts = [_HEAD, *_release(newest, found), *_kept(), *_earlier(releases)]
    return {PAGE: "\n".join(parts).rstrip() + "\n"} | found


def _numbers(path: Path) -> tuple[int, ...]:
    return tuple(int(part) if part.isdigit() else 0 for part in path.stem.split("."))


def _release(results: Results, charts: dict[Path, str]) -> Iterator[str]:
    yield f"## Release {results.version}\n"
    for k, one in enumerate(results.machines):
        versions = ", ".join(f"{name} {one[name]}" for name in ("python", "ortools", "numpy", "scipy"))
        gigabytes = one["memory_mb"] / 1024
        yield f"Machine {k + 1}: {one['model']}, {one['cores']} cores, {gigabytes:.0f} GB, {versions}."
    yield from _lines(results)
    yield from _anytime(results, charts)
    yield from _curve(results, charts)
    yield from _peers(results)


# the lines ------------------------------------------------------------------------------------------------


def _lines(results: Results) -> Iterator[str]:
    yield "\n### Floors and goals\n"
    gaps = ("gap: median, worst", "certified: median, worst")
    titles = ("work", "limit", "draws", *gaps, "proven", "s", "CPU s", "peak MB", "others")
    yield _row((*titles, "floor", "goal", "result", "commit"))
    yield _row(["---"] * (len(titles) + 4))
    for line in LINES:
        yield _row(_cells(line, runs_of(results, line)))
    yield "\n*proven*: draws closed by the published bound, in brackets by the certificate alone."


def runs_of(results: Results, line: Line) -> list[Record]:
    """The draws of a line at its own limit, of one version of the code and one clock, by seed.

    By the wall clock, unless more draws were measured by the quiet one.
    """
    mine = [
        r
        for r in results.records
        if (r["kind"], r["work"], r["seconds"]) == ("solve", line.work, line.seconds) and r["explained"]
    ]
    wall, quiet = (of_one_code(r for r in mine if r["clock"] == clock) for clock in ("wall", "quiet"))
    return sorted(wall if len(wall) >= len(quiet) else quiet, key=lambda r: int(r["seed"]))


def _cells(line: Line, runs: Sequence[Record]) -> list[str]:
    floor = "proven" if line.floor == 0 else f"{line.floor:g} %"
    goal = "by the certificate" if line.by_certificate else f"{line.goal:g} %"
    goal += f" at {line.goal_seconds:g} s" if line.goal_seconds != line.seconds else ""
    floor += f", {line.memory_mb / 1000:g} GB" if line.memory_mb else ""
    clock = " by the quiet clock" if runs and runs[0]["clock"] == "quiet" else ""
    begin = [line.words, f"{line.seconds:g} s{clock}"]
    if not runs:
        return [*begin, f"0 of {line.seeds}", *["-"] * 7, floor, goal, NOT_MEASURED, "-"]
    both = sum(r["bound"] == r["value"] for r in runs), sum(r["certified_bound"] == r["value"] for r in runs)
    return [
        *begin,
        f"{len(runs)} of {line.seeds}",
        _spread([r["gap"] for r in runs]),
        _spread([r["certified"] for r in runs]),
        f"{both[0]} ({both[1]})",
        f"{median(r['wall'] for r in runs):.0f}",
        f"{median(r['cpu'] for r in runs):.0f}",
        f"{max(r['peak'] for r in runs)}",
        f"{max(r['others'] for r in runs):.1f}",
        floor,
        goal,
        verdict(line, runs),
        ", ".join(sorted({r["commit"] or "?" for r in runs})),
    ]


def _spread(values: Sequence[float]) -> str:
    return f"{median(values):.3f} %, {max(values):.3f} %" if len(values) > 1 else f"{values[0]:.3f} %"


def verdict(line: Line, runs: Sequence[Record]) -> str:
    """What a line has reached, by the medians of the draws that are there."""
    fits = line.memory_mb is None or max(r["peak"] for r in runs) <= line.memory_mb
    by_goal = [gap_at(r, line.goal_seconds, certified=line.by_certificate) for r in runs]
    words = "floor missed"
    if fits and median(r["gap"] for r in runs) <= line.floor:
        words = "floor reached"
    if fits and median(by_goal) <= line.goal:
        words = "goal reached"
    if len(runs) < line.seeds:
        words += f" by {len(runs)} of {line.seeds} draws"
    if runs[0]["clock"] == "wall" and max(r["others"] for r in runs) > record.QUIET:
        words += ", busy machine"
    return words


def gap_at(run: Record, seconds: float, *, certified: bool = False) -> float:
    """The gap in per cent of a run after so many seconds; infinite before it has found anything."""
    if seconds >= run["seconds"]:
        return float(run["certified" if certified else "gap"])
    if certified and run["certified_bound"] != run["bound"]:
        return math.inf  # the progress tells of the published bound only
    reached = [p for p in run["points"] if p[0] <= seconds]
    return 100.0 * (reached[-1][3] / reached[-1][2] - 1.0) if reached else math.inf


# the charts -----------------------------------------------------------------------------------------------


def _anytime(results: Results, charts: dict[Path, str]) -> Iterator[str]:
    yield "\n### Funding and bound against time\n"
    lines = {line.work: line for line in LINES}
    shown = []
    for work in SHOWN:
        runs = [r for r in runs_of(results, lines[work]) if r["points"]]
        if runs:
            run = runs[0]
            title = f"{lines[work].words}, draw {run['seed']}"
            shown.append(Run(title.removeprefix("all of "), run["seconds"], run["points"]))
    if not shown:
        yield NOT_MEASURED + "."
        return
    name = f"anytime-{results.version}.svg"
    charts[IMAGES / name] = anytime(shown)
    yield f"![Funding found and bound proven, in per cent of the last bound](images/{name})"
    yield "\nIn per cent of the bound at the end; the first draw of each; below 94 % is drawn at 94 %."


def _curve(results: Results, charts: dict[Path, str]) -> Iterator[str]:
    yield "\n### Cost against size\n"
    works = {f"curve-{n}" for n in CURVE}
    runs = {r["esms"]: r for r in of_one_code(r for r in results.records if r["work"] in works)}
    yield (
        "The ESMS nearest to one place of a France of 33,000 (`benchmarks.works.around`), searched until the "
        f"gap is {100 * CURVE_GAP:g} %, at most 30 s per 1,000 ESMS. *neighbours*: other ESMS within 60 km, "
        "on average (fewer where there are few ESMS: many of them stand at the edge).\n"
    )
    yield _row(("ESMS", "neighbours", "s until 1 %", "CPU s until 1 %", "gap reached", "peak MB", "others"))
    yield _row(["---"] * 7)
    costs = []
    for n in CURVE:
        run = runs.get(n)
        if run is None:
            yield _row([f"{n:,}", "-", NOT_MEASURED, "-", "-", "-", "-"])
            continue
        reached = next((p for p in run["points"] if p[3] / p[2] - 1.0 <= CURVE_GAP), None)
        times = [f"{reached[0]:.1f}", f"{reached[1]:.1f}"] if reached else ["not reached"] * 2
        if reached:
            costs.append((n, float(reached[1])))
        more = [f"{run['gap']:.3f} %", f"{run['peak']}", f"{run['others']:.1f}"]
        yield _row([f"{n:,}", f"{run['neighbours']:.0f}", *times, *more])
    if len(costs) < 3:
        yield "\nNo exponent is fitted to fewer than three sizes."
        return
    factor, exponent = fitted(costs)
    name = f"growth-{results.version}.svg"
    charts[IMAGES / name] = growth(costs, factor, exponent)
    sizes = f"least squares on {len(costs)} sizes"
    yield f"\nProcessor seconds grow as ESMS to the power **{exponent:.2f}** ({sizes})."
    yield f"\n![Processor seconds until a gap of 1 % against the number of ESMS](images/{name})"


def fitted(costs: Sequence[tuple[int, float]]) -> tuple[float, float]:
    """(factor, exponent) of the power law nearest to the costs, by least squares of the logarithms."""
    x, y = [math.log(n) for n, _ in costs], [math.log(max(s, 1e-3)) for _, s in costs]
    mean_x, mean_y = sum(x) / len(x), sum(y) / len(y)
    exponent = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True))
    exponent /= sum((a - mean_x) ** 2 for a in x)
    return math.exp(mean_y - exponent * mean_x), exponent


# the peers ------------------------------------------------------------------------------------------------


def _peers(results: Results) -> Iterator[str]:
    yield "\n### Peers, side by side\n"
    yield (
        "On kept instances, the same time for each, in a process of its own; funding as a share of the best "
        "bound that a certificate proves. *broken*: groups that break a rule before repair. How each is "
        "asked is in `benchmarks/peers/`. Clustering tools know no limit and end when they end."
    )
    for name, seconds in PEER_SECONDS.items():
        runs = {r["method"]: r for r in results.records if _is_peer(r, name, seconds)}
        best = kept.best_known()[name]
        bound = min([best.bound, *(r["certified"] for r in runs.values() if "certified" in r)])
        yield f"\n{best.esms:,} ESMS (`{name}`), {seconds:g} s each, best bound {bound:,} €:\n"
        titles = ("method", "% of the bound", "placed", "grappes", "s", "CPU s", "MB", "broken", "others")
        yield _row(titles)
        yield _row(["---"] * len(titles))
        for method in (OURS, *METHODS):
            words = "Matchmaker" if method == OURS else METHODS[method][0]
            yield _row([words, *_compared(runs.get(method), bound)])


def _is_peer(r: Record, name: str, seconds: float) -> bool:
    return bool((r["kind"], r["work"], r["seconds"]) == ("peer", name, seconds))


def _compared(run: Record | None, bound: int) -> list[str]:
    if run is None:
        return [NOT_MEASURED, *["-"] * 7]
    if "failed" in run:
        return [str(run["failed"]).replace("|", "/"), *["-"] * 7]
    share = f"{100 * run['value'] / bound:.2f}" if run["grappes"] else "none found"
    share += f", {run['violations']} violations" if run["violations"] else ""
    broken = f"{run['broken']} of {run['groups']}" if "groups" in run else "0"
    figures = [f"{run['placed']}", f"{run['grappes']}", f"{run['wall']:.1f}", f"{run['cpu']:.1f}"]
    return [share, *figures, f"{run['memory']}", broken, f"{run['others']:.1f}"]


# kept instances, earlier releases ---------------------------------------------------------------------------


def _kept() -> Iterator[str]:
    yield "\n## Kept instances\n"
    yield (
        "The best value and the best certified bound known of each (`benchmarks/best_known.json`); their "
        "grappes and certificates are stored, and checked again by the tests (`python -m benchmarks.kept`).\n"
    )
    yield _row(("instance", "ESMS", "best value", "found", "best bound", "found", "gap"))
    yield _row(["---"] * 7)
    for name, best in kept.best_known().items():
        gap = f"{100 * (best.bound / best.value - 1):.3f} %" if best.bound > best.value else "optimal"
        found = [f"{best.value:,}", best.value_by, f"{best.bound:,}", best.bound_by, gap]
        yield _row([f"`{name}`", f"{best.esms:,}", *found])


def _earlier(releases: Sequence[Path]) -> Iterator[str]:
    if len(releases) < 2:
        return
    yield "\n## Median gaps by release\n"
    yield _row(("work", *(path.stem for path in releases)))
    yield _row(["---"] * (len(releases) + 1))
    for line in LINES:
        gaps = [[r["gap"] for r in runs_of(Results(path), line)] for path in releases]
        cells = [f"{median(g):.3f} %" if g else NOT_MEASURED for g in gaps]
        yield _row([f"{line.words}, {line.seconds:g} s", *cells])


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def main() -> None:
    """Write the page, or tell whether it is up to date."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args()
    wrong = []
    for path, text in pages().items():
        if given.check:
            wrong += [path] if not path.exists() or path.read_text(encoding="utf-8") != text else []
        else:
            path.write_text(text, encoding="utf-8")
    for path in wrong:
        print(f"{path.relative_to(record.ROOT)}: not what the records say; python -m benchmarks.page")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
