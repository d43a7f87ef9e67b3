"""A clock that goes as the wall clock would on a machine with nothing else to do.

On a shared machine a limit of 60 seconds means less work than it should, and another amount each time. This
clock adds, several times a second, the CPU time of the busiest thread of this process and its children (and
never less than all of it shared by the cores). Waiting for a lock counts as the work of who holds it. It is
an estimate: figures taken with it say so.
"""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

from solver.search import abreast

CORES = 2
EVERY_S = 0.05


class QuietClock:
    """Seconds since any point, as ``time.monotonic`` gives them."""

    def __init__(self) -> None:
        self._real = time.monotonic
        self._lock = threading.Lock()
        self._spent = _spent()
        self._now = self._sampled = self._real()

    def __call__(self) -> float:
        with self._lock:
            if self._real() - self._sampled >= EVERY_S:
                self._sample()
            return self._now

    def _sample(self) -> None:
        spent = _spent()
        more = [seconds - self._spent.get(thread, 0.0) for thread, seconds in spent.items()]
        self._now += max(max(more, default=0.0), sum(more) / CORES)
        self._spent, self._sampled = spent, self._real()


def _spent() -> dict[str, float]:
    """CPU seconds of every thread of this process and of its children."""
    found = {}
    for process in [os.getpid(), *children()]:
        for status in Path(f"/proc/{process}/task").glob("*/schedstat"):
            try:
                found[str(status)] = int(status.read_text().split()[0]) / 1e9
            except (OSError, IndexError):  # the thread has just ended
                continue
    return found


def children(process: int | str = "self") -> list[int]:
    """Processes started by this one, those that they started among them."""
    found: list[int] = []
    for listing in Path(f"/proc/{process}/task").glob("*/children"):
        try:
            found += [int(child) for child in listing.read_text().split()]
        except OSError:  # the thread has just ended
            continue
    return [*found, *(further for child in found for further in children(child))]


def install() -> None:
    """Make ``time.monotonic`` this clock, and let it tick when nobody looks."""
    clock = QuietClock()
    time.monotonic = clock
    abreast.PATIENCE = 100.0  # shares have the usual clock: this process stops them

    def tick() -> None:
        while True:
            time.sleep(EVERY_S)
            clock()

    threading.Thread(target=tick, name="quiet clock", daemon=True).start()
