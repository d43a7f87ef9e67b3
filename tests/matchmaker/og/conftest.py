"""An installation with accounts, a small campaign, and the directors of two of its organismes."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from matchmaker.campaigns import campaign, members
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.members import NewEsms, NewOrganisme, NewSolution
from matchmaker.register.tables import Etablissement, Organisme
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import (
    NewVisitor,
    Visitor,
    accounts_app,
    new_visitor,
    settings_with_accounts,
)
from tests.matchmaker.accounts.world import account

__all__ = ["NewVisitor", "Visitor", "accounts_app", "new_visitor", "settings_with_accounts"]

OWN, OTHER = "320999018", "310999016"
DIRECTOR, COLLEAGUE, NEIGHBOUR = "dir@coteaux.example", "adj@coteaux.example", "dir@plaines.example"
TEAM, SUPPORT = "grades@occitanie.example", "appui@occitanie.example"
SOLUTIONS = (
    NewSolution("dui-a", "DUI A", "referenced", hosting=("saas", "shared"), fictitious=True),
    NewSolution("dui-b", "DUI B", "not_referenced", hosting=("saas", "on_premise"), fictitious=True),
)


@dataclass(frozen=True)
class Held:
    """Numbers of what the installation holds."""

    campaign_id: int
    own_id: int
    other_id: int


def etablissement(organisme_id: int, finess_et: str, name: str, **others: object) -> Etablissement:
    values: dict[str, object] = {
        "category": "183",
        "champ": "PH",
        "medicalised": True,
        "address": "",
        "postal_code": "32000",
        "commune": "32013",
        "departement": "32",
        "region": "76",
        "lat": 43.64,
        "lon": 0.58,
        "position_origin": "commune",
        "position_note": "",
        "source": "demonstration",
        "fictitious": True,
    }
    return Etablissement(finess_et=finess_et, organisme_id=organisme_id, name=name, **(values | others))


def esms(code: str, organisme: str, name: str, answer: Answer | None = None, **others: object) -> NewEsms:
    values: dict[str, object] = {
        "champ": "PH",
        "category": "IME",
        "departement": "32",
        "region": "76",
        "lat": 43.64,
        "lon": 0.58,
        "commune": "Auch",
        "finess_et": code,
        "fictitious": True,
        "answer": answer or Answer(),
    }
    return NewEsms(code=code, organisme=organisme, name=name, **(values | others))  # type: ignore[arg-type]


def organisme_row(session: Session, finess_ej: str, name: str) -> int:
    row = Organisme(key=f"ej:{finess_ej}", finess_ej=finess_ej, name=name, fictitious=True)
    session.add(row)
    session.flush()
    return row.id


def fill(session: Session, own_esms: int = 4) -> Held:
    """The campaign « Gers d’essai »: our organisme without answers, its neighbour with one."""
    own = organisme_row(session, OWN, "Association des Côteaux")
    other = organisme_row(session, OTHER, "Fondation Secrète des Plaines")
    codes = [f"3209990{n:02}" for n in range(20, 20 + own_esms)]
    for code in codes:
        session.add(etablissement(own, code, f"Maison {code[-2:]}"))
    session.add(etablissement(other, "310999024", "Foyer Caché des Plaines"))
    number = campaign.create(
        session, name="Gers d’essai", region="76", regime="generalisation-2022", fictitious=True
    )
    members.add(
        session,
        number,
        organismes=(
            NewOrganisme(OWN, "Association des Côteaux", own_esms, fictitious=True),
            NewOrganisme(OTHER, "Fondation Secrète des Plaines", 1, fictitious=True),
        ),
        solutions=SOLUTIONS,
        esms=(
            *(esms(code, OWN, f"Maison {code[-2:]}") for code in codes),
            esms(
                "310999024",
                OTHER,
                "Foyer Caché des Plaines",
                Answer("acquisition", None, "any", ("saas",)),
                departement="31",
            ),
        ),
    )
    account(session, DIRECTOR, Grant(Role.OG_MANAGER, own), name="Directrice")
    account(session, COLLEAGUE, Grant(Role.OG_MEMBER, own), name="Adjointe")
    account(session, NEIGHBOUR, Grant(Role.OG_MANAGER, other), name="Voisine")
    account(session, TEAM, Grant(Role.GRADES, region="76"), name="Équipe")
    account(session, SUPPORT, Grant(Role.SUPPORT, region="76"), name="Appui")
    return Held(number, own, other)


@pytest.fixture
def held(accounts_app: Flask) -> Held:
    with accounts_app.extensions["database"].writing() as session:
        return fill(session)


@pytest.fixture
def director(new_visitor: NewVisitor, held: Held) -> Visitor:
    """The director, signed in."""
    visitor = new_visitor()
    visitor.sign_in(DIRECTOR)
    return visitor
