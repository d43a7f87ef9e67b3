"""The application that the simulator's tests ask, and how they ask it."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from sqlalchemy import select

from matchmaker.app import create_app
from matchmaker.register.tables import Etablissement
from matchmaker.settings import from_environment
from tests.matchmaker.accounts.world import _import, organisme

PAGE = "/simulateur"
EJ, ET = "320999018", "320999011"
NAME = 'Association #panic("lu") *gras* $x$ ] @r <b>'
FOUR = {"appel": "generalisation-2022", "region": "76", "segur": "oui", "PA_acquisition": "4"}


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[FlaskClient]:
    """A client of an application whose register holds one organisme, with a name that tries things."""
    home = tmp_path_factory.mktemp("home")
    shutil.copyfile(_sqlite_template, home / "matchmaker.sqlite3")
    app = create_app(from_environment({"MATCHMAKER_HOME": str(home), "MATCHMAKER_SECRET_KEY": "k"}))
    app.testing = True
    with app.extensions["database"].writing() as session:
        number = organisme(session, EJ, NAME, "76", "32")
        session.add(_import())
        rows = session.scalars(select(Etablissement).where(Etablissement.organisme_id == number)).all()
        for row in rows:
            row.fictitious, row.snapshot_date, row.source = False, dt.date(2022, 1, 3), "finess"
        rows[1].champ = "PH"
        organisme(session, "320999026", "Association fermée", "76", "32")
        for row in session.scalars(
            select(Etablissement).where(Etablissement.name.like("Association fermée%"))
        ):
            row.closed_on = dt.date(2021, 12, 31)
    yield app.test_client()
    app.extensions["database"].dispose()


def ask(pages: FlaskClient, status: int = 200, **answers: str) -> BeautifulSoup:
    response = pages.get(PAGE, query_string={**FOUR, **answers})
    assert response.status_code == status, response.text[:3000]
    return BeautifulSoup(response.text, "html.parser")


def text(node: Tag | None) -> str:
    assert node is not None
    return " ".join(node.get_text(" ").split())
