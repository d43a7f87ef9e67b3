"""Two régions with an organisme, a campaign, a run and a plan each; accounts in every role of the first."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from sqlalchemy.orm import Session

from matchmaker.accounts import people
from matchmaker.accounts.tables import Account
from matchmaker.register.tables import Etablissement, Organisme
from matchmaker.web.people import Grant
from tests.matchmaker.accounts.conftest import Visitor
from tests.matchmaker.campaigns.conftest import ESMS, ORGANISMES, SOLUTIONS

OCCITANIE, RHONE_ALPES = "76", "84"
BASE = "http://127.0.0.1:8000"


@dataclass(frozen=True)
class Place:
    """What one région holds: numbers of its objects."""

    region: str
    organisme: int
    finess_ej: str
    campaign: int
    run: int
    plan: int
    claim: int
    invitation: int
    membership: int
    domain: int
    pair: int
    upload: int


@dataclass(frozen=True)
class World:
    """``own``: where the accounts of ``roles`` act; ``foreign``: where none of them does."""

    own: Place
    foreign: Place
    accounts: dict[str, int]


def organisme(session: Session, finess_ej: str, name: str, region: str, departement: str) -> int:
    """An organisme with two ESMS in one département."""
    row = Organisme(key=f"ej:{finess_ej}", finess_ej=finess_ej, name=name, fictitious=True)
    session.add(row)
    session.flush()
    for number in (1, 2):
        session.add(
            Etablissement(
                finess_et=f"{finess_ej[:8]}{number}",
                organisme_id=row.id,
                name=f"{name}, établissement {number}",
                category="500",
                champ="PA",
                medicalised=True,
                address="",
                postal_code="",
                commune="32013" if region == OCCITANIE else "01053",
                departement=departement,
                region=region,
                lat=43.6,
                lon=0.6,
                position_origin="commune",
                position_note="",
                source="demonstration",
                fictitious=True,
            )
        )
    return row.id


def account(session: Session, email: str, *grants: Grant, name: str = "") -> Account:
    made = people.open_account(session, email, name)
    for grant in grants:
        people.give(session, made, grant, actor="local")
    return made


def visitor_as(app: Flask, email: str) -> Visitor:
    """A browser signed in to this account, by link."""
    visitor = Visitor(app)
    assert visitor.sign_in(email).status_code == 303
    return visitor


__all__ = ["BASE", "ESMS", "ORGANISMES", "SOLUTIONS", "World", "account", "organisme", "visitor_as"]
