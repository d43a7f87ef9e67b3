"""Which runs are comparisons, and of how many plans.

Functions take a session and never commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.runs.comparison.tables import Comparison

FEWEST, MOST = 2, 24
USUAL = 8
_COMPARING = "plan "  # a phase of a run: « plan 3/8 »


def want(session: Session, run_id: int, points: int) -> None:
    """Ask several plans of a run that was just created; again, nothing more."""
    if not FEWEST <= points <= MOST:
        raise ValueError(f"{points} plans: from {FEWEST} to {MOST}")
    if wanted(session, run_id) is None:
        session.add(Comparison(run_id=run_id, points=points))
        session.flush()


def wanted(session: Session, run_id: int) -> int | None:
    """How many plans are asked of a run; None: one, it is no comparison."""
    return session.scalar(select(Comparison.points).where(Comparison.run_id == run_id))


def among(session: Session, run_ids: Sequence[int]) -> Mapping[int, int]:
    """Those of these runs that are comparisons: number of the run -> plans asked."""
    found = session.execute(
        select(Comparison.run_id, Comparison.points).where(Comparison.run_id.in_(run_ids))
    )
    return {row.run_id: row.points for row in found}


def comparing(place: int, total: int) -> str:
    """The phase of a run that computes one of several plans."""
    return f"{_COMPARING}{place}/{total}"


def place_of(phase: str | None) -> tuple[int, int] | None:
    """(place, total) told by ``comparing``; None for another phase."""
    if phase is None or not phase.startswith(_COMPARING):
        return None
    place, total = phase.removeprefix(_COMPARING).split("/")
    return int(place), int(total)


def carry(session: Session, run_id: int, new_id: int) -> None:
    """A run that is done again compares if the failed one did."""
    points = wanted(session, run_id)
    if points is not None:
        want(session, new_id, points)
