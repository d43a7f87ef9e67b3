"""Where the time of a run went, by its journal: when it was divided, each part begun and over, the join.

Seconds since the run was claimed first: its limit counts from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.runs.parts import sharing
from matchmaker.runs.parts.tables import RunPart
from matchmaker.runs.tables import EventKind, Run, RunEvent
from solver.solve import after_search_s

_ENDS = (EventKind.DONE, EventKind.STOPPED, EventKind.FAILED)


@dataclass(frozen=True, slots=True)
class Phases:
    """``lines``: one for each phase of a divided run. ``late_s``: from its limit to its end."""

    lines: tuple[str, ...]
    late_s: float


def phases(session: Session, run_id: int) -> Phases:
    """The phases of a run that is over."""
    run = session.get_one(Run, run_id)
    zero = run.started_at or run.created_at
    events = _events(session, run_id, zero)
    parts = session.execute(
        select(RunPart, Run)
        .join(Run, Run.id == RunPart.run_id)
        .where(RunPart.parent_id == run_id)
        .order_by(RunPart.number)
    ).all()
    lines = [line for part, own in parts for line in _attempts(session, part, own, zero)]
    divided = next((at for kind, at, _ in events if kind == EventKind.DIVIDED), None)
    claims = [at for kind, at, _ in events if kind == EventKind.CLAIMED]
    ended = (run.finished_at or zero) - zero
    over = max((own.finished_at or zero for _, own in parts), default=None)
    reserve = after_search_s(run.budget_s, run.esms_count)
    if divided is not None:
        due = max((part.due_at or zero for part, _ in parts), default=zero) - zero
        lines.insert(0, f"  divided after {divided:.1f} s, searches due at {due:.1f}, {reserve:.1f} kept")
    if parts and len(claims) > 1 and over is not None:
        lines.append(
            f"  parts over at {over - zero:.1f}, join from {claims[-1]:.1f} to {ended:.1f} "
            f"({ended - claims[-1]:.1f} s)"
        )
    return Phases(tuple(lines), ended - run.budget_s)


def _attempts(session: Session, part: RunPart, own: Run, zero: float) -> Iterator[str]:
    """One line for each time that a part was taken: what it was allowed, what it took."""
    begun: tuple[float, str] | None = None
    for kind, at, worker in _events(session, own.id, zero):
        if kind == EventKind.CLAIMED:
            begun = at, (worker or "").rpartition(":")[2]
        elif begun is not None and kind in (*_ENDS, EventKind.LOST, EventKind.RELEASED):
            allowed = float(own.budget_s)
            if part.due_at is not None and part.of_what_is_left is not None:
                left = part.due_at - zero - begun[0]
                allowed = sharing.at_claim(own.budget_s, left, part.of_what_is_left)
            over = at - begun[0] - allowed
            yield (
                f"  part {part.number}, {own.esms_count} ESMS, process {begun[1]}: {begun[0]:.1f} to "
                f"{at:.1f}, {kind.value}, {over:+.1f} s of the {allowed:.1f} it had"
            )
            begun = None


def _events(session: Session, run_id: int, zero: float) -> list[tuple[EventKind, float, str | None]]:
    rows = session.execute(
        select(RunEvent.kind, RunEvent.at, RunEvent.worker)
        .where(RunEvent.run_id == run_id)
        .order_by(RunEvent.id)
    )
    return [(EventKind(kind), at - zero, worker) for kind, at, worker in rows]
