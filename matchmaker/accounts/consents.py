"""The ledger of consents: who agreed to which words, when, and when they took it back. Lines are only added.

When to modify: something new needs somebody's consent (add its purpose).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.accounts.tables import Consent
from matchmaker.database.instants import now

# purpose -> the words agreed to. A change of words asks everybody again: the ledger keeps what was read.
PURPOSES: Mapping[str, str] = {
    "representer": (
        "J’atteste être habilité à représenter cet organisme et j’accepte que l’équipe régionale (GRADeS) de "
        "son territoire vérifie cette demande."
    ),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line as its owner reads it."""

    purpose: str
    given: bool
    words: str
    at: object


def give(session: Session, account_id: int, purpose: str, organisme_id: int | None = None) -> None:
    """Write down that the account agrees to the words of a purpose, as they are today."""
    _add(session, account_id, purpose, organisme_id, given=True)


def withdraw(session: Session, account_id: int, purpose: str, organisme_id: int | None = None) -> None:
    """Write down that the account takes its agreement back."""
    _add(session, account_id, purpose, organisme_id, given=False)


def stands(session: Session, account_id: int, purpose: str, organisme_id: int | None = None) -> bool:
    """Whether the account agrees to today's words: the last line counts."""
    last = session.scalar(
        select(Consent)
        .where(
            Consent.account_id == account_id,
            Consent.purpose == purpose,
            Consent.organisme_id == organisme_id
            if organisme_id is not None
            else Consent.organisme_id.is_(None),
        )
        .order_by(Consent.id.desc())
        .limit(1)
    )
    return last is not None and last.given and last.words == PURPOSES[purpose]


def of_account(session: Session, account_id: int) -> list[Line]:
    """The account's lines, the latest first."""
    rows = session.scalars(
        select(Consent).where(Consent.account_id == account_id).order_by(Consent.id.desc())
    )
    return [Line(row.purpose, row.given, row.words, row.at) for row in rows]


def _add(session: Session, account_id: int, purpose: str, organisme_id: int | None, *, given: bool) -> None:
    session.add(
        Consent(
            account_id=account_id,
            organisme_id=organisme_id,
            purpose=purpose,
            given=given,
            words=PURPOSES[purpose],
            at=now(),
        )
    )
    act = "consentement.donner" if given else "consentement.retirer"
    actor = f"compte:{account_id}"
    journal.record(session, actor, act, f"account:{account_id}", detail={"objet": purpose})
