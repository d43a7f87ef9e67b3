"""A campaign filled as an analyst does it: filters, an answer, a file; mouse, phone, keyboard, no script."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import WIDTHS, OpenPage, Site

pytestmark = pytest.mark.browser

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]
PAGES = (
    "/campagnes",
    "/campagnes/nouvelle",
    "/campagnes/{n}",
    "/campagnes/{n}/donnees",
    "/campagnes/{n}/donnees?champ=PJM",
    "/campagnes/{n}/donnees/480000104",
    "/campagnes/{n}/donnees/saisir",
    "/campagnes/{n}/organismes/480000013",
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
    for width in (*WIDTHS, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert not page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
        if width in WIDTHS:
            results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
            assert results.violations_count == 0, results.generate_report()


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


def test_an_answer_is_saved_in_place_with_the_keyboard(open_page: OpenPage, site: Site) -> None:
    """Tests htmx: saved without leaving the page, the focus on the new heading."""
    page = open_page(f"/campagnes/{site.campaign}/donnees/480000102").page
    page.get_by_label("Lot").focus()
    page.keyboard.press("End")
    page.keyboard.type(" nord")
    page.keyboard.press("Enter")
    expect(page.locator("#reponse")).to_contain_text("Enregistrée")
    expect(page.get_by_role("heading", name="Réponse de l’ESMS")).to_be_focused()
    expect(page.get_by_label("Lot")).to_have_value("vallée nord")


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
