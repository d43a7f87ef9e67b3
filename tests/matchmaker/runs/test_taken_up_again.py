"""A run taken up again by the real optimiser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from matchmaker.database import Database
from matchmaker.runs import lifecycle
from matchmaker.runs.job import time_left_s
from matchmaker.runs.lifecycle import Asked, Claim
from matchmaker.runs.watch import Watch
from tests.matchmaker.runs.workplace import Tree, fresh_sqlite, row, wait_until

WORKER = str(Path(__file__).with_name("dwelling_worker.py"))


@pytest.fixture
def database_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """A SQLite file only: what depends on the database is tested with ten killed runs."""
    return fresh_sqlite(tmp_path, _sqlite_template)


def test_the_best_is_never_worse_after_a_death(
    database: Database, new_run: Callable[..., int], start_tree: Callable[..., Tree]
) -> None:
    """Tests that a run taken up again starts from the grappes that were found, with the real optimiser."""
    run_id = new_run(6)
    tree = start_tree(WORKER, lease_s=2, DWELL_S="30")
    wait_until(lambda: (row(database, run_id).objective_value or 0) > 0, "a first plan", 60)
    with database.reading() as session:
        assert lifecycle.documents(session, run_id)[1]
    tree.kill_all()
    found = row(database, run_id).objective_value or 0
    start_tree(WORKER, lease_s=2, DWELL_S="0")
    wait_until(lambda: row(database, run_id).finished_at, "the end", 60)
    run = row(database, run_id)
    assert (run.state, run.attempt, run.lost) == ("done", 2, 1)
    assert (run.objective_value or 0) >= found


@pytest.mark.parametrize(
    ("worked_s", "reading_s", "esms", "left_s"),
    [
        (0.0, 0.0, 0, 60.0),
        (0.0, 3.0, 0, 57.0),
        (25.0, 3.0, 0, 32.0),
        (0.0, 0.0, 33_000, 53.4),
        (58.0, 3.0, 100, 20.0),  # a third of the budget, whatever happened
    ],
)
def test_the_limit_is_that_of_the_whole_run(
    worked_s: float, reading_s: float, esms: int, left_s: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that earlier attempts, reading the question and keeping the plan are part of the time asked."""
    held = Claim(1, 2, "machine:1", 1, Asked(budget_s=60, gap=0.0, seed=1, threads=1), worked_s)
    monkeypatch.setattr(Watch, "elapsed_s", lambda watch: watch.worked_s + reading_s)
    assert time_left_s(held, Watch(worked_s), esms) == pytest.approx(left_s)
