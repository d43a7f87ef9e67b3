"""The demonstration of Corse, really run from its page by the worker, then read down to a rule."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from matchmaker.database import Database
from matchmaker.demo.campaign import build
from matchmaker.demo.recipe import CORSE
from tests.browser.findings import no_finding
from tests.browser.test_a_run import new_page
from tests.matchmaker.runs.conftest import start_tree
from tests.matchmaker.runs.workplace import Tree, fresh_sqlite, wait_until

__all__ = ["new_page", "start_tree"]

pytestmark = pytest.mark.browser


@pytest.fixture
def database_url(tmp_path: Path, _sqlite_template: Path) -> str:
    return fresh_sqlite(tmp_path, _sqlite_template)


@pytest.fixture
def address(database: Database, start_tree: Callable[..., Tree]) -> str:
    """Where `matchmaker start` answers, with the demonstration campaign of Corse and no run yet."""
    build(database, recipe=CORSE)
    tree = start_tree("-m", "matchmaker", "start", "--port", "0", lease_s=20)
    found = wait_until(lambda: re.search(r"http://[\d.:]+", tree.said()), "the address", 90)
    assert found is not None
    return found[0]


def press(page: Page, target: Locator) -> None:
    """Reach an element with Tab, and nothing else, then press Enter."""
    expect(target).to_be_visible()
    for _ in range(150):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            page.keyboard.press("Enter")
            return
    raise AssertionError(f"{target} cannot be reached with Tab")


def test_from_home_to_a_rule_through_a_real_run(address: str, new_page: Callable[..., Page]) -> None:
    """Tests the whole way with the keyboard alone, axe on what the run gave; then on a phone, no scripts."""
    page = new_page(1280)
    page.set_default_timeout(60_000)
    page.goto(address)
    press(page, page.get_by_role("link", name=re.compile("Ouvrir la démonstration")))
    expect(page.get_by_role("heading", level=1)).to_have_text("Campagne Corse 2022")
    press(page, page.get_by_role("link", name="Lancer un calcul"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("Chercher les grappes")
    duration = page.get_by_label("Durée du calcul")
    duration.focus()
    page.keyboard.press("Home")
    expect(duration).to_have_value("30")
    press(page, page.get_by_role("button", name="Lancer le calcul"))
    expect(page).to_have_url(
        re.compile(r"/plans/1$"), timeout=120_000
    )  # the page of the run goes on by itself
    expect(page.get_by_role("heading", level=1)).to_contain_text("Plan 1")
    expect(page.locator("#carte[data-dessine]")).to_have_count(1)
    no_finding(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    press(page, page.get_by_role("row").get_by_role("link", name=re.compile(r"^G\d+$")).first)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Grappe G")
    expect(page.locator("#carte[data-dessine]")).to_have_count(1)
    line = page.locator(".financement details").first
    press(page, line.locator("summary"))
    expect(line.locator("blockquote").first).to_be_visible()
    no_finding(page)
    grappe = page.url
    page.set_viewport_size({"width": 1280, "height": 900})
    press(page, line.get_by_role("link", name=re.compile("^Règle R")))
    expect(page).to_have_url(re.compile(r"/regles/R\d+"))

    phone = new_page(390, scripts=False)
    phone.goto(f"{address}/plans/1/non-places")
    expect(phone.locator(".liste-esms > li").first).to_be_visible()
    phone.goto(grappe)
    expect(phone.locator("#carte")).to_contain_text("La liste montre les mêmes ESMS.")
    phone.locator(".financement summary").first.click()
    expect(phone.locator("blockquote").first).to_be_visible()
    phone.get_by_role("link", name=re.compile("^Règle R")).first.click()
    expect(phone.get_by_role("heading", level=1)).to_be_visible()
    expect(phone).to_have_url(re.compile(r"/regles/R\d+"))
