"""The chart of compared plans in a browser: points open their plans, by mouse, keyboard, without script."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from matchmaker.baremes import scale_for
from matchmaker.campaigns.instance import instance_of
from matchmaker.database import Database
from matchmaker.runs import lifecycle, request
from matchmaker.runs.comparison import asked, keeping
from matchmaker.runs.lifecycle import Asked, Point
from solver.document import read_instance
from solver.frontier import frontier
from tests.browser.conftest import WIDTHS
from tests.browser.findings import RULES
from tests.browser.test_a_run import new_page
from tests.matchmaker.runs.conftest import start_tree
from tests.matchmaker.runs.workplace import Tree, fill_campaign, fresh_sqlite, wait_until

__all__ = ["new_page", "start_tree"]

pytestmark = pytest.mark.browser


@pytest.fixture
def database_url(tmp_path: Path, _sqlite_template: Path) -> str:
    return fresh_sqlite(tmp_path, _sqlite_template)


@pytest.fixture
def compared(database: Database) -> int:
    """The number of a run over, with its plans: computed here, so that the page is what is waited for."""
    campaign_id = fill_campaign(database)
    with database.writing() as session:
        run_id = request.ask(session, campaign_id, Asked(budget_s=60, gap=0.0, seed=1, threads=1))
        asked.want(session, run_id, 4)
        held = lifecycle.claim(session, run_id, "machine:1")
        assert held is not None
        document = instance_of(session, campaign_id)
        instance = read_instance(json.dumps(document))
        scale = scale_for(instance.regime, instance.parameters.readings)
        found = frontier(instance, scale, points=4, time_limit_s=3.0)
        own = found["points"][0]["proposal"]
        final = Point(
            5.0, own["objective_value"], own["upper_bound"], len(own["grappes"]), own["esms_placed"]
        )
        lifecycle.finish(
            session, held, final, lambda s: keeping.store(s, campaign_id, run_id, document, found)
        )
    return run_id


@pytest.fixture
def address(compared: int, start_tree: Callable[..., Tree]) -> str:
    tree = start_tree("-m", "matchmaker", "web", "--port", "0")
    found = wait_until(lambda: re.search(r"http://[\d.:]+", tree.said()), "the address")
    assert found is not None
    return found[0]


def no_finding(page: Page) -> None:
    for width in (*WIDTHS, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert not page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
        results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
        assert results.violations_count == 0, results.generate_report()


def test_points_open_their_plans(address: str, compared: int, new_page: Callable[..., Page]) -> None:
    """Tests axe at all widths, a click, Tab and Enter, and a phone without script."""
    page = new_page(1280)
    page.goto(f"{address}/campagnes/1/comparer")
    no_finding(page)
    page.goto(f"{address}/calculs/{compared}/comparaison")
    no_finding(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    points = page.locator("svg.courbe-large a")
    rows = page.locator("#plans tbody tr")
    assert points.count() == rows.count() >= 2
    target = points.nth(1).get_attribute("href") or ""
    points.nth(1).click()
    expect(page).to_have_url(re.compile(f"{target}$"))
    page.go_back()
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("() => document.activeElement.closest('svg') !== null"):
            break
    expect(page.locator("svg.courbe-large a:focus")).to_have_count(1)
    target = page.locator("svg a:focus").get_attribute("href") or ""
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(f"{target}$"))
    phone = new_page(390, scripts=False)
    phone.goto(f"{address}/calculs/{compared}/comparaison")
    phone.locator("svg.courbe-etroit a").first.click()
    expect(phone).to_have_url(re.compile(r"/plans/\d+$"))
