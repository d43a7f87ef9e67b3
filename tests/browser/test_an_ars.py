"""An ARS officer, of the région then of a département: who is alone, why, what would change it; no name."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Response, expect
from waitress.server import create_server

from matchmaker.app import create_app
from matchmaker.campaigns import campaign
from matchmaker.database import migrate
from matchmaker.proposals import publishing, store_proposal
from matchmaker.settings import from_environment
from matchmaker.web.people import Grant, Role
from tests.browser.test_accounts import check, sign_in
from tests.browser.test_reading_a_plan import drawn, tab_to
from tests.matchmaker.accounts.world import OCCITANIE, account
from tests.matchmaker.proposals.pair import pair

pytestmark = pytest.mark.browser

OFFICER, DELEGATE = "ars@occitanie.example", "dd48@occitanie.example"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An installation with accounts and one published plan of Occitanie."""
    home: Path = tmp_path_factory.mktemp("ars")
    app = create_app(from_environment({"MATCHMAKER_HOME": str(home), "MATCHMAKER_ACCESS": "accounts"}))
    database = app.extensions["database"]
    migrate.upgrade(database)
    with database.writing() as session:
        number = campaign.create(
            session, name="Occitanie d’essai", region="76", regime="generalisation-2022", fictitious=True
        )
        publishing.publish(session, store_proposal(session, number, 1, *pair()), actor="local")
        account(session, OFFICER, Grant(Role.ARS, region=OCCITANIE), name="Chargée de mission")
        account(session, DELEGATE, Grant(Role.ARS, region=OCCITANIE, departement="48"), name="Délégation")
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(10)
    database.dispose()


def listening(page: Page, heard: list[str]) -> None:
    """Keep the text of every answer that could carry data, whatever asked for it."""

    def keep(response: Response) -> None:
        if response.request.resource_type in ("document", "xhr", "fetch") and response.status == 200:
            heard.append(response.text())

    page.on("response", keep)


def names() -> list[str]:
    """ESMS and organismes of the plan, and their numbers, that no answer may hold."""
    instance, _proposal = pair()
    numbered = [one["name"] for part in ("esms", "organismes") for one in instance[part]]
    # Names that are words of the page too (« Contraint ») would be found there anyway.
    return [name for name in numbered if name[-1].isdigit()] + [e["id"] for e in instance["esms"]]


def test_who_is_alone_why_and_what_would_change_it(browser: Browser, address: str) -> None:
    """Tests the région with the keyboard, on a screen and a phone; then a département, without scripts."""
    heard: list[str] = []
    officer = browser.new_page(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    sign_in(officer, address, OFFICER)
    listening(officer, heard)
    officer.goto(f"{address}/campagnes")
    tab_to(officer, officer.get_by_role("link", name="Occitanie d’essai"))
    officer.keyboard.press("Enter")
    officer.get_by_role("navigation", name="Étapes de la campagne").get_by_role("link", name="Plans").click()
    officer.get_by_role("link", name="Plan 1", exact=True).click()
    expect(officer.get_by_role("heading", level=1)).to_contain_text("9 ESMS ne sont pas placés")
    assert drawn(officer) == 0, "no ESMS is a point"
    expect(officer.locator(".carte-nom", has_text="Lozère")).to_contain_text("▲ 9")
    expect(officer.get_by_role("heading", name="Ce qui les placerait")).to_be_visible()
    officer.get_by_label("Cause", exact=True).focus()
    officer.keyboard.type("pas assez")
    expect(officer).to_have_url(re.compile("cause=too_few_partners"))
    expect(officer.locator("#isoles h2").first).to_contain_text("pas assez de partenaires")
    expect(officer.locator(".carte-nom", has_text="Lozère")).not_to_contain_text("▲ 9")
    officer.get_by_role("link", name="Effacer les filtres").click()
    check(officer)
    for path in ("lectures", "ce-qui-change", "departements.json"):
        officer.goto(f"{address}/plans/1/{path}")
    officer.close()

    delegate = browser.new_page(
        viewport={"width": 390, "height": 800}, locale="fr-FR", java_script_enabled=False
    )
    sign_in(delegate, address, DELEGATE)
    listening(delegate, heard)
    delegate.get_by_role("link", name="Occitanie d’essai").click()
    delegate.get_by_role("link", name="Plan 1", exact=True).click()
    expect(delegate.get_by_role("heading", level=1)).to_contain_text("Lozère")
    delegate.get_by_label("Cause", exact=True).select_option("outcompeted")
    delegate.get_by_role("button", name="Filtrer").click()
    expect(delegate.locator("#isoles h2").first).to_contain_text("en concurrence avec d’autres")
    expect(delegate.locator("main")).not_to_contain_text("Hérault")
    delegate.close()
    assert len(heard) > 9
    assert [(name, text[:60]) for name in names() for text in heard if name in text] == []
