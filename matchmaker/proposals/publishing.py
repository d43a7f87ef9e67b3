"""The plan that the OGs of a campaign may read, each for its own ESMS, and the ARS without names: one at a
time, chosen by the GRADeS.

When to modify: a plan is published to somebody else, or with something more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.database.instants import now
from matchmaker.proposals.tables import PlanPublication, Proposal


@dataclass(frozen=True, slots=True)
class Published:
    """The plan that the OGs of a campaign and the ARS read, and since when."""

    number: int
    at: dt.datetime


class NotOfACampaignError(ValueError):
    """An imported plan: there is no campaign whose OGs could read it."""


def published(session: Session, campaign_id: int) -> Published | None:
    """The plan published to the OGs of a campaign; None: none yet."""
    row = session.get(PlanPublication, campaign_id)
    return None if row is None else Published(row.proposal_id, row.published_at)


def is_published(session: Session, number: int) -> bool:
    """Whether this plan is the published one of its campaign."""
    found = select(PlanPublication.campaign_id).where(PlanPublication.proposal_id == number)
    return session.scalar(found) is not None


def publish(session: Session, number: int, *, actor: str) -> int:
    """Let the OGs of its campaign read this plan, instead of the one they read; returns the campaign.

    Raises
    ------
    NotOfACampaignError
        The plan is of no campaign here.
    """
    plan = _of_campaign(session, number)
    row = session.get(PlanPublication, plan.campaign_id)
    if row is not None and row.proposal_id == number:
        return row.campaign_id
    if row is None:
        row = PlanPublication(campaign_id=plan.campaign_id)
        session.add(row)
    row.proposal_id, row.published_by, row.published_at = number, actor, now()
    row.announced_at = None
    journal.record(session, actor, "plan.publier", f"proposal:{number}", label=plan.title)
    return row.campaign_id


def withdraw(session: Session, number: int, *, actor: str) -> int:
    """Let the OGs of its campaign read it no more; raises as ``publish``."""
    plan = _of_campaign(session, number)
    row = session.scalar(select(PlanPublication).where(PlanPublication.proposal_id == number))
    assert plan.campaign_id is not None
    if row is not None:
        session.delete(row)
        journal.record(session, actor, "plan.retirer", f"proposal:{number}", label=plan.title)
    return plan.campaign_id


def unannounced(session: Session) -> list[tuple[int, int]]:
    """(campaign, plan) of the publications that nobody was told of."""
    rows = session.execute(
        select(PlanPublication.campaign_id, PlanPublication.proposal_id)
        .where(PlanPublication.announced_at.is_(None))
        .order_by(PlanPublication.campaign_id)
    )
    return [(row.campaign_id, row.proposal_id) for row in rows]


def mark_announced(session: Session, campaign_id: int, number: int, moment: dt.datetime) -> bool:
    """Take it upon oneself to tell; False: somebody else did, or the plan is no longer the published one."""
    done = session.execute(
        update(PlanPublication)
        .where(
            PlanPublication.campaign_id == campaign_id,
            PlanPublication.proposal_id == number,
            PlanPublication.announced_at.is_(None),
        )
        .values(announced_at=moment)
        .execution_options(synchronize_session=False)
    )
    return int(done.rowcount) == 1  # type: ignore[attr-defined]


def _of_campaign(session: Session, number: int) -> Proposal:
    plan = session.get(Proposal, number)
    if plan is None or plan.campaign_id is None:
        raise NotOfACampaignError(number)
    return plan
