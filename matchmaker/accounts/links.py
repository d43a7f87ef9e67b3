"""Links sent by mail that sign their reader in, once.

The same mail goes to an address with an account and to one without: following the link opens the account.
So neither the page nor the work done tells whether an address is known here.

When to modify: what a link may do, or how long it lasts, changes.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from matchmaker import mail
from matchmaker.accounts import limits, tokens
from matchmaker.accounts.tables import Link
from matchmaker.database.instants import now

LASTS = dt.timedelta(minutes=20)


def send(
    session: Session, email: str, *, base_url: str, subject: str, machine: str, after: str | None = None
) -> bool:
    """Write the mail with a new link; False when too many were asked for, for this address or from there.

    ``subject`` and ``machine``: the keyed digests under which the address and the visitor are counted.
    """
    of_address = limits.count(session, limits.LINKS_OF_ADDRESS, subject)
    of_machine = limits.count(session, limits.LINKS_OF_MACHINE, machine)
    if not (of_address and of_machine):
        return False
    token, moment = make(session, email, after), int(LASTS.total_seconds() // 60)
    url = f"{base_url}/connexion/lien/{token}"
    mail.put(session, email, "connexion", secret=True, url=url, minutes=moment, site=base_url)
    return True


def make(session: Session, email: str, after: str | None = None, lasts: dt.timedelta = LASTS) -> str:
    """A new link's token; it is nowhere else."""
    token, moment = tokens.new(), now()
    session.add(
        Link(
            token_sha256=tokens.digest(token),
            email=email,
            after=after,
            created_at=moment,
            expires_at=moment + lasts,
        )
    )
    session.flush()
    return token


def find(session: Session, token: str) -> Link | None:
    """The link, if it can still be used."""
    return session.scalar(
        select(Link).where(
            Link.token_sha256 == tokens.digest(token), Link.used_at.is_(None), Link.expires_at > now()
        )
    )


def use(session: Session, token: str) -> Link | None:
    """Use the link up; None when it is unknown, over, or used, even at the same instant by somebody else."""
    link = find(session, token)
    if link is None:
        return None
    taken = session.execute(
        update(Link)
        .where(Link.id == link.id, Link.used_at.is_(None))
        .values(used_at=now())
        .execution_options(synchronize_session=False)
    )
    return link if taken.rowcount == 1 else None  # type: ignore[attr-defined]
