"""A campaign filled as an analyst does it: filters, an answer, a file; mouse, phone, keyboard, no script."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import WIDTHS, OpenPage, Site
from tests.browser.findings import no_finding

pytestmark = pytest.mark.browser

PAGES = (
    "/campagnes",
    "/campagnes/nouvelle",
    "/campagnes/{n}",
    "/campagnes/{n}/donnees",
    "/campagnes/{n}/donnees?champ=PJM",
    "/campagnes/{n}/donnees/480000104",
    "/campagnes/{n}/donnees/480000104/retirer",
    "/campagnes/{n}/fin",
    "/campagnes?archives=1",
    "/campagnes/{n}/donnees/saisir",
    "/campagnes/{n}/organismes/480000013",
    "/campagnes/{n}/voisinages",
    "/campagnes/{n}/voisinages/480000011",
    "/campagnes/{n}/besoins",
    "/campagnes/{n}/contraintes",
    "/campagnes/{n}/solutions",
    "/campagnes/{n}/solutions/dui-a",
    "/journal",
)
FILE = b"finess;besoin;dui_acceptes;hebergements_acceptes\n480000105;acquisition;toutes;tous\n480000999;x;;\n"


@pytest.mark.parametrize("path", PAGES)
def test_no_finding_of_axe_and_no_sideways_scroll(open_page: OpenPage, site: Site, path: str) -> None:
    """Tests each page with axe at both widths, every fold open, and that nothing exceeds 320 px."""
    page = open_page(path.format(n=site.campaign)).page
    for summary in page.locator("details > summary").all():
        summary.click()
    no_finding(page)


@pytest.mark.parametrize("width", WIDTHS)
def test_a_filter_changes_list_and_address(open_page: OpenPage, site: Site, width: int) -> None:
    """Tests that choosing a champ is enough, that the count is announced, that the view can be shared."""
    page = open_page(f"/campagnes/{site.campaign}/donnees", width).page
    page.get_by_label("Champ", exact=True).select_option("PH")
    expect(page).to_have_url(re.compile("champ=PH"))
    expect(page.locator("#esms tbody tr")).to_have_count(1)
    expect(page.locator("#annonces")).to_have_text(re.compile("1.ESMS trouvé"))
    page.reload()
    expect(page.locator("#esms tbody tr")).to_have_count(1)


def test_an_answer_is_saved_as_it_is_typed(open_page: OpenPage, site: Site) -> None:
    """Tests a choice and a text, keyboard only: saved without any button, the focus where it was."""
    page = open_page(f"/campagnes/{site.campaign}/donnees/480000102").page
    expect(page.locator("#enregistrement")).to_contain_text("dès que vous la donnez")
    lot = page.get_by_label("Lot")
    lot.focus()
    page.keyboard.press("End")
    page.keyboard.type(" nord")
    expect(page.locator("#enregistrement")).to_contain_text("Tout est enregistré")
    expect(lot).to_be_focused()
    expect(page.locator("#depart")).to_have_value(re.compile("nord"))
    page.get_by_role("group", name="Peut être porteur").get_by_label("non").focus()
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("Space")
    expect(page.locator("#enregistrement")).to_contain_text("Tout est enregistré")
    page.reload()
    expect(page.get_by_label("Lot")).to_have_value("vallée nord")
    expect(page.get_by_role("group", name="Peut être porteur").get_by_label("non")).to_be_checked()


def test_a_lost_network_loses_no_keystroke(open_page: OpenPage, site: Site) -> None:
    """Tests saving while the network is away: said, kept on the page, tried again, saved once it is back."""
    watched = open_page(f"/campagnes/{site.campaign}/donnees/480000101")
    page = watched.page
    state = page.locator("#enregistrement")
    page.context.set_offline(True)
    page.get_by_label("Lot").fill("hors ligne")
    expect(state).to_contain_text("Non enregistré")
    page.get_by_label("Lot").press_sequentially(" puis")
    expect(state).to_contain_text("nouvel essai")
    page.context.set_offline(False)
    expect(state).to_contain_text("Tout est enregistré")
    expect(page.get_by_label("Lot")).to_have_value("hors ligne puis")
    page.reload()
    expect(page.get_by_label("Lot")).to_have_value("hors ligne puis")
    assert not [c for c in watched.complaints if "ERR_INTERNET_DISCONNECTED" not in c and "htmx:" not in c]
    watched.complaints.clear()


def test_two_windows_on_one_answer(open_page: OpenPage, site: Site) -> None:
    """Tests a conflict on screen: both values, the choice with the keyboard, axe clean meanwhile."""
    path = f"/campagnes/{site.campaign}/donnees/480000103"
    one, other = open_page(path).page, open_page(path).page
    one.get_by_label("Lot").fill("nord")
    expect(one.locator("#enregistrement")).to_contain_text("Tout est enregistré")
    other.get_by_label("Lot").fill("sud")
    expect(other.locator("#etat-lot")).to_contain_text("quelqu’un d’autre a changé cette réponse")
    expect(other.locator("#etat-lot")).to_contain_text("nord")
    expect(other.get_by_label("Lot")).to_have_value("sud")
    no_finding(other)
    other.get_by_role("button", name="Garder ma saisie").press("Enter")
    expect(other.locator("#enregistrement")).to_contain_text("Tout est enregistré")
    expect(other.locator("#etat-lot")).to_be_empty()
    one.reload()
    expect(one.get_by_label("Lot")).to_have_value("sud")


def test_back_leaves_a_filtered_list_in_one_press(open_page: OpenPage, site: Site) -> None:
    """Tests that typing, then the button, is one view in the history, with a tidy address."""
    page = open_page("/campagnes").page
    page.get_by_role("link", name="Lozère 2022").click()
    page.get_by_role("navigation", name="Étapes").get_by_role("link", name="Données").click()
    page.get_by_label(re.compile("Nom, organisme")).fill("mende")
    page.get_by_role("button", name="Filtrer").click()
    expect(page).to_have_url(re.compile(r"donnees\?texte=mende$"))
    page.get_by_role("button", name="Filtrer").click()
    page.wait_for_load_state("networkidle")
    page.go_back()
    expect(page).to_have_url(re.compile("donnees$"))
    expect(page.get_by_label(re.compile("Nom, organisme"))).to_have_value("")  # the page is there again
    page.go_back()
    expect(page).to_have_url(re.compile(rf"/campagnes/{site.campaign}$"))


def test_an_organisme_is_offered_while_typing(open_page: OpenPage, site: Site) -> None:
    """Tests the options that come from the server, and the pair that they make."""
    page = open_page(f"/campagnes/{site.campaign}/contraintes").page
    page.get_by_text("Ajouter un lien entre deux organismes").click()
    page.get_by_label("Premier organisme").press_sequentially("vallees")
    option = page.locator("#one-choix option")
    expect(option).to_have_attribute("value", "Association Causse et Vallées (480000011)")


def test_a_refused_form_leads_to_its_errors(open_page: OpenPage, site: Site) -> None:
    """Tests without script: the summary first, its link to the field, what was typed still there."""
    watched = open_page("/campagnes/nouvelle", scripts=False)
    page = watched.page
    page.get_by_label(re.compile("Distance maximale")).fill("loin")
    page.get_by_role("button", name="Créer la campagne").click()
    summary = page.locator("#resume-erreurs")
    expect(summary).to_contain_text("2 réponses à corriger")
    summary.get_by_role("link", name=re.compile("Distance")).click()
    expect(page).to_have_url(re.compile("#max_radius_km$"))
    expect(page.get_by_label(re.compile("Distance maximale"))).to_have_value("loin")
    assert ["422" in complaint for complaint in watched.complaints] == [True]
    watched.complaints.clear()  # the answer to a form with errors, as it should be


@pytest.mark.parametrize("width", WIDTHS)
def test_a_file_is_checked_before_it_is_imported(open_page: OpenPage, site: Site, width: int) -> None:
    """Tests upload, dry run and import on screen, without script on the phone."""
    page = open_page(f"/campagnes/{site.campaign}/besoins", width, scripts=width == WIDTHS[0]).page
    file = {"name": "besoins.csv", "mimeType": "text/csv", "buffer": FILE}
    page.get_by_label("Fichier CSV ou XLSX").set_input_files(files=[file])
    page.get_by_role("button", name="Contrôler le fichier").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile("1.ligne refusée"))
    expect(page.locator("#refus tbody tr")).to_have_count(1)
    if width == WIDTHS[0]:
        page.get_by_role("button", name="Importer la ligne correcte").click()
        expect(page.locator("main")).to_contain_text(re.compile("1.ligne importée"))
