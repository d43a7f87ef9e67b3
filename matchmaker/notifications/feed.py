"""What people were told: kept once, read on one page, most recent first.

When to modify: a notification carries something more, or is kept longer or shorter.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from matchmaker.database.instants import now
from matchmaker.notifications.tables import Notification, NotificationChoice

KEPT = dt.timedelta(days=180)
# Kinds, as the page and the mail group them.
KINDS: Mapping[str, str] = {
    "echeance": "Échéances",
    "plan": "Plan publié",
    "double-accord": "Mises en relation",
    "message": "Messages",
    "grappe": "Grappe",
    "appui": "Demandes d’appui",
    "partenaire": "Nouveaux partenaires possibles",
}
AT_ONCE = frozenset({"double-accord"})  # for who chose nothing else


def tell(session: Session, account_ids: Collection[int], kind: str, text: str, path: str, *, key: str) -> int:
    """Tell people something, once each for the same ``key``; returns how many did not know it yet.

    ``kind``: a key of ``KINDS``; ``text``: one French sentence without a name; ``path``: the page of it.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of notification: {kind!r}")
    told = set(
        session.scalars(
            select(Notification.account_id).where(
                Notification.key == key, Notification.account_id.in_(account_ids)
            )
        )
    )
    new = [number for number in dict.fromkeys(account_ids) if number not in told]
    moment = now()
    session.add_all(
        Notification(account_id=number, kind=kind, text=text, path=path, key=key, at=moment) for number in new
    )
    return len(new)


def of_account(session: Session, account_id: int, limit: int = 100) -> list[Notification]:
    """What a person was told, the latest first."""
    wanted = select(Notification).where(Notification.account_id == account_id)
    return list(session.scalars(wanted.order_by(Notification.id.desc()).limit(limit)))


def unread(session: Session, account_id: int) -> int:
    wanted = select(func.count()).where(Notification.account_id == account_id, Notification.read_at.is_(None))
    return session.scalar(wanted) or 0


def mark_read(session: Session, account_id: int) -> None:
    """Everything told to a person so far is read: it goes in no mail any more."""
    moment = now()
    session.execute(
        update(Notification)
        .where(Notification.account_id == account_id, Notification.read_at.is_(None))
        .values(read_at=moment)
    )


def wants_mails(session: Session, account_id: int) -> bool:
    choice = session.get(NotificationChoice, account_id)
    return choice is None or choice.mails


def at_once(choice: NotificationChoice | None) -> frozenset[str]:
    """Kinds that wait for no daily mail."""
    return AT_ONCE if choice is None or choice.at_once is None else frozenset(choice.at_once)


def choice_of(session: Session, account_id: int) -> NotificationChoice | None:
    """What a person chose; None: nothing yet."""
    return session.get(NotificationChoice, account_id)


def choose_at_once(session: Session, account_id: int, kinds: Collection[str]) -> None:
    """Have these kinds of notifications, and no other, mailed as they come; unknown ones are left out."""
    choose_mails(session, account_id, True)
    session.get_one(NotificationChoice, account_id).at_once = [kind for kind in KINDS if kind in kinds]


def choose_mails(session: Session, account_id: int, mails: bool) -> None:
    """Want mails, or none."""
    choice = session.get(NotificationChoice, account_id)
    if choice is None:
        choice = NotificationChoice(account_id=account_id)
        session.add(choice)
    choice.mails = mails
    session.flush()


def forget(session: Session, account_id: int) -> None:
    """Nothing is kept of who leaves."""
    for table in (Notification, NotificationChoice):
        session.execute(delete(table).where(table.account_id == account_id))


def purge(session: Session, moment: dt.datetime) -> int:
    """Drop what was told long ago; returns how much."""
    gone = session.execute(delete(Notification).where(Notification.at <= moment - KEPT))
    return int(gone.rowcount)  # type: ignore[attr-defined]
