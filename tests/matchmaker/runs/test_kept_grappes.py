"""From a plan to the next run: a grappe kept, a plan stayed close to; real pages, real optimiser."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from matchmaker import journal
from matchmaker.baremes import scale_for
from matchmaker.campaigns import answers, constraints, fixed_grappes, keeping_grappes, leaving
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.instance import instance_of
from matchmaker.campaigns.keeping_grappes import PlannedGrappe
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.tables import CampaignEsms
from matchmaker.database import Database
from matchmaker.proposals import store_proposal
from matchmaker.runs.tables import Run
from solver.document import read_instance
from solver.solve import solve
from tests.matchmaker.pages import filled, send, soup, text

Document = dict[str, Any]
_SOLVED: list[Document] = []


def solved(instance: Document) -> Document:
    read = read_instance(instance)
    scale = scale_for(read.regime, read.parameters.readings)
    return solve(read, scale, time_limit_s=20, gap=0.2, seed=1)


@pytest.fixture
def plan(database: Database, campaign_id: int) -> Document:
    """A plan of the campaign, kept as plan 1; solved once, the campaign being the same for all."""
    with database.reading() as session:
        instance = instance_of(session, campaign_id)
    if not _SOLVED:
        _SOLVED.append(solved(instance))
    with database.writing() as session:
        store_proposal(session, campaign_id, 1, instance, _SOLVED[0])
    return _SOLVED[0]


def asked(client: FlaskClient, campaign_id: int) -> Document:
    """The question as it would be put to the optimiser now."""
    document: Document = json.loads(client.get(f"/campagnes/{campaign_id}/instance.json").text)
    return document


def keep(client: FlaskClient, grappe: str = "G001", **changed: str) -> Any:
    page = f"/plans/1/grappes/{grappe}"
    return send(client, page, f"{page}/conserver", **({"reason": "Accord du 12/11"} | changed))


def test_a_kept_grappe_is_in_the_question_and_in_the_answer(
    client: FlaskClient, campaign_id: int, plan: Document
) -> None:
    """Tests the whole way: page of the grappe, constraints page, instance document, optimiser, and back."""
    first = plan["grappes"][0]
    answer = keep(client)
    assert (answer.status_code, answer.location) == (303, "/plans/1/grappes/G001")
    page = client.get(answer.location)
    assert "Grappe conservée" in text(page)
    assert "telle quelle" in text(page)
    assert "Accord du 12/11" in text(client.get(f"/campagnes/{campaign_id}/contraintes"))
    assert "1 grappe conservée" in text(client.get(f"/campagnes/{campaign_id}/optimiser"))
    question = asked(client, campaign_id)
    assert question["constraints"]["fixed_grappes"] == [
        {
            "id": "G001",
            "solution": first["solution"],
            "hosting": first["hosting"],
            "porteur": first["porteur"],
            "members": sorted(first["members"]),
            "extendable": False,
        }
    ]
    again = next(g for g in solved(question)["grappes"] if g["id"] == "G001")
    assert sorted(again["members"]) == sorted(first["members"])
    form = next(f["action"] for f in soup(page).find_all("form") if f["action"].endswith("/liberer"))
    answer = send(client, "/plans/1/grappes/G001", form)
    assert (answer.status_code, answer.location) == (303, "/plans/1/grappes/G001")
    assert asked(client, campaign_id)["constraints"]["fixed_grappes"] == []
    acts = text(client.get("/journal"))
    assert "Grappe conservée pour les prochains calculs" in acts
    assert "Grappe plus conservée" in acts


def test_the_next_run_stays_close_to_a_plan(client: FlaskClient, campaign_id: int, plan: Document) -> None:
    """Tests ``previous`` and its weight in the question, and that the button takes both away."""
    answer = send(client, "/plans/1", "/plans/1/reference", weight="7 000 €")
    assert (answer.status_code, answer.location) == (303, f"/campagnes/{campaign_id}/optimiser")
    page = text(client.get(answer.location))
    assert "plan 1" in page
    assert "7 000 € par ESMS qui y reste" in page
    question = asked(client, campaign_id)
    kept = {g["id"]: sorted(g["members"]) for g in question["previous"]}
    assert kept == {g["id"]: sorted(g["members"]) for g in plan["grappes"]}
    assert question["parameters"]["stability_eur_per_esms"] == 7_000
    again = solved(question)
    assert {g["id"] for g in again["grappes"]} & {g["id"] for g in plan["grappes"]}
    send(client, "/plans/1", f"/campagnes/{campaign_id}/contraintes/reference/retirer")
    question = asked(client, campaign_id)
    assert question["previous"] is None
    assert question["parameters"]["stability_eur_per_esms"] == 0


@pytest.mark.parametrize("weight", ["", "0", "cher", "-5", "2000000"])
def test_a_weight_that_is_none_is_said_at_the_field(
    client: FlaskClient, campaign_id: int, plan: Document, weight: str
) -> None:
    answer = send(client, "/plans/1", "/plans/1/reference", weight=weight)
    assert answer.status_code == 422
    assert "Un montant entier en euros, de 1 à" in text(answer)
    assert filled(soup(answer), "/plans/1/reference")["weight"] == [weight]
    assert asked(client, campaign_id)["previous"] is None


def test_keeping_asks_for_a_reason_and_keeps_what_was_chosen(client: FlaskClient, plan: Document) -> None:
    answer = keep(client, reason=" ", extendable="oui")
    assert answer.status_code == 422
    assert "Dites pourquoi" in text(answer)
    assert filled(soup(answer), "/plans/1/grappes/G001/conserver")["extendable"] == ["oui"]


def _planned(grappe: Document, also: str) -> PlannedGrappe:
    members = (*grappe["members"], also)
    return PlannedGrappe("G9", 2, grappe["solution"], grappe["hosting"], grappe["porteur"], members)


def test_an_esms_is_in_one_kept_grappe(
    client: FlaskClient, database: Database, campaign_id: int, plan: Document
) -> None:
    """Tests the form sent twice, then another grappe that holds one of its members."""
    page = client.get("/plans/1/grappes/G001")
    form = filled(soup(page), "/plans/1/grappes/G001/conserver") | {"reason": "accord"}
    assert client.post("/plans/1/grappes/G001/conserver", data=form).status_code == 303
    assert client.post("/plans/1/grappes/G001/conserver", data=form).status_code == 303
    assert "était déjà conservée" in text(client.get("/plans/1/grappes/G001"))
    other = _planned(plan["grappes"][1], also=plan["grappes"][0]["members"][0])
    with database.writing() as session, pytest.raises(RefusedError, match="dans la grappe conservée G001"):
        keeping_grappes.fix(session, campaign_id, other, "accord", extendable=False, actor=journal.LOCAL)
    assert len(asked(client, campaign_id)["constraints"]["fixed_grappes"]) == 1


def test_a_kept_grappe_that_cannot_be_kept_stops_the_run_and_says_why(
    client: FlaskClient, database: Database, campaign_id: int, plan: Document
) -> None:
    """Tests answers that change after a grappe was kept: said on both pages, and no run starts."""
    keep(client, extendable="oui")
    member = next(m for m in plan["grappes"][0]["members"] if m != plan["grappes"][0]["porteur"])
    with database.writing() as session:
        constraints.exclude(session, campaign_id, member, "fermé", actor=journal.LOCAL)
    page = text(client.get(f"/campagnes/{campaign_id}/contraintes"))
    assert "Aucun calcul ne partira avec cette grappe." in page
    assert "est exclu des calculs" in page
    url = f"/campagnes/{campaign_id}/optimiser"
    assert "1 grappe conservée ne peut plus l’être" in text(client.get(url))
    answer = send(client, url, url)
    assert answer.status_code == 422
    assert "Grappe G001" in text(answer)
    with database.reading() as session:
        assert session.scalars(select(Run)).all() == []
    assert client.get(f"/campagnes/{campaign_id}/instance.json").location == url.replace(
        "optimiser", "contraintes"
    )
    with database.writing() as session:
        answers.keep(session, campaign_id, member, Answer(), actor=journal.LOCAL)
        constraints.take_back(session, campaign_id, member, actor=journal.LOCAL)
    assert "n’a plus de réponse complète" in text(client.get(f"/campagnes/{campaign_id}/contraintes"))


def test_a_grappe_that_no_longer_respects_the_campaign_is_not_kept(
    client: FlaskClient, database: Database, campaign_id: int, plan: Document
) -> None:
    """Tests that the judge is asked before: nothing is kept, the sentence names the ESMS."""
    member = next(m for m in plan["grappes"][0]["members"] if m != plan["grappes"][0]["porteur"])
    with database.writing() as session:
        constraints.exclude(session, campaign_id, member, "fermé", actor=journal.LOCAL)
    answer = keep(client)
    assert answer.status_code == 422
    assert "est exclu des calculs" in text(answer)
    with database.reading() as session:
        assert fixed_grappes.kept(session, campaign_id) == []


def test_an_esms_of_a_kept_grappe_stays_in_the_campaign(
    client: FlaskClient, database: Database, campaign_id: int, plan: Document
) -> None:
    keep(client)
    member = plan["grappes"][0]["members"][0]
    page = client.get(f"/campagnes/{campaign_id}/donnees/{member}/retirer")
    assert "Il est membre de la grappe conservée G001" in text(page)
    with database.writing() as session, pytest.raises(RefusedError, match="G001"):
        leaving.remove_esms(session, campaign_id, member, actor=journal.LOCAL)
    with database.reading() as session:
        assert session.scalar(select(CampaignEsms.id).where(CampaignEsms.code == member)) is not None


def test_a_plan_from_elsewhere_cannot_be_kept(
    client: FlaskClient, database: Database, plan: Document
) -> None:
    """Tests an imported plan: no form on its pages, 404 to who sends one anyway."""
    with database.writing() as session:
        number = store_proposal(session, None, None, _instance(database), plan)
    page = client.get(f"/plans/{number}/grappes/G001")
    assert "Conserver cette grappe" not in text(page)
    form = filled(soup(client.get("/plans/1/grappes/G001")), "/plans/1/grappes/G001/conserver")
    assert client.post(f"/plans/{number}/grappes/G001/conserver", data=form).status_code == 404
    assert client.post(f"/plans/{number}/reference", data=form).status_code == 404


def _instance(database: Database) -> Document:
    with database.reading() as session:
        return instance_of(session, 1)


def test_back_goes_only_to_a_page_of_ours(client: FlaskClient, campaign_id: int, plan: Document) -> None:
    """Tests that the address to return to cannot send a person elsewhere."""
    keep(client)
    page = soup(client.get("/plans/1/grappes/G001"))
    action = next(f["action"] for f in page.find_all("form") if f["action"].endswith("/liberer"))
    answer = client.post(action, data=filled(page, action) | {"retour": "//ailleurs.example/plans/"})
    assert answer.location == f"/campagnes/{campaign_id}/contraintes"
