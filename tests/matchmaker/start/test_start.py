"""``matchmaker start``: the whole program from one command, and nothing left after Ctrl-C."""

from __future__ import annotations

import os
import re
import signal
import socket
import time
from collections.abc import Callable

import psutil
import pytest
import requests

from matchmaker.database import Database
from tests.matchmaker.pages import hidden_fields
from tests.matchmaker.runs.workplace import Tree, fill_campaign, row, wait_until


def started(start_tree: Callable[..., Tree], *options: str) -> tuple[Tree, str]:
    """A `matchmaker start` that answers, and its address."""
    tree = start_tree("-m", "matchmaker", "start", "--port", "0", *options)
    found = wait_until(lambda: re.search(r"http://[\d.:]+", tree.said()), "the address")
    assert found is not None
    assert requests.get(found[0], timeout=30).status_code == 200
    return tree, found[0]


def children(tree: Tree) -> dict[str, psutil.Process]:
    """The web and the worker, by name."""
    found = {}
    for process in psutil.Process(tree.process.pid).children():
        command = process.cmdline()
        if "matchmaker" in command:
            found[command[command.index("matchmaker") + 1]] = process
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_no_process_and_loses_no_run(
    database: Database, start_tree: Callable[..., Tree], number: signal.Signals
) -> None:
    """Tests exit 0 within seconds while a run is under way; the run waits for the next start."""
    campaign_id = fill_campaign(database)
    tree, url = started(start_tree)
    with requests.Session() as browser:
        form = f"{url}/campagnes/{campaign_id}/optimiser"
        hidden = hidden_fields(browser.get(form, timeout=20).text)
        data = {**hidden, "budget_s": "120", "gap_permille": "0"}
        address = browser.post(form, data=data, timeout=20).url
    run_id = int(address.rsplit("/", 1)[1])
    wait_until(lambda: row(database, run_id).state == "running", "the run under way")
    before = tree.processes()
    assert len(before) >= 5, tree.said()
    began = time.monotonic()
    os.kill(tree.process.pid, number)
    assert tree.process.wait(20) == 0, tree.said()
    assert time.monotonic() - began < 8
    assert tree.processes() == []
    run = row(database, run_id)
    assert (run.state, run.lost) == ("queued", 0)
    assert "Matchmaker est arrêté." in tree.said()


def test_a_killed_web_is_started_again_on_the_same_address(
    database: Database, start_tree: Callable[..., Tree]
) -> None:
    """Tests kill -9 of each child: the pages answer again, at the same address, without one refused."""
    tree, url = started(start_tree)
    first = children(tree)
    assert set(first) == {"web", "worker"}
    for process in first.values():
        tree.processes()
        process.kill()
    assert requests.get(url, timeout=30).status_code == 200
    wait_until(lambda: set(children(tree)) == {"web", "worker"}, "both again")
    assert {p.pid for p in children(tree).values()}.isdisjoint(p.pid for p in first.values())
    os.kill(tree.process.pid, signal.SIGTERM)
    assert tree.process.wait(20) == 0
    assert tree.processes() == []


def test_children_do_not_outlive_a_killed_supervisor(
    database: Database, start_tree: Callable[..., Tree]
) -> None:
    tree, _url = started(start_tree)
    assert len(tree.processes()) >= 3
    os.kill(tree.process.pid, signal.SIGKILL)
    tree.process.wait(5)
    wait_until(lambda: not tree.processes(), "all gone", 15)


def test_a_port_taken_is_said(database: Database, start_tree: Callable[..., Tree]) -> None:
    """Tests exit 1 and one sentence, before anything is started."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        tree = start_tree("-m", "matchmaker", "start", "--port", str(port))
        assert tree.process.wait(30) == 1
    assert f"Le port {port} est déjà pris sur 127.0.0.1" in tree.said()
    assert "Traceback" not in tree.said()


def test_an_address_seen_by_others_is_refused(database: Database, start_tree: Callable[..., Tree]) -> None:
    tree = start_tree("-m", "matchmaker", "start", "--host", "0.0.0.0")
    assert tree.process.wait(30) == 1
    assert "visible d’autres machines" in tree.said()
