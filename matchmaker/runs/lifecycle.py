"""The states of a run, each change one conditional update.

A worker holds a run by a ``Claim``: the pair (run, attempt). Whatever it writes afterwards is fenced by that
pair, so that a worker which was given up for dead and comes back changes nothing. Functions take a session of
``Database.writing()`` and never commit.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, case, insert, select, update
from sqlalchemy.orm import Session

from matchmaker.runs.clock import now_s
from matchmaker.runs.tables import EventKind, Run, RunDocument, RunEvent, RunPoint, State
from solver.vocabulary import Objective

MAX_LOST = 3
LOST_TOO_OFTEN = (
    "Le programme de calcul s’est interrompu trois fois pendant ce calcul, par exemple faute de mémoire. "
    "Il n’a pas été relancé une quatrième fois."
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run is asked to do. ``budget_s``: seconds; ``gap``: the search ends once it is that small."""

    budget_s: int
    gap: float
    seed: int
    threads: int


@dataclass(frozen=True, slots=True)
class Claim:
    """A run held by a worker. ``worked_s``: the time that earlier attempts spent on it."""

    run_id: int
    attempt: int
    worker: str
    campaign_id: int
    asked: Asked
    worked_s: float


@dataclass(frozen=True, slots=True)
class Point:
    """Where a run stands after ``elapsed_s`` seconds of work (all attempts)."""

    elapsed_s: float
    objective_value: int | None
    upper_bound: int | None
    grappes_count: int | None
    esms_placed: int | None


def create_run(
    session: Session,
    campaign_id: int,
    instance: str,
    question: Mapping[str, Any],
    asked: Asked,
    incumbent: str | None = None,
    token: str | None = None,
) -> int:
    """A queued run of a frozen instance (JSON text); the caller enqueues its id after the commit.

    ``question``: the instance without its lists (``request.question_of``). ``incumbent``: grappes to start
    from, as kept by an earlier run of the same instance. ``token``: of the form that asks, unique.
    """
    run_id = session.scalars(
        insert(Run)
        .values(
            campaign_id=campaign_id,
            state=State.QUEUED,
            objective=question["parameters"].get("objective", Objective.FUNDING),
            esms_count=question["esms"],
            budget_s=asked.budget_s,
            gap=asked.gap,
            seed=asked.seed,
            threads=asked.threads,
            created_at=now_s(),
            enqueued_at=now_s(),
            attempt=0,
            lost=0,
            cancel_requested=False,
            elapsed_s=0.0,
            request_token=token,
        )
        .returning(Run.id)
    ).one()
    session.execute(
        insert(RunDocument).values(run_id=run_id, instance=instance, question=question, incumbent=incumbent)
    )
    journal(session, run_id, EventKind.CREATED, 0, None)
    return run_id


def claim(session: Session, run_id: int, worker: str) -> Claim | None:
    """Take a queued run; None when it is not to be taken (delivered twice, already done, unknown)."""
    row = session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state == State.QUEUED)
        .values(
            state=State.RUNNING,
            attempt=Run.attempt + 1,
            worker=worker,
            heartbeat_at=now_s(),
            started_at=case((Run.started_at.is_(None), now_s()), else_=Run.started_at),
        )
        .returning(Run.attempt, Run.campaign_id, Run.budget_s, Run.gap, Run.seed, Run.threads, Run.elapsed_s)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return None
    journal(session, run_id, EventKind.CLAIMED, row.attempt, worker)
    asked = Asked(budget_s=row.budget_s, gap=row.gap, seed=row.seed, threads=row.threads)
    return Claim(run_id, row.attempt, worker, row.campaign_id, asked, row.elapsed_s)


def documents(session: Session, run_id: int) -> tuple[str, str | None]:
    """(frozen instance, best grappes so far or None), as JSON texts."""
    row = session.execute(
        select(RunDocument.instance, RunDocument.incumbent).where(RunDocument.run_id == run_id)
    ).one()
    return row.instance, row.incumbent


def beat(
    session: Session,
    held: Claim,
    elapsed_s: float,
    *,
    phase: str | None = None,
    points: Sequence[Point] = (),
    incumbent: str | None = None,
) -> bool | None:
    """Say that the worker lives, and what it found since the last time.

    Returns None when the run is no longer held (stop and write nothing), else whether a stop is requested.
    """
    last = points[-1] if points else None
    found = (
        {
            "objective_value": last.objective_value,
            "upper_bound": last.upper_bound,
            "grappes_count": last.grappes_count,
            "esms_placed": last.esms_placed,
        }
        if last
        else {}
    )
    values = {"heartbeat_at": now_s(), "elapsed_s": elapsed_s, "phase": phase, **found}
    stop = fenced(session, held, values)
    if stop is None:
        return None
    if points:
        session.execute(
            insert(RunPoint),
            [
                {
                    "run_id": held.run_id,
                    "elapsed_s": point.elapsed_s,
                    "objective_value": point.objective_value,
                    "upper_bound": point.upper_bound,
                    "grappes_count": point.grappes_count,
                    "esms_placed": point.esms_placed,
                }
                for point in points
            ],
        )
    if incumbent is not None:
        session.execute(
            update(RunDocument).where(RunDocument.run_id == held.run_id).values(incumbent=incumbent)
        )
    return stop


def release(session: Session, held: Claim) -> bool:
    """Put a run back in the queue because its worker is asked to leave; False when it was no longer held."""
    values = {"state": State.QUEUED, "enqueued_at": now_s(), "heartbeat_at": None, "phase": None}
    if fenced(session, held, values) is None:
        return False
    journal(session, held.run_id, EventKind.RELEASED, held.attempt, held.worker)
    return True


def finish(
    session: Session, held: Claim, final: Point, store: Callable[[Session], int | None]
) -> State | None:
    """End a run with its proposal, all in this transaction; None (nothing written) when no longer held.

    ``store`` writes the proposal and gives its id; None: what it writes is no proposal. The state is STOPPED
    when a stop had been requested.
    """
    stop = fenced(session, held, {"heartbeat_at": now_s()})
    if stop is None:
        return None
    state = State.STOPPED if stop else State.DONE
    fenced(
        session,
        held,
        {
            "state": state,
            "finished_at": now_s(),
            "elapsed_s": final.elapsed_s,
            "objective_value": final.objective_value,
            "upper_bound": final.upper_bound,
            "grappes_count": final.grappes_count,
            "esms_placed": final.esms_placed,
            "phase": None,
            "proposal_id": store(session),
        },
    )
    session.execute(
        insert(RunPoint).values(
            run_id=held.run_id,
            elapsed_s=final.elapsed_s,
            objective_value=final.objective_value,
            upper_bound=final.upper_bound,
            grappes_count=final.grappes_count,
            esms_placed=final.esms_placed,
        )
    )
    journal(session, held.run_id, EventKind(state.value), held.attempt, held.worker)
    return state


def fail(session: Session, held: Claim, failure: str, reference: str) -> bool:
    """End a run without a proposal: ``failure`` is a French sentence, ``reference`` is found in the logs."""
    values = {
        "state": State.FAILED,
        "finished_at": now_s(),
        "phase": None,
        "failure": failure,
        "error_reference": reference,
    }
    if fenced(session, held, values) is None:
        return False
    journal(session, held.run_id, EventKind.FAILED, held.attempt, held.worker)
    return True


def request_stop(session: Session, run_id: int) -> State | None:
    """Ask that a run ends with the best it has; the state it is in afterwards, None when unknown.

    A run that never started ends here and now. Asking twice, or too late, changes nothing.
    """
    asked = session.execute(
        update(Run)
        .where(
            Run.id == run_id,
            Run.state.in_((State.QUEUED, State.RUNNING)),
            Run.cancel_requested.is_(False),
        )
        .values(cancel_requested=True)
        .returning(Run.attempt)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if asked is not None:
        journal(session, run_id, EventKind.STOP_REQUESTED, asked.attempt, None)
        ended = session.execute(
            update(Run)
            .where(Run.id == run_id, Run.state == State.QUEUED, Run.attempt == 0)
            .values(state=State.STOPPED, finished_at=now_s())
            .returning(Run.id)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if ended is not None:
            journal(session, run_id, EventKind.STOPPED, 0, None)
    state = session.scalars(select(Run.state).where(Run.id == run_id)).one_or_none()
    return State(state) if state is not None else None


def give_up_silent(session: Session, lease_s: float) -> list[int]:
    """Runs whose worker gave no sign for ``lease_s`` seconds go back to the queue, or fail the third time.

    Returns the ids to enqueue after the commit.
    """
    again = Run.lost + 1 < MAX_LOST
    rows = session.execute(
        update(Run)
        .where(Run.state == State.RUNNING, Run.heartbeat_at < now_s() - lease_s)
        .values(
            state=case((again, State.QUEUED.value), else_=State.FAILED.value),
            lost=Run.lost + 1,
            enqueued_at=now_s(),
            heartbeat_at=None,
            phase=None,
            finished_at=case((again, None), else_=now_s()),
            failure=case((again, None), else_=LOST_TOO_OFTEN),
        )
        .returning(Run.id, Run.attempt, Run.worker, Run.state)
        .execution_options(synchronize_session=False)
    ).all()
    for row in rows:
        journal(session, row.id, EventKind.LOST, row.attempt, row.worker)
        if row.state == State.FAILED:
            journal(session, row.id, EventKind.FAILED, row.attempt, None)
    return [row.id for row in rows if row.state == State.QUEUED]


def forgotten(session: Session, lease_s: float) -> list[int]:
    """Runs that have been waiting for more than ``lease_s`` seconds since they were last enqueued."""
    return list(
        session.scalars(
            select(Run.id)
            .where(Run.state == State.QUEUED, Run.enqueued_at < now_s() - lease_s)
            .order_by(Run.id)
        )
    )


def mark_requeued(session: Session, run_id: int) -> bool:
    """Note that a forgotten run is enqueued once more; False when it is no longer waiting."""
    row = session.execute(
        update(Run)
        .where(Run.id == run_id, Run.state == State.QUEUED)
        .values(enqueued_at=now_s())
        .returning(Run.attempt)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    if row is None:
        return False
    journal(session, run_id, EventKind.REQUEUED, row.attempt, None)
    return True


def fenced(session: Session, held: Claim, values: Mapping[str, object]) -> bool | None:
    """Update a run that is still held; whether a stop is requested, None when it is not held any more."""
    row = session.execute(
        update(Run)
        .where(*_still(held))
        .values(values)
        .returning(Run.cancel_requested)
        .execution_options(synchronize_session=False)
    ).one_or_none()
    return None if row is None else bool(row.cancel_requested)


def _still(held: Claim) -> tuple[ColumnElement[bool], ...]:
    return Run.id == held.run_id, Run.state == State.RUNNING, Run.attempt == held.attempt


def journal(session: Session, run_id: int, kind: EventKind, attempt: int, worker: str | None) -> None:
    """A line of the run's journal."""
    session.execute(
        insert(RunEvent).values(run_id=run_id, at=now_s(), kind=kind, attempt=attempt, worker=worker)
    )
