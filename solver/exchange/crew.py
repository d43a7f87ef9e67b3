"""The crew: who carries out exchanges, this process itself or helper processes beside it.

The flow of an exchange holds Python's lock, so threads would wait for each other: a second core needs a
second process. A helper is told everything through its standard input (pickled orders) and keeps its walks
from one order to the next; it is killed when the search must stop, since nothing of value is lost.

When to modify: a helper should do something else besides.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from solver.exchange.ground import Ground, Packed
from solver.exchange.walk import Exchange

Over = Callable[[], bool]


@dataclass(frozen=True)
class Order:
    """Carry on the walk ``key`` for ``moves`` moves.

    ``ground``, ``packed`` and ``seed`` begin it; later ``packed`` is a better packing to go on from, worth
    ``value``. The walk cools from ``warm`` to ``cold``; ``again``: first back to its best packing.
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
    """One helper process. Raises OSError when none can be started."""

    def __init__(self) -> None:
        paths = [path or str(Path.cwd()) for path in sys.path]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "solver.exchange"],
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
    walks = Walks()
    while True:
        try:
            order = pickle.load(orders)  # noqa: S301 - from the process that started us
        except EOFError:
            return
        pickle.dump(walks.do(order), answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()
