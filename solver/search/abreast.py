"""Shares of an instance searched abreast, each in a process of its own; their values and bounds add up.

A process is told its share through standard input (pickled), and says on standard output where it stands,
then what it has found. When its input ends it stops. One that dies is done without: what it told is kept.

When to modify: a share must be told something else.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from solver.instance import Grappe, Instance
from solver.proposal import Progress, SearchResult
from solver.scale import Scale
from solver.search.engine import search
from solver.search.territories import of_share
from solver.search.unread import joined, unread

TICK_S = 0.1
REPORT_S = 0.5
PATIENCE = 1.0  # a share ends by itself this many times the seconds it is given: it is stopped before
ENDING_S = 4.0  # how long a share may take to end once it is asked to; then it is killed
SILENT_S = 1.0  # the same for one that has told nothing yet: it is still reading what it was asked


class NoProcessError(Exception):
    """The system gave no process for a share; nothing has been searched."""


@dataclass(frozen=True)
class Task:
    """One search: what ``solver.search.search`` is told, ``seconds`` from now."""

    instance: Instance
    scale: Scale
    seconds: float
    gap: float
    seed: int
    threads: int
    start: tuple[Grappe, ...]


@dataclass
class Share:
    """A process at work on one share; ``told``: where it stands, ``grappes``: its best so far."""

    process: subprocess.Popen[bytes]
    told: Progress | None = None
    grappes: tuple[Grappe, ...] = ()
    found: SearchResult | None = None
    ended: threading.Event = field(default_factory=threading.Event)
    sent: bool = False
    asked: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def talk(self, task: Task) -> None:
        """Hand the task over, which waits for the process to read it; then listen."""
        assert self.process.stdin is not None
        try:
            pickle.dump(task, self.process.stdin, pickle.HIGHEST_PROTOCOL)
            self.process.stdin.flush()
        except OSError:
            pass  # it has died: there is nothing to hear
        with self.lock:
            self.sent = True
            if self.asked:
                self._end_of_questions()
        self._listen()

    def _listen(self) -> None:
        """Until the process has answered, or has ended."""
        assert self.process.stdout is not None
        try:
            while self.found is None:
                heard = pickle.load(self.process.stdout)  # noqa: S301 - our own child
                if isinstance(heard, SearchResult):
                    self.found = heard
                else:
                    self.grappes = heard.grappes or self.grappes
                    self.told = replace(heard, grappes=None)
        except (OSError, EOFError, pickle.UnpicklingError):
            pass  # it has died: what it told last is kept
        finally:
            self.ended.set()

    def stop(self) -> None:
        """Ask it to end; it answers within a second or so, once it has read its task."""
        with self.lock:
            self.asked = True
            if self.sent:
                self._end_of_questions()

    def _end_of_questions(self) -> None:
        assert self.process.stdin is not None
        try:
            self.process.stdin.close()
        except BrokenPipeError:
            return

    def close(self) -> None:
        """End the process and release its pipes."""
        self.process.kill()
        self.process.wait()
        self.ended.wait()
        self.stop()
        if self.process.stdout is not None:
            self.process.stdout.close()


def search_abreast(
    parts: Sequence[Instance],
    instance: Instance,
    scale: Scale,
    *,
    deadline: float,
    gap: float,
    seed: int,
    threads: int,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    start: Sequence[Grappe] = (),
) -> SearchResult:
    """``search`` of an instance by its ``parts``. Raises ``NoProcessError``, and what a callback raises."""
    begun = time.monotonic()
    each = max(1, threads // len(parts))
    shares: list[Share] = []
    try:
        for part in parts:
            mine = of_share(part, start)
            shares.append(_begun(Task(part, scale, PATIENCE * (deadline - begun), gap, seed, each, mine)))
        _attend(shares, instance, deadline, begun, on_progress, should_stop)
    finally:
        for share in shares:
            share.close()
    return _together(shares, instance, scale)


def _begun(task: Task) -> Share:
    paths = [path or str(Path.cwd()) for path in sys.path]
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "solver.search"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
        )
    except OSError as error:
        raise NoProcessError from error
    share = Share(process)
    threading.Thread(target=share.talk, args=(task,), name="share", daemon=True).start()
    return share


def _attend(
    shares: Sequence[Share],
    instance: Instance,
    deadline: float,
    begun: float,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
) -> None:
    """Report and ask for a stop until all have answered."""
    reported, shown = begun - REPORT_S, 0
    asked: float | None = None
    while not all(share.ended.wait(TICK_S / len(shares)) for share in shares):
        now = time.monotonic()
        if asked is None and (should_stop() or now > deadline):
            asked = now
            for share in shares:
                share.stop()
        if asked is not None and not any(_awaited(share, now - asked) for share in shares):
            return
        if now - reported < REPORT_S:
            continue
        reported = now
        step = _progress(shares, now - begun)
        value = step.objective_value or 0
        if value > shown:
            shown = value
            step = replace(step, grappes=_renamed(instance, [s.grappes for s in shares]))
        on_progress(step)


def _awaited(share: Share, since_s: float) -> bool:
    """Whether a share that was asked to end so long ago may still answer."""
    return not share.ended.is_set() and since_s <= (SILENT_S if share.told is None else ENDING_S)


def _progress(shares: Sequence[Share], elapsed_s: float) -> Progress:
    """The sum of what the shares have told; a value only once all have one."""
    told = [share.told for share in shares]
    phases = [t.phase for t in told if t is not None]
    phase = "reading" if len(phases) < len(shares) or "reading" in phases else min(phases, key=_LATER.index)
    values = [None if t is None else t.objective_value for t in told]
    uppers = [None if t is None else t.upper_bound for t in told]
    return Progress(elapsed_s, phase, _sum(values), _sum(uppers))


_LATER = ("reading", "first", "exchange")


def _sum(values: Iterable[int | None]) -> int | None:
    known = list(values)
    return None if any(v is None for v in known) else sum(v for v in known if v is not None)


def _together(shares: Sequence[Share], instance: Instance, scale: Scale) -> SearchResult:
    """One result of all. Where a share has not come to prices, the whole has the bound in closed form."""
    found = [share.found for share in shares]
    whole = [f for f in found if f is not None and f.read]
    grappes = _renamed(instance, [s.grappes if s.found is None else s.found.grappes for s in shares])
    if len(whole) < len(shares):  # whoever concludes adds the fixed grappes
        held = {m for f in instance.constraints.fixed_grappes for m in f.members}
        grappes = tuple(g for g in grappes if held.isdisjoint(g.members))
        rough = [None if f is None else f.rough if f.read else f for f in found]
        return joined(instance, scale, rough, grappes) or unread(instance, scale, grappes)
    upper, certified = (sum(getattr(f, k) for f in whole) for k in ("upper_bound", "certified_bound"))
    return SearchResult(
        grappes,
        sum(f.objective_value for f in whole),
        upper,
        certified,
        "certificate" if upper == certified else "solver",
        {"kind": "sum", "parts": [part for f in whole for part in _parts(f.certificate)]},
    )


def _parts(certificate: Any) -> list[Any]:
    """The parts of a share's certificate; one without lots has none."""
    if certificate["kind"] == "sum":
        return list(certificate["parts"])
    return [certificate] if certificate["kind"] != "leaf" or certificate["lots"] else []


def _renamed(instance: Instance, grappes: Sequence[Sequence[Grappe]]) -> tuple[Grappe, ...]:
    """All grappes, in the order of ids; ids that are not of earlier or fixed grappes are given anew."""
    own = {g.id for g in instance.previous} | {f.id for f in instance.constraints.fixed_grappes if f.id}
    fresh = (id_ for k in count(1) if (id_ := f"G{k:03d}") not in own)
    every = [g if g.id in own else replace(g, id=next(fresh)) for part in grappes for g in part]
    return tuple(sorted(every, key=lambda g: g.id))


def serve(questions: BinaryIO, answers: BinaryIO) -> None:
    """What the process of a share does: one search, told as it goes on."""
    try:
        task = pickle.load(questions)  # noqa: S301 - from the process that started us
    except EOFError:
        return
    stopped = threading.Event()

    def wait() -> None:
        questions.read()
        stopped.set()

    threading.Thread(target=wait, name="questions", daemon=True).start()

    def tell(what: Progress | SearchResult) -> None:
        pickle.dump(what, answers, pickle.HIGHEST_PROTOCOL)
        answers.flush()

    tell(
        search(
            task.instance,
            task.scale,
            deadline=time.monotonic() + task.seconds,
            gap=task.gap,
            seed=task.seed,
            threads=task.threads,
            on_progress=tell,
            should_stop=stopped.is_set,
            start=task.start,
        )
    )
