"""The run in the database as the worker that holds it writes it: beats, its release, its end.

Each write is one short transaction. A part is kept in step with the whole that it belongs to.

When to modify: the end of a run stores something else.
"""

from __future__ import annotations

import json
import logging
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from matchmaker.database import Database
from matchmaker.runs import lifecycle
from matchmaker.runs.job import Answered, Compared, Divided, Job, Outcome, Planned, Priced, grappes_text
from matchmaker.runs.lifecycle import Claim, Point
from matchmaker.runs.parts import whole
from matchmaker.runs.toolbox import Tools
from matchmaker.runs.watch import Watch

log = logging.getLogger(__name__)

_T = TypeVar("_T")

FAILED = "Le calcul s’est interrompu sur une erreur du programme. Vos données n’ont pas changé."


@dataclass(frozen=True, slots=True)
class Holding:
    """A claimed run, and what its claim is about."""

    database: Database
    held: Claim
    job: Job

    def beat(self, watch: Watch) -> bool | None:
        """What is new since the last time; None when the run is no longer held, else whether to stop."""
        held = self.held
        points, best = watch.take()
        try:
            with self.database.writing() as session:
                stop = lifecycle.beat(
                    session,
                    held,
                    watch.elapsed_s(),
                    phase=watch.phase,
                    points=points,
                    incumbent=grappes_text(best) if best is not None else None,
                )
                if stop is not None and self.job.parent_id is not None:
                    stop = self._in_step(session, self.job.parent_id, stop)
        except OperationalError:
            # The database is locked by a long import, or restarts: the search goes on, the next beat tells
            # more.
            log.warning("run %d: heartbeat not written", held.run_id, exc_info=True)
            watch.give_back(points, best)
            return watch.stop
        if stop is None:
            log.warning(
                "run %d: attempt %d is no longer held, its search is dropped", held.run_id, held.attempt
            )
        return stop

    def _in_step(self, session: Session, parent_id: int, stop: bool) -> bool:
        whole.carry_up(session, parent_id)
        if not stop and whole.stop_asked(session, parent_id):
            lifecycle.fenced(session, self.held, {"cancel_requested": True})
            return True
        return stop

    def release(self) -> None:
        """Put the run back: its worker is asked to leave."""
        try:
            with self.database.writing() as session:
                lifecycle.release(session, self.held)
        except OperationalError:
            log.warning("run %d: not put back, its lease will end", self.held.run_id, exc_info=True)
        else:
            log.info("run %d: put back in the queue, the worker leaves", self.held.run_id)

    def conclude(self, tools: Tools, watch: Watch, future: Future[Outcome]) -> list[int]:
        """Write the end of the work; the runs that are now to be enqueued."""
        error = future.exception()
        if error is not None:
            reference = uuid.uuid4().hex[:8]
            log.error("run %d failed, reference %s", self.held.run_id, reference, exc_info=error)
            return self._insist(lambda session: self._failed(session, reference))
        match future.result():
            case Divided(parts, shares):
                left = self._insist(lambda session: whole.divide(session, self.held, parts, shares))
                log.info("run %d: divided into %d parts", self.held.run_id, len(left))
                return left
            case Answered(answer):
                return self._insist(lambda session: self._answered(session, answer, watch))
            case Compared(frontier):
                self._finished(_own(frontier["points"]), watch, self._storing(tools, frontier))
            case Priced(prices):
                self._finished(prices["asked"]["proposal"], watch, self._storing_prices(tools, prices))
            case Planned(proposal):
                self._finished(proposal, watch, self._storing(tools, proposal))
        return []

    def _failed(self, session: Session, reference: str) -> list[int]:
        lifecycle.fail(session, self.held, FAILED, reference)
        if self.job.parent_id is not None:
            whole.settle(session, self.job.parent_id)
        return []

    def _answered(self, session: Session, answer: dict[str, Any], watch: Watch) -> list[int]:
        """A part is over; the whole, when it was the last."""
        parent_id = self.job.parent_id
        assert parent_id is not None
        placed = sum(len(grappe["members"]) for grappe in answer["grappes"])

        def store(session: Session) -> None:
            whole.keep_answer(session, self.held, json.dumps(answer, ensure_ascii=False))

        state = lifecycle.finish(session, self.held, _final(answer, placed, watch), store)
        if state is None:
            log.info("run %d: no longer held, nothing written", self.held.run_id)
            return []
        whole.carry_up(session, parent_id)
        return [parent_id] if whole.settle(session, parent_id) else []

    def _storing(self, tools: Tools, found: dict[str, Any]) -> Callable[[Session], int]:
        held, instance = self.held, json.loads(self.job.instance)

        def store(session: Session) -> int:
            if "points" in found:
                assert tools.store_compared is not None
                return tools.store_compared(session, held.campaign_id, held.run_id, instance, found)
            if self.job.answers:
                whole.forget(session, held.run_id)
            return tools.store(session, held.campaign_id, held.run_id, instance, found)

        return store

    def _storing_prices(self, tools: Tools, prices: dict[str, Any]) -> Callable[[Session], None]:
        """The plan is kept already: the run gives no other."""
        store = tools.store_prices
        assert store is not None
        return lambda session: store(session, self.held.run_id, prices)

    def _finished(
        self, proposal: Mapping[str, Any], watch: Watch, store: Callable[[Session], int | None]
    ) -> None:
        final = _final(proposal, proposal["esms_placed"], watch)
        state = self._insist(lambda session: lifecycle.finish(session, self.held, final, store))
        log.info("run %d: %s", self.held.run_id, state or "no longer held, nothing written")

    def _insist(self, write: Callable[[Session], _T], tries: int = 10) -> _T:
        """Write in one transaction, again when the database cannot be written now: a result is worth waiting
        for."""
        for remaining in range(tries - 1, -1, -1):
            try:
                with self.database.writing() as session:
                    return write(session)
            except OperationalError:
                if not remaining:
                    raise
                log.warning("the end of a run could not be written, trying again", exc_info=True)
                time.sleep(1)
        raise AssertionError("unreachable")


def _final(found: Mapping[str, Any], placed: int, watch: Watch) -> Point:
    return Point(
        watch.elapsed_s(), found["objective_value"], found["upper_bound"], len(found["grappes"]), placed
    )


def _own(points: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The proposal that stands for a comparison: that of the question as asked, else the first."""
    own = next((p for p in points if p["axis"] == "asked"), points[0])
    found: dict[str, Any] = own["proposal"]
    return found
