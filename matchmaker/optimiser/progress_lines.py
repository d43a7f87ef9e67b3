"""Progress of a search as lines on standard error, a few words each, never more than one a second."""

from __future__ import annotations

import time
from collections.abc import Callable

from solver.proposal import Progress
from solver.vocabulary import Objective

_SHORTEST_PAUSE_S = 1.0


class ProgressLines:
    """Called with each ``Progress``; prints one when it tells something new."""

    def __init__(self, objective: Objective, write: Callable[[str], None]) -> None:
        self._word = "placed" if objective is Objective.COVERAGE else "funding"
        self._unit = "" if objective is Objective.COVERAGE else " EUR"
        self._write = write
        self._last: tuple[str, int | None, int | None] | None = None
        self._printed_at = float("-inf")

    def __call__(self, progress: Progress) -> None:
        told = (progress.phase, progress.objective_value, progress.upper_bound)
        now = time.monotonic()
        if told == self._last or now - self._printed_at < _SHORTEST_PAUSE_S:
            return
        self._last, self._printed_at = told, now
        self._write(self.line(progress))

    def line(self, progress: Progress) -> str:
        """``elapsed  phase  funding  bound  gap``; what is not known yet is a dash."""
        value, bound = progress.objective_value, progress.upper_bound
        return (
            f"{progress.elapsed_s:7.1f} s  {progress.phase:<12}  {self._word} {self._amount(value)}"
            f"  bound {self._amount(bound)}  gap {_gap(value, bound)}"
        )

    def _amount(self, value: int | None) -> str:
        return "-" if value is None else f"{value:,}".replace(",", " ") + self._unit


def _gap(value: int | None, bound: int | None) -> str:
    if value is None or bound is None:
        return "-"
    if value == 0:
        return "0.00 %" if bound == 0 else "-"
    return f"{100 * (bound / value - 1):.2f} %"
