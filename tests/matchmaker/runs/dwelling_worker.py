"""The real worker, optimiser, judge and archive; a search lasts at least DWELL_S, so that a kill finds it."""

from __future__ import annotations

import logging
import os
import time
from dataclasses import replace
from typing import Any

from matchmaker.runs.execution import Tools
from matchmaker.runs.tools import load_tools
from matchmaker.runs.worker import serve_runs
from matchmaker.settings import from_environment

DWELL_S = float(os.environ.get("DWELL_S", "1"))


def tools() -> Tools:
    real = load_tools()

    def solve(*question: Any, **asked: Any) -> dict[str, Any]:
        began = time.monotonic()
        proposal = real.solve(*question, **asked)
        while time.monotonic() - began < DWELL_S and not asked["should_stop"]():
            time.sleep(0.05)
        return proposal

    return replace(real, solve=solve)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(process)d %(message)s")
    serve_runs(from_environment(), tools)
