"""Accounts and the roles they hold.

When to modify: what an account is, or how a role is given or taken, changes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.accounts.tables import Account, Membership
from matchmaker.database.instants import now
from matchmaker.reference import departements, regions
from matchmaker.register.tables import Organisme
from matchmaker.web.people import OF_ORGANISME, OF_TERRITORY, Grant, Person, Role

ERASED = "Compte effacé"
ROLE_NAMES = {
    Role.OG_MEMBER: "membre d’un organisme",
    Role.OG_MANAGER: "responsable d’un organisme",
    Role.GRADES: "GRADeS",
    Role.ARS: "ARS",
    Role.SUPPORT: "cellule d’appui",
    Role.ADMIN: "administration nationale",
}


class PlaceError(ValueError):
    """A role was asked for in a place where it cannot be held; the message is a French sentence."""


@dataclass(frozen=True, slots=True)
class Held:
    """A role as pages show it."""

    membership_id: int
    account_id: int
    name: str
    email: str | None
    grant: Grant
    where: str

    @property
    def role_name(self) -> str:
        return ROLE_NAMES[self.grant.role]


def account_of(session: Session, email: str) -> Account | None:
    return session.scalar(select(Account).where(Account.email == email))


def open_account(session: Session, email: str, name: str = "") -> Account:
    """The account of this address, made if there is none."""
    known = account_of(session, email)
    if known is not None:
        return known
    account = Account(email=email, name=name, created_at=now())
    session.add(account)
    session.flush()
    journal.record(session, f"compte:{account.id}", "compte.creer", f"account:{account.id}")
    return account


_OF_ACCOUNT = select(Membership).where(Membership.account_id == bindparam("account")).order_by(Membership.id)


def person_of(session: Session, account: Account) -> Person:
    """The account as the rest of the program sees it."""
    rows = session.scalars(_OF_ACCOUNT, {"account": account.id})
    return Person(account.id, account.name or account.email or ERASED, tuple(grant_of(row) for row in rows))


def grant_of(row: Membership) -> Grant:
    return Grant(Role(row.role), row.organisme_id, row.region, row.departement)


def checked(grant: Grant) -> Grant:
    """The grant, if its role can be held there; raises ``PlaceError``."""
    if grant.role in OF_ORGANISME:
        sound = grant.organisme_id is not None and grant.region is None and grant.departement is None
    elif grant.role in OF_TERRITORY:
        sound = grant.organisme_id is None and grant.region in regions()
        if grant.departement is not None:
            known = departements().get(grant.departement)
            sound = sound and grant.role is Role.ARS and known is not None and known.region == grant.region
    else:
        sound = grant == Grant(Role.ADMIN)
    if not sound:
        raise PlaceError("Ce rôle ne peut pas être tenu à cet endroit.")
    return grant


def give(session: Session, account: Account, grant: Grant, *, actor: str) -> bool:
    """Give a role; False when it is held already. A manager of an OG is no longer only a member of it."""
    checked(grant)
    rows = session.scalars(select(Membership).where(Membership.account_id == account.id)).all()
    if any(grant_of(row) == grant for row in rows):
        return False
    for row in rows:
        if row.organisme_id is not None and row.organisme_id == grant.organisme_id:
            session.delete(row)
    session.add(
        Membership(
            account_id=account.id,
            role=grant.role.value,
            organisme_id=grant.organisme_id,
            region=grant.region,
            departement=grant.departement,
            granted_by=actor,
            granted_at=now(),
        )
    )
    session.flush()
    detail = {"role": grant.role.value, "lieu": where(session, grant)}
    journal.record(session, actor, "role.donner", f"account:{account.id}", detail=detail)
    return True


def take(session: Session, membership_id: int, *, actor: str) -> Held | None:
    """Take a role away; None when there is no such membership any more."""
    row = session.get(Membership, membership_id)
    if row is None:
        return None
    found = held(session, [row])[0]
    session.delete(row)
    detail = {"role": found.grant.role.value, "lieu": found.where}
    journal.record(session, actor, "role.retirer", f"account:{row.account_id}", detail=detail)
    return found


def of_account(session: Session, account_id: int) -> list[Held]:
    """The roles of one account."""
    wanted = select(Membership).where(Membership.account_id == account_id).order_by(Membership.id)
    return held(session, session.scalars(wanted).all())


def of_organisme(session: Session, organisme_id: int) -> list[Held]:
    """Who holds a role in an organisme, managers first."""
    wanted = (
        select(Membership)
        .where(Membership.organisme_id == organisme_id)
        .order_by(Membership.role.desc(), Membership.id)
    )
    return held(session, session.scalars(wanted).all())


def staff(session: Session) -> list[Held]:
    """Who holds a role that is not in an organisme."""
    wanted = (
        select(Membership)
        .where(Membership.organisme_id.is_(None))
        .order_by(Membership.role, Membership.region, Membership.id)
    )
    return held(session, session.scalars(wanted).all())


def managers_of(session: Session, organisme_id: int) -> list[Account]:
    """Accounts that manage an organisme."""
    return list(
        session.scalars(
            select(Account)
            .join(Membership, Membership.account_id == Account.id)
            .where(Membership.organisme_id == organisme_id, Membership.role == Role.OG_MANAGER.value)
            .order_by(Account.id)
        )
    )


def held(session: Session, rows: Collection[Membership]) -> list[Held]:
    """Memberships with the names of their people and places, three queries whatever their number."""
    accounts = {
        account.id: account
        for account in session.scalars(
            select(Account).where(Account.id.in_({row.account_id for row in rows}))
        )
    }
    names = _organisme_names(session, {row.organisme_id for row in rows if row.organisme_id is not None})
    found = []
    for row in rows:
        account, grant = accounts[row.account_id], grant_of(row)
        name = account.name or account.email or ERASED
        found.append(Held(row.id, account.id, name, account.email, grant, _where(grant, names)))
    return found


def names_of(session: Session, actors: Collection[str]) -> dict[str, str]:
    """Names of the journal's actors (``compte:12``), as they are today; an erased account says so."""
    ids = {int(a.removeprefix("compte:")) for a in actors if a.removeprefix("compte:").isdecimal()}
    if not ids:
        return {}
    rows = session.scalars(select(Account).where(Account.id.in_(ids)))
    return {f"compte:{row.id}": row.name or row.email or ERASED for row in rows}


def where(session: Session, grant: Grant) -> str:
    """« Occitanie », « Gers (Occitanie) », the name of an organisme, or « France entière »."""
    ids = {grant.organisme_id} if grant.organisme_id is not None else set()
    return _where(grant, _organisme_names(session, ids))


def _organisme_names(session: Session, ids: Collection[int]) -> dict[int, str]:
    if not ids:
        return {}
    rows = session.execute(select(Organisme.id, Organisme.name).where(Organisme.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _where(grant: Grant, organismes: dict[int, str]) -> str:
    if grant.organisme_id is not None:
        return organismes.get(grant.organisme_id, "organisme disparu")
    if grant.region is None:
        return "France entière"
    region = regions()[grant.region].name
    return region if grant.departement is None else f"{departements()[grant.departement].name} ({region})"
