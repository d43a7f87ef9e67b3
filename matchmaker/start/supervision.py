"""Two or more processes that live and end together.

Each child is in a session of its own: Ctrl-C in the terminal reaches the supervisor only, which then asks
them to leave. A child that dies is started again; one that cannot live ends the whole. If the supervisor
itself is killed by force, the children see that their parent changed (``orphaned``) and leave.

When to modify: how the embedded mode restarts or stops its processes.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

_TICK_S = 0.1
_STOP_S = 10.0
_ORPHANS_S = 5.0
_SHORT_LIFE_S = 5.0
_SHORT_LIVES = 5
_PAUSE_S = 1.0


@dataclass(frozen=True, slots=True)
class Child:
    """``name``: for the terminal, in French with its article (« le serveur web »)."""

    name: str
    arguments: tuple[str, ...]
    pass_fds: tuple[int, ...] = ()


class _Running:
    """A child, and what its earlier lives may have left: (process group, when to end it by force)."""

    def __init__(self, child: Child) -> None:
        self.child = child
        self.short_lives = 0
        self.left_behind: list[tuple[int, float]] = []
        self.start()

    def start(self) -> None:
        self.started = time.monotonic()
        self.process = subprocess.Popen(  # noqa: S603 - our own command, no shell, nothing typed by a user
            self.child.arguments,
            stdin=subprocess.DEVNULL,
            pass_fds=self.child.pass_fds,
            start_new_session=True,
        )

    def start_again(self) -> None:
        # Grandchildren see that they are orphans and put their work back: they get some time for it.
        self.left_behind.append((self.process.pid, time.monotonic() + _ORPHANS_S))
        self.start()

    def clear_up(self, at: float) -> None:
        """End by force what earlier lives left behind, if it was to be gone by ``at``."""
        for group, deadline in self.left_behind:
            if deadline <= at:
                _kill_group(group)
        self.left_behind = [left for left in self.left_behind if left[1] > at]


def _kill_group(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


class Supervisor:
    """Starts children, watches them, stops them. ``say`` receives French lines for the terminal."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self._children = children
        self._say = say
        self._asked = 0

    def run(self) -> int:
        """Until SIGINT, SIGTERM or SIGHUP: exit status 0; 1 when a child cannot be kept alive."""
        signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        before = {number: signal.signal(number, self._on_signal) for number in signals}
        running: list[_Running] = []
        try:
            for child in self._children:
                if not self._asked:
                    running.append(_Running(child))
            alive = True
            while not self._asked and alive:
                time.sleep(_TICK_S)
                alive = all(self._keep(one) for one in running)
        finally:
            self._stop(running)
            for number, handler in before.items():
                signal.signal(number, handler)
        return 0 if alive else 1

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._asked += 1

    def _keep(self, one: _Running) -> bool:
        """Start a dead child again; False when it died too often to go on."""
        one.clear_up(time.monotonic())
        status = one.process.poll()
        if status is None or self._asked:
            return True
        short = time.monotonic() - one.started < _SHORT_LIFE_S
        one.short_lives = one.short_lives + 1 if short else 0
        if one.short_lives >= _SHORT_LIVES:
            self._say(f"Arrêt : {one.child.name} s’interrompt dès son démarrage (code {status}).")
            return False
        self._say(f"Interruption : {one.child.name} (code {status}). Redémarrage.")
        if short:
            time.sleep(_PAUSE_S)
        one.start_again()
        return True

    def _stop(self, running: Sequence[_Running]) -> None:
        """Ask all to leave, wait, then end by force what is left, grandchildren included."""
        for one in running:
            with suppress(ProcessLookupError):
                one.process.terminate()
        deadline = time.monotonic() + _STOP_S
        patience = self._asked + 1
        while time.monotonic() < deadline and self._asked < patience:
            if all(one.process.poll() is not None for one in running):
                break
            time.sleep(_TICK_S)
        for one in running:
            one.clear_up(float("inf"))
            _kill_group(one.process.pid)
            one.process.wait()


def orphaned(parent: int | None) -> bool:
    """Whether the supervisor ``parent`` (a process id; None: there is none) is gone."""
    return parent is not None and os.getppid() != parent
