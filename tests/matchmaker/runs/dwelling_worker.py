"""The real worker, optimiser, judge and archive; a search lasts at least DWELL_S, so that a kill finds it.

HOLD_S: it goes on for so long after it has told what it found, so that a kill finds something to lose. The
log tells with how many ESMS placed each search begins.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from matchmaker.runs.toolbox import Tools
from matchmaker.runs.tools import load_tools
from matchmaker.runs.worker import serve_runs
from matchmaker.settings import from_environment
from solver.frontier import PointProgress
from solver.judge.disagreements import grappe_of
from solver.proposal import Progress

DWELL_S = float(os.environ.get("DWELL_S", "1"))
HOLD_S = float(os.environ.get("HOLD_S", "0"))

log = logging.getLogger("dwelling")


def dwelling(search: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A search, and then nothing until it has lasted as long as it should."""

    def solve(*question: Any, **asked: Any) -> dict[str, Any]:
        began = time.monotonic()
        log.info("begins with %d ESMS", sum(len(g.members) for g in asked["start"]))
        found = search(*question, **asked)
        now = time.monotonic()
        grappes = tuple(grappe_of(g) for g in found["grappes"])
        values = found["objective_value"], found["upper_bound"]
        asked["on_progress"](Progress(now - began, "search", *values, grappes))
        while time.monotonic() < max(began + DWELL_S, now + HOLD_S) and not asked["should_stop"]():
            time.sleep(0.05)
        return found

    return solve


def pausing(comparison: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A comparison that goes no further than its first plan until it has lasted as long as it should."""

    def compare(*question: Any, **asked: Any) -> dict[str, Any]:
        began, tell, stop = time.monotonic(), asked["on_progress"], asked["should_stop"]

        def told(progress: PointProgress) -> None:
            tell(progress)
            while progress.search.objective_value and time.monotonic() < began + DWELL_S and not stop():
                time.sleep(0.05)

        return comparison(*question, **asked | {"on_progress": told})

    return compare


def tools() -> Tools:
    real = load_tools()
    assert real.parts is not None
    assert real.compare is not None
    parts = replace(real.parts, answer=dwelling(real.parts.answer))
    return replace(real, solve=dwelling(real.solve), compare=pausing(real.compare), parts=parts)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(process)d %(message)s")
    serve_runs(from_environment(), tools, int(os.environ.get("PROCESSES", "1")))
