"""Recorded results, and the page that is made of them."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from benchmarks import page, record, release
from benchmarks.bench_solve import run_of
from benchmarks.lines import LINES, Compare, Solve, in_order
from benchmarks.peers.methods import METHODS, OURS
from benchmarks.plot import Run, anytime, growth
from benchmarks.works import CURVE, WORKS, around, curve_works, neighbours

REGION = next(line for line in LINES if line.work == "region-1700")
OVERSEAS = next(line for line in LINES if line.work == "overseas")


def _run(gap: float = 0.5, **more: Any) -> dict[str, Any]:
    """A recorded draw of ``region-1700``: its value after 20 s is 2 % under the bound."""
    value = 1_000_000
    bound = round(value * (1 + gap / 100))
    asked = run_of("region-1700", 21, 60.0, 2)
    figures = {"value": value, "bound": bound, "certified_bound": bound, "gap": gap, "certified": gap}
    points = [[20.0, 30.0, round(bound / 1.02), bound], [50.0, 90.0, value, bound]]
    spent = {"wall": 55.0, "cpu": 90.0, "peak": 300, "load": 2.0, "others": 0.0, "explained": True}
    kept = {"code": "new", "commit": "abc", "measured": "2026-01-02 10:00", "points": points}
    return {**asked, **figures, **spent, **kept, **more}


def test_the_page_is_what_the_records_say() -> None:
    """Tests that docs/results.md and its charts are those that the command writes."""
    for path, text in page.pages().items():
        assert path.read_text(encoding="utf-8") == text, "python -m benchmarks.page"


def test_every_line_is_on_the_page_measured_or_not() -> None:
    text = page.pages()[page.PAGE]
    for line in LINES:
        limit = f"| {line.words} | {line.seconds:g} s"
        assert f"{limit} |" in text or f"{limit} by the quiet clock |" in text
    for name, _ in METHODS.values():
        assert name in text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"gap": 0.15}, "goal reached by 1 of 5 draws"),
        ({"gap": 0.7}, "floor reached by 1 of 5 draws"),
        ({"gap": 0.71}, "floor missed by 1 of 5 draws"),
        ({"gap": 0.15, "others": 0.5}, "goal reached by 1 of 5 draws, busy machine"),
    ],
)
def test_a_verdict_says_what_was_reached_and_on_how_many_draws(changes: dict[str, Any], words: str) -> None:
    assert page.verdict(REGION, [_run(**changes)]) == words


def test_five_draws_are_a_whole_line() -> None:
    runs = [_run(gap, seed=k) for k, gap in enumerate((0.1, 0.1, 0.19, 3.0, 3.0))]
    assert page.verdict(REGION, runs) == "goal reached"


def test_more_memory_than_the_floor_misses_it() -> None:
    large = next(line for line in LINES if line.work == "region-3200")
    assert page.verdict(large, [_run(0.1, seconds=120.0, peak=1_501)]) == "floor missed by 1 of 5 draws"


def test_a_proof_of_the_solver_is_not_one_by_the_certificate() -> None:
    """Tests the goal of overseas regions: by the certificate, within five seconds."""
    proven = _run(0.0, seconds=30.0, points=[[2.0, 3.0, 1_000_000, 1_000_000]])
    assert page.verdict(OVERSEAS, [proven]) == "goal reached by 1 of 10 draws"
    by_solver = proven | {"certified": 1.0, "certified_bound": 1_010_000}
    assert page.verdict(OVERSEAS, [by_solver]) == "floor reached by 1 of 10 draws"
    late = proven | {"points": [[7.0, 9.0, 1_000_000, 1_000_000]]}
    assert page.verdict(OVERSEAS, [late]) == "floor reached by 1 of 10 draws"


def test_the_gap_of_an_earlier_moment_comes_from_the_progress() -> None:
    run = _run(0.5)
    assert page.gap_at(run, 5.0) == math.inf
    assert page.gap_at(run, 30.0) == pytest.approx(2.0, abs=0.001)
    assert page.gap_at(run, 60.0) == 0.5


def test_two_versions_of_the_code_are_never_mixed() -> None:
    old = _run(9.0, seed=22, code="old", measured="2026-01-01 10:00")
    results = record.Results(Path("none.json"))
    results.records = [old, _run(0.1)]
    assert [r["code"] for r in page.runs_of(results, REGION)] == ["new"]


def test_draws_by_the_quiet_clock_are_shown_where_there_are_more_and_the_page_says_so() -> None:
    results = record.Results(Path("none.json"))
    quiet = [_run(0.1, seed=k, clock="quiet", others=1.5) for k in (21, 22)]
    results.records = [_run(0.5), *quiet]
    runs = page.runs_of(results, REGION)
    assert [r["clock"] for r in runs] == ["quiet", "quiet"]
    assert "60 s by the quiet clock" in page._cells(REGION, runs)
    assert page.verdict(REGION, runs) == "goal reached by 2 of 5 draws"
    results.records = [_run(0.5), quiet[0]]
    assert [r["clock"] for r in page.runs_of(results, REGION)] == ["wall"]


def test_a_record_replaces_the_one_of_the_same_run(tmp_path: Path) -> None:
    path = tmp_path / "9.9.9.json"
    asked = run_of("region-1700", 21, 60.0, 2)
    for value in (1, 2):
        record.Results(path).add({**asked, "value": value})
    record.Results(path).add({**asked, "seed": 22, "value": 3})
    read = record.Results(path)
    assert [(r["seed"], r["value"]) for r in read.records] == [(21, 2), (22, 3)]
    assert read.machines == [record.machine()]
    assert read.holds(record.code(), **asked)
    assert not read.holds("another", **asked)
    assert not read.holds(record.code(), **{**asked, "threads": 1})
    record.Results(path).add({**asked, "value": 4, "others": 0.5})
    assert record.Results(path).holds(record.code(), **asked)
    assert not record.Results(path).holds(record.code(), quiet=True, **asked)


def test_a_trail_is_thinned_and_keeps_its_end() -> None:
    trail = record.Trail(120.0)
    for k in range(1_000):
        trail.add(k / 10, k / 5, 1_000 + k, 5_000)
    points = trail.points()
    assert len(points) <= 125
    assert points[0][2] == 1_000
    assert points[-1][2] == 1_999
    trail.add(200.0, 300.0, 1_999, 5_000)  # nothing new
    assert trail.points() == points


def test_every_line_is_measured_once_and_the_first_of_each_before_the_second() -> None:
    runs = list(in_order((OURS, *METHODS)))
    assert len(set(runs)) == len(runs)
    for line in LINES:
        assert sum(isinstance(r, Solve) and r.work == line.work for r in runs) == line.seeds
    assert {r.work for r in runs if isinstance(r, Solve)} >= {f"curve-{n}" for n in CURVE}
    assert {r.method for r in runs if isinstance(r, Compare)} == {OURS, *METHODS}
    begun = next(k for k, r in enumerate(runs) if isinstance(r, Compare))
    assert {r.work for r in runs[:begun] if isinstance(r, Solve)} == {line.work for line in LINES}


def test_a_release_skips_what_is_recorded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "9.9.9.json"
    record.Results(path).add({**run_of("region-1700", 21, 60.0, 2), "value": 1})
    asked = ["release", "--minutes", "5", "--only", "region-1700", "--dry-run", "--file", str(path)]
    monkeypatch.setattr("sys.argv", asked)
    with pytest.raises(SystemExit) as ended:
        release.main()
    assert ended.value.code == 0
    listed = [line for line in capsys.readouterr().out.splitlines() if line.startswith("region-1700")]
    assert listed == [f"region-1700, seed {seed}, 60 s" for seed in (22, 23, 24, 25)]


def test_the_exponent_of_a_power_law_is_found() -> None:
    factor, exponent = page.fitted([(n, 0.02 * n**1.3) for n in CURVE])
    assert (factor, exponent) == (pytest.approx(0.02), pytest.approx(1.3))


def test_charts_are_svg_and_do_not_depend_on_when_they_are_made() -> None:
    run = Run("1 700 ESMS & more", 60.0, _run()["points"])
    for chart in (lambda: anytime([run, run]), lambda: growth([(500, 3.0), (33_000, 400.0)], 0.01, 1.02)):
        root = ElementTree.fromstring(chart())
        assert root.tag.endswith("svg")
        assert chart() == chart()
    lines = ElementTree.fromstring(anytime([run])).findall("{*}polyline")
    assert len(lines) == 4  # funding, bound, and the two of the legend
    ends = [float(line.attrib["points"].split()[-1].split(",")[1]) for line in lines[:2]]
    assert ends[0] > ends[1]  # the bound lies above the funding


@pytest.mark.long
def test_the_curve_has_its_sizes_at_about_one_density() -> None:
    small, large = around(500, 21), around(2_000, 21)
    assert [len(d["esms"]) for d in (small, large)] == [500, 2_000]
    assert {e["id"] for e in small["esms"]} <= {e["id"] for e in large["esms"]}
    assert 1 <= neighbours(large) / neighbours(small) < 3
    assert set(curve_works()).isdisjoint(WORKS)
