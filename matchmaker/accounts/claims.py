"""Claims of an organisme: somebody says that they represent it, the GRADeS of its territory decides.

A claim is granted at once when the address is of a domain that the GRADeS approved for this organisme and
nobody else manages or claims it. Everything else waits for a person; two claims of one organisme are shown
together (arbitration).

When to modify: how it is checked that somebody represents an organisme changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker import journal, mail
from matchmaker.accounts import consents, documents, emails, organismes, people
from matchmaker.accounts.tables import Account, ApprovedDomain, Claim, Membership
from matchmaker.database.instants import now
from matchmaker.register.tables import Organisme
from matchmaker.web.people import Belonging, Grant, Ground, Role

LONGEST_FUNCTION, LONGEST_EVIDENCE, LONGEST_REASON = 120, 2000, 1000
STATES = {
    "waiting": "en attente",
    "accepted": "acceptée",
    "refused": "refusée",
    "withdrawn": "retirée",
}


class ClaimRefusedError(ValueError):
    """A claim or a decision that cannot be kept. ``problems``: field -> French sentence."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Shown:
    """A claim as pages show it. ``rivals``: other claims that wait for the same organisme."""

    id: int
    account_id: int
    name: str
    email: str | None
    organisme_id: int
    organisme: str
    finess_ej: str | None
    function: str
    evidence: str
    state: str
    domain_approved: bool
    claimed_at: dt.datetime
    decided_at: dt.datetime | None
    reason: str
    rivals: int
    managers: int

    @property
    def disputed(self) -> bool:
        return self.rivals > 0 or self.managers > 0

    @property
    def state_name(self) -> str:
        return STATES[self.state]


def claim(
    session: Session,
    account: Account,
    finess: str | None,
    function: str,
    evidence: str,
    document: bytes | None = None,
    *,
    base_url: str,
) -> Shown:
    """Keep a claim, grant it when nothing speaks against it, and tell those who must know.

    ``document``: a file that proves it, of a kind of ``documents``.

    Raises
    ------
    ClaimRefusedError
        The number is no organisme's, something is missing, or the account is in it or claims it already.
    """
    function, evidence = " ".join(function.split()), evidence.strip()
    problems = _text_problems(function, evidence)
    if document is not None:
        try:
            documents.kind_of(document)
        except documents.UnusableDocumentError as error:
            problems["document"] = str(error)
    try:
        card = organismes.by_finess(session, finess)
    except organismes.UnknownFinessError as error:
        raise ClaimRefusedError({"finess": str(error)} | problems) from None
    if any(h.grant.organisme_id == card.id for h in people.of_account(session, account.id)):
        problems["finess"] = f"Votre compte est déjà rattaché à {card.name}."
    elif any(c.organisme_id == card.id and c.state == "waiting" for c in of_account(session, account.id)):
        problems["finess"] = f"Votre demande pour {card.name} est déjà en attente."
    if problems:
        raise ClaimRefusedError(problems)
    row = Claim(
        account_id=account.id,
        organisme_id=card.id,
        function=function,
        evidence=evidence,
        state="waiting",
        domain_approved=_domain_approved(session, card.id, account.email or ""),
        claimed_at=now(),
        reason="",
    )
    session.add(row)
    session.flush()
    if document is not None:
        documents.keep(session, row.id, document)
    consents.give(session, account.id, "representer", card.id)
    actor = f"compte:{account.id}"
    journal.record(session, actor, "rattachement.demander", f"organisme:{card.id}", label=card.name)
    shown = _shown(session, [row])[0]
    if shown.domain_approved and not shown.disputed:
        _grant(session, row, card.name, actor="domaine", base_url=base_url)
    else:
        _tell(session, row, shown, base_url)
    return _shown(session, [row])[0]


def decide(
    session: Session, claim_id: int, decision: str, reason: str, *, actor: str, base_url: str
) -> Shown | None:
    """Grant or refuse a claim that waits; None when it no longer does. Raises ``ClaimRefusedError``."""
    reason = reason.strip()
    if decision not in ("accepter", "refuser"):
        raise ClaimRefusedError({"decision": "Choisissez une décision."})
    if decision == "refuser" and not 1 <= len(reason) <= LONGEST_REASON:
        raise ClaimRefusedError(
            {"reason": f"Dites pourquoi, en {LONGEST_REASON} caractères au plus : la personne le lira."}
        )
    row = session.scalar(select(Claim).where(Claim.id == claim_id).with_for_update())
    if row is None or row.state != "waiting":
        return None
    name = session.get_one(Organisme, row.organisme_id).name
    if decision == "accepter":
        _grant(session, row, name, actor=actor, base_url=base_url)
    else:
        row.state, row.decided_at, row.decided_by, row.reason = "refused", now(), actor, reason
        journal.record(session, actor, "rattachement.refuser", f"organisme:{row.organisme_id}", label=name)
        account = session.get_one(Account, row.account_id)
        if account.email:
            words: dict[str, Any] = {"organisme": name, "reason": reason, "site": base_url}
            mail.put(session, account.email, "rattachement_refuse", **words)
    return _shown(session, [row])[0]


def waiting(session: Session, ground: Ground) -> list[Shown]:
    """Claims that wait on a ground, those of one organisme side by side, the oldest organisme first."""
    wanted = select(Claim).where(
        Claim.state == "waiting", Claim.organisme_id.in_(organismes.numbers_on(ground))
    )
    rows = session.scalars(wanted.order_by(Claim.id)).all()
    first: dict[int, int] = {}
    for row in rows:
        first.setdefault(row.organisme_id, row.id)
    return sorted(_shown(session, rows), key=lambda shown: (first[shown.organisme_id], shown.id))


def of_organisme(session: Session, organisme_id: int) -> list[Shown]:
    """Every claim of an organisme, the latest first."""
    wanted = select(Claim).where(Claim.organisme_id == organisme_id).order_by(Claim.id.desc())
    return _shown(session, session.scalars(wanted).all())


def of_account(session: Session, account_id: int) -> list[Shown]:
    """The claims of an account, the latest first."""
    wanted = select(Claim).where(Claim.account_id == account_id).order_by(Claim.id.desc())
    return _shown(session, session.scalars(wanted).all())


def get(session: Session, claim_id: int) -> Shown | None:
    row = session.get(Claim, claim_id)
    return None if row is None else _shown(session, [row])[0]


def belonging(session: Session, claim_id: int) -> Belonging | None:
    """A claim is decided where its organisme lies; it is not the organisme's own. None: no such one."""
    row = session.get(Claim, claim_id)
    found = None if row is None else organismes.belonging(session, row.organisme_id)
    return None if found is None else Belonging(found.places)


def approve_domain(session: Session, organisme_id: int, typed: str | None, *, actor: str) -> str:
    """Approve an e-mail domain for an organisme; raises ``ClaimRefusedError`` when it is nobody's own."""
    domain = emails.own_domain(typed)
    if domain is None:
        raise ClaimRefusedError(
            {
                "domain": "Un domaine propre à l’organisme est attendu, par exemple association.fr ; celui "
                "d’une messagerie ouverte à tous ne prouve rien."
            }
        )
    known = select(ApprovedDomain).where(
        ApprovedDomain.organisme_id == organisme_id, ApprovedDomain.domain == domain
    )
    if session.scalar(known) is None:
        session.add(
            ApprovedDomain(organisme_id=organisme_id, domain=domain, approved_by=actor, approved_at=now())
        )
        object_, detail = f"organisme:{organisme_id}", {"domaine": domain}
        journal.record(session, actor, "domaine.approuver", object_, detail=detail)
    return domain


def withdraw_domain(session: Session, organisme_id: int, domain_id: int, *, actor: str) -> None:
    """Stop recognising a domain; roles already given stay."""
    row = session.scalar(
        select(ApprovedDomain).where(
            ApprovedDomain.id == domain_id, ApprovedDomain.organisme_id == organisme_id
        )
    )
    if row is not None:
        session.delete(row)
        object_, detail = f"organisme:{organisme_id}", {"domaine": row.domain}
        journal.record(session, actor, "domaine.retirer", object_, detail=detail)


def domains(session: Session, organisme_id: int) -> list[tuple[int, str]]:
    """Approved domains as (row, domain)."""
    rows = session.execute(
        select(ApprovedDomain.id, ApprovedDomain.domain)
        .where(ApprovedDomain.organisme_id == organisme_id)
        .order_by(ApprovedDomain.domain)
    )
    return [(row.id, row.domain) for row in rows]


def _text_problems(function: str, evidence: str) -> dict[str, str]:
    problems = {}
    if not 1 <= len(function) <= LONGEST_FUNCTION:
        problems["function"] = f"Indiquez votre fonction, en {LONGEST_FUNCTION} caractères au plus."
    if not 1 <= len(evidence) <= LONGEST_EVIDENCE:
        problems["evidence"] = (
            "Dites comment vérifier votre demande (numéro du standard, page du site, délibération), en "
            f"{LONGEST_EVIDENCE} caractères au plus."
        )
    return problems


def _domain_approved(session: Session, organisme_id: int, email: str) -> bool:
    domain = emails.domain_of(email)
    return any(approved == domain for _row, approved in domains(session, organisme_id))


def _grant(session: Session, row: Claim, name: str, *, actor: str, base_url: str) -> None:
    account = session.get_one(Account, row.account_id)
    row.state, row.decided_at, row.decided_by = "accepted", now(), actor
    people.give(session, account, Grant(Role.OG_MANAGER, row.organisme_id), actor=actor)
    journal.record(session, actor, "rattachement.accepter", f"organisme:{row.organisme_id}", label=name)
    if account.email:
        mail.put(session, account.email, "rattachement_accepte", organisme=name, site=base_url)


def _tell(session: Session, row: Claim, shown: Shown, base_url: str) -> None:
    """Mail the teams that decide, and those who manage the organisme already."""
    found = organismes.belonging(session, row.organisme_id)
    regions = {region for region, _departement in found.places} if found else set()
    deciding = select(Account.email).join(Membership, Membership.account_id == Account.id)
    teams = session.scalars(
        deciding.where(Membership.role == Role.GRADES.value, Membership.region.in_(regions)).distinct()
    )
    words: dict[str, Any] = {"organisme": shown.organisme, "site": base_url, "disputed": shown.disputed}
    for email in sorted(filter(None, teams)):
        mail.put(session, email, "rattachement_a_decider", url=f"{base_url}/rattachements/{row.id}", **words)
    for account in people.managers_of(session, row.organisme_id):
        if account.email:
            mail.put(session, account.email, "rattachement_dispute", **words)


def _shown(session: Session, rows: Iterable[Claim]) -> list[Shown]:
    """Claims with the names they need: four queries whatever their number."""
    rows = list(rows)
    ids = {row.organisme_id for row in rows}
    accounts = {
        a.id: a
        for a in session.scalars(select(Account).where(Account.id.in_({row.account_id for row in rows})))
    }
    named = {o.id: o for o in session.scalars(select(Organisme).where(Organisme.id.in_(ids)))}
    open_claims = select(Claim.id, Claim.organisme_id).where(
        Claim.state == "waiting", Claim.organisme_id.in_(ids)
    )
    others = session.execute(open_claims).all()
    managing = session.execute(
        select(Membership.organisme_id, Membership.account_id).where(
            Membership.organisme_id.in_(ids), Membership.role == Role.OG_MANAGER.value
        )
    ).all()
    return [
        Shown(
            id=row.id,
            account_id=row.account_id,
            name=accounts[row.account_id].name or accounts[row.account_id].email or people.ERASED,
            email=accounts[row.account_id].email,
            organisme_id=row.organisme_id,
            organisme=named[row.organisme_id].name,
            finess_ej=named[row.organisme_id].finess_ej,
            function=row.function,
            evidence=row.evidence,
            state=row.state,
            domain_approved=row.domain_approved,
            claimed_at=row.claimed_at,
            decided_at=row.decided_at,
            reason=row.reason,
            rivals=sum(1 for o in others if o.organisme_id == row.organisme_id and o.id != row.id),
            managers=sum(
                1 for m in managing if m.organisme_id == row.organisme_id and m.account_id != row.account_id
            ),
        )
        for row in rows
    ]
