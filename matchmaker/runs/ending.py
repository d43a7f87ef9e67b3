"""What ending a campaign would keep and destroy: its runs under way, its runs, its plans.

When to modify: a campaign leaves something else behind.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from matchmaker.proposals.tables import Proposal
from matchmaker.runs.parts.reading import is_whole
from matchmaker.runs.tables import Run, State


@dataclass(frozen=True, slots=True)
class Consequences:
    """``under_way``: numbers of the runs that wait or work; ``runs``: all of them; ``plans``: those kept."""

    under_way: tuple[int, ...]
    runs: int
    plans: int


def consequences(session: Session, campaign_id: int) -> Consequences:
    """What there is to keep or to destroy in a campaign."""
    here = and_(Run.campaign_id == campaign_id, is_whole())
    under_way = session.scalars(
        select(Run.id).where(here, Run.state.in_((State.QUEUED, State.RUNNING))).order_by(Run.id)
    )
    plans = select(func.count()).select_from(Proposal).where(Proposal.campaign_id == campaign_id)
    return Consequences(
        under_way=tuple(under_way),
        runs=session.scalar(select(func.count()).select_from(Run).where(here)) or 0,
        plans=session.scalar(plans) or 0,
    )
