"""``matchmaker run`` and ``matchmaker worker`` as one types them."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from matchmaker.database import Database
from matchmaker.runs.queue import RunQueue
from matchmaker.runs.tables import Run
from matchmaker.settings import Settings
from tests.matchmaker.runs.workplace import Tree, environment, fill_campaign, fresh_sqlite, row


@pytest.fixture
def database_url(tmp_path: Path, _sqlite_template: Path) -> str:
    """A SQLite file only: runs on PostgreSQL are tested with the worker."""
    return fresh_sqlite(tmp_path, _sqlite_template)


def matchmaker(settings: Settings, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "matchmaker", *arguments],
        env=environment(settings) | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_run_is_asked_for_followed_and_done(
    settings: Settings, database: Database, campaign_id: int, start_tree: Callable[..., Tree]
) -> None:
    """Tests the real worker command: found values are told, then the number of the plan."""
    start_tree("-m", "matchmaker", "worker")
    told = matchmaker(settings, "run", "Lozère, 48 ESMS", "--time-limit", "5")
    assert told.returncode == 0, told.stderr
    run = row(database, 1)
    assert run.state == "done"
    assert run.proposal_id is not None
    assert told.stdout.splitlines()[0] == "Calcul 1 demandé, 5 s au plus."
    assert re.search(rf"Terminé  trouvé [\d\s,]+k€  borne .*plan {run.proposal_id}", told.stdout)


def test_without_waiting(settings: Settings, database: Database, campaign_id: int) -> None:
    told = matchmaker(settings, "run", str(campaign_id), "--no-wait")
    assert (told.returncode, told.stdout) == (0, "Calcul 1 demandé, 120 s au plus.\n")
    with RunQueue(settings.queue_url) as queue:
        assert queue.waiting() == {1}


@pytest.mark.parametrize("name", ["Nulle part", "4711"])
def test_an_unknown_campaign(settings: Settings, database: Database, name: str) -> None:
    told = matchmaker(settings, "run", name)
    assert told.returncode == 1
    assert f"Aucune campagne ne porte le numéro ou le nom « {name} »." in told.stderr
    with database.reading() as session:
        assert session.scalars(select(Run)).all() == []


def test_nothing_to_place(settings: Settings, database: Database) -> None:
    number = fill_campaign(database, 0)
    told = matchmaker(settings, "run", str(number))
    assert told.returncode == 1
    assert "il n’y a rien à placer" in told.stderr


def test_a_wrong_setting_is_named(settings: Settings) -> None:
    told = matchmaker(settings, "worker", MATCHMAKER_RUN_LEASE="soon")
    assert told.returncode == 1
    assert "MATCHMAKER_RUN_LEASE" in told.stderr
    assert "Traceback" not in told.stderr


def test_a_wrong_queue_is_named(settings: Settings) -> None:
    told = matchmaker(settings, "worker", MATCHMAKER_QUEUE_URL="redis://localhost/1")
    assert told.returncode == 1
    assert "MATCHMAKER_QUEUE_URL" in told.stderr
    assert "Traceback" not in told.stderr
