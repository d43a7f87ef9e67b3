"""The ledger of consents: who agreed to which words, when, and when they took it back. Lines are only added.

When to modify: something new needs somebody's consent (add its purpose).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select
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
    "mise-en-relation": (
        "J’accepte que le nom de mon organisme soit montré à un autre organisme de la campagne lorsque "
        "nous avons tous deux signalé notre intérêt, et à lui seul. D’ici là il ne voit qu’un profil partagé "
        "par trois organismes au moins."
    ),
    "contact-partenaires": (
        "J’accepte que mon nom et mon adresse électronique soient montrés aux organismes avec lesquels le "
        "mien a un double accord, et aux membres acceptés de la même grappe."
    ),
    "entrer-en-grappe": (
        "J’accepte que le nom de mon organisme, ses ESMS et leurs réponses soient montrés aux membres "
        "acceptés de cette grappe dès que notre entrée est acceptée, et à l’équipe régionale si la grappe "
        "lui est proposée."
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


def agree(session: Session, account_id: int, purpose: str, organisme_id: int | None = None) -> None:
    """Write down that the account agrees, if it does not yet."""
    if not stands(session, account_id, purpose, organisme_id):
        give(session, account_id, purpose, organisme_id)


def withdraw(session: Session, account_id: int, purpose: str, organisme_id: int | None = None) -> None:
    """Write down that the account takes its agreement back."""
    _add(session, account_id, purpose, organisme_id, given=False)


_LAST = (
    select(Consent)
    .where(Consent.account_id == bindparam("account"), Consent.purpose == bindparam("purpose"))
    .order_by(Consent.id.desc())
    .limit(1)
)
_OF_NO_ORGANISME = _LAST.where(Consent.organisme_id.is_(None))
_OF_ORGANISME = _LAST.where(Consent.organisme_id == bindparam("organisme"))


def stands(session: Session, account_id: int, purpose: str, organisme_id: int | None = None) -> bool:
    """Whether the account agrees to today's words: the last line counts."""
    asked = {"account": account_id, "purpose": purpose}
    if organisme_id is None:
        last = session.scalar(_OF_NO_ORGANISME, asked)
    else:
        last = session.scalar(_OF_ORGANISME, asked | {"organisme": organisme_id})
    return last is not None and last.given and last.words == PURPOSES[purpose]


def who_agree(session: Session, purpose: str, account_ids: Collection[int | None]) -> frozenset[int]:
    """Which of these accounts agree to today's words of a purpose, whatever the organisme."""
    ids = {number for number in account_ids if number is not None}
    if not ids:
        return frozenset()
    latest = (
        select(func.max(Consent.id))
        .where(Consent.account_id.in_(ids), Consent.purpose == purpose)
        .group_by(Consent.account_id)
    )
    rows = select(Consent.account_id).where(
        Consent.id.in_(latest), Consent.given, Consent.words == PURPOSES[purpose]
    )
    return frozenset(session.scalars(rows))


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
