"""What an installation holds about one person: handed over, or erased.

Erasing keeps the number of the account, which the journal and the consents name, and nothing that says who it
was.

When to modify: a table holds something more about a person (add it to both functions).
"""

from __future__ import annotations

import base64
import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.accounts import documents, people
from matchmaker.accounts.tables import (
    Account,
    Claim,
    Consent,
    Identity,
    Invitation,
    Link,
    Membership,
    SignedIn,
)
from matchmaker.database.instants import now
from matchmaker.mail.tables import Mail
from matchmaker.register.tables import Organisme


@dataclass(frozen=True, slots=True)
class Holding:
    """What another feature holds about people. ``key``: its key in the document; ``purged``: what ``purge``
    deletes, in French, as ``purge-accounts`` counts it."""

    key: str
    of_account: Callable[[Session, int], Any]
    erase: Callable[[Session, int], None]
    purge: Callable[[Session, dt.datetime], int]
    purged: str


HOLDINGS: dict[str, Holding] = {}


def hold(holding: Holding) -> None:
    """Features above this one say what they hold when they are loaded (``app.FEATURES``, ``cli.ALSO``)."""
    HOLDINGS[holding.key] = holding


def of_account(session: Session, account_id: int) -> dict[str, Any]:
    """Everything about the account, as a JSON document with French keys."""
    account = session.get_one(Account, account_id)
    acts, _total = journal.entries(session, actor=f"compte:{account_id}", limit=10_000)
    return {
        "compte": {
            "adresse": account.email,
            "nom": account.name,
            "ouvert_le": _text(account.created_at),
            "adresse_verifiee_le": _text(account.verified_at),
            "derniere_connexion": _text(account.signed_in_at),
            "mot_de_passe": "choisi" if account.password else "aucun",
        },
        "roles": [
            {"role": held.role_name, "lieu": held.where} for held in people.of_account(session, account_id)
        ],
        "identites": [
            {"fournisseur": row.issuer, "identifiant": row.subject, "reliee_le": _text(row.linked_at)}
            for row in session.scalars(select(Identity).where(Identity.account_id == account_id))
        ],
        "connexions": [
            {
                "moyen": r.method,
                "navigateur": r.browser,
                "debut": _text(r.started_at),
                "fin": _text(r.expires_at),
                "jeton_du_fournisseur": "gardé jusqu’à la déconnexion" if r.id_token else "aucun",
            }
            for r in session.scalars(select(SignedIn).where(SignedIn.account_id == account_id))
        ],
        "rattachements": list(_claims(session, account_id)),
        "invitations": [
            {"role": row.role, "recue_le": _text(row.created_at), "acceptee_le": _text(row.accepted_at)}
            for row in session.scalars(select(Invitation).where(Invitation.email == account.email))
        ],
        "consentements": [
            {"objet": row.purpose, "donne": row.given, "texte": row.words, "le": _text(row.at)}
            for row in session.scalars(select(Consent).where(Consent.account_id == account_id))
        ],
        "courriels": [
            {"objet": row.subject, "ecrit_le": _text(row.created_at), "envoye_le": _text(row.sent_at)}
            for row in session.scalars(select(Mail).where(Mail.recipient == account.email))
        ],
        "actes": [
            {"le": _text(act.at), "acte": act.action, "objet": act.object, "intitule": act.label}
            for act in acts
        ],
        **{key: holding.of_account(session, account_id) for key, holding in HOLDINGS.items()},
    }


def erase(session: Session, account_id: int, *, actor: str) -> None:
    """Erase a person: address, name, password, roles, sign-ins, requests, mails. Their acts stay, unnamed."""
    account = session.get_one(Account, account_id)
    for table in (SignedIn, Identity, Membership):
        session.execute(delete(table).where(table.account_id == account_id))
    if account.email is not None:
        session.execute(delete(Link).where(Link.email == account.email))
        session.execute(delete(Mail).where(Mail.recipient == account.email))
        session.execute(delete(Invitation).where(Invitation.email == account.email))
    for holding in HOLDINGS.values():
        holding.erase(session, account_id)
    moment = now()
    for claim in session.scalars(select(Claim).where(Claim.account_id == account_id)):
        claim.function = claim.evidence = ""
        documents.forget(session, claim.id)
        if claim.state == "waiting":
            claim.state, claim.decided_at = "withdrawn", moment
    account.email, account.name, account.password = None, "", None
    account.verified_at = account.signed_in_at = None
    account.erased_at = moment
    journal.record(session, actor, "compte.effacer", f"account:{account_id}")


def left_without_manager(session: Session, account_id: int) -> list[str]:
    """Names of the organismes that only this account manages."""
    alone = []
    for held in people.of_account(session, account_id):
        organisme_id = held.grant.organisme_id
        if organisme_id is not None:
            others = [a for a in people.managers_of(session, organisme_id) if a.id != account_id]
            if not others:
                alone.append(held.where)
    return alone


def _claims(session: Session, account_id: int) -> Iterator[dict[str, Any]]:
    rows = session.execute(
        select(Claim, Organisme.name)
        .join(Organisme, Organisme.id == Claim.organisme_id)
        .where(Claim.account_id == account_id)
        .order_by(Claim.id)
    )
    for claim, name in rows:
        yield {
            "organisme": name,
            "fonction": claim.function,
            "elements": claim.evidence,
            "piece_jointe": _document(session, claim.id),
            "etat": claim.state,
            "demande_le": _text(claim.claimed_at),
            "decide_le": _text(claim.decided_at),
            "motif": claim.reason,
        }


def _document(session: Session, claim_id: int) -> dict[str, str] | None:
    found = documents.get(session, claim_id)
    return found and {"type": found[0].media, "base64": base64.b64encode(found[1]).decode("ascii")}


def _text(moment: Any) -> str | None:
    return None if moment is None else moment.isoformat()
