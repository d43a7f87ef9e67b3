"""Pages of runs: asking, watching, stopping, with and without htmx."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from threading import Barrier

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from matchmaker.database import Database
from matchmaker.runs import lifecycle
from matchmaker.runs.lifecycle import Point
from matchmaker.runs.queue import RunQueue
from matchmaker.runs.tables import Run, RunDocument
from matchmaker.settings import Settings
from tests.matchmaker.pages import HTMX, filled, send, soup, token
from tests.matchmaker.pages import text as words
from tests.matchmaker.runs.workplace import events, fill_campaign, row

NB = "\u00a0"


def ask(client: FlaskClient, campaign_id: int, **fields: str) -> TestResponse:
    url = f"/campagnes/{campaign_id}/optimiser"
    return send(client, url, url, **({"gap_permille": "10"} | fields))


def work(database: Database, run_id: int, *points: Point) -> lifecycle.Claim:
    """A worker has claimed the run and found this."""
    with database.writing() as session:
        held = lifecycle.claim(session, run_id, "machine:12")
        assert held is not None
        lifecycle.beat(session, held, points[-1].elapsed_s if points else 0.5, phase="search", points=points)
    return held


def test_asking_for_a_run(
    client: FlaskClient, database: Database, settings: Settings, campaign_id: int
) -> None:
    """Tests that the button writes the row, enqueues its id and goes to the run's page."""
    page = client.get(f"/campagnes/{campaign_id}/optimiser")
    assert page.status_code == 200
    assert "48 ESMS entrent dans le calcul" in words(page)
    assert "40 km autour du porteur" in words(page)
    answer = ask(client, campaign_id, budget_s="300")
    assert answer.status_code == 303
    with database.reading() as session:
        run = session.scalars(select(Run)).one()
        session.expunge(run)
        assert answer.location == f"/calculs/{run.id}"
        assert (run.state, run.budget_s, run.gap, run.esms_count) == ("queued", 300, 0.01, 48)
        assert '"matchmaker-instance/1"' in session.scalars(select(RunDocument.instance)).one()
    with RunQueue(settings.queue_url) as queue:
        assert queue.waiting() == {run.id}
    assert "Le calcul attend son tour." in words(client.get(answer.location))


def test_a_queue_out_of_reach_loses_nothing(
    app: Flask, client: FlaskClient, database: Database, campaign_id: int, tmp_path: Path
) -> None:
    """Tests that the run is asked for all the same (the queue's file is a folder)."""
    app.extensions["settings"] = replace(app.extensions["settings"], queue_url=f"sqlite:///{tmp_path}")
    assert ask(client, campaign_id).status_code == 303
    with database.reading() as session:
        assert session.scalars(select(Run.state)).one() == "queued"


@pytest.mark.parametrize("fields", [{"budget_s": "1"}, {"budget_s": "x"}, {"gap_permille": "7"}])
def test_a_value_that_is_not_offered_is_refused(
    client: FlaskClient, database: Database, campaign_id: int, fields: dict[str, str]
) -> None:
    answer = ask(client, campaign_id, **fields)
    assert answer.status_code == 422
    assert "1 réponse à corriger" in words(answer)
    with database.reading() as session:
        assert session.scalars(select(Run)).all() == []


def test_a_campaign_without_answers_has_nothing_to_place(client: FlaskClient, database: Database) -> None:
    empty = fill_campaign(database, 0)
    answer = ask(client, empty)
    assert answer.status_code == 422
    assert "il n’y a rien à placer" in words(answer)


def test_without_token_nothing_is_asked(client: FlaskClient, database: Database, campaign_id: int) -> None:
    assert client.post(f"/campagnes/{campaign_id}/optimiser", data={"budget_s": "120"}).status_code == 400
    with database.reading() as session:
        assert session.scalars(select(Run)).all() == []


@pytest.mark.parametrize("url", ["/campagnes/4711/optimiser", "/calculs/4711", "/calculs/4711/tableau"])
def test_unknown_numbers(client: FlaskClient, url: str) -> None:
    assert client.get(url).status_code == 404


def test_a_run_under_way(client: FlaskClient, database: Database, new_run: Callable[..., int]) -> None:
    """Tests the sentence, the chart and its twin, the steps, the journal, and that it asks again."""
    run_id = new_run(90)
    work(database, run_id, Point(2.0, None, 900_000, None, None), Point(5.0, 512_000, 840_500, 2, 31))
    page = client.get(f"/calculs/{run_id}")
    said = words(page)
    assert "Le plan trouvé vaut 512,0 k€. Aucun autre ne peut dépasser 840,5 k€." in said
    assert "Il reste au plus 328,5 k€ à gagner, soit 64,2 %" in said
    assert "Montants maximaux indicatifs" in said
    assert "Pris par le programme de calcul machine:12, tentative 1." in said
    block = soup(page).select_one("#calcul")
    assert block is not None
    assert block["hx-get"] == f"/calculs/{run_id}"
    assert block["hx-trigger"] == "every 2s"
    charts = block.select("svg.courbe")
    assert len(charts) == 2
    assert all("512,0" in str(c["aria-label"]).replace(NB, " ") for c in charts)
    assert not block.select("a, button, input, [tabindex]"), "what is replaced must not hold the focus"
    assert soup(page).select_one(f"noscript a[href='/calculs/{run_id}']") is not None
    assert "style=" not in page.text

    table = client.get(f"/calculs/{run_id}/tableau")
    cells = [cell.get_text(strip=True).replace(NB, " ") for cell in soup(table).select("#calcul td.nb")]
    assert cells[:4] == ["aucun", "900,0 k€", "512,0 k€", "840,5 k€"]


def test_the_block_alone_is_the_block_of_the_page(
    client: FlaskClient, database: Database, new_run: Callable[..., int]
) -> None:
    """Tests that htmx receives what a fresh page would show, and that caches are told."""
    run_id = new_run()
    work(database, run_id, Point(5.0, 512_000, 840_500, 2, 31))
    block = client.get(f"/calculs/{run_id}", headers=HTMX)
    assert "HX-Request" in block.headers["Vary"]
    assert "<html" not in block.text
    whole = soup(client.get(f"/calculs/{run_id}")).select_one("#calcul")
    assert whole is not None
    assert soup(block).select_one("#calcul").get_text() == whole.get_text()  # type: ignore[union-attr]


def test_stopping_from_the_page(client: FlaskClient, database: Database, new_run: Callable[..., int]) -> None:
    run_id = new_run()
    work(database, run_id, Point(5.0, 512_000, 840_500, 2, 31))
    data = {"csrf_token": token(client, f"/calculs/{run_id}")}
    for _ in range(2):
        assert client.post(f"/calculs/{run_id}/arreter", data=data).status_code == 303
    page = client.get(f"/calculs/{run_id}")
    assert "Arrêt demandé" in words(page)
    assert soup(page).select("form[action$=arreter]") == []
    assert events(database, run_id) == ["created", "claimed", "stop_requested"]
    assert client.post("/calculs/4711/arreter", data=data).status_code == 404


def test_a_cancelled_run_ends_the_polling(
    client: FlaskClient, database: Database, new_run: Callable[..., int]
) -> None:
    """Tests that the last block asks for nothing more and sends the browser on."""
    run_id = new_run()
    client.post(f"/calculs/{run_id}/arreter", data={"csrf_token": token(client, f"/calculs/{run_id}")})
    assert row(database, run_id).state == "stopped"
    block = client.get(f"/calculs/{run_id}", headers=HTMX)
    assert block.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in block.text
    assert "HX-Refresh" not in client.get(f"/calculs/{run_id}").headers


def test_a_finished_run_leads_to_its_plan(
    client: FlaskClient, database: Database, new_run: Callable[..., int]
) -> None:
    run_id = new_run()
    held = work(database, run_id, Point(5.0, 512_000, 840_500, 2, 31))
    with database.writing() as session:
        lifecycle.finish(session, held, Point(6.0, 512_000, 512_000, 2, 31), lambda _s: 17)
    page = client.get(f"/calculs/{run_id}")
    link = soup(page).find("a", string="Lire le plan 17")
    assert link is not None
    assert "c’est prouvé" in words(page)
    block = client.get(f"/calculs/{run_id}", headers=HTMX)
    assert block.headers["HX-Redirect"] == link["href"]  # type: ignore[index]
    assert "hx-trigger" not in block.text
    past = words(client.get(f"/campagnes/{row(database, run_id).campaign_id}/optimiser"))
    assert "Lire le plan 17" in past


def test_a_failed_run_says_what_to_do(
    client: FlaskClient, database: Database, new_run: Callable[..., int]
) -> None:
    """Tests the sentence, the reference, and a new run of the same question from what was found."""
    run_id = new_run(90)
    held = work(database, run_id, Point(5.0, 512_000, 840_500, 2, 31))
    with database.writing() as session:
        lifecycle.beat(session, held, 6.0, incumbent='["kept"]')
        lifecycle.fail(session, held, "Phrase qui explique.", "abcd1234")
    said = words(client.get(f"/calculs/{run_id}"))
    assert "Le calcul a échoué." in said
    assert "Phrase qui explique." in said
    assert "Référence à transmettre : abcd1234." in said
    assert "Relancé, il repartira du meilleur plan trouvé." in said
    data = {"csrf_token": token(client, f"/calculs/{run_id}")}
    answer = client.post(f"/calculs/{run_id}/relancer", data=data)
    assert answer.status_code == 303
    new_id = int(answer.location.rsplit("/", 1)[1])
    assert new_id != run_id
    with database.reading() as session:
        (old, _), (new, incumbent) = (lifecycle.documents(session, n) for n in (run_id, new_id))
    assert (new, incumbent) == (old, '["kept"]')
    assert (row(database, new_id).state, row(database, new_id).budget_s) == ("queued", 90)
    client.post(f"/calculs/{new_id}/relancer", data=data)
    assert "Seul un calcul échoué se relance" in words(client.get(f"/calculs/{new_id}"))
    assert client.post("/calculs/4711/relancer", data=data).status_code == 404


def test_a_silent_and_a_waiting_run_are_told(
    client: FlaskClient, database: Database, new_run: Callable[..., int]
) -> None:
    """Tests the sentences for a worker that gives no sign, for its run taken up again, for a long wait."""
    run_id, behind = new_run(), new_run()
    held = work(database, run_id)
    with database.writing() as session:
        session.execute(update(Run).where(Run.id == run_id).values(heartbeat_at=Run.heartbeat_at - 20))
    assert "Aucune nouvelle du programme de calcul depuis 20 s." in words(client.get(f"/calculs/{run_id}"))
    assert "1 calcul passe avant celui-ci." in words(client.get(f"/calculs/{behind}"))
    with database.writing() as session:
        lifecycle.release(session, held)
    assert "Le calcul va reprendre." in words(client.get(f"/calculs/{run_id}"))
    work(database, run_id)
    assert "Calcul repris." in words(client.get(f"/calculs/{run_id}"))
    with database.writing() as session:
        session.execute(update(Run).where(Run.id == run_id).values(state="done", finished_at=1.0))
        session.execute(update(Run).where(Run.id == behind).values(created_at=Run.created_at - 20))
    assert "Personne n’a encore pris ce calcul." in words(client.get(f"/calculs/{behind}"))


def test_a_closed_installation_shows_no_run(
    app: Flask, database: Database, new_run: Callable[..., int]
) -> None:
    """Tests that every page of runs is the analyst's."""
    run_id = new_run()
    app.extensions["settings"] = replace(app.extensions["settings"], access="closed")
    client = app.test_client()
    for url in (f"/calculs/{run_id}", f"/calculs/{run_id}/tableau", "/campagnes/1/optimiser"):
        assert client.get(url).status_code == 403


def test_a_form_sent_twice_is_one_run(client: FlaskClient, database: Database, campaign_id: int) -> None:
    """Tests the double click: both answers lead to the same run; the form shown again asks for another."""
    url = f"/campagnes/{campaign_id}/optimiser"
    form = filled(soup(client.get(url)), url)
    answers = [client.post(url, data=form), client.post(url, data=form, headers=HTMX)]
    assert [a.status_code for a in answers] == [303, 204]
    assert answers[0].location == answers[1].headers["HX-Redirect"] == "/calculs/1"
    assert "il n’y en a pas de second" in words(client.get("/calculs/1"))
    assert send(client, url, url).location == "/calculs/2"


def test_two_at_the_same_moment_are_one_run(
    app: Flask, client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests ten clicks at once from ten threads: one row, whoever wins."""
    url = f"/campagnes/{campaign_id}/optimiser"
    form = filled(soup(client.get(url)), url)
    cookie = client.get_cookie("matchmaker")
    assert cookie is not None
    together = Barrier(10)

    def click(_: int) -> str:
        other = app.test_client()
        other.set_cookie("matchmaker", cookie.value)
        together.wait(10)
        return other.post(url, data=form).location

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(click, range(10))) == {"/calculs/1"}
    with database.reading() as session:
        assert len(session.scalars(select(Run)).all()) == 1


def test_a_form_without_its_token_starts_nothing(client: FlaskClient, campaign_id: int) -> None:
    url = f"/campagnes/{campaign_id}/optimiser"
    answer = send(client, url, url, token="")
    assert answer.status_code == 422
    assert "rechargez la page" in words(answer)


def test_a_failed_run_is_done_again_once(
    client: FlaskClient, database: Database, campaign_id: int, new_run: Callable[..., int]
) -> None:
    """Tests that the button pressed twice leads to the same new run."""
    number = new_run()
    held = work(database, number)
    with database.writing() as session:
        lifecycle.fail(session, held, "Panne.", "ABC")
    action = f"/calculs/{number}/relancer"
    form = filled(soup(client.get(f"/calculs/{number}")), action)
    answers = [client.post(action, data=form).location for _ in range(2)]
    assert answers == [f"/calculs/{number + 1}"] * 2
