"""How often something may be tried: counted in the database, so for all processes together.

A window is a slice of time; a count belongs to one. Subjects are kept as keyed digests. An unknown address is
counted like a known one: being refused says nothing of whether an account exists.

When to modify: how often something may be tried changes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from matchmaker.accounts.tables import Counter
from matchmaker.database.instants import now


@dataclass(frozen=True, slots=True)
class Limit:
    """``most`` tries in a window of ``seconds``."""

    kind: str
    most: int
    seconds: int


PASSWORDS_OF_ADDRESS = Limit("password-email", 10, 900)
PASSWORDS_OF_MACHINE = Limit("password-machine", 50, 900)
LINKS_OF_ADDRESS = Limit("link-email", 4, 900)
LINKS_OF_MACHINE = Limit("link-machine", 30, 900)
MAILS_OF_ACCOUNT = Limit("mails-account", 100, 86400)
CLAIMS_OF_ACCOUNT = Limit("claims-account", 10, 86400)


def reached(session: Session, limit: Limit, subject: str, moment: dt.datetime | None = None) -> bool:
    """Whether nothing more may be tried now; counts nothing."""
    counted = session.scalar(
        select(Counter.count).where(
            Counter.kind == limit.kind,
            Counter.subject == subject,
            Counter.window == _window(limit, moment),
        )
    )
    return (counted or 0) >= limit.most


def count(
    session: Session, limit: Limit, subject: str, moment: dt.datetime | None = None, *, tries: int = 1
) -> bool:
    """Count so many tries, as a rule one; False when the last of them is one too many."""
    insert: Any = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    values = {"kind": limit.kind, "subject": subject, "window": _window(limit, moment), "count": tries}
    added = (
        insert(Counter)
        .values(**values)
        .on_conflict_do_update(
            index_elements=["kind", "subject", "window"], set_={"count": Counter.count + tries}
        )
        .returning(Counter.count)
    )
    counted: int = session.execute(added).scalar_one()
    return counted <= limit.most


def forget(session: Session, limit: Limit, subject: str) -> None:
    """Take the count back: the person succeeded."""
    session.execute(delete(Counter).where(Counter.kind == limit.kind, Counter.subject == subject))


def purge(session: Session, moment: dt.datetime) -> int:
    """Drop the counts of windows that began more than two days ago; returns how many."""
    old = delete(Counter).where(Counter.window < int((moment - dt.timedelta(days=2)).timestamp()))
    return int(session.execute(old).rowcount)  # type: ignore[attr-defined]


def _window(limit: Limit, moment: dt.datetime | None) -> int:
    """The start of the window, in seconds since 1970."""
    at = int((moment or now()).timestamp())
    return at - at % limit.seconds
