"""What an OG's pages hold about a person: what they asked the support cell. Handed over, emptied, dropped.

A request that is emptied stays its organisme's: the cell still sees that one was made, and what it answered.

When to modify: a table of og holds something more about people.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from matchmaker.accounts.own_data import Holding, hold
from matchmaker.og.tables import SupportRequest

REQUESTS = dt.timedelta(days=2 * 365)


def of_account(session: Session, account_id: int) -> list[dict[str, str]]:
    """The requests that this person wrote."""
    rows = session.scalars(
        select(SupportRequest).where(SupportRequest.account_id == account_id).order_by(SupportRequest.id)
    )
    return [{"demande_le": row.asked_at.isoformat(), "objet": row.subject, "texte": row.text} for row in rows]


def erase(session: Session, account_id: int) -> None:
    """Empty what this person wrote."""
    session.execute(
        update(SupportRequest).where(SupportRequest.account_id == account_id).values(text="", account_id=None)
    )


def purge(session: Session, moment: dt.datetime) -> int:
    """Delete requests of long ago; returns how many."""
    gone = session.execute(delete(SupportRequest).where(SupportRequest.asked_at <= moment - REQUESTS))
    return int(gone.rowcount)  # type: ignore[attr-defined]


hold(Holding("demandes_d_appui", of_account, erase, purge, "demandes d’appui, anciennes"))
