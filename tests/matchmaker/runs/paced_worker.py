"""A worker whose search takes its time, so that tests can kill it in the middle: ``python paced_worker.py``.

PACE_S: seconds that a search lasts. FAULT: what goes wrong (``error``: the search raises; ``crash``: the
process dies at once).
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from matchmaker.runs.toolbox import Tools
from matchmaker.runs.worker import serve_runs
from matchmaker.settings import from_environment
from solver.instance import Grappe
from solver.proposal import Progress
from solver.vocabulary import Hosting

PACE_S = float(os.environ.get("PACE_S", "2"))
FAULT = os.environ.get("FAULT")


def solve(
    instance: Any,
    scale: Any,
    *,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    start: Any,
    **_asked: Any,
) -> dict[str, Any]:
    if FAULT == "error":
        raise ArithmeticError("planted")
    if FAULT == "crash":
        os._exit(139)
    began = time.monotonic()
    value = sum(len(g.members) for g in start) if start else 0
    grappes: tuple[Grappe, ...] = start or ()
    while time.monotonic() - began < PACE_S and not should_stop():
        time.sleep(0.1)
        value += 1
        members = tuple(f"m{i:04}" for i in range(value))
        grappes = (Grappe("g1", "dui-a", Hosting.SAAS, "m0000", members),)
        on_progress(Progress(time.monotonic() - began, "search", value, 1000, grappes))
    return {
        "objective_value": value,
        "upper_bound": 1000,
        "grappes": [{"members": list(g.members)} for g in grappes],
        "esms_placed": value,
    }


def store(
    session: Session, _campaign_id: int, run_id: int, _instance: dict[str, Any], proposal: dict[str, Any]
) -> int:
    session.execute(
        text("INSERT INTO kept (run_id, proposal) VALUES (:run, :proposal)"),
        {"run": run_id, "proposal": json.dumps(proposal)},
    )
    return run_id


def tools() -> Tools:
    return Tools(lambda content: SimpleNamespace(**json.loads(content)), lambda _i: None, solve, store)  # type: ignore[arg-type, return-value]


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(name)s %(process)d %(message)s")
    serve_runs(from_environment(), tools)
