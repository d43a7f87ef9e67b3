"""A small campaign in Lozère: 3 organismes, 2 solutions, 6 ESMS, some of them without an answer."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from matchmaker.campaigns import campaign, members
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.members import NewEsms, NewOrganisme, NewSolution
from matchmaker.database import Database

ORGANISMES = (
    NewOrganisme("480000011", "Association Causse et Vallées", 4),
    NewOrganisme("480000012", "CCAS de Mende", 2),
    NewOrganisme("480000013", "Fondation des Monts", 31, fictitious=True),
)
SOLUTIONS = (
    NewSolution("dui-a", "DUI A", "referenced", hosting=("saas", "shared"), fictitious=True),
    NewSolution("dui-b", "DUI B", "unknown", hosting=("saas", "on_premise"), champs=("PA", "PH")),
)


def esms(number: int, organisme: str, answer: Answer | None = None, **others: object) -> NewEsms:
    values: dict[str, object] = {
        "code": f"48000010{number}",
        "organisme": organisme,
        "name": f"Établissement n° {number}",
        "champ": "PA",
        "category": "EHPAD",
        "departement": "48",
        "region": "76",
        "lat": 44.5 + number / 100,
        "lon": 3.5,
        "commune": "Mende",
        "position_origin": "surveyed",
        "finess_et": f"48000010{number}",
        "answer": answer or Answer(),
    }
    return NewEsms(**(values | others))  # type: ignore[arg-type]


ESMS = (
    esms(1, "480000011", Answer("acquisition", None, "any", ("saas",))),
    esms(2, "480000011", Answer("montee_de_version", "dui-a", ("dui-a",), "any", lot="vallée"), champ="PH"),
    esms(3, "480000012", Answer("aucun")),
    esms(4, "480000012", Answer("renouvellement", "dui-b", "any", None), position_origin="commune"),
    esms(5, "480000013", fictitious=True),
    esms(6, "480000013", Answer("acquisition", None, ("dui-a", "dui-b"), ()), departement="12"),
)


def small_campaign(session: Session) -> int:
    """Make the campaign; returns its number."""
    number = campaign.create(
        session, name="Lozère 2022", region="76", regime="generalisation-2022", fictitious=True
    )
    members.add(session, number, organismes=ORGANISMES, solutions=SOLUTIONS, esms=ESMS)
    return number


@pytest.fixture
def campaign_id(database: Database) -> int:
    """Number of the small campaign, in a database of its own."""
    with database.writing() as session:
        return small_campaign(session)
