"""The chart of a comparison as geometry: funding against the number of grappes, one point a plan.

When to modify: the chart looks different.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.runs.comparison import wording
from matchmaker.runs.comparison.keeping import Plan
from matchmaker.web.formats import nombre

_SMALLEST, _LARGEST = 7.0, 13.0  # radius of a point in pixels, by ESMS placed
_APART = 24.0  # pixels under which two names would touch


@dataclass(frozen=True, slots=True)
class Spot:
    """A plan on the chart. ``bound_y``: where its bound lies, None: not in euros, or off the frame."""

    number: int
    x: float
    y: float
    radius: float
    bound_y: float | None
    label: str
    label_x: float
    label_y: float
    anchor: str
    words: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Pixels, origin top left; ticks are (place, words)."""

    width: int
    height: int
    left: float
    right: float
    top: float
    bottom: float
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    spots: tuple[Spot, ...]
    starts_at_zero: bool


def draw(plans: Sequence[Plan], width: int, height: int) -> Chart | None:
    """The chart at a size in pixels; None without a plan."""
    if not plans:
        return None
    left, right, top, bottom = 64.0, width - 40.0, 16.0, height - 46.0
    numbers = [plan.grappes for plan in plans]
    first, last = max(0, min(numbers) - 1), max(numbers) + 1
    money = [plan.funding_eur for plan in plans]
    low, high, ticks = _range(money, [p.bound_eur for p in plans if p.bound_eur is not None])

    def x(grappes: float) -> float:
        return round(left + (right - left) * (grappes - first) / (last - first), 1)

    def y(euros: float) -> float:
        return round(bottom - (bottom - top) * (euros - low) / (high - low), 1)

    most = max(plan.esms_placed for plan in plans) or 1
    spots: list[Spot] = []
    for plan in plans:
        radius = _SMALLEST + (_LARGEST - _SMALLEST) * math.sqrt(plan.esms_placed / most)
        bound = plan.bound_eur
        here = x(plan.grappes), y(plan.funding_eur)
        to_left = _crowded(here, spots) or here[0] > right - 20
        spots.append(
            Spot(
                number=plan.number,
                x=here[0],
                y=here[1],
                radius=round(radius, 1),
                bound_y=y(bound) if bound is not None and plan.funding_eur < bound <= high else None,
                label=str(plan.number),
                label_x=round(here[0] + (-1 if to_left else 1) * (radius + 5), 1),
                label_y=here[1] + 5,
                anchor="end" if to_left else "start",
                words=wording.in_words(plan),
            )
        )
    step = max(1, math.ceil((last - first) / (5 if width < 500 else 10)))
    return Chart(
        width=width,
        height=height,
        left=left,
        right=right,
        top=top,
        bottom=bottom,
        x_ticks=tuple((x(n), nombre(n)) for n in range(first, last + 1, step)),
        y_ticks=tuple((y(tick), nombre(round(tick / 1000))) for tick in ticks),
        spots=tuple(spots),
        starts_at_zero=low == 0,
    )


def _crowded(here: tuple[float, float], spots: Sequence[Spot]) -> bool:
    """Whether the name of an earlier point stands where this one's would."""
    return any(abs(s.x - here[0]) < 3 * _APART and abs(s.y - here[1]) < _APART for s in spots)


def _range(money: Sequence[int], bounds: Sequence[int]) -> tuple[float, float, tuple[float, ...]]:
    """(low, high, ticks) of the axis in euros: all plans, and the bounds that are not far above them."""
    top = max(money)
    high = float(max([top, *(b for b in bounds if b <= 1.25 * top)]))
    low = float(min(money))
    low = 0.0 if low < 0.5 * high else low
    step = _nice_step(max(high - low, 1000.0))
    low, high = math.floor(low / step) * step, math.ceil(high / step) * step
    high = high if high > low else low + step
    return low, high, tuple(low + k * step for k in range(round((high - low) / step) + 1))


def _nice_step(span: float) -> float:
    raw = span / 5
    power = 10.0 ** math.floor(math.log10(raw))
    return next(f * power for f in (1, 2, 5, 10) if f * power >= raw)
