"""Take the ESMS of a campaign's territory from the register.

When to modify: which establishments of the register a campaign invites changes.
"""

from __future__ import annotations

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, joinedload

from matchmaker import journal
from matchmaker.campaigns import campaign, members
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.members import Added, NewEsms, NewOrganisme
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme
from matchmaker.reference.categories import categories
from matchmaker.reference.communes import communes
from matchmaker.register.directory import esms_totals
from matchmaker.register.tables import Etablissement, Organisme


def available(session: Session, campaign_id: int) -> int:
    """Open establishments of the territory that the campaign does not hold yet."""
    wanted = _wanted(campaign.get(session, campaign_id))
    return session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def take(session: Session, campaign_id: int, *, actor: str) -> Added:
    """Add every open establishment of the territory that is not in the campaign, without an answer."""
    values = campaign.get(session, campaign_id)
    return _add(session, values, _wanted(values), "campagne.inviter", actor)


def _add(
    session: Session, values: CampaignValues, wanted: Select[Etablissement], act: str, actor: str
) -> Added:
    campaign_id = values.id
    found = list(session.scalars(wanted.options(joinedload(Etablissement.organisme))))
    organismes = {row.organisme.id: row.organisme for row in found}
    known = set(
        session.scalars(select(CampaignOrganisme.code).where(CampaignOrganisme.campaign_id == campaign_id))
    )
    totals = esms_totals(session, organismes)
    added = members.add(
        session,
        campaign_id,
        organismes=[
            NewOrganisme(
                code_of(row),
                row.name,
                totals[row.id].number,
                fictitious=row.fictitious,
            )
            for row in organismes.values()
            if code_of(row) not in known
        ],
        esms=[_new_esms(row) for row in found],
    )
    detail = {"organismes": added.organismes, "esms": added.esms}
    journal.record(session, actor, act, f"campaign:{campaign_id}", label=values.name, detail=detail)
    return added


def take_of(session: Session, campaign_id: int, organisme_id: int, *, actor: str) -> Added:
    """Add the open establishments that one organisme of the register has in the territory, as ``take``."""
    values = campaign.get(session, campaign_id)
    return _add(session, values, _wanted(values, organisme_id), "og.rejoindre", actor)


def _wanted(values: CampaignValues, organisme_id: int | None = None) -> Select[Etablissement]:
    inside = select(CampaignEsms.code).where(CampaignEsms.campaign_id == values.id)
    wanted = select(Etablissement).where(
        Etablissement.closed_on.is_(None), Etablissement.finess_et.not_in(inside)
    )
    if organisme_id is not None:
        wanted = wanted.where(Etablissement.organisme_id == organisme_id)
    if values.region is not None:
        wanted = wanted.where(Etablissement.region == values.region)
    if values.departement is not None:
        wanted = wanted.where(Etablissement.departement == values.departement)
    return wanted


def code_of(row: Organisme) -> str:
    """The id of an organisme in campaigns: its FINESS juridique, or what stands for it."""
    return row.finess_ej or row.key


def _new_esms(row: Etablissement) -> NewEsms:
    category = categories().get(row.category)
    commune = communes().get(row.commune)
    return NewEsms(
        code=row.finess_et,
        finess_et=row.finess_et,
        organisme=code_of(row.organisme),
        name=row.name,
        champ=row.champ,
        category=category.label if category else row.category,
        commune=commune.name if commune else None,
        departement=row.departement,
        region=row.region,
        lat=row.lat,
        lon=row.lon,
        position_origin=row.position_origin,
        snapshot_date=row.snapshot_date,
        fictitious=row.fictitious,
    )
