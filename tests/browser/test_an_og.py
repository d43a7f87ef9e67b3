"""The director of four ESMS of the Gers, from her FINESS number to what opens a grappe (journey D.1).

From an empty database with a small demonstration region; the plan is the optimiser's own on the Gers.
"""

from __future__ import annotations

import csv
import io
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect
from waitress.server import create_server

from matchmaker.accounts import claims, organismes
from matchmaker.app import create_app
from matchmaker.baremes import scale_for
from matchmaker.campaigns import answers
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.instance import instance_of
from matchmaker.database import migrate
from matchmaker.demo import recipe as rule
from matchmaker.demo.campaign import build
from matchmaker.proposals import publishing, store_proposal
from matchmaker.settings import from_environment
from matchmaker.web.people import Grant, Role
from solver.document import read_instance
from solver.solve import solve
from solver.vocabulary import Champ
from tests.browser.findings import no_finding
from tests.browser.hands import Hands, Keys
from tests.matchmaker.accounts.world import account

pytestmark = pytest.mark.browser

EMAIL, CELL = "direction@coteaux.example", "appui@occitanie.example"
MOST_SECONDS = 12 * 60
# What the browser says of the lost network and of the ended session, both wanted here.
EXPECTED = ("ERR_FAILED", "htmx:", "status of 401")


@dataclass
class OgSite:
    """A running installation with accounts, the small demonstration region and our organisme in it."""

    address: str
    app: Flask
    campaign: int
    finess: str
    esms: list[str]


@pytest.fixture
def og_site(tmp_path: Path) -> Iterator[OgSite]:
    app = create_app(from_environment({"MATCHMAKER_HOME": str(tmp_path), "MATCHMAKER_ACCESS": "accounts"}))
    database = app.extensions["database"]
    migrate.upgrade(database)
    small = replace(rule.OCCITANIE, name="Occitanie d’essai", drawn={Champ.PH: 90})
    campaign = build(database, recipe=small).campaign_id
    with database.writing() as session:
        document = instance_of(session, campaign)
        finess = next(o["id"] for o in document["organismes"] if o["name"].startswith("Les Coteaux"))
        own = [e["id"] for e in document["esms"] if e["organisme"] == finess]
        for code in own:  # the demonstration answers for her: here she does it herself
            answers.keep(session, campaign, code, Answer(), actor="local")
        card = organismes.by_finess(session, finess)
        claims.approve_domain(session, card.id, "coteaux.example", actor="local")
        account(session, CELL, Grant(Role.SUPPORT, region="76"))
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield OgSite(f"http://127.0.0.1:{server.effective_port}", app, campaign, finess, own)
    server.close()
    server.task_dispatcher.shutdown()
    thread.join(10)
    database.dispose()


def test_from_a_finess_number_to_a_grappe(browser: Browser, og_site: OgSite) -> None:
    """Tests the whole way on a screen with its time counted, then each page on a phone, axe and keyboard."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    context.set_default_timeout(15_000)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    hands = Hands(page)
    enter(page, hands, og_site)
    answer(page, hands, og_site)
    losses(page, og_site.esms[0])
    in_a_spreadsheet(page, og_site)
    money(page, hands)
    partners(page, hands)
    bad_day(page, hands, og_site)
    support_cell(browser, og_site)
    print(f"\nParcours D.1 : {hands.seconds:.0f} s en {len(hands.steps)} gestes (12 min au plus).")
    assert hands.seconds < MOST_SECONDS
    assert [c for c in complaints if not any(known in c for known in EXPECTED)] == []
    context.close()


@pytest.mark.long
def test_the_same_way_with_the_keyboard_alone(
    browser: Browser, og_site: OgSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that no gesture of the journey needs a pointer: all is reached by Tab, and seen when it is."""
    monkeypatch.setattr("tests.browser.test_an_og.no_finding", lambda page: None)
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    context.set_default_timeout(15_000)
    page = context.new_page()
    keys = Keys(page)
    enter(page, keys, og_site)
    answer(page, keys, og_site)
    money(page, keys)
    partners(page, keys)
    bad_day(page, keys, og_site)
    print(f"\nAu clavier seul : {keys.seconds:.0f} s, dont {keys.tabs} touches Tab.")
    assert keys.seconds < MOST_SECONDS
    context.close()


def enter(page: Page, hands: Hands, site: OgSite) -> None:
    """Her number, « est-ce bien vous ? », the link of the mail, the claim."""
    page.goto(site.address)
    no_finding(page)
    wide(page)
    hands.read("la première page", 3)
    hands.type(page.get_by_label("Votre numéro FINESS juridique"), site.finess)
    hands.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Est-ce bien vous\u202f?")
    expect(page.locator("main")).to_contain_text("Fermé au registre depuis le 31/12/2021")
    no_finding(page)
    wide(page)
    hands.read("ses établissements", 5)
    hands.click(page.get_by_role("link", name="Oui, continuer"))
    hands.type(page.get_by_role("region", name="Par un lien").get_by_label("Adresse électronique"), EMAIL)
    hands.press("Enter")
    hands.click(page.get_by_role("link", name="les lire ici"))
    link = page.locator("article", has_text=EMAIL).first.locator(".courriel a").nth(1).get_attribute("href")
    assert link
    hands.read("le courriel", 3)
    page.goto(site.address + "/connexion/lien/" + link.rsplit("/", 1)[1])
    hands.click(page.get_by_role("main").get_by_role("button", name="Se connecter"))
    expect(page.get_by_label("Numéro FINESS juridique")).to_have_value(site.finess)
    hands.type(page.get_by_label("Votre fonction"), "Directrice")
    hands.type(page.get_by_label("Comment l’équipe régionale peut le vérifier"), "Standard 05 62 00 00 00")
    hands.click(page.get_by_role("checkbox"))
    hands.click(page.get_by_role("button", name="Envoyer ma demande"))
    expect(page).to_have_url(site.address + "/og")
    no_finding(page)
    wide(page)


def answer(page: Page, hands: Hands, site: OgSite) -> None:
    """« Mes ESMS »: the list confirmed, one answer for the four, a detail by keyboard, a lost network."""
    hands.read("ce qu’il y a à faire", 2)
    hands.click(page.get_by_role("link", name="Répondre pour mes ESMS"))
    hands.click(page.get_by_role("button", name="Oui, ce sont nos ESMS"))
    expect(page.locator("#bilan-titre")).to_contain_text("12")
    no_finding(page)
    wide(page)
    hands.read("ce qui manque", 4)
    hands.click(page.get_by_text("Même réponse pour plusieurs ESMS"))
    several = page.locator("#plusieurs")
    hands.choose(several.get_by_label("Besoin"), "Acquisition : pas de DUI".replace(" :", "\u00a0:"))
    hands.click(several.get_by_label("Sur site"))
    hands.click(several.get_by_label("Ouvert à toutes"))
    hands.click(page.get_by_role("button", name="Appliquer aux ESMS cochés"))
    expect(page.locator("#bilan")).to_contain_text("Complet à 100")
    code = site.esms[0]
    row = page.locator(f"#esms-{code}")
    hands.reach(row.locator(".precisions > summary"))
    hands.press("Enter")
    hands.press("Tab")
    hands.page.keyboard.type("12")
    hands.press("Tab")
    expect(page.locator("#enregistrement")).to_contain_text("Tout est enregistré")
    no_finding(page)
    wide(page)


def losses(page: Page, code: str) -> None:
    """A complete row on a phone, then what a lost network, a lost answer, an ended session lose: nothing."""
    row = page.locator(f"#esms-{code}")
    page.set_viewport_size({"width": 390, "height": 900})
    page.reload()
    expect(row.get_by_label("Besoin")).to_be_hidden()
    row.get_by_role("button", name="Modifier les réponses").press("Enter")
    expect(row.get_by_label("DUI actuel")).to_be_focused()
    wide(page)
    page.set_viewport_size({"width": 1280, "height": 900})
    page.reload()
    unfold(page, code)
    lost_network(page, code)
    lost_answer(page, code)
    ended_session(page, code)


def in_a_spreadsheet(page: Page, site: OgSite) -> None:
    """Her answers as a file, filled in, given back: seen before they are written. No part of the count."""
    page.get_by_role("link", name="Répondre dans un tableur").click()
    no_finding(page)
    wide(page)
    text = page.request.get(site.address + "/og/mes-esms.csv").body().decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    lines[0] |= {"utilisateurs": "41"}
    lines[1] |= {"besoin": "acquérir"}
    filled = io.StringIO(newline="")
    writer = csv.DictWriter(filled, list(lines[0]), delimiter=";")
    writer.writeheader()
    writer.writerows(lines)
    content = filled.getvalue().encode("cp1252")
    page.get_by_label("Fichier CSV ou XLSX").set_input_files(
        [{"name": "réponses.csv", "mimeType": "text/csv", "buffer": content}]
    )
    page.get_by_role("button", name="Contrôler le fichier").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("1 ligne refusée")
    expect(page.locator("#changements tbody tr")).to_have_count(1)
    no_finding(page)
    wide(page)
    page.get_by_role("button", name="Enregistrer ces réponses").click()
    expect(page.locator("main")).to_contain_text("mis à jour d’après votre fichier")


def lost_network(page: Page, code: str) -> None:
    """What could not be sent survives the page, and is sent by the next one. No part of the count."""

    def refuse(route: Route) -> None:
        route.abort()

    page.route("**/og/mes-esms/*", refuse)
    page.locator(f"#remark-{code}").fill("Accès par la cour.")
    expect(page.locator("#enregistrement")).to_contain_text("dans ce navigateur")
    page.once("dialog", lambda dialog: dialog.accept())
    page.unroute("**/og/mes-esms/*")
    page.route("**/og/mes-esms/*", refuse)
    page.reload()
    expect(page.locator(f"#remark-{code}")).to_have_value("Accès par la cour.")
    page.unroute("**/og/mes-esms/*")
    expect(page.locator("#enregistrement")).to_contain_text("Tout est enregistré")
    page.reload()
    expect(page.locator(f"#remark-{code}")).to_have_value("Accès par la cour.")
    expect(page.locator("#enregistrement")).to_contain_text("dès que vous la donnez")


def lost_answer(page: Page, code: str) -> None:
    """The server keeps what it got, the browser never hears of it: what is typed next is no conflict with
    oneself, on this page or on the next one. No part of the count."""
    devices, state = page.locator(f"#devices-{code}"), page.locator("#enregistrement")

    def swallow(route: Route) -> None:
        assert route.fetch().ok
        route.abort()

    for typed, after, closes in (("3", "4", False), ("5", "6", True)):
        unfold(page, code)
        page.route("**/og/mes-esms/*", swallow, times=1)
        devices.fill(typed)
        expect(state).to_contain_text("la connexion a manqué")
        devices.fill(after)
        if closes:
            page.once("dialog", lambda dialog: dialog.accept())
            page.reload()
        expect(state).to_contain_text("Tout est enregistré")
        expect(page.locator(f"#suite-{code}")).not_to_contain_text("quelqu’un d’autre")
        page.reload()
        expect(devices).to_have_value(after)


def ended_session(page: Page, code: str) -> None:
    """What is typed after the session ended is kept in the browser, and sent once she has signed in again."""
    cookies, address = page.context.cookies(), page.url
    unfold(page, code)
    page.context.clear_cookies()
    page.locator(f"#trainees-{code}").fill("7")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Se connecter")
    page.context.clear_cookies()
    page.context.add_cookies(cookies)  # type: ignore[arg-type]
    page.goto(address)
    expect(page.locator("#enregistrement")).to_contain_text("Tout est enregistré")
    page.reload()
    expect(page.locator(f"#trainees-{code}")).to_have_value("7")


def unfold(page: Page, code: str) -> None:
    page.locator(f"#esms-{code} .precisions").evaluate("one => { one.open = true }")


def money(page: Page, hands: Hands) -> None:
    """What she could get; one line opened on its rule."""
    hands.click(page.get_by_role("link", name="Voir ce que je pourrais obtenir"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("il vous manque 11")
    hands.read("les montants", 6)
    first = page.locator(".financement summary").first
    hands.click(first)
    expect(page.locator(".financement blockquote").first).to_be_visible()
    no_finding(page)
    wide(page)


def partners(page: Page, hands: Hands) -> None:
    """Profiles without a name; an interest is signalled."""
    hands.click(page.get_by_role("link", name="Chercher des partenaires"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Partenaires possibles")
    hands.click(page.get_by_label("Les points bloquants à lever"))
    hands.read("les profils et leurs points", 8)
    hands.click(page.get_by_role("button", name="Signaler mon intérêt").first)
    expect(page.locator("main")).to_contain_text("En attente")


def bad_day(page: Page, hands: Hands, site: OgSite) -> None:
    """No plan yet; then the plan of the Gers: alone, the change that suffices, made after a confirmation."""
    ours = page.get_by_role("navigation", name="Navigation principale").get_by_role(
        "link", name="Plan publié"
    )
    hands.click(ours)
    expect(page.get_by_role("heading", level=1)).to_have_text("Aucun plan n’est encore publié")
    no_finding(page)
    wide(page)
    publish(site)
    hands.click(ours)
    expect(page.get_by_role("heading", level=1)).to_have_text("Pourquoi vos 4 ESMS sont isolés")
    expect(page.locator(".message-iso")).to_contain_text("accepter l’hébergement SaaS éditeur (HDS)")
    no_finding(page)
    wide(page)
    hands.read("les raisons et les changements", 8)
    hands.click(page.get_by_role("link", name="Appliquer à mes réponses").first)
    expect(page.locator("#avant-apres tbody tr")).to_have_count(4)
    no_finding(page)
    wide(page)
    hands.read("avant et après", 4)
    hands.click(page.get_by_role("button", name="Changer 4"))
    expect(page.locator("main")).to_contain_text("Accepté depuis")
    page.goto(site.address + "/og/essayer?hebergements=saas&solutions=any")
    expect(page.locator("#effet")).to_contain_text("Organismes compatibles")
    no_finding(page)
    wide(page)
    page.goto(site.address + "/og/appui")
    no_finding(page)
    wide(page)
    page.get_by_label("Objet").select_option("isolement")
    page.get_by_label("Votre demande").fill("Qui d’autre près d’Auch ?")
    page.get_by_role("button", name="Envoyer ma demande").click()


def support_cell(browser: Browser, site: OgSite) -> None:
    """The cell reads the request and answers it, by keyboard. No part of the count."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="fr-FR")
    context.set_default_timeout(15_000)
    page = context.new_page()
    page.goto(f"{site.address}/connexion")
    page.get_by_role("region", name="Par un lien").get_by_label("Adresse électronique").fill(CELL)
    page.keyboard.press("Enter")
    page.get_by_role("link", name="les lire ici").click()
    mail = page.locator("article", has_text=CELL).first
    link = mail.locator(".courriel a").nth(1).get_attribute("href")
    assert link
    page.goto(site.address + "/connexion/lien/" + link.rsplit("/", 1)[1])
    page.get_by_role("main").get_by_role("button", name="Se connecter").click()
    page.goto(site.address + "/appui/demandes")
    expect(page.get_by_role("heading", level=1)).to_contain_text("1")
    no_finding(page)
    wide(page)
    page.get_by_label("Où en est-elle").focus()
    page.keyboard.type("Prise")
    page.keyboard.press("Tab")
    page.keyboard.type("Nous vous appelons jeudi.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_contain_text("C’est enregistré")
    expect(page.locator("h2 .statut").first).to_contain_text("Prise en charge")
    context.close()


def wide(page: Page) -> None:
    """Back to a screen after the narrow widths."""
    page.set_viewport_size({"width": 1280, "height": 900})


def publish(site: OgSite) -> None:
    """A plan of the Gers alone, from the answers as they are, published to the OGs."""
    database = site.app.extensions["database"]
    with database.reading() as session:
        document = near(instance_of(session, site.campaign), "32")
    instance = read_instance(document)
    found = solve(instance, scale_for(instance.regime, instance.parameters.readings), time_limit_s=20)
    with database.writing() as session:
        number = store_proposal(session, site.campaign, 1, document, found)
        publishing.publish(session, number, actor="local")


def near(document: dict[str, Any], departement: str) -> dict[str, Any]:
    """The same question for the ESMS of one département."""
    esms = [e for e in document["esms"] if e["departement"] == departement]
    ids, ogs = {e["id"] for e in esms}, {e["organisme"] for e in esms}
    asked = document["constraints"]
    constraints = asked | {
        "excluded": [one for one in asked["excluded"] if one in ids],
        "apart": [pair for pair in asked["apart"] if set(pair) <= ogs],
        "together": [pair for pair in asked["together"] if set(pair) <= ogs],
    }
    kept = [o for o in document["organismes"] if o["id"] in ogs]
    return document | {"esms": esms, "organismes": kept, "constraints": constraints}
