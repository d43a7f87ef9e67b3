"""What each rule of a plan costs: asked on its page, computed by a worker, kept, told in French."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from matchmaker.baremes import scale_for
from matchmaker.campaigns.instance import instance_of
from matchmaker.database import Database
from matchmaker.proposals import keeping as keeping_of_plans
from matchmaker.proposals.keeping import kept, store_proposal
from matchmaker.runs import lifecycle, reading, request, sentences
from matchmaker.runs.execution import execute
from matchmaker.runs.lifecycle import Asked, Point
from matchmaker.runs.prices import asked, asking, keeping, wording
from matchmaker.runs.prices.keeping import Again, Price
from matchmaker.runs.prices.tables import Pricing
from matchmaker.runs.queue import RunQueue
from matchmaker.runs.tables import Run, State
from matchmaker.runs.tools import load_tools
from matchmaker.runs.watch import Watch
from matchmaker.settings import Settings
from solver.document import read_instance
from solver.explain.relaxations import Rule, relaxations
from solver.prices import PriceProgress
from solver.proposal import Progress
from solver.solve import solve

NB = "\u00a0"
_ASKED = Asked(budget_s=5, gap=0.0, seed=1, threads=1)


def words(response: TestResponse) -> str:
    text = BeautifulSoup(response.text, "html.parser").get_text(" ")
    return " ".join(text.replace(NB, " ").replace("\u202f", " ").split())


def send(client: FlaskClient, plan: int, **fields: str) -> TestResponse:
    page = BeautifulSoup(client.get(f"/plans/{plan}/regles").text, "html.parser")
    hidden = {str(f["name"]): str(f["value"]) for f in page.select("#lancement input[type=hidden]")}
    return client.post(f"/plans/{plan}/regles", data=hidden | {"budget_s": "60"} | fields)


@pytest.fixture
def plan(database: Database, campaign_id: int) -> int:
    """The number of a kept plan of the campaign."""
    with database.writing() as session:
        document = instance_of(session, campaign_id)
        instance = read_instance(json.dumps(document))
        scale = scale_for(instance.regime, instance.parameters.readings)
        return store_proposal(session, campaign_id, None, document, solve(instance, scale, time_limit_s=2.0))


def test_asking_what_the_rules_of_a_plan_cost(
    client: FlaskClient, database: Database, settings: Settings, plan: int
) -> None:
    """Tests that the button makes one run a form, of the plan's own question."""
    assert "Ce que coûte chaque règle" in words(client.get(f"/plans/{plan}"))
    form = {"token": "the same form, sent twice in a row"}
    answer = send(client, plan, **form)
    assert answer.status_code == 303
    assert send(client, plan, **form).location == answer.location
    with database.reading() as session:
        run = session.scalars(select(Run)).one()
        assert answer.location == f"/calculs/{run.id}"
        assert asked.wanted(session, run.id) == plan
        run_id = run.id
    with RunQueue(settings.queue_url) as queue:
        assert queue.waiting() == {run_id}
    assert f"Suivre le calcul {run_id}" in words(client.get(f"/plans/{plan}/regles"))
    refused = send(client, plan, budget_s="1")
    assert refused.status_code == 422
    assert "Choisissez une des valeurs proposées." in words(refused)
    assert client.get("/plans/99/regles").status_code == 404


def test_a_plan_without_a_campaign_starts_no_run(
    client: FlaskClient, database: Database, campaign_id: int, plan: int
) -> None:
    with database.writing() as session:
        document = instance_of(session, campaign_id)
        instance = read_instance(json.dumps(document))
        scale = scale_for(instance.regime, instance.parameters.readings)
        alone = store_proposal(session, None, None, document, solve(instance, scale, time_limit_s=1.0))
        with pytest.raises(request.RefusedRunError, match="aucune campagne"):
            asking.ask(session, alone, _ASKED)
    assert "n’appartient à aucune campagne" in words(client.get(f"/plans/{alone}/regles"))
    assert "Ce que coûte chaque règle" not in words(client.get(f"/plans/{alone}"))


def test_the_worker_prices_the_rules_and_the_page_tells_them(
    client: FlaskClient, database: Database, campaign_id: int, plan: int
) -> None:
    with database.writing() as session:
        run_id = asking.ask(session, plan, _ASKED)
    assert execute(database, load_tools(), run_id, worker="here:1", leaving=lambda: False)
    with database.reading() as session:
        run = session.get_one(Run, run_id)
        assert (run.state, run.proposal_id) == (State.DONE, None)
        found = keeping.read(session, run_id)
        bound = kept(session, plan).plan.upper_bound
        value = kept(session, plan).plan.objective_value
        standing = reading.standing(session, run_id)
    assert found is not None
    assert found.complete
    assert found.prices
    assert found.upper_bound is not None
    assert value <= found.upper_bound <= bound
    for price in found.prices:
        assert price.at_least <= price.at_most
        if price.wider:
            assert price.at_least >= 0
            assert price.gained >= 0
            assert price.at_most >= price.gained
    page = client.get(f"/plans/{plan}/regles")
    rows = BeautifulSoup(page.text, "html.parser").select("#prix tbody tr")
    assert found.again is not None
    assert len(rows) == 1 + len(found.prices)
    assert "sans l’hébergement identique pour toute la grappe" in words(page).lower()
    assert standing is not None
    assert sentences.steps(standing, None)[-1].state == "ok"
    assert f"Ce que coûte chaque règle du plan {plan}" in words(client.get(f"/calculs/{run_id}"))
    block = client.get(f"/calculs/{run_id}", headers={"HX-Request": "true"})
    assert block.headers["HX-Redirect"] == f"/plans/{plan}/regles"
    assert f"Règles du plan {plan}" in words(client.get(f"/campagnes/{campaign_id}/optimiser"))


def test_progress_tells_the_rule_under_way(client: FlaskClient, database: Database, plan: int) -> None:
    """Tests that what the solver says of the rule at hand reaches the page in words."""
    with database.writing() as session:
        run_id = asking.ask(session, plan, _ASKED)
        held = lifecycle.claim(session, run_id, "machine:1")
        assert held is not None
        instance = read_instance(keeping_of_plans.documents(session, plan)[0])
        points = [Point(1.0, 1_000_000, 1_200_000, 3, 40)]
        lifecycle.beat(session, held, 1.0, phase=None, points=points)
    rules = relaxations(instance, load_tools().scale_of, ())
    for done, relaxation in enumerate([None, *rules], start=1):
        watch = Watch(worked_s=0.0)
        searching = Progress(0.0, "exchange", None, None)
        watch.on_price(PriceProgress(done, len(rules) + 2, relaxation, searching))
        with database.writing() as session:
            lifecycle.beat(session, held, 2.0, phase=watch.phase)
        told = f"Règle par règle : {done} sur {len(rules) + 1}, "
        if relaxation is None:
            assert f"{told}sans rien changer" in words(client.get(f"/calculs/{run_id}"))
        elif relaxation.rule is Rule.SAME_HOSTING:
            assert f"{told}hébergement identique" in words(client.get(f"/calculs/{run_id}"))
            return
    pytest.fail("the rule of hosting was not among them")


def test_a_run_done_again_prices_the_same_plan_and_a_stop_keeps_what_is_found(
    client: FlaskClient, database: Database, plan: int
) -> None:
    with database.writing() as session:
        run_id = asking.ask(session, plan, _ASKED)
        held = lifecycle.claim(session, run_id, "machine:1")
        assert held is not None
        lifecycle.fail(session, held, "Perdu.", "abc")
        again = request.ask_again(session, run_id)
        assert again is not None
        assert asked.wanted(session, again) == plan
        proposal: dict[str, Any] = {
            "objective_value": 5_000,
            "upper_bound": 9_000,
            "funding_eur": 5_000,
            "esms_placed": 3,
            "grappes": [{}],
        }
        price = {"rule": "max_radius_km", "value": None, "wider": True, "proposal": proposal}
        price |= {"at_least": 0, "at_most": 9_000, "gained": 500}
        value = kept(session, plan).plan.objective_value
        longer = {"objective_value": value + 200, "upper_bound": value + 9_000, "funding_eur": value + 200}
        longer |= {"esms_placed": 3, "grappes": 1}
        document = {
            "complete": False,
            "asked": {"upper_bound": 4_600, "again": longer},
            "prices": [price],
        }
        keeping.store(session, again, document)
        keeping.store(session, again, document)
        assert session.get_one(Pricing, again).complete is False
    page = words(client.get(f"/plans/{plan}/regles"))
    assert "toutes les règles n’ont pas été essayées" in page
    assert "Non tranché : +9,0 k€ au plus" in page
    assert "soit +0,3 k€ de plus que sans rien changer" in page
    assert "Sans rien changer, aussi longtemps Sans objet +0,2 k€" in page


@pytest.mark.parametrize(
    ("least", "most", "wider", "told"),
    [
        (0, 0, True, "ne coûte rien : c’est prouvé"),
        (12_000, 12_000, True, "exactement +12,0 k€"),
        (12_000, 30_000, True, "au moins +12,0 k€, au plus +30,0 k€"),
        (0, 30_000, True, "non tranché : +30,0 k€ au plus"),
        (-5_000, 30_000, False, "non tranché : entre -5,0 k€ et +30,0 k€"),
        (-9_000, -2_000, False, "entre -9,0 k€ et -2,0 k€"),
    ],
)
def test_what_is_proven_is_told_and_nothing_more(
    database: Database, plan: int, least: int, most: int, wider: bool, told: str
) -> None:
    with database.reading() as session:
        read = kept(session, plan).plan
    price = Price("lots", None, wider, least, most, 0, 0, 0, 0, 0, 0)
    said = wording.verdict(read, price).replace(NB, " ").replace("−", "-")
    assert said == told


def test_what_a_longer_search_finds_is_not_the_price_of_a_rule(database: Database, plan: int) -> None:
    with database.reading() as session:
        read = kept(session, plan).plan
    value = read.objective_value
    again = Again(value + 4_000, value + 9_000, value + 4_000, read.placed_count, 1)

    def said(gained: int, again: Again | None, rule: str = "lots") -> str:
        price = Price(rule, None, True, 0, 9_000, gained, 0, 0, 0, read.placed_count, 0)
        return wording.found(read, price, again).replace(NB, " ").replace("−", "-")

    assert said(4_000, again) == "+4,0 k€, mais pas plus que sans rien changer"
    assert said(5_500, again) == "+5,5 k€, soit +1,5 k€ de plus que sans rien changer"
    assert said(0, again) == "même montant"
    assert said(4_000, None) == "+4,0 k€"
    assert said(4_000, again, "stability_eur_per_esms") == "+4,0 k€"
    assert said(4_000, replace(again, objective_value=value)) == "+4,0 k€"


def test_every_rule_has_its_words(database: Database, plan: int) -> None:
    """Tests that no rule is shown by its code."""
    with database.reading() as session:
        read = kept(session, plan).plan
    values: dict[str, Any] = {"max_radius_km": 80.0, "territory": "none", "min_size": 14, "budget_eur": None}
    values |= {"together": [["a", "b"]], "apart": [["a", "b"], ["c", "d"], ["e", "f"], ["g", "h"]]}
    values |= {"readings": {"K01": "le15"}}
    parameters = dict(read.parameters) | {"max_radius_km": 60.0, "min_slack": 2, "max_grappes": 3}
    read = replace(read, parameters=parameters | {"max_size": 20, "budget_eur": 1_000_000})
    for rule in wording.Rule:
        assert "_" not in wording.under_way(rule.value)
        price = Price(rule.value, values.get(rule.value), True, 0, 0, 0, 0, 0, 0, 0, 0)
        said = wording.relaxed(read, price)
        assert said != rule.value
        assert "_" not in said
        assert " " in said
