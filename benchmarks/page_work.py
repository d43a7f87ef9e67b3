"""The work of pages, whatever else the machine does: CPU time and queries of each, in this process.

Each request to a page goes with one to a trivial page, right before it, through the test client of the
application: what slows the machine down for a while slows both, and their ratio is the median of many.
Seconds are those of this process's CPU.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

from flask.testing import FlaskClient
from sqlalchemy import Engine, event


@dataclass(frozen=True, slots=True)
class Work:
    """``median_s``: CPU seconds. ``ratio``: to those of the trivial page beside. ``queries``: statements;
    ``kilobytes``: of the answer."""

    median_s: float
    ratio: float
    queries: int
    kilobytes: float


def work_of(
    client: FlaskClient, engine: Engine, pages: Sequence[str], trivial: str, rounds: int
) -> dict[str, Work]:
    """Page -> its work, every page having been asked for before.

    Raises
    ------
    RuntimeError
        A page answers anything but 200.
    """
    statements: list[str] = []

    def heard(_c: object, _cursor: object, statement: str, *_others: object) -> None:
        statements.append(statement)

    for page in (trivial, *pages):
        _asked(client, page)
    event.listen(engine, "before_cursor_execute", heard)
    try:
        taken: dict[str, list[tuple[float, float]]] = {page: [] for page in pages}
        queries, sizes = dict.fromkeys(pages, 0), dict.fromkeys(pages, 0)
        for _round in range(rounds):
            for page in pages:
                beside, _size = _asked(client, trivial)
                statements.clear()
                seconds, sizes[page] = _asked(client, page)
                queries[page] = len(statements)
                taken[page].append((seconds, beside))
    finally:
        event.remove(engine, "before_cursor_execute", heard)
    return {
        page: Work(
            statistics.median(seconds for seconds, _beside in some),
            statistics.median(seconds / beside for seconds, beside in some),
            queries[page],
            sizes[page] / 1000,
        )
        for page, some in taken.items()
    }


def _asked(client: FlaskClient, page: str) -> tuple[float, int]:
    begun = time.process_time()
    answer = client.get(page)
    taken = time.process_time() - begun
    if answer.status_code != 200:
        raise RuntimeError(f"{page}: {answer.status_code}")
    return taken, len(answer.data)
