"""What notifications hold about a person: handed over, erased, dropped after a time.

When to modify: a table of notifications holds something more.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from matchmaker.accounts.own_data import Holding, hold
from matchmaker.notifications import feed


def of_account(session: Session, account_id: int) -> list[dict[str, Any]]:
    return [
        {"le": one.at.isoformat(), "texte": one.text, "lue": one.read_at is not None}
        for one in feed.of_account(session, account_id, limit=10_000)
    ]


hold(Holding("notifications", of_account, feed.forget, feed.purge, "notifications anciennes"))
