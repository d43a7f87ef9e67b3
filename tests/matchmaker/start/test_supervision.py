"""Processes that live and end together: restarts, stops, and nothing left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).resolve().parents[3]

SUPERVISE = """
import sys
from matchmaker.start.supervision import Child, Supervisor
children = [Child("l’enfant", (sys.executable, "-c", sys.argv[1], sys.argv[2]))]
sys.exit(Supervisor(children, lambda line: print(line, flush=True)).run())
"""
# An obedient child with a child of its own, which does not listen; each start adds its pids to a file.
PARENT = """
import os, subprocess, sys, time
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(100)"
grandchild = subprocess.Popen([sys.executable, "-c", deaf])
with open(sys.argv[1], "a") as file:
    file.write(f"{os.getpid()} {grandchild.pid}\\n")
time.sleep(100)
"""


class Supervised:
    def __init__(self, child: str, pids: Path) -> None:
        self.pids_file = pids
        self.process = subprocess.Popen(
            [sys.executable, "-c", SUPERVISE, textwrap.dedent(child), str(pids)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def generations(self, wanted: int, timeout_s: float = 15) -> list[list[int]]:
        """The pids written by each start of the child, once there are ``wanted`` starts."""
        deadline = time.monotonic() + timeout_s
        while time.monotonic() < deadline:
            if self.pids_file.exists():
                lines = self.pids_file.read_text().splitlines()
                if len(lines) >= wanted:
                    return [[int(pid) for pid in line.split()] for line in lines]
            time.sleep(0.05)
        raise AssertionError(f"not {wanted} starts")

    def end(self) -> str:
        assert self.process.stdout is not None
        said = self.process.stdout.read()
        self.process.stdout.close()
        self.process.wait(20)
        return said


@pytest.fixture
def pids(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "pids"
    yield path
    for pid in path.read_text().split() if path.exists() else ():
        if lives(int(pid)):
            os.kill(int(pid), signal.SIGKILL)


def lives(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_all_of_them(pids: Path, number: signal.Signals) -> None:
    """Tests exit 0 within seconds, and that not even a deaf grandchild is left."""
    supervised = Supervised(PARENT, pids)
    ((child, grandchild),) = supervised.generations(1)
    begun = time.monotonic()
    supervised.process.send_signal(number)
    supervised.end()
    assert supervised.process.returncode == 0
    assert time.monotonic() - begun < 5
    assert not lives(child)
    assert not lives(grandchild)


def test_a_dead_child_is_started_again(pids: Path) -> None:
    supervised = Supervised(PARENT, pids)
    ((child, orphan),) = supervised.generations(1)
    os.kill(child, signal.SIGKILL)
    _, (second, _) = supervised.generations(2)
    assert second != child
    assert lives(second)
    supervised.process.send_signal(signal.SIGTERM)
    assert "l’enfant (code -9). Redémarrage." in supervised.end()
    assert supervised.process.returncode == 0
    assert not lives(second)
    assert not lives(orphan)


def test_a_child_that_cannot_live_ends_the_whole(pids: Path) -> None:
    """Tests that a child that fails at once is not started for ever."""
    supervised = Supervised("import sys; open(sys.argv[1], 'a').write('0\\n'); sys.exit(3)", pids)
    said = supervised.end()
    pids.unlink()
    assert supervised.process.returncode == 1
    assert "s’interrompt dès son démarrage (code 3)" in said
