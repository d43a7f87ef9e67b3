"""The crew: who carries out exchanges, this process itself or helper processes beside it.

The flow of an exchange holds Python's lock, so threads would wait for each other: a second core needs a
second process. A helper is told everything through its standard input (pickled orders) and keeps its walks
from one order to the next; it is killed when the search must stop, since nothing of value is lost. When the
time of the search is over it can be given a last errand instead, which it tells about until it is killed.

When to modify: a helper should do something else besides.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NoReturn, Protocol

from solver.exchange.ground import Ground, Packed
from solver.exchange.walk import Exchange

Over = Callable[[], bool]


@dataclass(frozen=True)
class Order:
    """Carry on the walk ``key`` for ``moves`` moves.

    ``ground``, ``packed`` and ``seed`` begin it; later ``packed`` is a better packing to go on from, worth
    ``value``. The walk cools from ``warm`` to ``cold``; ``again``: first back to its best packing.
    ``until``: the walk ends there at the latest, by ``time.time()``, which processes share; None:
    after its moves.
    """

    key: int
    moves: int
    warm: float
    cold: float
    seed: int = 0
    again: bool = False
    ground: Ground | None = None
    packed: Packed | None = None
    value: float = 0.0
    until: float | None = None


class Errand(Protocol):
    """Something else for a helper to do, the last thing it is given. Pickled."""

    def carry_out(self, tell: Callable[[object], None]) -> None:
        """Do it, and ``tell`` what was found each time there is something (never None)."""


@dataclass(frozen=True)
class Answer:
    """The best packing of a walk, what the walk believes it is worth, and some of what it went through."""

    packed: Packed
    value: float
    seen: tuple[Packed, ...] = ()


class HelperLost(Exception):  # noqa: N818 - what happened, not an error of ours
    """A helper process has ended: killed by us, or by the system for want of memory."""


class Walks:
    """The walks of one process."""

    def __init__(self) -> None:
        self.walks: dict[int, Exchange] = {}

    def do(self, order: Order, over: Over = lambda: False) -> Answer:
        """Carry out an order; ends early when ``over()``."""
        if order.ground is not None and order.packed is not None:
            self.walks[order.key] = Exchange(order.ground, order.packed, order.seed)
        walk = self.walks[order.key]
        if order.ground is None and order.packed is not None:
            walk.adopt(order.packed, order.value)
        if order.again:
            walk.restart()
        walk.run(order.moves, order.warm, order.cold, over)
        return Answer(walk.best, walk.best_value, tuple(walk.seen))


class Helper:
    """One helper process, which imports the modules ``ready`` first: what errands need beyond exchanges.

    Raises OSError when none can be started.
    """

    def __init__(self, *ready: str) -> None:
        paths = [path or str(Path.cwd()) for path in sys.path]
        self.process = subprocess.Popen(  # noqa: S603 - this module, and modules of ours
            [sys.executable, "-m", "solver.exchange", *ready],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )

    def do(self, order: Order) -> Answer:
        """Have an order carried out; waits for the answer. Raises HelperLost when the helper ends."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            pickle.dump(order, self.process.stdin, pickle.HIGHEST_PROTOCOL)
            self.process.stdin.flush()
            answer = pickle.load(self.process.stdout)  # noqa: S301 - our own child
        except (OSError, EOFError, pickle.UnpicklingError) as error:
            raise HelperLost from error
        assert isinstance(answer, Answer)
        return answer

    def give(self, errand: Errand) -> Iterator[Any]:
        """Have an errand carried out: what it tells, as it comes, until ``end`` or until the helper ends."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            pickle.dump(errand, self.process.stdin, pickle.HIGHEST_PROTOCOL)
            self.process.stdin.flush()
            while (told := pickle.load(self.process.stdout)) is not None:  # noqa: S301 - our own child
                yield told
        except (OSError, EOFError, pickle.UnpicklingError):
            return

    @property
    def at_hand(self) -> bool:
        """Whether the process is there."""
        return self.process.poll() is None

    def end(self) -> None:
        """End the process at once; a ``do`` in progress raises HelperLost."""
        self.process.kill()
        self.process.wait()

    def close(self) -> None:
        """Release the pipes; after ``end`` and when no ``do`` is in progress."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except BrokenPipeError:  # what was not yet written has nobody to read it
                    continue


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """What a helper process does: orders in, answers out, until the orders end."""

    def tell(what: object) -> None:
        pickle.dump(what, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()

    walks = Walks()
    while True:
        try:
            order = pickle.load(orders)  # noqa: S301 - from the process that started us
        except EOFError:
            return
        if isinstance(order, Order):
            tell(walks.do(order, _over(order.until)))
        else:
            walks.walks.clear()
            _run_errand(order, orders, tell)


def _over(until: float | None) -> Over:
    return lambda: until is not None and time.time() > until


def _run_errand(errand: Errand, orders: BinaryIO, tell: Callable[[object], None]) -> NoReturn:
    """An errand may be silent for long, so the end of the orders is waited for beside it."""
    source = orders.fileno()

    def leave() -> NoReturn:
        while os.read(source, 1):
            pass
        os._exit(0)

    leaving = threading.Thread(target=leave, name="orders")
    leaving.start()
    errand.carry_out(tell)
    tell(None)
    while True:
        leaving.join()
