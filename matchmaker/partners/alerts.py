"""Tell organismes of partners that fit since last time: how many, never who nor when exactly.

The first time an organisme is looked at, everything is new: it is told nothing, it has the page. That it was
looked at is kept even when nobody fitted, so that the first who does is told.

When to modify: what deserves an alert changes.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import notifications
from matchmaker.accounts.tables import Membership
from matchmaker.campaigns.tables import Campaign, CampaignOrganisme
from matchmaker.database import Database
from matchmaker.partners import interests
from matchmaker.partners.board import board_of
from matchmaker.partners.meetings import SAME_ORGANISME, people_of
from matchmaker.partners.question import Question, question_of
from matchmaker.partners.tables import PartnerSeen
from matchmaker.partners.viewing import known_to
from matchmaker.reference.limits import limit
from matchmaker.register.tables import Organisme
from matchmaker.web.formats import pluriel


def tell_of_new(database: Database, secret_key: str, moment: dt.datetime) -> int:
    """Alert every organisme that somebody signs in for; returns how many were alerted.

    Campaigns are compared in a session that reads: nobody waits for it.
    """
    with database.reading() as session:
        viewers = signing_in(session)
        questions = {number: question_of(session, number) for number in {number for number, _ in viewers}}
        fitting = {
            viewer: _fitting(session, questions[number], viewer, secret_key, moment)
            for number, viewer in viewers
        }
    with database.writing() as session:
        return sum(_told(session, viewer, found, moment) for viewer, found in fitting.items())


def _fitting(
    session: Session, question: Question | None, viewer: int, secret_key: str, moment: dt.datetime
) -> frozenset[int]:
    """Organismes on the viewer's cards that nothing blocks."""
    if question is None:
        return frozenset()
    known = known_to(session, viewer, interests.met(session, viewer))
    least = limit("organismes_per_cell", moment.date()).value
    board = board_of(question, viewer, known, least, secret_key)
    if board is None:
        return frozenset()
    return frozenset(board.numbers[card.token] for card in board.cards if not card.blocking)


def _told(session: Session, viewer: int, fitting: frozenset[int], moment: dt.datetime) -> bool:
    there = set(session.scalars(select(CampaignOrganisme.id).where(CampaignOrganisme.id.in_(fitting))))
    seen = set(session.scalars(select(PartnerSeen.other_id).where(PartnerSeen.viewer_id == viewer)))
    new = there - seen
    session.add_all(PartnerSeen(viewer_id=viewer, other_id=other) for other in sorted(new))
    if not seen and session.get(CampaignOrganisme, viewer) is not None:
        session.add(PartnerSeen(viewer_id=viewer, other_id=viewer))
    if not seen or not new:
        return False
    count = pluriel(len(new), "nouveau partenaire possible", "nouveaux partenaires possibles")
    notifications.tell(
        session,
        people_of(session, viewer),
        "partenaire",
        f"Depuis la dernière fois : {count}.",
        "/og/partenaires",
        key=f"partners:{viewer}:{moment.date()}",
    )
    return True


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
