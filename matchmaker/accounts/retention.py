"""How long what is known of people is kept, and the deletion of what is older.

When to modify: a period changes (say so in docs/accounts.md), or a table holds something more about people.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import ColumnElement, Delete, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from matchmaker.accounts import documents, limits, own_data
from matchmaker.accounts.tables import Account, Claim, Invitation, Link, Membership, SignedIn
from matchmaker.mail.tables import Mail

LINKS = dt.timedelta(days=1)
INVITATIONS = dt.timedelta(days=90)
MAILS = dt.timedelta(days=30)
CLAIMS = dt.timedelta(days=365)
ACCOUNTS_WITHOUT_ROLE = dt.timedelta(days=365)
ACCOUNTS = dt.timedelta(days=3 * 365)

NAMES = {
    "sign_ins": "connexions expirées",
    "links": "liens de connexion expirés",
    "invitations": "invitations sans suite",
    "mails": "courriels anciens",
    "claims": "demandes décidées depuis plus d’un an, vidées de leurs éléments",
    "accounts": "comptes inutilisés, effacés",
    "counters": "compteurs d’essais",
}


def name_of(kind: str) -> str:
    """What a kind that ``purge`` counts is, in French."""
    return NAMES[kind] if kind in NAMES else own_data.HOLDINGS[kind].purged


def purge(session: Session, moment: dt.datetime) -> dict[str, int]:
    """Delete what is older than its period at this moment; returns how much of each kind."""
    steps: dict[str, Callable[[Session, dt.datetime], int]] = {
        "sign_ins": _sign_ins,
        "links": _links,
        "invitations": _invitations,
        "mails": _mails,
        "claims": _claims,
        "accounts": _accounts,
        "counters": limits.purge,
    } | {key: holding.purge for key, holding in own_data.HOLDINGS.items()}
    return {name: step(session, moment) for name, step in steps.items()}


def _sign_ins(session: Session, moment: dt.datetime) -> int:
    return _gone(session, delete(SignedIn).where(SignedIn.expires_at <= moment))


def _links(session: Session, moment: dt.datetime) -> int:
    return _gone(session, delete(Link).where(Link.expires_at <= moment - LINKS))


def _invitations(session: Session, moment: dt.datetime) -> int:
    """An invitation that was accepted lives on as a role; the other ones are forgotten."""
    return _gone(session, delete(Invitation).where(Invitation.expires_at <= moment - INVITATIONS))


def _mails(session: Session, moment: dt.datetime) -> int:
    """Sent, given up or never sent: after the period nobody waits for them."""
    return _gone(session, delete(Mail).where(Mail.created_at <= moment - MAILS))


def _claims(session: Session, moment: dt.datetime) -> int:
    """What was decided stays; what proved it then goes."""
    old = session.scalars(
        select(Claim).where(
            Claim.decided_at <= moment - CLAIMS, or_(Claim.evidence != "", Claim.function != "")
        )
    ).all()
    for claim in old:
        claim.evidence = claim.function = ""
        documents.forget(session, claim.id)
    return len(old)


def _accounts(session: Session, moment: dt.datetime) -> int:
    """Erase accounts not used for three years; one year when they hold no role."""
    holding = select(Membership.account_id)
    unused = select(Account.id).where(
        Account.erased_at.is_(None),
        or_(
            _last_used() <= moment - ACCOUNTS,
            and_(_last_used() <= moment - ACCOUNTS_WITHOUT_ROLE, Account.id.not_in(holding)),
        ),
    )
    found = session.scalars(unused).all()
    for account_id in found:
        own_data.erase(session, account_id, actor="conservation")
    return len(found)


def _last_used() -> ColumnElement[dt.datetime]:
    return func.coalesce(Account.signed_in_at, Account.created_at)


def _gone(session: Session, deletion: Delete) -> int:
    return int(session.execute(deletion).rowcount)  # type: ignore[attr-defined]
