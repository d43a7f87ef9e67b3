"""Accounts in a browser: from an unknown address to a claim that the GRADeS grants; keyboard, phone, axe."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from waitress.server import create_server

from matchmaker.app import create_app
from matchmaker.database import migrate
from matchmaker.settings import from_environment
from matchmaker.web.people import Grant, Role
from tests.browser.conftest import WIDTHS
from tests.browser.findings import RULES
from tests.matchmaker.accounts.world import OCCITANIE, account, organisme

pytestmark = pytest.mark.browser

DIRECTOR, TEAM, ADMIN = "dir@coteaux.example", "grades@occitanie.example", "admin@national.example"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An installation with accounts, whose mails are read on a page."""
    home: Path = tmp_path_factory.mktemp("accounts")
    app = create_app(from_environment({"MATCHMAKER_HOME": str(home), "MATCHMAKER_ACCESS": "accounts"}))
    database = app.extensions["database"]
    migrate.upgrade(database)
    with database.writing() as session:
        organisme(session, "320999018", "Association des Côteaux", OCCITANIE, "32")
        account(session, TEAM, Grant(Role.GRADES, region=OCCITANIE), name="Équipe d’Occitanie")
        account(session, ADMIN, Grant(Role.ADMIN), name="Administration")
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(10)
    database.dispose()


def sign_in(page: Page, address: str, email: str) -> None:
    """With the keyboard alone: the address, Enter; then the link of the mail, which is on a page here."""
    page.goto(f"{address}/connexion")
    page.get_by_role("region", name="Par un lien").get_by_label("Adresse électronique").focus()
    page.keyboard.type(email)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos courriels")
    page.get_by_role("link", name="les lire ici").click()
    link = page.locator("article", has_text=email).first.locator(".courriel a").nth(1).get_attribute("href")
    assert link
    page.goto(address + "/connexion/lien/" + link.rsplit("/", 1)[1])
    page.get_by_role("main").get_by_role("button", name="Se connecter").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Se déconnecter")).to_be_visible()


def check(page: Page) -> None:
    """Nothing found by axe and no sideways scroll, at both widths and at 320 px, every fold open."""
    for summary in page.locator("details > summary").all():
        summary.click()
    for width in (*WIDTHS, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert not page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
        if width in WIDTHS:
            results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
            assert results.violations_count == 0, results.generate_report()


def test_from_an_unknown_address_to_a_claim_that_is_granted(browser: Browser, address: str) -> None:
    """Tests the director without scripts on a phone, then the team on a screen; every page on the way."""
    director = browser.new_page(
        viewport={"width": 390, "height": 800}, locale="fr-FR", java_script_enabled=False
    )
    sign_in(director, address, DIRECTOR)
    director.get_by_role("link", name="Représenter un organisme").click()
    director.get_by_label("Numéro FINESS juridique").fill("320 999 0")
    director.get_by_role("button", name="Envoyer ma demande").click()
    expect(director.locator("#resume-erreurs")).to_contain_text("attestation")
    director.get_by_label("Numéro FINESS juridique").fill("320 999 018")
    director.get_by_label("Votre fonction").fill("Directrice")
    director.get_by_label("Comment l’équipe régionale peut le vérifier").fill("Standard : 05 62 00 00 00")
    director.get_by_role("checkbox").check()
    director.get_by_role("button", name="Envoyer ma demande").click()
    expect(director.locator("main")).to_contain_text("est transmise à l’équipe régionale")

    team = browser.new_page(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    team.goto(f"{address}/connexion")
    check(team)
    sign_in(team, address, TEAM)
    for path in ("/compte", "/compte/rattachement", "/courriels", "/invitations", "/rattachements"):
        team.goto(address + path)
        check(team)
    team.set_viewport_size({"width": 1280, "height": 900})
    team.get_by_role("link", name="Association des Côteaux").click()
    expect(team.locator("main")).to_contain_text("05 62 00 00 00")
    check(team)
    team.get_by_label("accepter la demande").check()
    team.get_by_role("button", name="Enregistrer ma décision").click()
    expect(team.locator("main")).to_contain_text("est acceptée")

    director.goto(f"{address}/compte")
    director.get_by_role("link", name="Association des Côteaux").click()
    expect(director.get_by_role("heading", name="Inviter une personne")).to_be_visible()
    team.goto(director.url)
    check(team)
    director.close()
    team.close()


def test_the_administrators_page(browser: Browser, address: str) -> None:
    """Tests the page of teams, and that an invitation to one appears on it."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    sign_in(page, address, ADMIN)
    expect(page.get_by_role("heading", level=1)).to_have_text("Comptes des équipes")
    page.get_by_label("Adresse électronique").fill("ars@occitanie.example")
    page.get_by_label("ARS", exact=True).check()
    page.get_by_label("Territoire").select_option("76:32")
    page.get_by_role("button", name="Envoyer l’invitation").click()
    expect(page.get_by_role("region", name="Invitations sans réponse")).to_contain_text("Gers (Occitanie)")
    check(page)
    page.close()
