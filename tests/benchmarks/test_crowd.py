"""The crowd that pages are measured in: as many organismes and ESMS as asked, one director who signs in."""

from __future__ import annotations

from sqlalchemy import func, select

from benchmarks.crowd import DIRECTOR, OWN_ESMS, draw, fill
from matchmaker.accounts import people
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme
from matchmaker.database import Database
from matchmaker.register.tables import Etablissement


def test_a_crowd_is_as_large_as_asked_and_drawn_alike(database: Database) -> None:
    drawn = draw(20, 200, seed=1)
    assert drawn == draw(20, 200, seed=1)
    with database.writing() as session:
        fill(session, drawn)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CampaignOrganisme)) == 20
        assert session.scalar(select(func.count()).select_from(CampaignEsms)) == 200
        director = people.account_of(session, DIRECTOR)
        assert director
        (held,) = people.of_account(session, director.id)
        own = select(func.count()).where(Etablissement.organisme_id == held.grant.organisme_id)
        assert session.scalar(own) == OWN_ESMS
