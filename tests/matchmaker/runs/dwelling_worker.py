"""The real worker, optimiser, judge and archive; a search lasts at least DWELL_S, so that a kill finds it."""

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

DWELL_S = float(os.environ.get("DWELL_S", "1"))


def dwelling(search: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """A search, and then nothing until it has lasted as long as it should."""

    def solve(*question: Any, **asked: Any) -> dict[str, Any]:
        began = time.monotonic()
        found = search(*question, **asked)
        while time.monotonic() - began < DWELL_S and not asked["should_stop"]():
            time.sleep(0.05)
        return found

    return solve


def tools() -> Tools:
    real = load_tools()
    assert real.parts is not None
    parts = replace(real.parts, answer=dwelling(real.parts.answer))
    return replace(real, solve=dwelling(real.solve), parts=parts)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(process)d %(message)s")
    serve_runs(from_environment(), tools, int(os.environ.get("PROCESSES", "1")))
