"""Invitations: a role offered by mail to an address, taken up once.

When to modify: who is invited to what, or for how long, changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, select, update
from sqlalchemy.orm import Session

from matchmaker import journal, mail
from matchmaker.accounts import people, tokens
from matchmaker.accounts.tables import Account, Invitation
from matchmaker.database.instants import now
from matchmaker.web.people import Grant, Role

LASTS = dt.timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Offered:
    """An invitation as pages show it."""

    id: int
    email: str
    role_name: str
    where: str
    grant: Grant
    created_at: dt.datetime
    expires_at: dt.datetime
    over: bool


def invite(session: Session, email: str, grant: Grant, *, actor: str, by: str, base_url: str) -> None:
    """Offer a role to an address and write its mail; an earlier offer of the same role is withdrawn.

    ``by``: the name that the mail gives of who invites.
    """
    people.checked(grant)
    for row in session.scalars(_open().where(Invitation.email == email)):
        if _grant(row) == grant:
            row.withdrawn_at = now()
    token, moment = tokens.new(), now()
    session.add(
        Invitation(
            token_sha256=tokens.digest(token),
            email=email,
            role=grant.role.value,
            organisme_id=grant.organisme_id,
            region=grant.region,
            departement=grant.departement,
            invited_by=actor,
            created_at=moment,
            expires_at=moment + LASTS,
        )
    )
    place = people.where(session, grant)
    mail.put(
        session,
        email,
        "invitation",
        secret=True,
        by=by,
        role=people.ROLE_NAMES[grant.role],
        place=place,
        url=f"{base_url}/invitations/{token}",
        days=LASTS.days,
        site=base_url,
    )
    detail = {"role": grant.role.value, "lieu": place}
    journal.record(session, actor, "invitation.envoyer", _object(grant), detail=detail)


def find(session: Session, token: str) -> Offered | None:
    """The invitation, if it can still be accepted."""
    row = session.scalar(_open().where(Invitation.token_sha256 == tokens.digest(token)))
    return None if row is None or row.expires_at <= now() else next(_offered(session, [row]))


def accept(session: Session, token: str, account: Account) -> Offered | None:
    """Give the account the role it was offered, once; None when the offer is over or for another address."""
    offered = find(session, token)
    if offered is None or offered.email != account.email:
        return None
    taken = session.execute(
        update(Invitation)
        .where(Invitation.id == offered.id, Invitation.accepted_at.is_(None))
        .values(accepted_at=now())
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return None
    row = session.get_one(Invitation, offered.id)
    people.give(session, account, offered.grant, actor=row.invited_by)
    actor = f"compte:{account.id}"
    journal.record(session, actor, "invitation.accepter", _object(offered.grant), label=offered.where)
    return offered


def withdraw(session: Session, invitation_id: int, *, actor: str, organisme_id: int | None) -> bool:
    """Take an offer back; only one of this organisme, or (None) one that is of no organisme."""
    row = session.scalar(_open().where(Invitation.id == invitation_id, _of(organisme_id)))
    if row is None:
        return False
    row.withdrawn_at = now()
    journal.record(session, actor, "invitation.retirer", _object(_grant(row)))
    return True


def waiting(session: Session, organisme_id: int | None) -> list[Offered]:
    """Offers of an organisme that wait for an answer; with None, those of no organisme."""
    rows = session.scalars(_open().where(_of(organisme_id)).order_by(Invitation.id.desc())).all()
    return list(_offered(session, rows))


def sent_by(session: Session, actor: str, limit: int = 50) -> list[Offered]:
    """The latest offers that somebody made and that wait for an answer."""
    wanted = _open().where(Invitation.invited_by == actor, Invitation.role == Role.OG_MANAGER.value)
    rows = session.scalars(wanted.order_by(Invitation.id.desc()).limit(limit)).all()
    return list(_offered(session, rows))


def _open() -> Select[Invitation]:
    return select(Invitation).where(Invitation.accepted_at.is_(None), Invitation.withdrawn_at.is_(None))


def _of(organisme_id: int | None) -> ColumnElement[bool]:
    if organisme_id is None:
        return Invitation.organisme_id.is_(None)
    return Invitation.organisme_id == organisme_id


def _grant(row: Invitation) -> Grant:
    return Grant(Role(row.role), row.organisme_id, row.region, row.departement)


def _object(grant: Grant) -> str:
    return "comptes" if grant.organisme_id is None else f"organisme:{grant.organisme_id}"


def _offered(session: Session, rows: Iterable[Invitation]) -> Iterator[Offered]:
    moment = now()
    for row in rows:
        grant = _grant(row)
        yield Offered(
            row.id,
            row.email,
            people.ROLE_NAMES[grant.role],
            people.where(session, grant),
            grant,
            row.created_at,
            row.expires_at,
            row.expires_at <= moment,
        )
