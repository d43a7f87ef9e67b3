"""Progress of a search as lines on standard error: at least one a second, a few words each."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from solver.proposal import Progress
from solver.vocabulary import Objective

_PAUSE_S = 0.7  # at least one a second, be a tick late by the longest call that holds Python's lock
_FAR = 1.0  # a bound of twice the value or more says nothing yet about the gap


class ProgressLines:
    """Called with each ``Progress``; prints one a second or more, the last again where nothing is new."""

    def __init__(self, write: Callable[[str], None], started: float) -> None:
        """``started``: the value of ``time.monotonic()`` that elapsed times count from."""
        self._write = write
        self._started = self._printed_at = started
        self._objective = Objective.FUNDING
        self._last = Progress(0.0, "loading", None, None)

    def about(self, objective: Objective) -> None:
        """Say what the figures are, once the instance is known."""
        self._objective = objective

    def __call__(self, progress: Progress) -> None:
        self._last = progress
        self.beat()

    def beat(self) -> None:
        """Print the last progress with the time of now, unless a line was just printed."""
        now = time.monotonic()
        if now - self._printed_at >= _PAUSE_S:
            self._printed_at = now
            self._write(self.line(replace(self._last, elapsed_s=now - self._started)))

    def line(self, progress: Progress) -> str:
        """``elapsed  phase  funding  bound  gap``; what is not known yet is a dash."""
        value, bound = progress.objective_value, progress.upper_bound
        word = "placed" if self._objective is Objective.COVERAGE else "funding"
        return (
            f"{progress.elapsed_s:7.1f} s  {progress.phase:<12}  {word} {self._amount(value)}"
            f"  bound {self._amount(bound)}  gap {_gap(value, bound)}"
        )

    def _amount(self, value: int | None) -> str:
        unit = "" if self._objective is Objective.COVERAGE else " EUR"
        return "-" if value is None else f"{value:,}".replace(",", " ") + unit


def _gap(value: int | None, bound: int | None) -> str:
    if value is None or bound is None:
        return "-"
    if value == 0:
        return "0.00 %" if bound == 0 else "-"
    gap = bound / value - 1
    return f"{100 * gap:.2f} %" if gap < _FAR else "not known yet"
