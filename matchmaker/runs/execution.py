"""Doing one run: claim it, search in a helper thread, keep its row alive, store its proposal.

CP-SAT must not hold the main thread (a signal would wait for its end) and nothing may hold a transaction
during the search: the helper thread computes, the main thread beats once a second in short transactions.
"""

from __future__ import annotations

import json
import logging
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from matchmaker.database import Database
from matchmaker.runs import lifecycle
from matchmaker.runs.comparison import asked
from matchmaker.runs.comparison.asked import comparing
from matchmaker.runs.lifecycle import Claim, Point
from solver.instance import Grappe, Instance
from solver.proposal import Progress
from solver.vocabulary import Hosting

if TYPE_CHECKING:
    from solver.frontier import PointProgress

log = logging.getLogger(__name__)

_T = TypeVar("_T")

FAILED = "Le calcul s’est interrompu sur une erreur du programme. Vos données n’ont pas changé."
TICK_S = 0.2
BEAT_S = 1.0


class Solve(Protocol):
    """The optimiser, as ``solver.solve.solve``: the proposal it returns was accepted by the judge."""

    def __call__(
        self,
        instance: Instance,
        scale: Any,
        *,
        time_limit_s: float,
        gap: float,
        seed: int,
        threads: int,
        on_progress: Callable[[Progress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        start: Sequence[Grappe] = (),
    ) -> dict[str, Any]: ...


class Compare(Protocol):
    """Several plans, as ``solver.frontier.frontier``: each was accepted by the judge."""

    def __call__(
        self,
        instance: Instance,
        scale: Any,
        *,
        points: int,
        time_limit_s: float,
        seed: int,
        threads: int,
        on_progress: Callable[[PointProgress], None] | None = None,
        should_stop: Callable[[], bool] | None = None,
        start: Sequence[Grappe] = (),
    ) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Tools:
    """What a run is done with: reading a frozen instance, its scale, solving, storing the proposal.

    ``store``: (session, campaign id, run id, instance, proposal) -> proposal id. ``compare`` and
    ``store_compared`` do the same for a run of which several plans are asked.
    """

    read_instance: Callable[[bytes], Instance]
    scale_of: Callable[[Instance], Any]
    solve: Solve
    store: Callable[[Session, int, int, dict[str, Any], dict[str, Any]], int]
    compare: Compare | None = None
    store_compared: Callable[[Session, int, int, dict[str, Any], dict[str, Any]], int] | None = None


@dataclass
class Watch:
    """What the search says to the main thread, and the one thing it is told: stop."""

    worked_s: float
    started: float = field(default_factory=time.monotonic)
    stop: bool = False
    phase: str | None = None
    _points: list[Point] = field(default_factory=list)
    _best: tuple[Grappe, ...] | None = None
    _placed: tuple[int, int] | None = None
    _last: tuple[int | None, int | None] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def elapsed_s(self) -> float:
        return self.worked_s + time.monotonic() - self.started

    def on_progress(self, progress: Progress) -> None:
        with self._lock:
            self.phase = progress.phase
            if progress.grappes is not None:
                self._best = progress.grappes
                self._placed = len(progress.grappes), sum(len(g.members) for g in progress.grappes)
            values = (progress.objective_value, progress.upper_bound)
            if values == self._last or values == (None, None):
                return
            self._last = values
            self._points.append(Point(self.elapsed_s(), *values, *(self._placed or (None, None))))

    def on_point(self, progress: PointProgress) -> None:
        """Of several plans the first is watched as one alone; of the others only that they are under way."""
        if progress.done == 0:
            self.on_progress(progress.search)
        self.phase = comparing(progress.done + 1, progress.total)

    def should_stop(self) -> bool:
        return self.stop

    def take(self) -> tuple[list[Point], tuple[Grappe, ...] | None]:
        """What is new since the last call."""
        with self._lock:
            points, best = self._points, self._best
            self._points, self._best = [], None
        return points, best

    def give_back(self, points: list[Point], best: tuple[Grappe, ...] | None) -> None:
        """What was taken could not be written: keep it for the next time."""
        with self._lock:
            self._points = points + self._points
            self._best = self._best if self._best is not None else best


def execute(
    database: Database,
    tools: Tools,
    run_id: int,
    *,
    worker: str,
    leaving: Callable[[], bool],
    beat_s: float = BEAT_S,
) -> bool:
    """Do a run to its end. False when the process must end now: the search still turns in its thread.

    ``leaving`` says that the worker is asked to leave: the run goes back to the queue with its best grappes.
    """
    with database.writing() as session:
        held = lifecycle.claim(session, run_id, worker)
    if held is None:
        log.info("run %d: nothing to do, already taken or ended", run_id)
        return True
    log.info("run %d: attempt %d by %s", run_id, held.attempt, worker)
    with database.reading() as session:
        instance_text, incumbent = lifecycle.documents(session, run_id)
        points = asked.wanted(session, run_id)
    watch = Watch(held.worked_s)
    executor = ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"run-{run_id}")
    future = executor.submit(_compute, tools, instance_text, incumbent, held, watch, points)
    executor.shutdown(wait=False)
    ended = threading.Event()
    future.add_done_callback(lambda _future: ended.set())
    if not _attend(database, held, watch, ended, leaving, beat_s):
        return False
    _conclude(database, tools, held, watch, instance_text, future)
    return True


def _compute(
    tools: Tools, instance_text: str, incumbent: str | None, held: Claim, watch: Watch, points: int | None
) -> dict[str, Any]:
    """The proposal, or the frontier where several plans are asked."""
    instance = tools.read_instance(instance_text.encode())
    if points is not None:
        assert tools.compare is not None
        return tools.compare(
            instance,
            tools.scale_of(instance),
            points=points,
            time_limit_s=time_left_s(held),
            seed=held.asked.seed,
            threads=held.asked.threads,
            on_progress=watch.on_point,
            should_stop=watch.should_stop,
            start=grappes_from(incumbent),
        )
    return tools.solve(
        instance,
        tools.scale_of(instance),
        time_limit_s=time_left_s(held),
        gap=held.asked.gap,
        seed=held.asked.seed,
        threads=held.asked.threads,
        on_progress=watch.on_progress,
        should_stop=watch.should_stop,
        start=grappes_from(incumbent),
    )


def time_left_s(held: Claim) -> float:
    """Seconds for this attempt: what is left of the budget, at least a third: the bound starts anew."""
    return max(held.asked.budget_s - held.worked_s, held.asked.budget_s / 3)


def _attend(
    database: Database,
    held: Claim,
    watch: Watch,
    ended: threading.Event,
    leaving: Callable[[], bool],
    beat_s: float,
) -> bool:
    """Wait for the search, beating; False when the worker must leave before its end."""
    next_beat = time.monotonic()
    lost = False
    while not ended.wait(TICK_S):
        if leaving():
            watch.stop = True
            if not lost:
                _beat(database, held, watch)
                _release(database, held)
            return False
        if not lost and time.monotonic() >= next_beat:
            next_beat = time.monotonic() + beat_s
            stop = _beat(database, held, watch)
            lost = stop is None
            watch.stop = watch.stop or lost or bool(stop)
    return True


def _beat(database: Database, held: Claim, watch: Watch) -> bool | None:
    points, best = watch.take()
    try:
        with database.writing() as session:
            stop = lifecycle.beat(
                session,
                held,
                watch.elapsed_s(),
                phase=watch.phase,
                points=points,
                incumbent=_grappes_text(best) if best is not None else None,
            )
    except OperationalError:
        # The database is locked by a long import, or restarts: the search goes on, the next beat tells more.
        log.warning("run %d: heartbeat not written", held.run_id, exc_info=True)
        watch.give_back(points, best)
        return watch.stop
    if stop is None:
        log.warning("run %d: attempt %d is no longer held, its search is dropped", held.run_id, held.attempt)
    return stop


def _release(database: Database, held: Claim) -> None:
    try:
        with database.writing() as session:
            lifecycle.release(session, held)
    except OperationalError:
        log.warning("run %d: not put back, its lease will end", held.run_id, exc_info=True)
    else:
        log.info("run %d: put back in the queue, the worker leaves", held.run_id)


def _conclude(
    database: Database,
    tools: Tools,
    held: Claim,
    watch: Watch,
    instance_text: str,
    future: Future[dict[str, Any]],
) -> None:
    error = future.exception()
    if error is not None:
        reference = uuid.uuid4().hex[:8]
        log.error("run %d failed, reference %s", held.run_id, reference, exc_info=error)
        _insist(database, lambda session: lifecycle.fail(session, held, FAILED, reference))
        return
    found = future.result()
    compared = "points" in found
    proposal = _own(found["points"]) if compared else found
    instance = json.loads(instance_text)
    final = Point(
        watch.elapsed_s(),
        proposal["objective_value"],
        proposal["upper_bound"],
        len(proposal["grappes"]),
        proposal["esms_placed"],
    )

    def store(session: Session) -> int:
        if compared:
            assert tools.store_compared is not None
            return tools.store_compared(session, held.campaign_id, held.run_id, instance, found)
        return tools.store(session, held.campaign_id, held.run_id, instance, proposal)

    state = _insist(database, lambda session: lifecycle.finish(session, held, final, store))
    log.info("run %d: %s", held.run_id, state or "no longer held, nothing written")


def _own(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The proposal that stands for a comparison: that of the question as asked, else the first."""
    own = next((p for p in points if p["axis"] == "asked"), points[0])
    found: dict[str, Any] = own["proposal"]
    return found


def _insist(database: Database, write: Callable[[Session], _T], tries: int = 10) -> _T:
    """Write in one transaction, again when the database cannot be written now: a result is worth waiting."""
    for remaining in range(tries - 1, -1, -1):
        try:
            with database.writing() as session:
                return write(session)
        except OperationalError:
            if not remaining:
                raise
            log.warning("the end of a run could not be written, trying again", exc_info=True)
            time.sleep(1)
    raise AssertionError("unreachable")


def _grappes_text(grappes: tuple[Grappe, ...]) -> str:
    return json.dumps([asdict(grappe) for grappe in grappes])


def grappes_from(text: str | None) -> tuple[Grappe, ...]:
    """The grappes kept by ``_grappes_text``, none when nothing was kept."""
    if text is None:
        return ()
    return tuple(_grappe(fields) for fields in json.loads(text))


def _grappe(fields: Mapping[str, Any]) -> Grappe:
    return Grappe(
        id=fields["id"],
        solution=fields["solution"],
        hosting=Hosting(fields["hosting"]) if fields["hosting"] is not None else None,
        porteur=fields["porteur"],
        members=tuple(fields["members"]),
    )
