"""Work that runs beside the calling thread, which stays free to tick: to report, and to ask for a stop.

When to modify: the calling thread has more to do while it waits.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")

TICK_S = 0.1


class Beside(Generic[T]):
    """``work`` in a thread of its own, begun at once. An abandoned one does not keep the process alive."""

    def __init__(self, work: Callable[[], T], name: str) -> None:
        self._work = work
        self._done = threading.Event()
        self._outcome: list[T] = []
        self._failure: BaseException | None = None
        threading.Thread(target=self._run, name=name, daemon=True).start()

    def _run(self) -> None:
        try:
            self._outcome.append(self._work())
        except BaseException as failure:  # noqa: BLE001 - handed over to the calling thread, raised there
            self._failure = failure
        finally:
            self._done.set()

    def result(self, tick: Callable[[], None] = lambda: None) -> T:
        """What the work returned, or its failure raised; ``tick`` is called while it lasts."""
        tick()
        while not self._done.wait(TICK_S):
            tick()
        if self._failure is not None:
            raise self._failure
        return self._outcome[0]
