"""One mail a day at most to each person: what they have not read and were in no mail about.

What a person wants at once (at first: a double yes) does not wait for the day to pass, and takes along what
is waiting.

When to modify: when a mail is written, or what is in it, changes.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from matchmaker import mail
from matchmaker.accounts.tables import Account
from matchmaker.database.instants import now
from matchmaker.notifications.feed import KINDS, at_once
from matchmaker.notifications.tables import Notification, NotificationChoice
from matchmaker.notifications.unsubscribing import token_of

DAY = dt.timedelta(hours=20)  # the command may run a little earlier from one day to the next


def write_mails(
    session: Session, *, base_url: str, secret_key: str, moment: dt.datetime | None = None
) -> int:
    """Write the mails that are due to the outbox; returns how many."""
    at = moment or now()
    written = 0
    for account, choice, waiting in _due(session, at):
        number = account.id
        unsubscribe = f"{base_url}/notifications/desabonnement/{token_of(number, secret_key)}"
        kinds = [
            (label, [one for one in waiting if one.kind == kind])
            for kind, label in KINDS.items()
            if any(one.kind == kind for one in waiting)
        ]
        mail.put(
            session,
            account.email or "",
            "nouvelles",
            unsubscribe=unsubscribe,
            number=len(waiting),
            kinds=kinds,
            site=base_url,
            unsubscribe_url=unsubscribe,
        )
        for one in waiting:
            one.mailed_at = at
        if choice is None:
            choice = NotificationChoice(account_id=number, mails=True)
            session.add(choice)
        choice.last_mail_at = at
        written += 1
    return written


def _due(
    session: Session, at: dt.datetime
) -> list[tuple[Account, NotificationChoice | None, list[Notification]]]:
    rows = session.execute(
        select(Notification, Account, NotificationChoice)
        .join(Account, Account.id == Notification.account_id)
        .outerjoin(NotificationChoice, NotificationChoice.account_id == Account.id)
        .where(
            Notification.mailed_at.is_(None),
            Notification.read_at.is_(None),
            Account.email.is_not(None),
            or_(NotificationChoice.account_id.is_(None), NotificationChoice.mails),
        )
        .order_by(Notification.id)
    )
    by_account: dict[int, tuple[Account, NotificationChoice | None, list[Notification]]] = {}
    for notification, account, choice in rows:
        by_account.setdefault(account.id, (account, choice, []))[2].append(notification)
    return [one for one in by_account.values() if _is_due(one[1], one[2], at)]


def _is_due(choice: NotificationChoice | None, waiting: list[Notification], at: dt.datetime) -> bool:
    wanted = at_once(choice)
    if any(one.kind in wanted for one in waiting):
        return True
    return choice is None or choice.last_mail_at is None or choice.last_mail_at <= at - DAY
