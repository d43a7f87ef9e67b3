"""What a search says to the thread that keeps its run alive, and the one thing it is told: stop.

When to modify: a search reports something else.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from matchmaker.runs.comparison.asked import comparing
from matchmaker.runs.lifecycle import Point
from matchmaker.runs.prices.asked import pricing
from solver.instance import Grappe
from solver.proposal import Progress

if TYPE_CHECKING:
    from solver.frontier import PointProgress
    from solver.prices import PriceProgress


@dataclass
class Watch:
    """What the search says to the main thread, and the one thing it is told: stop."""

    worked_s: float
    started: float = field(default_factory=time.monotonic)
    stop: bool = False
    phase: str | None = None
    _points: list[Point] = field(default_factory=list)
    _best: tuple[Grappe, ...] | None = None
    _placed: tuple[int, int] | None = None
    _last: tuple[int | None, int | None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def elapsed_s(self) -> float:
        return self.worked_s + time.monotonic() - self.started

    def on_progress(self, progress: Progress) -> None:
        with self._lock:
            self.phase = progress.phase
            if progress.grappes is not None:
                self._best = progress.grappes
                self._placed = len(progress.grappes), sum(len(g.members) for g in progress.grappes)
            values = (progress.objective_value, progress.upper_bound)
            if values == self._last or values == (None, None):
                return
            self._last = values
            self._points.append(Point(self.elapsed_s(), *values, *(self._placed or (None, None))))

    def on_point(self, progress: PointProgress) -> None:
        """Of several plans the first is watched as one alone; of the others only that they are under way."""
        if progress.done == 0:
            self.on_progress(progress.search)
        self.phase = comparing(progress.done + 1, progress.total)

    def begin_from(self, plan: Mapping[str, Any]) -> None:
        """The value and the bound that a search begins with: those of a plan that is there already."""
        with self._lock:
            values = (plan["objective_value"], plan["upper_bound"])
            counts = (len(plan["grappes"]), plan["esms_placed"])
            self._points.append(Point(self.elapsed_s(), *values, *counts))

    def on_price(self, progress: PriceProgress) -> None:
        """The plan stays what it is; the rules come one after the other."""
        under_way = progress.relaxation
        rule = None if under_way is None else under_way.rule.value
        self.phase = pricing(progress.done, progress.total - 1, rule)

    def should_stop(self) -> bool:
        return self.stop

    def take(self) -> tuple[list[Point], tuple[Grappe, ...] | None]:
        """What is new since the last call."""
        with self._lock:
            points, best = self._points, self._best
            self._points, self._best = [], None
        return points, best

    def give_back(self, points: list[Point], best: tuple[Grappe, ...] | None) -> None:
        """What was taken could not be written: keep it for the next time."""
        with self._lock:
            self._points = points + self._points
            self._best = self._best if self._best is not None else best
