"""A divided run and its parts: cut up, kept in step, put back in the queue once all its parts are over.

While its parts are worked on nobody holds the whole: it is ``running`` without heartbeat. Whoever writes for
a part locks the part's row first, then the whole's, so that nobody waits for one another. Functions take a
session of ``Database.writing()`` and never commit.

When to modify: another thing of the parts is told of the whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from matchmaker.runs import lifecycle
from matchmaker.runs.clock import now_s
from matchmaker.runs.lifecycle import Claim, Point
from matchmaker.runs.parts import sharing
from matchmaker.runs.parts.sharing import Share
from matchmaker.runs.parts.tables import RunPart
from matchmaker.runs.tables import EventKind, Run, RunDocument, RunPoint, State

PHASE = "parts"


@dataclass(frozen=True, slots=True)
class NewPart:
    """One part to be done: its frozen instance (JSON text), the same without its lists, a first bound."""

    instance: str
    question: Mapping[str, Any]
    places: Sequence[str]
    bound: int
    incumbent: str | None


def parent_of(session: Session, run_id: int) -> int | None:
    """The run that this one is a part of; None: it is a whole."""
    return session.scalar(select(RunPart.parent_id).where(RunPart.run_id == run_id))


def parts_of(session: Session, run_id: int) -> list[int]:
    """The parts of a divided run, in the order of their numbers; none when it is not divided."""
    wanted = select(RunPart.run_id).where(RunPart.parent_id == run_id).order_by(RunPart.number)
    return list(session.scalars(wanted))


def divide(session: Session, held: Claim, parts: Sequence[NewPart], shares: Sequence[Share]) -> list[int]:
    """Cut a held run up; the parts to enqueue after the commit, in the order of their beginning.

    None at all when the run is no longer held: another worker divides it.
    """
    nobodys = {"heartbeat_at": None, "worker": None, "phase": PHASE}
    if lifecycle.fenced(session, held, nobodys) is None:
        return []
    begins: list[tuple[float, int]] = []
    together_s = max(share.begins_s + share.seconds for share in shares)
    for number, (part, share) in enumerate(zip(parts, shares, strict=True), 1):
        asked = replace(held.asked, budget_s=max(1, round(share.seconds)))
        run_id = lifecycle.create_run(
            session, held.campaign_id, part.instance, part.question, asked, part.incumbent
        )
        session.execute(update(Run).where(Run.id == run_id).values(upper_bound=part.bound))
        session.execute(
            insert(RunPart).values(
                run_id=run_id,
                parent_id=held.run_id,
                number=number,
                places=list(part.places),
                due_at=now_s() + together_s,
                of_what_is_left=share.of_what_is_left,
            )
        )
        begins.append((share.begins_s, run_id))
    carry_up(session, held.run_id)
    lifecycle.journal(session, held.run_id, EventKind.DIVIDED, held.attempt, held.worker)
    return [run_id for _, run_id in sorted(begins)]


def stop_asked(session: Session, parent_id: int) -> bool:
    """Whether the parts are to end with what they have: the whole is stopped, or over."""
    row = session.execute(select(Run.cancel_requested, Run.state).where(Run.id == parent_id)).one_or_none()
    return row is None or row.cancel_requested or row.state != State.RUNNING


def time_of_part_s(session: Session, run_id: int) -> float | None:
    """Seconds for a part that begins now, so that all searches of the whole end together; None: no part."""
    row = session.execute(
        select(Run.budget_s, RunPart.due_at - now_s(), RunPart.of_what_is_left)
        .join(RunPart, RunPart.run_id == Run.id)
        .where(Run.id == run_id)
    ).one_or_none()
    if row is None:
        return None
    planned_s, left_s, of_what_is_left = row
    if left_s is None or of_what_is_left is None:  # cut up by an earlier version
        return float(planned_s)
    return sharing.at_claim(planned_s, left_s, of_what_is_left)


def late_s(session: Session, run_id: int) -> float:
    """Seconds since all searches of a divided run should have been over; negative before."""
    return (
        session.scalar(select(now_s() - func.max(RunPart.due_at)).where(RunPart.parent_id == run_id)) or 0.0
    )


def carry_up(session: Session, parent_id: int) -> None:
    """The whole is worth what its parts are; a point of its chart when that has changed."""
    before = session.execute(
        select(Run.objective_value, Run.upper_bound, now_s() - Run.started_at)
        .where(Run.id == parent_id, Run.state == State.RUNNING, Run.heartbeat_at.is_(None))
        .with_for_update(of=Run)
    ).one_or_none()
    if before is None:
        return
    sums = session.execute(
        select(
            func.sum(Run.objective_value),
            func.sum(Run.upper_bound),
            func.sum(Run.grappes_count),
            func.sum(Run.esms_placed),
        ).where(Run.id.in_(select(RunPart.run_id).where(RunPart.parent_id == parent_id)))
    ).one()
    value, bound, grappes, placed = (None if one is None else int(one) for one in sums)
    if before.upper_bound is not None and (bound is None or bound > before.upper_bound):
        bound = before.upper_bound  # proven already
    point = Point(float(before[2]), value, bound, grappes, placed)
    values = {
        "elapsed_s": point.elapsed_s,
        "objective_value": value,
        "upper_bound": bound,
        "grappes_count": grappes,
        "esms_placed": placed,
    }
    session.execute(update(Run).where(Run.id == parent_id).values(values))
    if (value, bound) != (before.objective_value, before.upper_bound):
        session.execute(insert(RunPoint).values(run_id=parent_id, **values))


def keep_answer(session: Session, held: Claim, answer: str) -> None:
    """What a part found, written in the transaction that ends it."""
    session.execute(update(RunPart).where(RunPart.run_id == held.run_id).values(answer=answer))


def settle(session: Session, parent_id: int) -> bool:
    """Once a part is over: whether the whole is put back in the queue, to be joined; enqueue it then.

    A part that failed ends the whole, which keeps the best grappes of all parts for another try.
    """
    waiting = session.scalar(
        select(Run.id)
        .where(Run.id == parent_id, Run.state == State.RUNNING, Run.heartbeat_at.is_(None))
        .with_for_update()
    )
    if waiting is None:
        return False
    # A statement of its own, so that it sees what was committed while the lock was waited for.
    parts = session.execute(
        select(Run.state, Run.failure, Run.error_reference, RunPart.answer.is_(None).label("silent"))
        .join(RunPart, RunPart.run_id == Run.id)
        .where(RunPart.parent_id == parent_id)
        .order_by(RunPart.number)
    ).all()
    failed = next((part for part in parts if part.state == State.FAILED), None)
    if failed is not None:
        _keep_best(session, parent_id)
        _end(session, parent_id, EventKind.FAILED, {
            "state": State.FAILED, "finished_at": now_s(), "phase": None,
            "failure": failed.failure, "error_reference": failed.error_reference,
        })  # fmt: skip
        return False
    if not parts or any(part.silent or not State(part.state).is_final for part in parts):
        return False
    _end(session, parent_id, EventKind.GATHERED, {"state": State.QUEUED, "enqueued_at": now_s()})
    return True


def waiting(session: Session) -> list[int]:
    """Divided runs that nobody holds: what a sweep has to settle."""
    return list(
        session.scalars(
            select(Run.id)
            .where(Run.state == State.RUNNING, Run.heartbeat_at.is_(None))
            .where(Run.id.in_(select(RunPart.parent_id)))
            .order_by(Run.id)
        )
    )


def answers(session: Session, run_id: int) -> list[str]:
    """What the parts of a run found, in the order of their numbers; none when it is not divided."""
    wanted = select(RunPart.answer).where(RunPart.parent_id == run_id).order_by(RunPart.number)
    return [answer for answer in session.scalars(wanted) if answer is not None]


def forget(session: Session, run_id: int) -> None:
    """The plan is kept: the parts' questions and answers are in it."""
    numbers = parts_of(session, run_id)
    session.execute(update(RunPart).where(RunPart.parent_id == run_id).values(answer=None))
    session.execute(
        update(RunDocument).where(RunDocument.run_id.in_(numbers)).values(instance="", incumbent=None)
    )


def _end(session: Session, parent_id: int, kind: EventKind, values: Mapping[str, object]) -> None:
    """The whole, whose row is locked, waits for its parts no longer."""
    attempt = session.scalars(
        update(Run)
        .where(Run.id == parent_id)
        .values(values)
        .returning(Run.attempt)
        .execution_options(synchronize_session=False)
    ).one()
    lifecycle.journal(session, parent_id, kind, attempt, None)


def _keep_best(session: Session, parent_id: int) -> None:
    """The grappes of all parts, for a run of the whole that begins with them."""
    kept = session.scalars(
        select(RunDocument.incumbent)
        .join(RunPart, RunPart.run_id == RunDocument.run_id)
        .where(RunPart.parent_id == parent_id)
        .order_by(RunPart.number)
    )
    grappes: dict[str, Any] = {}
    for number, text in enumerate(kept, 1):
        for grappe in json.loads(text or "[]"):
            id_ = grappe["id"] if grappe["id"] not in grappes else f"{grappe['id']}/{number}"
            grappes[id_] = {**grappe, "id": id_}
    if grappes:
        text = json.dumps(list(grappes.values()))
        session.execute(update(RunDocument).where(RunDocument.run_id == parent_id).values(incumbent=text))
