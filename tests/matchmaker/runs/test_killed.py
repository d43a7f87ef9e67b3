"""Web and worker killed by force while runs are done: nothing lost, nothing doubled (ten runs: `long`)."""

from __future__ import annotations

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import requests
from sqlalchemy import select

from matchmaker.baremes import scale_for
from matchmaker.database import Database
from matchmaker.proposals.keeping import documents
from matchmaker.proposals.tables import Proposal
from matchmaker.runs.tables import Run, State
from solver.document import read_instance
from solver.judge import disagreements
from tests.matchmaker.pages import hidden_fields
from tests.matchmaker.runs.workplace import Tree, events, wait_until

WORKER = str(Path(__file__).with_name("dwelling_worker.py"))


class Web:
    """The pages as a browser without JavaScript uses them; started again whenever it was killed."""

    def __init__(self, start_tree: Callable[..., Tree]) -> None:
        self._start = start_tree
        self.kills = 0
        self.start()

    def start(self) -> None:
        self.tree = self._start("-m", "matchmaker", "web", "--port", "0")
        found = wait_until(lambda: re.search(r"http://\S+", self.tree.said()), "the address of the web")
        assert found is not None
        self.url = found[0].rstrip("/")
        self.session = requests.Session()

    def kill(self) -> None:
        self.kills += 1
        self.tree.kill_all()
        self.start()

    def page(self, path: str) -> str:
        answer = self.session.get(self.url + path, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer.text

    def post(self, path: str, form: str, **fields: str) -> str:
        """Send a form found on the page ``form``; gives the address one is sent to."""
        data = {**hidden_fields(self.page(form)), **fields}
        answer = self.session.post(self.url + path, data=data, allow_redirects=False, timeout=20)
        assert answer.status_code == 303, answer.text
        return answer.headers["Location"]


def over(database: Database) -> int:
    with database.reading() as session:
        return len(session.scalars(select(Run.id).where(Run.finished_at.is_not(None))).all())


def may_be_killed(database: Database) -> bool:
    """A run is under way that was not lost twice: a third loss would end it, by design."""
    with database.reading() as session:
        return bool(session.scalars(select(Run.id).where(Run.state == "running", Run.lost < 2)).all())


@pytest.mark.parametrize(("asked", "kills"), [(5, 3), pytest.param(10, 6, marks=pytest.mark.long)])
def test_runs_survive_kills_of_web_and_worker(
    database: Database, campaign_id: int, start_tree: Callable[..., Tree], asked: int, kills: int
) -> None:
    """Tests kill -9 of whole process trees at random moments, on the real queue, optimiser and judge.

    Each run ends in one final state with one proposal that the judge accepts, whatever was
    killed; its journal tells each attempt; its page shows the journal.
    """
    chance = random.Random(20261122)
    web = Web(start_tree)
    for _ in range(asked):
        web.post(
            f"/campagnes/{campaign_id}/optimiser",
            f"/campagnes/{campaign_id}/optimiser",
            budget_s="30",
            gap_permille="0",
        )
    with database.writing() as session:  # shorter than a page offers: several of them are waited for
        for run in session.scalars(select(Run)):
            run.budget_s = 1
    worker = start_tree(WORKER, lease_s=2)
    worker_kills = 0
    while worker_kills < kills and over(database) < asked - 1:
        wait_until(lambda: may_be_killed(database) or over(database) >= asked - 1, "a run under way")
        time.sleep(chance.uniform(0, 1.5))
        worker.kill_all()
        worker_kills += 1
        if worker_kills % 2:
            web.kill()
        worker = start_tree(WORKER, lease_s=2)
    wait_until(lambda: over(database) == asked, "all runs over", 90)

    assert worker_kills >= kills - 2
    assert web.kills >= kills // 3
    with database.reading() as session:
        runs = session.scalars(select(Run).order_by(Run.id)).all()
        session.expunge_all()
        stored = session.execute(select(Proposal.id, Proposal.run_id)).all()
    assert len(runs) == asked
    assert Counter(run_id for _, run_id in stored) == Counter(run.id for run in runs)
    for run in runs:
        assert run.state == State.DONE, run.failure
        told = events(database, run.id)
        assert told[0] == "created"
        assert told[-1] == "done"
        assert Counter(told)["done"] == 1
        assert Counter(told)["claimed"] == run.attempt
        assert Counter(told)["lost"] == run.lost <= 2
        assert (run.proposal_id, run.id) in {(number, of) for number, of in stored}
        with database.reading() as session:
            instance_text, proposal_text = documents(session, run.proposal_id or 0)
        proposal = json.loads(proposal_text)
        instance = read_instance(instance_text)
        scale = scale_for(instance.regime, instance.parameters.readings)
        assert not disagreements(instance, scale, proposal)
        assert (proposal["objective_value"], proposal["upper_bound"]) == (
            run.objective_value,
            run.upper_bound,
        )
    assert sum(run.lost for run in runs) >= 1
    most_killed = max(runs, key=lambda run: run.lost)
    page = web.page(f"/calculs/{most_killed.id}")
    assert page.count("Plus de nouvelles du programme de calcul") == most_killed.lost
    assert "Terminé : le plan a été contrôlé et enregistré." in page
