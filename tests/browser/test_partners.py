"""Two organismes in a browser, from a card without a name to a thread of messages and a grappe by hand."""

from __future__ import annotations

import re
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
from tests.browser.findings import RULES, no_finding
from tests.browser.test_accounts import sign_in
from tests.matchmaker.partners.conftest import director, fill

GRAPPE = re.compile("^Grappe (Alizé|Boréal)")
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An installation with four organismes of the Gers, the first two with a director."""
    home: Path = tmp_path_factory.mktemp("partners")
    app = create_app(from_environment({"MATCHMAKER_HOME": str(home), "MATCHMAKER_ACCESS": "accounts"}))
    database = app.extensions["database"]
    migrate.upgrade(database)
    with database.writing() as session:
        fill(session, organismes=4, people=2, each=8)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.effective_port}"
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(10)
    database.dispose()


def signed_in(browser: Browser, address: str, number: int, *, phone: bool) -> Page:
    page = browser.new_page(
        viewport={"width": 390 if phone else 1280, "height": 900},
        locale="fr-FR",
        java_script_enabled=not phone,
    )
    sign_in(page, address, director(number))
    return page


def no_finding_on_a_phone(page: Page) -> None:
    """Check the page at 390 px; those that are made otherwise on a screen are checked at both widths."""
    page.set_viewport_size({"width": 390, "height": 900})
    assert not page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
    results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert results.violations_count == 0, results.generate_report()


def interested_in_all(page: Page, address: str) -> None:
    """Signal one's interest in every card, by the keyboard."""
    for place in range(3):
        page.goto(f"{address}/og/partenaires")
        button = page.get_by_role("button", name="Signaler mon intérêt").first
        button.focus()
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_contain_text("sans que l’autre organisme en soit prévenu")
        if page.get_by_role("button", name="Signaler mon intérêt").count() == 0:
            break
        assert place < 2


def test_from_a_card_to_a_thread_and_a_grappe(browser: Browser, address: str) -> None:
    """Tests the whole path: one on a phone without scripts, the other on a screen; each page on the way."""
    phone = signed_in(browser, address, 0, phone=True)
    screen = signed_in(browser, address, 1, phone=False)
    screen.goto(f"{address}/og/partenaires")
    expect(screen.get_by_role("heading", level=1)).to_have_text("Partenaires possibles")
    expect(screen.locator(".fiche")).to_have_count(3)
    assert "Association Secrète" not in screen.locator("#partenaires").inner_text()
    no_finding(screen)
    screen.set_viewport_size({"width": 1280, "height": 900})
    screen.get_by_label("Distance maximale").select_option("30")
    expect(screen).to_have_url(f"{address}/og/partenaires?distance=30")
    interested_in_all(phone, address)
    interested_in_all(screen, address)
    screen.goto(f"{address}/og/mises-en-relation")
    no_finding_on_a_phone(screen)
    screen.set_viewport_size({"width": 1280, "height": 900})
    screen.get_by_role("link", name="Association Secrète 000").click()
    screen.get_by_label("Votre message").fill("Bonjour, seriez-vous disponibles mardi ?")
    screen.get_by_role("button", name="Envoyer mon message").click()
    expect(screen.locator(".fil-messages")).to_contain_text("disponibles mardi")
    no_finding_on_a_phone(screen)

    phone.goto(f"{address}/og/mises-en-relation")
    phone.get_by_role("link", name="Association Secrète 001").click()
    expect(phone.locator(".fil-messages")).to_contain_text("disponibles mardi")
    phone.goto(f"{address}/og/grappe")
    phone.get_by_role("link", name="Ouvrir une grappe").click()
    phone.get_by_role("button", name="Ouvrir la grappe").click()
    expect(phone.locator("main")).to_contain_text("Votre grappe est ouverte")

    screen.set_viewport_size({"width": 1280, "height": 900})
    screen.goto(f"{address}/og/grappe")
    no_finding_on_a_phone(screen)
    screen.set_viewport_size({"width": 1280, "height": 900})
    screen.get_by_role("link", name="Demander à rejoindre").click()
    no_finding_on_a_phone(screen)
    screen.get_by_role("button", name="Envoyer ma demande").click()
    expect(screen.get_by_role("heading", level=1)).to_have_text("Votre demande est en attente")
    screen.set_viewport_size({"width": 1280, "height": 900})
    footer = screen.get_by_role("contentinfo").bounding_box()
    assert footer
    assert footer["y"] + footer["height"] == 900, "a short page: the footer is at the bottom of the window"

    phone.goto(f"{address}/og/grappe")
    phone.get_by_role("link", name=GRAPPE).first.click()
    expect(phone.locator("#jauge")).to_contain_text("8 ESMS acceptés")
    phone.get_by_role("button", name="Accepter").click()
    expect(phone.locator("#jauge")).to_contain_text("16 ESMS acceptés")
    screen.goto(f"{address}/og/grappe")
    screen.get_by_role("link", name=GRAPPE).first.click()
    expect(screen.locator("main")).to_contain_text("aucune règle n’est enfreinte")
    for summary in screen.locator("details > summary").all():
        summary.click()
    no_finding(screen)
    screen.set_viewport_size({"width": 1280, "height": 900})
    screen.get_by_role("link", name="Quitter la grappe").click()
    expect(screen.get_by_role("heading", level=1)).to_contain_text("7 de moins que le seuil")
    no_finding_on_a_phone(screen)
    for path in ("/og/notifications", "/og/grappe/ouvrir"):
        screen.goto(address + path)
        no_finding_on_a_phone(screen)
    phone.close()
    screen.close()
