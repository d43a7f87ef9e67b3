"""A campaign archived, opened again, deleted; an ESMS taken out: what is said before, what is kept after."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from matchmaker.campaigns import campaign, constraints
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme, CampaignPair
from matchmaker.database import Base, Database
from matchmaker.proposals import keeping, store_proposal
from matchmaker.runs import lifecycle, request
from matchmaker.runs.lifecycle import Asked
from tests.matchmaker.pages import filled, send, soup, text
from tests.matchmaker.proposals.pair import pair

NAME = "Lozère, 48 ESMS"


@pytest.fixture
def ended_run(database: Database, campaign_id: int, new_run: Callable[..., int]) -> int:
    """A run that was stopped, and a plan of the campaign."""
    number = new_run()
    with database.writing() as session:
        lifecycle.request_stop(session, number)
        store_proposal(session, campaign_id, number, *pair())
    return number


def rows_of(database: Database, campaign_id: int) -> dict[str, int]:
    """Rows that still name the campaign, by table."""
    found = {}
    with database.reading() as session:
        for table in Base.metadata.tables.values():
            if "campaign_id" in table.c:
                count = select(func.count()).select_from(table).where(table.c.campaign_id == campaign_id)
                found[table.name] = session.scalar(count) or 0
    return {name: count for name, count in found.items() if count}


def test_the_consequences_are_said_first(client: FlaskClient, campaign_id: int, ended_run: int) -> None:
    page = text(client.get(f"/campagnes/{campaign_id}/fin"))
    assert "48 ESMS de la campagne et 48 réponses" in page
    assert "1 calcul, courbes et journaux compris" in page
    assert "Gardés : 1 plan" in page


def test_a_deleted_campaign_leaves_its_plans(
    client: FlaskClient, database: Database, campaign_id: int, ended_run: int
) -> None:
    """Tests that the name is asked for, that nothing of the campaign stays, that the plan stays readable."""
    url, action = f"/campagnes/{campaign_id}/fin", f"/campagnes/{campaign_id}/fin/supprimer"
    refused = send(client, url, action, name="Lozère")
    assert refused.status_code == 422
    assert f"Le nom attendu est « {NAME} »" in text(refused)
    answer = send(client, url, action, name=f" {NAME} ")
    assert (answer.status_code, answer.location) == (303, "/campagnes")
    assert rows_of(database, campaign_id) == {}
    with database.reading() as session:
        (kept,) = keeping.summaries(session)
    assert kept.campaign_id is None
    assert client.get(f"/plans/{kept.number}").status_code == 200
    assert client.get(url).status_code == 404
    assert "Campagne supprimée" in text(client.get("/journal"))


def test_a_run_under_way_is_not_taken_away(
    client: FlaskClient, database: Database, campaign_id: int, new_run: Callable[..., int]
) -> None:
    """Tests that neither archiving nor deleting ends a run that waits or works."""
    new_run()
    url = f"/campagnes/{campaign_id}/fin"
    assert "Un calcul est en cours sur cette campagne." in text(client.get(url))
    for action, fields in (("archiver", {}), ("supprimer", {"name": NAME})):
        answer = send(client, url, f"{url}/{action}", **fields)
        assert answer.location == url
        assert "arrêtez-le d’abord" in text(client.get(url))
    with database.reading() as session:
        assert campaign.get(session, campaign_id).archived_at is None


def test_an_archived_campaign_is_read_and_nothing_changes(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests the list, the banner, that writes are refused page by page, and that it can be opened again."""
    url = f"/campagnes/{campaign_id}/fin"
    optimiser = f"/campagnes/{campaign_id}/optimiser"
    left_open = client.get(f"/campagnes/{campaign_id}/donnees/480000000")
    assert send(client, url, f"{url}/archiver").location == "/campagnes"
    page = client.get("/campagnes")
    assert NAME not in text(page)
    assert "Voir la campagne archivée" in text(page)
    assert NAME in text(client.get("/campagnes?archives=1"))
    assert "Campagne archivée le" in text(client.get(f"/campagnes/{campaign_id}"))
    assert "Campagne archivée le" in text(client.get(optimiser))
    field = soup(left_open).select_one("input[name=csrf_token]")
    assert field is not None
    data = {"csrf_token": field["value"], "need": "aucun"}
    answer = client.post(f"/campagnes/{campaign_id}/donnees/480000000", data=data)
    assert answer.location == f"/campagnes/{campaign_id}"
    assert "rien n’a changé" in text(client.get(answer.location))
    with database.writing() as session, pytest.raises(request.RefusedRunError, match="archivée"):
        request.ask(session, campaign_id, Asked(20, 0.0, 1, 1))
    assert send(client, url, f"{url}/rouvrir").location == f"/campagnes/{campaign_id}"
    assert NAME in text(client.get("/campagnes"))
    assert send(client, optimiser, optimiser).status_code == 303


def test_an_esms_is_taken_out_with_its_answer(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests what is said before, and that the last ESMS of an organisme takes it away with its pairs."""
    with database.writing() as session:
        constraints.add_pair(
            session, campaign_id, "apart", "480000000", "480000001", "conflit", actor="local"
        )
    codes = [f"4800{i:05}" for i in (0, 12, 24, 36)]
    for code in codes:
        url = f"/campagnes/{campaign_id}/donnees/{code}/retirer"
        assert "Sa réponse sera perdue" in text(client.get(url))
        answer = client.post(url, data=filled(soup(client.get(url))))
        assert answer.location == f"/campagnes/{campaign_id}/donnees"
        assert client.get(url).status_code == 404
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CampaignEsms)) == 44
        assert session.scalar(select(func.count()).select_from(CampaignOrganisme)) == 11
        assert session.scalar(select(func.count()).select_from(CampaignPair)) == 0
    assert "ESMS retiré de la campagne" in text(client.get("/journal"))


def test_ending_what_does_not_exist(client: FlaskClient, database: Database, campaign_id: int) -> None:
    assert client.get("/campagnes/999/fin").status_code == 404
    with database.reading() as session, pytest.raises(NotInCampaignError):
        campaign.summary(session, 999)
