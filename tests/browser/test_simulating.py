"""The public simulator in a real browser: as one types, on a phone, by keyboard, without a script."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import WIDTHS, OpenPage
from tests.browser.findings import RULES

pytestmark = pytest.mark.browser

ASKED = "/simulateur?appel=generalisation-2022&region=76&segur=oui&PA_acquisition=4&total=40"


def test_the_answer_comes_as_one_types(open_page: OpenPage) -> None:
    """Tests that typing alone changes the answer and the address, and that the field keeps its focus."""
    page = open_page("/simulateur").page
    field = page.get_by_label("Personnes âgées, premier DUI")
    field.click()
    page.keyboard.type("4")
    expect(page.locator("#verdict")).to_have_text("Il vous manque 11 ESMS")
    expect(field).to_be_focused()
    page.keyboard.type("0")
    expect(page.locator("#verdict")).to_have_text("Une grappe est possible")
    assert "PA_acquisition=40" in page.url
    page.emulate_media(media="print")
    expect(page.locator("#verdict")).to_be_visible()
    expect(page.get_by_role("button", name="Préremplir")).to_be_hidden()


def test_without_scripts_the_button_answers(open_page: OpenPage) -> None:
    """Tests the way by keyboard alone, scripts off, to a line that opens on its words."""
    page = open_page("/simulateur", 390, scripts=False).page
    page.get_by_label("Personnes handicapées, montée de version").fill("15")
    page.get_by_label("référencée Ségur", exact=True).check()
    page.get_by_role("button", name="Calculer").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#verdict")).to_have_text("Une grappe est possible")
    page.locator(".financement summary").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".financement blockquote").first).to_be_visible()


@pytest.mark.parametrize("path", [ASKED, "/regles/R46"])
def test_no_finding_of_axe_and_no_sideways_scroll(open_page: OpenPage, path: str) -> None:
    """Tests with axe at both widths, every fold open, and that nothing is wider than the window."""
    for width in WIDTHS:
        page = open_page(path, width).page
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        found = Axe().run(page, options={"runOnly": RULES})
        assert [v["id"] for v in found.response["violations"]] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_mistake_is_told_with_a_link_to_its_field(open_page: OpenPage) -> None:
    """Tests the whole page sent back: the sentence at the field, and the list that leads to it."""
    watched = open_page(ASKED.replace("total=40", "total=3"), scripts=False)
    page = watched.page
    watched.complaints.clear()  # the browser tells of the 422 itself
    expect(page.locator("#total-erreur")).to_contain_text("3 ESMS en tout, mais vous en indiquez 4")
    page.locator("#resultat a[href='#total']").click()
    assert page.url.endswith("#total")


def test_a_mistake_told_while_typing_leaves_the_focus_where_it_is(open_page: OpenPage) -> None:
    """Tests that the next field keeps the keyboard, and that the mistake is said to a screen reader."""
    watched = open_page("/simulateur")
    page = watched.page
    field = page.get_by_label("Personnes âgées, premier DUI")
    field.press_sequentially("-3")
    field.press("Tab")
    expect(page.locator("#resume-erreurs")).to_be_visible()
    expect(page.get_by_label("Personnes âgées, remplacement")).to_be_focused()
    expect(page.locator("#annonces")).to_contain_text("n’est pas un nombre d’ESMS")
    expect(page.locator("#PA_acquisition-erreur")).to_contain_text("« -3 » n’est pas un nombre d’ESMS")
    expect(field).to_have_attribute("aria-invalid", "true")
    page.get_by_label("Numéro FINESS").press_sequentially("320999999")
    expect(page.locator("#finess-erreur")).to_contain_text("320\u00a0999\u00a0999 : inconnu")
    expect(page.get_by_label("Numéro FINESS")).to_be_focused()
    field.fill("4")
    expect(page.locator("#verdict")).to_have_text("Il vous manque 11 ESMS")
    expect(page.locator("#PA_acquisition-erreur")).to_be_empty()
    expect(field).not_to_have_attribute("aria-invalid", "true")
    watched.complaints.clear()  # the browser tells of each 422 itself
