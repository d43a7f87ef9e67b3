"""Grappes that their members offer to the region, and keeping one in the next runs.

When to modify: what the region does with an offered grappe changes.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.campaigns import keeping_grappes
from matchmaker.campaigns.keeping_grappes import PlannedGrappe
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import CampaignEsms, CampaignFixedMember
from matchmaker.grappes.checks import Verdict, judged
from matchmaker.grappes.rooms import Room, open_rooms
from matchmaker.partners.question import Question, question_of

BY_MEMBERS = 0  # the plan of a fixed grappe that was in none


def offered(session: Session, campaign_id: int, moment: dt.datetime) -> list[tuple[Room, Verdict, bool]]:
    """Each grappe offered, as the judge finds it today, and whether all its ESMS are in kept ones already."""
    question = question_of(session, campaign_id)
    if question is None:
        return []
    kept = _kept(session, campaign_id)
    return [
        (room, _verdict(question, room), set(room.members) <= kept)
        for room in open_rooms(session, campaign_id, moment)
        if room.offered_at is not None
    ]


def keep(session: Session, campaign_id: int, grappe_id: int, *, actor: str, moment: dt.datetime) -> str:
    """Keep an offered grappe in every run from now on; returns the code it has there.

    Raises
    ------
    NotInCampaignError
        It is not offered, or not in this campaign.
    RefusedError
        The judge refuses it, or a member is in another kept grappe.
    """
    question = question_of(session, campaign_id)
    rooms = open_rooms(session, campaign_id, moment)
    room = next((one for one in rooms if one.id == grappe_id and one.offered_at is not None), None)
    if room is None or question is None:
        raise NotInCampaignError(f"grappe {grappe_id}")
    verdict = _verdict(question, room)
    if not verdict.constituted or verdict.porteur is None:
        raise RefusedError({"grappe": "Elle n’est plus constituée : ses membres sont à prévenir."})
    planned = PlannedGrappe(
        f"M{room.id}", BY_MEMBERS, room.solution, room.hosting, verdict.porteur, room.members
    )
    reason = f"Formée par ses {len(room.accepted)} organismes, qui l’ont proposée."
    keeping_grappes.fix(session, campaign_id, planned, reason, extendable=True, actor=actor)
    return planned.id


def _verdict(question: Question, room: Room) -> Verdict:
    return judged(question, room.solution, room.hosting, room.members, room.declined, remedies=False)


def _kept(session: Session, campaign_id: int) -> set[str]:
    rows = select(CampaignEsms.code).join(CampaignFixedMember, CampaignFixedMember.esms_id == CampaignEsms.id)
    return set(session.scalars(rows.where(CampaignEsms.campaign_id == campaign_id)))
