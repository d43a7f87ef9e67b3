"""Tell organismes of partners that fit since last time: how many, never who nor when exactly.

The first time an organisme is looked at, everything is new: it is told nothing, it has the page.

When to modify: what deserves an alert changes.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import notifications
from matchmaker.accounts.tables import Membership
from matchmaker.campaigns.tables import Campaign, CampaignOrganisme
from matchmaker.partners import interests
from matchmaker.partners.board import board_of
from matchmaker.partners.limits import limit
from matchmaker.partners.meetings import SAME_ORGANISME, people_of
from matchmaker.partners.profiles import question_of
from matchmaker.partners.tables import PartnerSeen
from matchmaker.partners.viewing import known_to
from matchmaker.register.tables import Organisme
from matchmaker.web.formats import pluriel


def tell_of_new(session: Session, secret_key: str, moment: dt.datetime) -> int:
    """Alert every organisme that somebody signs in for; returns how many were alerted."""
    told = 0
    least = limit("organismes_per_cell", moment.date()).value
    for campaign_id, viewer in signing_in(session):
        question = question_of(session, campaign_id)
        known = known_to(session, viewer, interests.met(session, viewer))
        board = None if question is None else board_of(question, viewer, known, least, secret_key)
        if board is None:
            continue
        seen = set(session.scalars(select(PartnerSeen.other_id).where(PartnerSeen.viewer_id == viewer)))
        fitting = {board.numbers[card.token] for card in board.cards if not card.blocking}
        new = fitting - seen
        session.add_all(PartnerSeen(viewer_id=viewer, other_id=other) for other in sorted(new))
        if seen and new:
            count = pluriel(len(new), "nouveau partenaire possible", "nouveaux partenaires possibles")
            notifications.tell(
                session,
                people_of(session, viewer),
                "partenaire",
                f"Depuis votre dernière visite : {count}.",
                "/og/partenaires",
                key=f"partners:{viewer}:{moment.date()}",
            )
            told += 1
    return told


def signing_in(session: Session) -> list[tuple[int, int]]:
    """(campaign, organisme) of the campaigns in use, where the organisme has an account."""
    rows = session.execute(
        select(CampaignOrganisme.campaign_id, CampaignOrganisme.id)
        .join(Campaign, Campaign.id == CampaignOrganisme.campaign_id)
        .join(Organisme, SAME_ORGANISME)
        .join(Membership, Membership.organisme_id == Organisme.id)
        .where(Campaign.archived_at.is_(None))
        .distinct()
        .order_by(CampaignOrganisme.campaign_id, CampaignOrganisme.id)
    )
    return [(row.campaign_id, row.id) for row in rows]
