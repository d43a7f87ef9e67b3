"""A campaign of many organismes, some of them with people who sign in."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.campaigns import campaign, members
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.members import NewEsms, NewOrganisme, NewSolution
from matchmaker.campaigns.tables import CampaignOrganisme
from matchmaker.register.tables import Organisme
from matchmaker.settings import Settings
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import (
    NewVisitor,
    Visitor,
    accounts_app,
    new_visitor,
)
from tests.matchmaker.accounts.world import account

__all__ = ["NewVisitor", "Visitor", "accounts_app", "new_visitor"]

SOLUTIONS = (
    NewSolution("boreal", "Boréal", "referenced", hosting=("saas", "shared"), fictitious=True),
    NewSolution("alize", "Alizé", "referenced", hosting=("saas", "on_premise"), fictitious=True),
)
SAAS = Answer("acquisition", None, "any", ("saas",))


def esms(code: str, organisme: str, answer: Answer = SAAS, **others: object) -> NewEsms:
    values: dict[str, object] = {
        "champ": "PH",
        "category": "IME",
        "departement": "32",
        "region": "76",
        "lat": 43.64,
        "lon": 0.58,
        "commune": f"Commune de {organisme}",
        "finess_et": code,
        "fictitious": True,
    }
    return NewEsms(code=code, organisme=organisme, name=f"Foyer {code}", answer=answer, **(values | others))  # type: ignore[arg-type]


def finess(number: int) -> str:
    return f"32{number:06}1"


def director(number: int) -> str:
    return f"dir{number}@og{number}.example"


@dataclass(frozen=True)
class Campaign:
    """``rows``: number of the row of the n-th organisme in the campaign."""

    id: int
    rows: tuple[int, ...]


def fill(
    session: Session, organismes: int = 8, each: int = 4, people: int = 3, name: str = "Gers d’essai"
) -> Campaign:
    """Organismes 0 to n-1 in the Gers, alike; the first ``people`` have a director."""
    number = campaign.create(session, name=name, region="76", regime="generalisation-2022", fictitious=True)
    members.add(
        session,
        number,
        organismes=[
            NewOrganisme(finess(n), f"Association Secrète {n:03}", each, fictitious=True)
            for n in range(organismes)
        ],
        solutions=SOLUTIONS,
        esms=[
            esms(f"33{n:05}{k:02}", finess(n), lat=43.64 + n / 1000, lon=0.58 + k / 1000)
            for n in range(organismes)
            for k in range(each)
        ],
    )
    for n in range(people):
        row = Organisme(
            key=f"ej:{finess(n)}", finess_ej=finess(n), name=f"Association Secrète {n:03}", fictitious=True
        )
        session.add(row)
        session.flush()
        account(session, director(n), Grant(Role.OG_MANAGER, row.id), name=f"Personne Cachée {n}")
    rows = dict(
        session.execute(
            select(CampaignOrganisme.code, CampaignOrganisme.id).where(
                CampaignOrganisme.campaign_id == number
            )
        ).all()
    )
    return Campaign(number, tuple(rows[finess(n)] for n in range(organismes)))


@pytest.fixture
def settings_with_accounts(settings: Settings) -> Settings:
    """Mails go out: the page that shows all of them in development does not exist."""
    return dataclasses.replace(settings, access="accounts", mail_url="smtp://127.0.0.1:9")


@pytest.fixture
def held(accounts_app: Flask) -> Campaign:
    """Eight organismes of four ESMS; directors of the first three."""
    with accounts_app.extensions["database"].writing() as session:
        return fill(session)


@pytest.fixture
def first(held: Campaign, new_visitor: NewVisitor) -> Visitor:
    return signed_in(new_visitor, 0)


@pytest.fixture
def second(held: Campaign, new_visitor: NewVisitor) -> Visitor:
    return signed_in(new_visitor, 1)


def signed_in(new_visitor: NewVisitor, number: int) -> Visitor:
    visitor = new_visitor()
    assert visitor.sign_in(director(number)).status_code == 303
    return visitor
