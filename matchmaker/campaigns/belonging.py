"""To whom a campaign belongs, and which acts of the journal are about campaigns of a ground.

When to modify: a campaign gets another kind of territory.
"""

from __future__ import annotations

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from matchmaker.campaigns.tables import Campaign
from matchmaker.web.people import Belonging, Ground


def belonging(session: Session, campaign_id: int | None) -> Belonging | None:
    """The territory of a campaign; one of all of France lies in no place in particular. None: no such one."""
    row = session.execute(
        select(Campaign.region, Campaign.departement).where(Campaign.id == campaign_id)
    ).one_or_none()
    if row is None:
        return None
    return Belonging(() if row.region is None else ((row.region, row.departement),))


def numbers_on(ground: Ground) -> Select[int]:
    """Numbers of the campaigns of a ground, as a subquery."""
    return select(Campaign.id).where(ground.condition(Campaign.region, Campaign.departement))
