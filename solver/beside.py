"""Work that runs beside the calling thread, which stays free to tick: to report, and to ask for a stop.

When to modify: the calling thread has more to do while it waits.
"""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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


@contextmanager
def uncollected() -> Iterator[None]:
    """A while in which Python does not look for cycles of objects: each pass stops every thread.

    With all of France in memory a pass takes 0.1 to 0.5 s, a dozen of them in twenty seconds, when nobody
    reports and no stop is heard. What reading and explaining make is freed by counting references. There
    is no pass at the end either: what was made counts as old then, which is seldom looked at.
    """
    before = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()  # of all generations one that is never looked at ...
        gc.unfreeze()  # ... and back as the oldest, without a look at any object
        if before:
            gc.enable()
