"""Plans compared: asked on a page, computed by the worker, kept, drawn as points that open them."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from matchmaker.baremes import scale_for
from matchmaker.campaigns.instance import instance_of
from matchmaker.database import Database
from matchmaker.proposals.tables import Proposal
from matchmaker.runs import lifecycle, request
from matchmaker.runs.comparison import asked, asking, chart, keeping, wording
from matchmaker.runs.comparison.keeping import Plan
from matchmaker.runs.comparison.tables import Comparison
from matchmaker.runs.lifecycle import Asked, Point
from matchmaker.runs.queue import RunQueue
from matchmaker.runs.tables import Run
from matchmaker.settings import Settings
from solver.document import read_instance
from solver.frontier import frontier
from tests.matchmaker.runs.workplace import Tree, row, wait_until

NB = "\u00a0"
WORKER = str(Path(__file__).with_name("dwelling_worker.py"))


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.text, "html.parser")


def words(response: TestResponse) -> str:
    return " ".join(soup(response).get_text(" ").replace(NB, " ").split())


def send(client: FlaskClient, campaign_id: int, **fields: str) -> TestResponse:
    url = f"/campagnes/{campaign_id}/comparer"
    page = soup(client.get(url))
    hidden = {str(f["name"]): str(f["value"]) for f in page.select("form input[type=hidden]")}
    return client.post(url, data=hidden | {"points": "5", "budget_s": "60"} | fields)


@pytest.fixture
def compare(database: Database, campaign_id: int) -> Callable[..., int]:
    """Ask for a comparison of the campaign; gives the number of its run."""

    def ask(budget_s: int = 5, points: int = 3) -> int:
        with database.writing() as session:
            wanted = Asked(budget_s=budget_s, gap=0.0, seed=1, threads=1)
            return asking.ask(session, campaign_id, wanted, points)

    return ask


def plan(number: int, **changed: object) -> Plan:
    usual = Plan(
        position=number,
        number=number,
        axis="grappes",
        value=4.0,
        objective="funding",
        objective_value=1_000_000,
        upper_bound=1_100_000,
        funding_eur=1_000_000,
        esms_placed=60,
        grappes=4,
        slack=0,
        mean_distance_km=12.5,
    )
    return replace(usual, **changed)  # type: ignore[arg-type]


def test_asking_for_a_comparison(
    client: FlaskClient, database: Database, settings: Settings, campaign_id: int
) -> None:
    """Tests that the button makes a run of which several plans are asked, once a form."""
    assert "48 ESMS entrent dans le calcul" in words(client.get(f"/campagnes/{campaign_id}/comparer"))
    form = {"token": "the same form, sent twice in a row"}
    answer = send(client, campaign_id, **form)
    assert answer.status_code == 303
    assert send(client, campaign_id, **form).location == answer.location
    with database.reading() as session:
        run = session.scalars(select(Run)).one()
        assert answer.location == f"/calculs/{run.id}"
        assert (run.budget_s, run.gap) == (60, 0.0)
        assert asked.wanted(session, run.id) == 5
        run_id = run.id
    with RunQueue(settings.queue_url) as queue:
        assert queue.waiting() == {run_id}
    page = client.get(f"/calculs/{run_id}/comparaison")
    assert "il n’y en a pas de second" in words(page)
    assert "Cette comparaison n’est pas terminée." in words(page)
    assert f"Calcul {run_id}" in words(client.get(f"/campagnes/{campaign_id}/comparer"))


@pytest.mark.parametrize("fields", [{"points": "99"}, {"points": "x"}, {"budget_s": "1"}])
def test_what_is_not_offered_is_refused(
    client: FlaskClient, database: Database, campaign_id: int, fields: dict[str, str]
) -> None:
    answer = send(client, campaign_id, **fields)
    assert answer.status_code == 422
    assert "Choisissez une des valeurs proposées." in words(answer)
    with database.reading() as session:
        assert session.scalars(select(Comparison)).all() == []


def test_what_does_not_exist_is_not_found(client: FlaskClient, new_run: Callable[..., int]) -> None:
    assert client.get("/calculs/99/comparaison").status_code == 404
    assert client.get(f"/calculs/{new_run()}/comparaison").status_code == 404  # a run of one plan
    assert client.get("/campagnes/99/comparer").status_code == 404


def test_the_worker_computes_keeps_and_the_points_open_their_plans(
    client: FlaskClient,
    database: Database,
    settings: Settings,
    compare: Callable[..., int],
    start_tree: Callable[..., Tree],
) -> None:
    """Tests the whole way with the real worker and optimiser, then the page: links, table, plans."""
    run_id = compare()
    with RunQueue(settings.queue_url) as queue:
        queue.put(run_id)
    tree = start_tree("-m", "matchmaker", "worker", lease_s=30)
    wait_until(lambda: row(database, run_id).finished_at is not None, "the end", 90)
    run = row(database, run_id)
    assert run.state == "done", tree.said()
    with database.reading() as session:
        kept = keeping.read(session, run_id)
        titles = {p.id: p.title for p in session.scalars(select(Proposal))}
    assert kept is not None
    assert kept.complete
    assert 1 <= len(kept.plans) <= 3
    assert len(kept.plans) + len(kept.beaten) == 3
    assert run.proposal_id in {one.number for one in kept.plans}
    assert len(set(titles.values())) == len(titles)
    page = soup(client.get(f"/calculs/{run_id}/comparaison"))
    links = {str(a["href"]) for a in page.select("svg.courbe-large a")}
    assert links == {f"/plans/{one.number}" for one in kept.plans}
    assert {str(a["href"]) for a in page.select("#plans th a")} == links
    assert page.select_one("svg[role=img]") is None  # an image would hide its links
    for link in links:
        assert client.get(link).status_code == 200
    assert "Comparer les plans" in words(client.get(f"/calculs/{run_id}"))
    block = client.get(f"/calculs/{run_id}", headers={"HX-Request": "true"})
    assert block.headers["HX-Redirect"] == f"/calculs/{run_id}/comparaison"


def test_a_stopped_comparison_keeps_the_plans_it_has(
    client: FlaskClient,
    database: Database,
    settings: Settings,
    compare: Callable[..., int],
    start_tree: Callable[..., Tree],
) -> None:
    run_id = compare(budget_s=300, points=8)
    with RunQueue(settings.queue_url) as queue:
        queue.put(run_id)
    start_tree(WORKER, lease_s=30, DWELL_S="120")
    wait_until(lambda: row(database, run_id).objective_value is not None, "the first plan under way", 60)
    assert asked.place_of(row(database, run_id).phase) == (1, 8)
    with database.writing() as session:
        lifecycle.request_stop(session, run_id)
    wait_until(lambda: row(database, run_id).finished_at is not None, "the stop", 60)
    assert row(database, run_id).state == "stopped"
    with database.reading() as session:
        kept = keeping.read(session, run_id)
    assert kept is not None
    assert kept.complete is False
    assert len(kept.plans) >= 1
    assert "tous les plans demandés n’ont pas été cherchés" in words(
        client.get(f"/calculs/{run_id}/comparaison")
    )


def test_keeping_twice_keeps_once_and_a_run_done_again_compares(
    database: Database, campaign_id: int, compare: Callable[..., int]
) -> None:
    run_id = compare()
    with database.writing() as session:
        document = instance_of(session, campaign_id)
        instance = read_instance(json.dumps(document))
        scale = scale_for(instance.regime, instance.parameters.readings)
        found = frontier(instance, scale, points=2, time_limit_s=1.5)
        first = keeping.store(session, campaign_id, run_id, document, found)
        assert keeping.store(session, campaign_id, run_id, document, found) == first
        assert len(session.scalars(select(Proposal)).all()) == len(found["points"])
        held = lifecycle.claim(session, run_id, "machine:1")
        assert held is not None
        lifecycle.fail(session, held, "Perdu.", "abc")
        again = request.ask_again(session, run_id)
        assert again is not None
        assert asked.wanted(session, again) == 3


def test_progress_tells_which_plan_is_under_way(
    client: FlaskClient, database: Database, compare: Callable[..., int]
) -> None:
    run_id = compare(points=8)
    with database.writing() as session:
        held = lifecycle.claim(session, run_id, "machine:1")
        assert held is not None
        points = [Point(2.0, 1_000_000, 1_200_000, 3, 40)]
        lifecycle.beat(session, held, 2.0, phase=asked.comparing(3, 8), points=points)
    assert "Recherche de plans : 3 sur 8" in words(client.get(f"/calculs/{run_id}"))


def test_points_of_the_chart_lie_where_their_figures_say() -> None:
    plans = [
        plan(1, grappes=5, funding_eur=2_000_000, upper_bound=2_100_000),
        plan(2, grappes=3, funding_eur=1_500_000, upper_bound=9_000_000, esms_placed=20),
        plan(3, grappes=3, funding_eur=1_499_000, upper_bound=70, objective="coverage"),
    ]
    drawn = chart.draw(plans, 720, 380)
    assert drawn is not None
    one, two, three = drawn.spots
    assert one.x > two.x == three.x
    assert one.y < two.y < three.y
    assert two.radius < one.radius
    assert one.bound_y is not None
    assert one.bound_y < one.y
    assert two.bound_y is None  # far off the frame
    assert three.bound_y is None  # in ESMS
    assert {two.anchor, three.anchor} == {"start", "end"}  # their names would touch
    for spot in drawn.spots:
        assert drawn.left < spot.x < drawn.right
        assert drawn.top <= spot.y <= drawn.bottom
    assert chart.draw([], 720, 380) is None
    alone = chart.draw([plan(1, funding_eur=0, upper_bound=0, grappes=0, esms_placed=0)], 350, 300)
    assert alone is not None


def test_words_of_conditions_and_of_what_is_left() -> None:
    def said(text: str) -> str:
        return text.replace(NB, " ")

    assert said(wording.condition("grappes", 1.0)) == "1 grappe au plus"
    assert said(wording.condition("slack", 3.0)) == "marge de 3 ESMS"
    assert said(wording.condition("radius", 30.0)) == "30 km au plus du porteur"
    assert wording.title("Occitanie", "coverage", None) == "Occitanie : le plus d’ESMS placés"
    assert said(wording.left_to_gain(plan(1))) == "100,0 k€ au plus (10,0 %)"
    assert wording.left_to_gain(plan(1, upper_bound=1_000_000)) == "rien : c’est prouvé"
    counted = plan(1, objective="coverage", objective_value=40, upper_bound=42)
    assert said(wording.left_to_gain(counted)) == "2 ESMS au plus (5,0 %)"
