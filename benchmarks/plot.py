"""Charts of results as SVG text, the same characters each time, so that a test can hold the files.

``anytime``: value and bound against time, in per cent of the last bound. ``growth``: cost against size, both
axes in powers of ten.

When to modify: a chart looks different.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

_VALUE, _BOUND, _INK, _GRID = "#0b5394", "#b45309", "#222222", "#dddddd"
_PANEL = (300.0, 200.0)  # of the frame, pixels
_LEFT, _TOP, _BELOW, _APART = 56.0, 46.0, 48.0, 70.0
_LOW, _HIGH = 94.0, 102.0  # per cent shown; what lies outside is on the edge
Pixel = tuple[float, float]


@dataclass(frozen=True)
class Run:
    """``points``: [seconds, processor seconds, value, bound]."""

    title: str
    seconds: float
    points: Sequence[Sequence[float]]


def anytime(runs: Sequence[Run]) -> str:
    """One panel a run, side by side."""
    width = _LEFT + len(runs) * (_PANEL[0] + _APART) - _APART + 24
    body = [part for k, run in enumerate(runs) for part in _panel(run, _LEFT + k * (_PANEL[0] + _APART))]
    words = "Funding found and bound proven against time, in per cent of the last bound"
    return _svg(width, _TOP + _PANEL[1] + _BELOW + 22, words, [*body, *_legend()])


def _panel(run: Run, left: float) -> list[str]:
    last = run.points[-1][3]
    bottom = _TOP + _PANEL[1]

    def x(seconds: float) -> float:
        return left + _PANEL[0] * min(seconds / run.seconds, 1.0)

    def y(percent: float) -> float:
        return bottom - _PANEL[1] * (min(max(percent, _LOW), _HIGH) - _LOW) / (_HIGH - _LOW)

    parts = [_text(left, _TOP - 26, run.title, "start", 13)]
    for percent in range(int(_LOW), int(_HIGH) + 1, 2):
        parts += [_line((left, y(percent)), (left + _PANEL[0], y(percent)), _GRID)]
        parts += [_text(left - 6, y(percent) + 4, f"{percent} %", "end")]
    for k in range(5):
        seconds = run.seconds * k / 4
        parts += [_text(x(seconds), bottom + 18, f"{seconds:g} s", "middle")]
    for column, colour, dashed in ((2, _VALUE, False), (3, _BOUND, True)):
        parts.append(_steps(run, column, lambda v: y(100.0 * v / last), x, colour, dashed=dashed))
    return parts


def _steps(
    run: Run,
    column: int,
    y: Callable[[float], float],
    x: Callable[[float], float],
    colour: str,
    *,
    dashed: bool,
) -> str:
    """What holds from one point until the next one."""
    corners: list[Pixel] = []
    for point in run.points:
        here = x(point[0]), y(point[column])
        if corners:
            corners.append((here[0], corners[-1][1]))
        corners.append(here)
    corners.append((x(run.seconds), corners[-1][1]))
    return _path(corners, colour, dashed=dashed)


def _legend() -> list[str]:
    y = _TOP + _PANEL[1] + _BELOW
    return [
        _path([(_LEFT, y), (_LEFT + 30, y)], _VALUE, dashed=False),
        _text(_LEFT + 36, y + 4, "funding found", "start"),
        _path([(_LEFT + 150, y), (_LEFT + 180, y)], _BOUND, dashed=True),
        _text(_LEFT + 186, y + 4, "bound proven", "start"),
    ]


def growth(costs: Sequence[tuple[int, float]], factor: float, exponent: float) -> str:
    """``costs``: (ESMS, seconds); the line ``factor * ESMS ** exponent``."""
    width, height, left = 460.0, 260.0, 64.0
    bottom, frame = _TOP + height, width - 30
    low_n, high_n = 300.0, 50_000.0
    low_s = 10 ** math.floor(math.log10(min(s for _, s in costs)))
    high_s = 10 ** math.ceil(math.log10(max(s for _, s in costs)))
    high_s = max(high_s, 10 * low_s)

    def x(n: float) -> float:
        return left + frame * math.log(n / low_n) / math.log(high_n / low_n)

    def y(seconds: float) -> float:
        return bottom - height * math.log(seconds / low_s) / math.log(high_s / low_s)

    title = f"Processor seconds until 1 % against ESMS: exponent {exponent:.2f}"
    parts = [_text(left, _TOP - 20, title, "start", 13)]
    seconds = low_s
    while seconds <= high_s:
        parts += [_line((left, y(seconds)), (left + frame, y(seconds)), _GRID)]
        parts += [_text(left - 6, y(seconds) + 4, f"{seconds:g} s", "end")]
        seconds *= 10
    for n, _ in costs:
        parts.append(_text(x(n), bottom + 18, f"{n:,}".replace(",", " "), "middle", 10))
    ends = [costs[0][0], costs[-1][0]]
    inside = [min(max(factor * n**exponent, low_s), high_s) for n in ends]
    parts.append(_line((x(ends[0]), y(inside[0])), (x(ends[1]), y(inside[1])), _BOUND))
    parts += [f'<circle cx="{_n(x(n))}" cy="{_n(y(s))}" r="4" fill="{_VALUE}"/>' for n, s in costs]
    return _svg(left + frame + 40, bottom + 34, title, parts)


def _svg(width: float, height: float, words: str, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
        f'height="{_n(height)}" role="img" font-family="sans-serif" fill="{_INK}">'
    )
    background = f'<rect width="{_n(width)}" height="{_n(height)}" fill="#ffffff"/>'
    return "\n".join([head, f"<title>{escape(words)}</title>", background, *parts, "</svg>"]) + "\n"


def _path(corners: Sequence[Pixel], colour: str, *, dashed: bool) -> str:
    places = " ".join(f"{_n(x)},{_n(y)}" for x, y in corners)
    dashes = ' stroke-dasharray="6 3"' if dashed else ""
    return f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>'


def _line(start: Pixel, end: Pixel, colour: str) -> str:
    places = f'x1="{_n(start[0])}" y1="{_n(start[1])}" x2="{_n(end[0])}" y2="{_n(end[1])}"'
    return f'<line {places} stroke="{colour}"/>'


def _text(x: float, y: float, words: str, anchor: str, size: int = 11) -> str:
    where = f'x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" font-size="{size}"'
    return f"<text {where}>{escape(words)}</text>"


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
