"""A real browser on a real server: Debian's chromium, waitress on a free port."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright
from sqlalchemy.orm import Session
from waitress.server import create_server

from matchmaker.app import create_app
from matchmaker.campaigns import campaign
from matchmaker.database import migrate
from matchmaker.proposals import store_proposal
from matchmaker.runs import lifecycle
from matchmaker.runs.lifecycle import Asked, Point
from matchmaker.runs.prices import asking
from matchmaker.runs.prices import keeping as prices_keeping
from matchmaker.settings import from_environment
from tests.matchmaker.campaigns.conftest import small_campaign
from tests.matchmaker.proposals.pair import pair

HOW_TO_INSTALL = "sudo apt-get update && sudo apt-get install -y chromium"
WIDTHS = (1280, 390)
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class ChromiumMissingError(RuntimeError):
    """Pages are tested in a browser: without one the tests fail, they are not skipped."""


@dataclass
class Site:
    """A running server and the numbers of the plan and of the campaign it holds."""

    address: str
    plan: int
    campaign: int


@dataclass
class Watched:
    """A page with what it complained of: console errors, failures of its scripts, answers over 400."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(f"{message.type}: {message.text}")


def price_rules(session: Session, plan: int) -> None:
    """A run over that priced two rules of a plan, one decided, one not."""
    run_id = asking.ask(session, plan, Asked(budget_s=60, gap=0.0, seed=1, threads=1))
    held = lifecycle.claim(session, run_id, "machine:1")
    assert held is not None
    proposal = {"objective_value": 1_020_000, "upper_bound": 1_100_000, "funding_eur": 1_020_000}
    proposal |= {"esms_placed": 33, "grappes": [{}, {}]}
    prices = [
        {"rule": "max_radius_km", "value": 80.0, "wider": True, "at_least": 12_000, "at_most": 116_000},
        {"rule": "budget_eur", "value": None, "wider": True, "at_least": 0, "at_most": 116_000},
    ]
    found = {
        "complete": True,
        "asked": {"upper_bound": 1_008_000},
        "prices": [price | {"gained": 36_000, "proposal": proposal} for price in prices],
    }
    final = Point(60.0, 984_000, 1_008_000, 2, 31)
    lifecycle.finish(session, held, final, lambda s: prices_keeping.store(s, run_id, found))


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application on SQLite, served by waitress, with a demonstration campaign and its small plan."""
    home = tmp_path_factory.mktemp("site")
    app = create_app(from_environment({"MATCHMAKER_HOME": str(home)}))
    database = app.extensions["database"]
    migrate.upgrade(database)
    with database.writing() as session:
        demo = campaign.create(
            session, name="Occitanie d’essai", region="76", regime="generalisation-2022", fictitious=True
        )
        number = store_proposal(session, demo, 1, *pair())
        price_rules(session, number)
        campaign_number = small_campaign(session)
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{server.effective_port}", number, campaign_number)
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(10)
    database.dispose()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's chromium."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None or not Path(program).exists():
        raise ChromiumMissingError(f"The browser tests need chromium. Install it with:  {HOW_TO_INSTALL}")
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield opened
        opened.close()


OpenPage = Callable[..., Watched]


@pytest.fixture
def open_page(browser: Browser, site: Site) -> Iterator[OpenPage]:
    """Open pages of the site, each in a window of its own; at the end none may have complained."""
    contexts: list[BrowserContext] = []
    opened: list[Watched] = []

    def open_(path: str, width: int = 1280, height: int = 900, *, scripts: bool = True) -> Watched:
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="fr-FR", java_script_enabled=scripts
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        watched = Watched(context.new_page())
        watched.page.on("console", watched.heard)
        watched.page.on("pageerror", lambda error: watched.complaints.append(f"script: {error}"))
        opened.append(watched)
        watched.page.goto(site.address + path)
        return watched

    yield open_
    complaints = [complaint for watched in opened for complaint in watched.complaints]
    for context in contexts:
        context.close()
    assert complaints == []
