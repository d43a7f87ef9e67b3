"""What one organisme says of another: interest, which expires, or that it wants no card of it.

Saying it reads and writes one's own row only: neither the answer nor the work of the request depends on what
the other said. That both said yes is found when a page of theirs is read, or by ``notify``.

When to modify: organismes may say something more of one another, or how long an interest stands changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session, aliased

from matchmaker import journal
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.tables import CampaignOrganisme
from matchmaker.database.instants import now
from matchmaker.partners.tables import PartnerInterest, PartnerMeeting
from matchmaker.reference.limits import limit

WEEK = dt.timedelta(days=7)
_MINE, _THEIRS = aliased(PartnerInterest), aliased(PartnerInterest)
# Two rows that stand at one moment.
_MEETS = (
    (_THEIRS.from_id == _MINE.to_id)
    & (_THEIRS.to_id == _MINE.from_id)
    & (_MINE.state == "interested")
    & (_THEIRS.state == "interested")
    & (_MINE.said_at < _THEIRS.expires_at)
    & (_THEIRS.said_at < _MINE.expires_at)
)
# Written once: a page that asks five small things of the database spends more on saying than on reading them.
_SAID = select(PartnerInterest).where(PartnerInterest.from_id == bindparam("viewer"))
_MEETINGS = select(PartnerMeeting).where(
    or_(PartnerMeeting.first_id == bindparam("viewer"), PartnerMeeting.second_id == bindparam("viewer"))
)
_BOTH = select(_MINE.to_id).join(_THEIRS, _MEETS).where(_MINE.from_id == bindparam("viewer"))


@dataclass(frozen=True, slots=True)
class Said:
    """What I said of another: ``waiting``, ``expired``, ``withdrawn`` or ``aside``."""

    other: int
    state: str
    said_at: dt.datetime | None
    expires_at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting that was noticed; see ``PartnerMeeting``."""

    id: int
    met_at: dt.datetime
    closed_at: dt.datetime | None


def said_by(session: Session, viewer: int, moment: dt.datetime | None = None) -> dict[int, Said]:
    """Everything an organisme said, by the other's number."""
    at = moment or now()
    rows = session.scalars(_SAID, {"viewer": viewer})
    return {row.to_id: Said(row.to_id, _state(row, at), row.said_at, row.expires_at) for row in rows}


def _state(row: PartnerInterest, at: dt.datetime) -> str:
    if row.state != "interested":
        return row.state
    return "waiting" if row.expires_at is not None and at < row.expires_at else "expired"


def interested(
    session: Session, campaign_id: int, viewer: int, other: int, *, actor: str, moment: dt.datetime
) -> None:
    """Say one's interest in another organisme, again when it had expired.

    Raises
    ------
    RefusedError
        Too many in seven days.
    """
    row = _row(session, viewer, other)
    if row is not None and row.state == "interested" and row.expires_at and moment < row.expires_at:
        return
    most = limit("interests_per_week", moment.date())
    if left_this_week(session, viewer, moment) <= 0:
        raise RefusedError(
            {"": f"Vous avez signalé {most.value} intérêts en sept jours. {most.reason} Revenez plus tard."}
        )
    row = row or _new(campaign_id, viewer, other)
    row.state, row.said_by, row.said_at = "interested", actor, moment
    row.expires_at = moment + dt.timedelta(days=limit("interest_days", moment.date()).value)
    session.add(row)
    session.flush()
    _journal(session, actor, "partenaire.interet", viewer)


def withdraw(session: Session, viewer: int, other: int, *, actor: str) -> None:
    """Take one's interest back; the other never knew."""
    row = _row(session, viewer, other)
    if row is not None and row.state == "interested":
        row.state, row.said_by = "withdrawn", actor
        _journal(session, actor, "partenaire.retirer", viewer)


def put_aside(session: Session, campaign_id: int, viewer: int, other: int, *, actor: str) -> None:
    """Show no card of it any more: no reason is asked, nobody is told."""
    row = _row(session, viewer, other) or _new(campaign_id, viewer, other)
    row.state, row.said_by = "aside", actor
    session.add(row)
    _journal(session, actor, "partenaire.ecarter", viewer)


def take_back(session: Session, viewer: int, other: int, *, actor: str) -> None:
    """Show its card again."""
    row = _row(session, viewer, other)
    if row is not None and row.state == "aside":
        row.state, row.said_by = "withdrawn", actor
        _journal(session, actor, "partenaire.reprendre", viewer)


def left_this_week(session: Session, viewer: int, moment: dt.datetime) -> int:
    """Interests that may still be said in these seven days; those taken back since count."""
    said = select(func.count()).where(
        PartnerInterest.from_id == viewer, PartnerInterest.said_at > moment - WEEK
    )
    return limit("interests_per_week", moment.date()).value - (session.scalar(said) or 0)


def left_of(said: Iterable[Said], moment: dt.datetime) -> int:
    """The same, of all that an organisme said."""
    lately = sum(1 for one in said if one.said_at is not None and one.said_at > moment - WEEK)
    return limit("interests_per_week", moment.date()).value - lately


def met(session: Session, viewer: int) -> dict[int, Met | None]:
    """Organismes that said yes as the viewer did: number -> its meeting, None until ``notify`` saw it.

    Both rows stand at one moment: neither had expired when the later one was said.
    """
    found: dict[int, Met | None] = dict.fromkeys(session.scalars(_BOTH, {"viewer": viewer}))
    for row in session.scalars(_MEETINGS, {"viewer": viewer}):
        other = row.second_id if row.first_id == viewer else row.first_id
        found[other] = Met(row.id, row.met_at, row.closed_at)
    return found


def unsettled(session: Session) -> list[tuple[int, int, int]]:
    """(campaign, first, second) of the pairs that both said yes and that no meeting holds yet."""
    held = select(PartnerMeeting.id).where(
        PartnerMeeting.first_id == _MINE.from_id, PartnerMeeting.second_id == _MINE.to_id
    )
    wanted = (
        select(_MINE.campaign_id, _MINE.from_id, _MINE.to_id)
        .join(_THEIRS, _MEETS)
        .where(_MINE.from_id < _MINE.to_id, ~held.exists())
        .order_by(_MINE.id)
    )
    return [(row.campaign_id, row.from_id, row.to_id) for row in session.execute(wanted)]


def _row(session: Session, viewer: int, other: int) -> PartnerInterest | None:
    """The row to be changed. Acts of one organisme wait for one another: two people may click at once."""
    session.execute(select(CampaignOrganisme.id).where(CampaignOrganisme.id == viewer).with_for_update())
    return session.scalar(
        select(PartnerInterest).where(PartnerInterest.from_id == viewer, PartnerInterest.to_id == other)
    )


def _new(campaign_id: int, viewer: int, other: int) -> PartnerInterest:
    return PartnerInterest(campaign_id=campaign_id, from_id=viewer, to_id=other)


def _journal(session: Session, actor: str, action: str, viewer: int) -> None:
    """Of the act, never of whom: the journal is read by the region."""
    journal.record(session, actor, action, f"partner:{viewer}")
