"""Organismes of a campaign: the number of all their ESMS, which decides who is a small organisme.

When to modify: a campaign keeps something more of an organisme.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme

LARGEST_TOTAL = 10_000


@dataclass(frozen=True, slots=True)
class OrganismeValues:
    """``esms_total``: all its ESMS; ``in_campaign``: those that the campaign holds."""

    code: str
    name: str
    esms_total: int
    in_campaign: int
    fictitious: bool


def get(session: Session, campaign_id: int, code: str) -> OrganismeValues:
    """One organisme; raises ``NotInCampaignError`` when it is not in the campaign."""
    row = _row(session, campaign_id, code)
    held = session.scalar(
        select(func.count()).select_from(CampaignEsms).where(CampaignEsms.organisme_id == row.id)
    )
    return OrganismeValues(row.code, row.name, row.esms_total, held or 0, row.fictitious)


def correct_total(session: Session, campaign_id: int, code: str, total: object, *, actor: str) -> None:
    """Replace the number of all its ESMS.

    Raises
    ------
    RefusedError
        Not a whole number, or fewer than the campaign holds.
    """
    values = get(session, campaign_id, code)
    if not isinstance(total, int) or not 0 <= total <= LARGEST_TOTAL:
        raise RefusedError({"total": "Un nombre entier d’ESMS est attendu."})
    if total < values.in_campaign:
        raise RefusedError(
            {"total": f"La campagne compte déjà {values.in_campaign} ESMS de cet organisme : pas moins."}
        )
    if total == values.esms_total:
        return
    _row(session, campaign_id, code).esms_total = total
    journal.record(
        session,
        actor,
        "organisme.corriger",
        f"campaign:{campaign_id}",
        label=values.name,
        detail={"avant": values.esms_total, "après": total},
    )


def _row(session: Session, campaign_id: int, code: str) -> CampaignOrganisme:
    row = session.scalar(
        select(CampaignOrganisme).where(
            CampaignOrganisme.campaign_id == campaign_id, CampaignOrganisme.code == code
        )
    )
    if row is None:
        raise NotInCampaignError(f"organisme {code}")
    return row
