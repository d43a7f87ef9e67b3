"""A run asked for, watched and stopped in a browser: real pages, queue, worker and optimiser."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from matchmaker.database import Database
from tests.browser.findings import no_finding
from tests.matchmaker.runs.conftest import start_tree
from tests.matchmaker.runs.workplace import Tree, fill_national, fresh_sqlite, wait_until

__all__ = ["start_tree"]

pytestmark = pytest.mark.browser


@pytest.fixture
def database_url(tmp_path: Path, _sqlite_template: Path) -> str:
    return fresh_sqlite(tmp_path, _sqlite_template)


@pytest.fixture
def address(database: Database, start_tree: Callable[..., Tree]) -> str:
    """Where `matchmaker start` answers, with a campaign of all of France and two workers to share a run.

    The 500 ESMS of each of its two regions are too many to be proven soon.
    """
    fill_national(database, 500, 2)
    tree = start_tree(
        "-m", "matchmaker", "start", "--port", "0", "--workers", "2", MATCHMAKER_DIVIDE_FROM="20"
    )
    found = wait_until(lambda: re.search(r"http://[\d.:]+", tree.said()), "the address")
    assert found is not None
    return found[0]


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Pages in windows of their own; at the end none may have written an error on its console."""
    contexts, complaints = [], []

    def open_(width: int, *, scripts: bool = True) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale="fr-FR", java_script_enabled=scripts
        )
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: complaints.append(m.text) if m.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_
    for context in contexts:
        context.close()
    assert complaints == []


def test_a_run_is_watched_and_stopped(address: str, new_page: Callable[..., Page]) -> None:
    """Tests button, live sentence and chart, the parts of a national run, focus kept while the page changes,
    stop, plan; axe on the way.

    Then the same run read without JavaScript on a phone.
    """
    page = new_page(1280)
    page.goto(f"{address}/campagnes/1/optimiser")
    no_finding(page)
    page.get_by_role("button", name="Lancer le calcul").click()
    expect(page).to_have_url(re.compile(r"/calculs/1$"))
    first = page.locator("#calcul progress").get_attribute("value")
    stop = page.get_by_role("button", name=re.compile("Arrêter|Annuler"))
    stop.focus()
    expect(page.locator("#calcul h2").first).to_contain_text(re.compile(r"Le plan trouvé vaut [1-9]"))
    expect(page.locator("svg.courbe:visible")).to_have_count(1)
    assert page.locator("#calcul progress").get_attribute("value") != first
    parts = page.get_by_role("table", name="Parties du calcul").get_by_role("row")
    expect(parts).to_have_count(3)
    expect(parts.nth(1)).to_contain_text("Occitanie")
    expect(stop).to_be_focused()
    no_finding(page)
    page.goto(f"{address}/calculs/1/tableau")
    expect(page.get_by_role("table", name="La courbe en tableau")).to_be_visible()
    no_finding(page)
    page.get_by_role("button", name="Arrêter et garder ce plan").press("Enter")
    expect(page).to_have_url(re.compile(r"/plans/1$"))

    phone = new_page(390, scripts=False)
    phone.goto(f"{address}/calculs/1")
    expect(phone.get_by_role("heading", level=1)).to_have_text("Calcul 1 arrêté")
    expect(phone.locator("main")).to_contain_text("Partie 2 : prise par le programme de calcul")
    expect(phone.locator("main")).to_contain_text("Arrêté : le meilleur plan a été contrôlé et enregistré.")
    phone.get_by_role("link", name="Lire le plan 1").click()
    expect(phone).to_have_url(re.compile(r"/plans/1$"))
