"""What partners hold about a person: their messages. Handed over, emptied, dropped after a time.

A message that is erased leaves its place in the thread: the other organisme sees that there was one.

When to modify: a table of partners holds something more about people.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matchmaker.accounts.own_data import Holding, hold
from matchmaker.partners.tables import PartnerMessage

MESSAGES = dt.timedelta(days=2 * 365)


def of_account(session: Session, account_id: int) -> list[dict[str, Any]]:
    """The messages that this person wrote."""
    rows = session.scalars(
        select(PartnerMessage).where(PartnerMessage.account_id == account_id).order_by(PartnerMessage.id)
    )
    return [{"ecrit_le": row.at.isoformat(), "texte": row.text} for row in rows]


def erase(session: Session, account_id: int) -> None:
    """Empty what this person wrote."""
    session.execute(
        update(PartnerMessage).where(PartnerMessage.account_id == account_id).values(text="", account_id=None)
    )


def purge(session: Session, moment: dt.datetime) -> int:
    """Delete messages of long ago."""
    gone = session.execute(delete(PartnerMessage).where(PartnerMessage.at <= moment - MESSAGES))
    return int(gone.rowcount)  # type: ignore[attr-defined]


hold(Holding("messages", of_account, erase, purge, "messages entre partenaires, anciens"))
