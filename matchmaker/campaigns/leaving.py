"""What leaves: an ESMS taken out of a campaign, a campaign archived, opened again, or deleted.

Never: a plan; those kept stay readable whatever leaves.
When to modify: something is kept of what leaves.
"""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import (
    Campaign,
    CampaignEsms,
    CampaignFixedGrappe,
    CampaignFixedMember,
    CampaignOrganisme,
    CampaignPair,
    CampaignReading,
    CampaignReference,
    CampaignSolution,
    NeedsUpload,
)
from matchmaker.database.instants import now


def fixed_in(session: Session, campaign_id: int, code: str) -> str | None:
    """The fixed grappe that holds this ESMS."""
    return session.scalar(
        select(CampaignFixedGrappe.code)
        .join(CampaignFixedMember, CampaignFixedMember.fixed_id == CampaignFixedGrappe.id)
        .join(CampaignEsms, CampaignEsms.id == CampaignFixedMember.esms_id)
        .where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.code == code)
    )


def remove_esms(session: Session, campaign_id: int, code: str, *, actor: str) -> str:
    """Take an ESMS out of a campaign with its answer; returns its name. The register keeps it.

    An organisme without any ESMS left leaves too, with its pairs.

    Raises
    ------
    NotInCampaignError
        It is not there.
    RefusedError
        A fixed grappe holds it.
    """
    row = session.scalar(
        select(CampaignEsms).where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.code == code)
    )
    if row is None:
        raise NotInCampaignError(f"ESMS {code}")
    holder = fixed_in(session, campaign_id, code)
    if holder is not None:
        raise RefusedError(
            {"esms": f"Il est membre de la grappe conservée {holder} : ne la conservez plus d’abord."}
        )
    name, organisme_id = row.name, row.organisme_id
    session.delete(row)
    session.flush()
    left = select(func.count()).select_from(CampaignEsms).where(CampaignEsms.organisme_id == organisme_id)
    if not session.scalar(left):
        pairs = (CampaignPair.first_id == organisme_id) | (CampaignPair.second_id == organisme_id)
        session.execute(delete(CampaignPair).where(pairs))
        session.execute(delete(CampaignOrganisme).where(CampaignOrganisme.id == organisme_id))
    journal.record(
        session, actor, "esms.retirer", f"campaign:{campaign_id}", label=name, detail={"esms": code}
    )
    return name


def archive(session: Session, campaign_id: int, *, actor: str) -> None:
    """Close a campaign: all of it stays readable, nothing in it changes, no run starts."""
    row = _row(session, campaign_id)
    if row.archived_at is None:
        row.archived_at = now()
        journal.record(session, actor, "campagne.archiver", f"campaign:{row.id}", label=row.name)


def reopen(session: Session, campaign_id: int, *, actor: str) -> None:
    """Take an archived campaign up again."""
    row = _row(session, campaign_id)
    if row.archived_at is not None:
        row.archived_at = None
        journal.record(session, actor, "campagne.rouvrir", f"campaign:{row.id}", label=row.name)


def delete_campaign(session: Session, campaign_id: int, *, actor: str) -> str:
    """Delete a campaign with its ESMS, answers and constraints; returns the name it had.

    The database deletes its runs with it and leaves its plans without a campaign.
    """
    row = _row(session, campaign_id)
    name = row.name
    fixed = select(CampaignFixedGrappe.id).where(CampaignFixedGrappe.campaign_id == campaign_id)
    session.execute(delete(CampaignFixedMember).where(CampaignFixedMember.fixed_id.in_(fixed)))
    # In the order in which rows point at each other.
    for table in (
        CampaignFixedGrappe,
        CampaignReading,
        CampaignReference,
        CampaignPair,
        NeedsUpload,
        CampaignEsms,
        CampaignOrganisme,
        CampaignSolution,
    ):
        session.execute(delete(table).where(table.campaign_id == campaign_id))
    session.execute(delete(Campaign).where(Campaign.id == campaign_id))
    journal.record(session, actor, "campagne.supprimer", f"campaign:{campaign_id}", label=name)
    return name


def _row(session: Session, campaign_id: int) -> Campaign:
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise NotInCampaignError(f"campaign {campaign_id}")
    return row
