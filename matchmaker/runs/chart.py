"""The chart of a run as geometry: value and bound over time, drawn by the template as inline SVG.

When to modify: the chart looks different.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.runs.lifecycle import Point
from matchmaker.runs.reading import Standing
from matchmaker.runs.sentences import gap_text, value_text
from matchmaker.web.formats import duree, nombre
from solver.vocabulary import Objective

_LABEL_PX = 19.0


@dataclass(frozen=True, slots=True)
class Label:
    kind: str
    y: float
    text: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Pixels, origin top left. ``cut``: what the axis does not show, in words, or None."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    value_path: str
    bound_path: str
    area_path: str
    dots: tuple[tuple[float, float], ...]
    now_x: float
    labels: tuple[Label, ...]
    cut: str | None


@dataclass(frozen=True, slots=True)
class _Frame:
    """Maps seconds and values to pixels; values outside [low, high] are drawn on the border."""

    left: float
    right: float
    top: float
    bottom: float
    end_s: float
    low: float
    high: float

    def x(self, seconds: float) -> float:
        return round(self.left + (self.right - self.left) * min(1.0, seconds / self.end_s), 1)

    def y(self, value: float) -> float:
        inside = min(self.high, max(self.low, value))
        return round(self.bottom - (self.bottom - self.top) * (inside - self.low) / (self.high - self.low), 1)


def draw(run: Standing, points: Sequence[Point], width: int, height: int) -> Chart | None:
    """The chart at a size in pixels; None while there is neither a value nor a bound."""
    values = [(p.elapsed_s, p.objective_value) for p in points if p.objective_value is not None]
    bounds = [(p.elapsed_s, p.upper_bound) for p in points if p.upper_bound is not None]
    if not values and not bounds:
        return None
    unit = 1 if run.objective == Objective.COVERAGE else 1000
    low, high, ticks = _range([v for _, v in values], [b for _, b in bounds], unit)
    now_s = max(run.elapsed_s, points[-1].elapsed_s)
    end_s = float(max(run.budget_s, now_s) if not run.state.is_final else max(now_s, 1.0))
    frame = _Frame(
        left=58.0,
        right=width - (124.0 if width < 500 else 150.0),
        top=14.0,
        bottom=height - 30.0,
        end_s=end_s,
        low=low,
        high=high,
    )
    value_steps, bound_steps = _steps(frame, values, now_s), _steps(frame, bounds, now_s)
    return Chart(
        width=width,
        height=height,
        left=frame.left,
        right=frame.right,
        top=frame.top,
        bottom=frame.bottom,
        x_ticks=_time_ticks(frame, 3 if width < 500 else 6),
        y_ticks=tuple((frame.y(tick), nombre(round(tick / unit))) for tick in ticks),
        value_path=_path(value_steps),
        bound_path=_path(bound_steps),
        area_path=_area(value_steps, bound_steps),
        dots=tuple(
            (frame.x(t), frame.y(v)) for i, (t, v) in enumerate(values) if not i or v != values[i - 1][1]
        )[-40:],
        now_x=frame.x(now_s),
        labels=_labels(frame, run),
        cut=_cut(low, unit, values, bounds, high),
    )


def _range(values: Sequence[int], bounds: Sequence[int], unit: int) -> tuple[float, float, tuple[float, ...]]:
    """(low, high, ticks) of the y axis: the first steps may lie outside, the last ones never."""
    shown = [*values, *bounds]
    low, high = float(min(shown)), float(max(shown))
    if values and bounds:
        last_value, last_bound = values[-1], bounds[-1]
        span = max(last_bound - last_value, 0.03 * last_bound, unit)
        low, high = max(low, last_value - 4 * span), min(high, last_bound + 2 * span)
    step = _nice_step(max(high - low, unit))
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    low = max(0.0, low)
    if low == high:
        high = low + step
    count = round((high - low) / step)
    return low, high, tuple(low + i * step for i in range(count + 1))


def _nice_step(span: float) -> float:
    """A step of 1, 2 or 5 times a power of ten, so that about five fit in ``span``."""
    raw = span / 5
    power = 10.0 ** math.floor(math.log10(raw))
    return float(max(1.0, next(f * power for f in (1, 2, 5, 10) if f * power >= raw)))


def _steps(frame: _Frame, series: Sequence[tuple[float, int]], now_s: float) -> list[tuple[float, float]]:
    """Corners of a staircase from the first point to now."""
    corners: list[tuple[float, float]] = []
    for seconds, value in series:
        x, y = frame.x(seconds), frame.y(value)
        if corners and corners[-1][1] != y:
            corners.append((x, corners[-1][1]))
        corners.append((x, y))
    if corners:
        corners.append((frame.x(now_s), corners[-1][1]))
    return corners


def _path(corners: Sequence[tuple[float, float]]) -> str:
    return "M" + " L".join(f"{x:g} {y:g}" for x, y in corners) if corners else ""


def _area(values: Sequence[tuple[float, float]], bounds: Sequence[tuple[float, float]]) -> str:
    """What lies between the two staircases, from where both are known."""
    if not values or not bounds:
        return ""
    begin = max(values[0][0], bounds[0][0])
    lower, upper = _from(values, begin), _from(bounds, begin)
    return _path([*lower, *reversed(upper)]) + " Z"


def _from(corners: Sequence[tuple[float, float]], begin: float) -> list[tuple[float, float]]:
    before = [y for x, y in corners if x <= begin]
    return [(begin, before[-1]), *((x, y) for x, y in corners if x > begin)]


def _time_ticks(frame: _Frame, wanted: int) -> tuple[tuple[float, str], ...]:
    steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200)
    step = next((s for s in steps if frame.end_s / s <= wanted), 14_400)
    ticks = range(0, int(frame.end_s) + 1, step)
    return tuple((frame.x(t), f"{t}\u00a0s" if t < 60 else duree(t)) for t in ticks)


def _labels(frame: _Frame, run: Standing) -> tuple[Label, ...]:
    """Figures at the end of the two lines, moved apart when they would touch."""
    labels = []
    if run.upper_bound is not None:
        y = frame.y(run.upper_bound) + 5
        labels.append(Label("borne", y, f"Borne {value_text(run.objective, run.upper_bound)}"))
    if run.gap:
        labels.append(Label("ecart", 0.0, f"écart {gap_text(run.gap)}"))
    if run.objective_value is not None:
        y = frame.y(run.objective_value) + 5
        labels.append(Label("plan", y, f"Plan {value_text(run.objective, run.objective_value)}"))
    if len(labels) < 2:
        return tuple(labels)
    first = min(labels[0].y, frame.bottom - _LABEL_PX * (len(labels) - 1))
    last = max(labels[-1].y, first + _LABEL_PX * (len(labels) - 1))
    if last > frame.bottom:
        first, last = first - (last - frame.bottom), frame.bottom
    middle = (first + last) / 2
    placed = [first, last] if len(labels) == 2 else [first, middle, last]
    return tuple(Label(one.kind, round(y, 1), one.text) for one, y in zip(labels, placed, strict=True))


def _cut(
    low: float,
    unit: int,
    values: Sequence[tuple[float, int]],
    bounds: Sequence[tuple[float, int]],
    high: float,
) -> str | None:
    parts = []
    if low > 0:
        parts.append(f"L’axe commence à {nombre(round(low / unit))}{' k€' if unit > 1 else ' ESMS'}.")
    if any(v < low for _, v in values) or any(b > high for _, b in bounds):
        parts.append("Les premières secondes dépassent le cadre.")
    return " ".join(parts) or None
