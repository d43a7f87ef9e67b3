"""Which workers live, on whatever machine: what a run can be shared among.

Functions take a session and never commit.
"""

from __future__ import annotations

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from matchmaker.runs.clock import now_s
from matchmaker.runs.parts.tables import WorkPlace

_FORGOTTEN_S = 24 * 3600


def note(session: Session, name: str, processes: int) -> None:
    """This worker lives and does so many runs at a time; only the worker itself writes its row."""
    seen = session.execute(
        update(WorkPlace).where(WorkPlace.name == name).values(processes=processes, seen_at=now_s())
    )
    if not seen.rowcount:  # type: ignore[attr-defined]
        session.execute(insert(WorkPlace).values(name=name, processes=processes, seen_at=now_s()))
        session.execute(delete(WorkPlace).where(WorkPlace.seen_at < now_s() - _FORGOTTEN_S))


def processes(session: Session, lease_s: float) -> int:
    """How many runs can be done at once: of the workers heard of within a lease."""
    living = select(func.sum(WorkPlace.processes)).where(WorkPlace.seen_at >= now_s() - lease_s)
    return session.scalar(living) or 0
