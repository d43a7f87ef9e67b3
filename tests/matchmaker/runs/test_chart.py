"""The chart of a run: what is drawn is what was measured."""

from __future__ import annotations

import datetime as dt
import itertools
import re

import pytest

from matchmaker.runs import chart
from matchmaker.runs.lifecycle import Point
from matchmaker.runs.reading import Standing
from matchmaker.runs.tables import State

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)


def standing(**changes: object) -> Standing:
    values: dict[str, object] = {
        "id": 1,
        "campaign_id": 1,
        "state": State.RUNNING,
        "objective": "funding",
        "esms_count": 180,
        "budget_s": 90,
        "elapsed_s": 52.0,
        "attempt": 1,
        "lost": 0,
        "cancel_requested": False,
        "phase": "search",
        "objective_value": 5_214_000,
        "upper_bound": 5_392_000,
        "grappes_count": 9,
        "esms_placed": 150,
        "proposal_id": None,
        "failure": None,
        "error_reference": None,
        "created_at": NOW,
        "finished_at": None,
        "silent_s": 0.5,
        "waited_s": 60.0,
    }
    return Standing(**(values | changes))  # type: ignore[arg-type]


POINTS = [
    Point(2.0, None, 5_655_000, None, None),
    Point(3.0, 4_700_000, 5_655_000, 8, 130),
    Point(6.0, 4_890_000, 5_560_000, 8, 140),
    Point(47.0, 5_214_000, 5_392_000, 9, 150),
]


def corners(path: str) -> list[tuple[float, float]]:
    return [(float(x), float(y)) for x, y in re.findall(r"([\d.]+) ([\d.]+)", path)]


def test_steps_go_through_each_point_and_end_now() -> None:
    """Tests that value and bound are staircases: level, then a jump at the moment it was found."""
    drawn = chart.draw(standing(), POINTS, 720, 330)
    assert drawn is not None
    value, bound = corners(drawn.value_path), corners(drawn.bound_path)
    for path in (value, bound):
        for (x0, y0), (x1, y1) in itertools.pairwise(path):
            assert x1 >= x0
            assert x1 == x0 or y1 == y0
        assert path[-1][0] == drawn.now_x
    scale = (drawn.right - drawn.left) / 90
    assert value[0][0] == pytest.approx(drawn.left + 3 * scale, abs=0.1)
    assert bound[0][0] == pytest.approx(drawn.left + 2 * scale, abs=0.1)
    assert drawn.now_x == pytest.approx(drawn.left + 52 * scale, abs=0.1)
    assert len(drawn.dots) == 3


def test_the_axis_shows_the_end_in_its_true_proportions() -> None:
    """Tests that the last value and bound sit where the ticks say."""
    drawn = chart.draw(standing(), POINTS, 720, 330)
    assert drawn is not None
    ticks = [(y, float(text.replace("\u00a0", ""))) for y, text in drawn.y_ticks]
    (y0, v0), (y1, v1) = ticks[0], ticks[-1]
    assert 4 <= len(ticks) <= 8

    def y_of(value_k: float) -> float:
        return y0 + (y1 - y0) * (value_k - v0) / (v1 - v0)

    assert corners(drawn.value_path)[-1][1] == pytest.approx(y_of(5214), abs=0.2)
    assert corners(drawn.bound_path)[-1][1] == pytest.approx(y_of(5392), abs=0.2)


def test_a_wild_start_does_not_flatten_the_end() -> None:
    """Tests that a first bound of ten times the value leaves the frame, and that it is said."""
    points = [Point(1.0, 100_000, 50_000_000, 1, 15), *POINTS[2:]]
    drawn = chart.draw(standing(), points, 720, 330)
    assert drawn is not None
    gap_px = corners(drawn.value_path)[-1][1] - corners(drawn.bound_path)[-1][1]
    assert gap_px > 0.1 * (drawn.bottom - drawn.top)
    assert "dépassent le cadre" in (drawn.cut or "")
    for x, y in corners(drawn.value_path) + corners(drawn.bound_path):
        assert drawn.left <= x <= drawn.right
        assert drawn.top <= y <= drawn.bottom


def test_a_cut_axis_is_said() -> None:
    drawn = chart.draw(standing(), POINTS, 720, 330)
    assert drawn is not None
    assert drawn.cut is not None
    assert drawn.cut.startswith(f"L’axe commence à {drawn.y_ticks[0][1]} k€.")


@pytest.mark.parametrize("width", [350, 720])
@pytest.mark.parametrize("value", [5_214_000, 5_391_000, 5_392_000, 0])
def test_labels_do_not_touch(width: int, value: int) -> None:
    """Tests that figures at the end of the lines stay apart, in order and inside, however close the lines."""
    points = [*POINTS[:3], Point(47.0, value, 5_392_000, 9, 150)]
    drawn = chart.draw(standing(objective_value=value), points, width, 300)
    assert drawn is not None
    ys = [label.y for label in drawn.labels]
    assert all(b - a >= 15 for a, b in itertools.pairwise(ys))
    assert all(0 < y <= drawn.bottom for y in ys)


@pytest.mark.parametrize(
    "points",
    [
        [Point(0.4, 0, 0, 0, 0)],
        [Point(0.4, None, 21_500, None, None)],
        [Point(0.4, 12, 12, 1, 12), Point(0.5, 12, 12, 1, 12)],
        [Point(14_000.0, 1, 400_000_000, 1, 15)],
    ],
)
@pytest.mark.parametrize("objective", ["funding", "coverage"])
def test_odd_runs_are_drawn(points: list[Point], objective: str) -> None:
    """Tests nothing found, no value yet, no gap, four hours: a sound frame each time."""
    last = points[-1]
    run = standing(
        objective=objective,
        elapsed_s=last.elapsed_s,
        objective_value=last.objective_value,
        upper_bound=last.upper_bound,
    )
    drawn = chart.draw(run, points, 350, 280)
    assert drawn is not None
    assert len(drawn.y_ticks) >= 2
    assert "nan" not in drawn.value_path + drawn.bound_path + drawn.area_path
    assert len(drawn.x_ticks) >= 2


def test_nothing_to_draw_yet() -> None:
    assert chart.draw(standing(objective_value=None, upper_bound=None), [], 720, 330) is None
