"""Which runs price the rules of a plan, and of which one.

Functions take a session and never commit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.runs.prices.tables import Pricing

_PRICING = "règle "  # a phase of a run: « règle 3/8 max_radius_km », without a name for the question itself


def want(session: Session, run_id: int, plan: int) -> None:
    """Ask the prices of a plan's rules of a run that was just created; again, nothing more."""
    if wanted(session, run_id) is None:
        session.add(Pricing(run_id=run_id, proposal_id=plan))
        session.flush()


def wanted(session: Session, run_id: int) -> int | None:
    """The number of the plan whose rules a run prices; None: it prices none."""
    return session.scalar(select(Pricing.proposal_id).where(Pricing.run_id == run_id))


def among(session: Session, run_ids: Sequence[int]) -> Mapping[int, int]:
    """Those of these runs that price the rules of a plan: number of the run -> number of the plan."""
    found = session.execute(select(Pricing.run_id, Pricing.proposal_id).where(Pricing.run_id.in_(run_ids)))
    return {row.run_id: row.proposal_id for row in found}


def pricing(place: int, total: int, rule: str | None) -> str:
    """The phase of a run that solves without a rule; ``rule`` None: the question again, nothing changed."""
    return f"{_PRICING}{place}/{total} {rule or ''}".rstrip()


def rule_of(phase: str | None) -> tuple[int, int, str | None] | None:
    """(place, total, rule) told by ``pricing``; None for another phase."""
    if phase is None or not phase.startswith(_PRICING):
        return None
    places, _, rule = phase.removeprefix(_PRICING).partition(" ")
    place, total = places.split("/")
    return int(place), int(total), rule or None


def carry(session: Session, run_id: int, new_id: int) -> None:
    """A run that is done again prices what the failed one did."""
    plan = wanted(session, run_id)
    if plan is not None:
        want(session, new_id, plan)
