"""A run of a small campaign, and processes that work on it."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from matchmaker.database import Database
from matchmaker.runs import request
from matchmaker.runs.lifecycle import Asked
from matchmaker.settings import Settings
from tests.matchmaker.runs.workplace import Tree, environment, fill_campaign


@pytest.fixture(autouse=True)
def _no_table_left(database: Database) -> Iterator[None]:
    """The suite shares one PostgreSQL database: take away the tables that no migration knows."""
    yield
    with database.writing() as session:
        known = set(inspect(session.connection()).get_table_names())
        for table in sorted(name for name in known if name.startswith("matchmaker_queue_") or name == "kept"):
            session.execute(text(f"DROP TABLE {table}"))


@pytest.fixture
def campaign_id(database: Database) -> int:
    return fill_campaign(database)


@pytest.fixture
def new_run(database: Database, campaign_id: int) -> Callable[..., int]:
    """Ask for a run of the campaign; gives its number."""

    def ask(budget_s: int = 20, seed: int = 1) -> int:
        with database.writing() as session:
            return request.ask(session, campaign_id, Asked(budget_s=budget_s, gap=0.0, seed=seed, threads=1))

    return ask


@pytest.fixture
def start_tree(settings: Settings, tmp_path: Path) -> Iterator[Callable[..., Tree]]:
    """Start a Python process on this installation; what a test leaves behind is killed after it."""
    trees: list[Tree] = []

    def start(*arguments: str, lease_s: int = 2, **variables: str) -> Tree:
        log = tmp_path / f"process-{len(trees)}.log"
        tree = Tree([sys.executable, *arguments], environment(settings, lease_s) | variables, log)
        trees.append(tree)
        return tree

    yield start
    for tree in trees:
        tree.kill_all()
