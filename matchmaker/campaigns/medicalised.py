"""Which ESMS of a campaign are medicalised, as the register states it.

When to modify: a campaign keeps it by itself.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.campaigns.tables import CampaignEsms
from matchmaker.register.tables import Etablissement


def medicalised(session: Session, campaign_id: int) -> frozenset[str]:
    """Codes of the ESMS that the register says are medicalised; the others are not among them."""
    return frozenset(
        session.scalars(
            select(CampaignEsms.code)
            .join(Etablissement, Etablissement.finess_et == CampaignEsms.finess_et)
            .where(CampaignEsms.campaign_id == campaign_id, Etablissement.medicalised.is_(True))
        )
    )
