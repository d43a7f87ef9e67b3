"""A run taken up again by the real optimiser."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from matchmaker.database import Database
from matchmaker.runs import lifecycle
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
