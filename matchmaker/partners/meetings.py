"""Two organismes that both said yes: names, contacts of those who agreed to be contacted, messages, an end.

When to modify: two partners may exchange something more.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from matchmaker import journal, notifications
from matchmaker.accounts import consents
from matchmaker.accounts.tables import Account, Membership
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.tables import CampaignOrganisme
from matchmaker.database.instants import now
from matchmaker.partners import interests
from matchmaker.partners.interests import Met
from matchmaker.partners.tables import PartnerMeeting, PartnerMessage
from matchmaker.reference.limits import limit
from matchmaker.register.tables import Organisme

CONTACT = "contact-partenaires"  # the purpose of the consent that shows a name and an address
ERASED = "Message effacé"
LONGEST = 4000
# An organisme of the register and of a campaign (``campaigns.from_register``).
SAME_ORGANISME = or_(Organisme.finess_ej == CampaignOrganisme.code, Organisme.key == CampaignOrganisme.code)


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody of an organisme who agreed that partners write to them."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Line:
    """A message. ``author``: a person's name, where they agreed to show it; else None."""

    mine: bool
    author: str | None
    text: str
    at: dt.datetime


def open_meeting(session: Session, campaign_id: int, viewer: int, other: int) -> PartnerMeeting:
    """The meeting of two organismes that both said yes, written if nobody noticed it yet.

    Raises
    ------
    LookupError
        They did not.
    """
    first, second = sorted((viewer, other))
    if other not in interests.met(session, viewer):
        raise LookupError(f"organismes {first} and {second} did not both say yes")
    # Whoever comes first writes it: the other waits for these rows, then finds the meeting.
    rows = select(CampaignOrganisme.id).where(CampaignOrganisme.id.in_((first, second)))
    session.execute(rows.order_by(CampaignOrganisme.id).with_for_update())
    meeting = session.scalar(
        select(PartnerMeeting).where(PartnerMeeting.first_id == first, PartnerMeeting.second_id == second)
    )
    if meeting is None:
        meeting = PartnerMeeting(campaign_id=campaign_id, first_id=first, second_id=second, met_at=now())
        session.add(meeting)
        session.flush()
    return meeting


def settle(session: Session) -> int:
    """Notice the pairs that both said yes, and tell both; returns how many. Called by ``notify`` alone."""
    told = 0
    for campaign_id, first, second in interests.unsettled(session):
        open_meeting(session, campaign_id, first, second)
    waiting = session.scalars(
        select(PartnerMeeting).where(PartnerMeeting.told_at.is_(None)).with_for_update()
    )
    for meeting in waiting.all():
        for side in (meeting.first_id, meeting.second_id):
            notifications.tell(
                session,
                people_of(session, side),
                "double-accord",
                "Un organisme a dit oui aussi : vous pouvez vous écrire.",
                "/og/mises-en-relation",
                key=f"meeting:{meeting.id}",
            )
        meeting.told_at = now()
        told += 1
    return told


def write(
    session: Session,
    meeting: PartnerMeeting,
    viewer: int,
    account_id: int | None,
    text: str,
    moment: dt.datetime,
) -> None:
    """Send a message to the other organisme.

    Raises
    ------
    RefusedError
        Empty, too long, too many in a day, or the thread was closed.
    """
    text = text.replace("\r\n", "\n").strip()
    if meeting.closed_at is not None:
        raise RefusedError({"": "Cette mise en relation est close : aucun message ne part plus."})
    if not 1 <= len(text) <= LONGEST:
        raise RefusedError(
            {"text": f"Un message de 1 à {LONGEST} caractères est attendu : vous en avez saisi {len(text)}."}
        )
    sent = select(func.count()).where(
        PartnerMessage.from_id == viewer, PartnerMessage.at > moment - dt.timedelta(days=1)
    )
    most = limit("messages_per_day", moment.date())
    if (session.scalar(sent) or 0) >= most.value:
        raise RefusedError(
            {"": f"Votre organisme a envoyé {most.value} messages aujourd’hui : attendez demain."}
        )
    session.add(
        PartnerMessage(meeting_id=meeting.id, from_id=viewer, account_id=account_id, text=text, at=moment)
    )
    other = meeting.second_id if meeting.first_id == viewer else meeting.first_id
    notifications.tell(
        session,
        people_of(session, other),
        "message",
        "Vous avez un nouveau message d’un organisme partenaire.",
        "/og/mises-en-relation",
        key=f"message:{meeting.id}:{moment.date()}",
    )


def close(session: Session, meeting: PartnerMeeting, viewer: int, *, actor: str) -> None:
    """End the exchange, without a reason; what was written stays to be read by both."""
    if meeting.closed_at is None:
        meeting.closed_at, meeting.closed_by_id = now(), viewer
        journal.record(session, actor, "partenaire.clore", f"partner:{viewer}")


def thread(session: Session, meeting: Met | None, viewer: int) -> list[Line]:
    """Its messages, the oldest first."""
    if meeting is None:
        return []
    rows = session.execute(
        select(PartnerMessage, Account.name)
        .outerjoin(Account, Account.id == PartnerMessage.account_id)
        .where(PartnerMessage.meeting_id == meeting.id)
        .order_by(PartnerMessage.id)
    ).all()
    agreed = consents.who_agree(session, CONTACT, [row.account_id for row, _name in rows])
    return [
        Line(
            row.from_id == viewer,
            name if row.from_id == viewer or row.account_id in agreed else None,
            row.text or ERASED,
            row.at,
        )
        for row, name in rows
    ]


def contacts(session: Session, organismes: list[int]) -> dict[int, list[Contact]]:
    """Who agreed to be contacted, by organisme of the campaign; two queries whatever their number."""
    if not organismes:
        return {}
    rows = session.execute(
        select(CampaignOrganisme.id, Account.id, Account.name, Account.email)
        .join(Organisme, SAME_ORGANISME)
        .join(Membership, Membership.organisme_id == Organisme.id)
        .join(Account, Account.id == Membership.account_id)
        .where(CampaignOrganisme.id.in_(organismes), Account.email.is_not(None))
        .order_by(Membership.id)
    ).all()
    agreed = consents.who_agree(session, CONTACT, [account for _o, account, _n, _e in rows])
    found: dict[int, list[Contact]] = {}
    for organisme, account, name, email in rows:
        if account in agreed:
            found.setdefault(organisme, []).append(Contact(name or email or "", email or ""))
    return found


def people_of(session: Session, organisme: int) -> list[int]:
    """Accounts of an organisme of a campaign."""
    return list(
        session.scalars(
            select(Membership.account_id)
            .join(Organisme, Organisme.id == Membership.organisme_id)
            .join(CampaignOrganisme, SAME_ORGANISME)
            .where(CampaignOrganisme.id == organisme)
            .distinct()
        )
    )


_NAMES = select(CampaignOrganisme.id, CampaignOrganisme.name).where(
    CampaignOrganisme.id.in_(bindparam("organismes", expanding=True))
)


def names_of(session: Session, organismes: list[int]) -> dict[int, str]:
    """Names of organismes of a campaign: only for those whose name the viewer may read."""
    if not organismes:
        return {}
    return {row.id: row.name for row in session.execute(_NAMES, {"organismes": organismes})}
