"""From home to a grappe's funding line, as its readers do it: mouse, phone, keyboard, no script."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.base import AxeResults
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import WIDTHS, OpenPage, Site
from tests.browser.findings import RULES

pytestmark = pytest.mark.browser

PAGES = (
    "/",
    "/plans",
    "/plans/importer",
    "/campagnes/1/plans",
    "/plans/{n}",
    "/plans/{n}/non-places",
    "/plans/{n}/non-places?cause=too_few_partners",
    "/plans/{n}/synthese",
    "/plans/{n}/carte",
    "/plans/{n}/carte?situation=iso",
    "/plans/{n}/grappes/G1",
    "/plans/{n}/grappes/G2",
    "/plans/{n}/regles",
    "/regles",
    "/nulle-part",
)


def drawn(page: Page) -> int:
    """How many ESMS the map has drawn, once it has."""
    expect(page.locator("#carte[data-dessine]")).to_have_count(1)
    return int(page.locator("#carte").get_attribute("data-dessine") or -1)


def is_too_wide(page: Page) -> bool:
    return bool(page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"))


@pytest.mark.parametrize("width", WIDTHS)
def test_from_home_to_a_funding_line(open_page: OpenPage, site: Site, width: int) -> None:
    """Tests the walk: home, campaign, plans, plan, grappe, funding line, rule, and what each must say."""
    page = open_page("/", width).page
    page.get_by_role("link", name=re.compile("Ouvrir la démonstration")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Campagne Occitanie d’essai")
    page.get_by_role("navigation", name="Étapes de la campagne").get_by_role("link", name="Plans").click()
    page.get_by_role("link", name=f"Plan {site.plan}", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"Plan {site.plan}")
    expect(page.get_by_role("heading", name="9 ESMS ne sont pas placés par ce plan")).to_be_visible()
    assert drawn(page) == 42
    page.get_by_role("row").get_by_role("link", name="G1", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Grappe G1")
    assert drawn(page) == 16
    line = page.locator("details", has_text="Conduite de projet")
    expect(line.locator("blockquote").first).to_be_hidden()
    line.locator("summary").click()
    expect(line.locator("blockquote").first).to_be_visible()
    expect(line.locator("blockquote").first).to_contain_text("100")
    line.get_by_role("link", name=re.compile("^Règle ")).click()
    expect(page).to_have_url(re.compile("/regles/R"))


@pytest.mark.parametrize("path", PAGES)
def test_no_finding_of_axe_and_no_sideways_scroll(open_page: OpenPage, site: Site, path: str) -> None:
    """Tests each page with axe (WCAG 2.1 A and AA, best practices) at both widths, every funding line open.

    Nothing may be wider than the screen, down to 320 px, which is also 1280 px at 400 %.
    """
    watched = open_page(path.format(n=site.plan))
    page = watched.page
    if page.locator("#carte").count():
        drawn(page)
    page.evaluate("() => document.querySelectorAll('details').forEach(fold => { fold.open = true; })")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        results = findings(page)
        assert results.violations_count == 0, results.generate_report()
        assert not is_too_wide(page)
    page.set_viewport_size({"width": 320, "height": 800})
    assert not is_too_wide(page)
    if "nulle-part" in path:  # the browser itself notes that the page answered 404
        watched.complaints.clear()


def test_axe_would_see_a_fault(open_page: OpenPage) -> None:
    """Tests the test: a field without a label and a page too wide are found."""
    page = open_page("/plans/importer").page
    page.evaluate("() => document.querySelectorAll('label').forEach(label => label.remove())")
    assert findings(page).violations_count > 0
    page.evaluate("() => { document.querySelector('h1').style.width = '2000px'; }")
    assert is_too_wide(page)


def findings(page: Page) -> AxeResults:
    return Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})


def test_with_the_keyboard_alone(open_page: OpenPage, site: Site) -> None:
    """Tests the way to a funding line with Tab and Enter: skip link first, focus always to be seen."""
    page = open_page(f"/plans/{site.plan}").page
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Aller au contenu")
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "contenu"
    tab_to(page, page.locator("#grappes tbody a").first)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Grappe G1")
    summary = page.locator(".financement summary").first
    tab_to(page, summary)
    outline = page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    expect(page.locator(".financement blockquote").first).to_be_visible()
    tab_to(page, page.get_by_role("link", name="Passer la carte"))
    page.keyboard.press("Enter")
    assert page.evaluate("() => document.activeElement.id") == "membres"


def tab_to(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"{target} cannot be reached with Tab")


@pytest.mark.parametrize("width", WIDTHS)
def test_without_scripts_everything_can_be_read(open_page: OpenPage, site: Site, width: int) -> None:
    """Tests reading with JavaScript disabled: filters, lists, quotes, and what stands for the map."""
    page = open_page(f"/plans/{site.plan}/non-places", width, scripts=False).page
    page.get_by_label("Ce qui suffirait").select_option("radius_km")
    page.get_by_role("button", name="Filtrer").click()
    expect(page.locator(".liste-esms > li")).to_have_count(1)
    expect(page.locator(".liste-esms")).to_contain_text("accepter un porteur à 85")
    page.get_by_role("link", name="G1").click()
    expect(page.locator("#carte")).to_contain_text("La liste montre les mêmes ESMS.")
    page.locator("summary").first.click()
    expect(page.locator("blockquote").first).to_be_visible()
    page.get_by_role("link", name="Carte et liste").or_(page.get_by_role("link", name="Plan 1")).first.click()


def test_a_filter_changes_list_map_and_address(open_page: OpenPage, site: Site) -> None:
    """Tests htmx: the list is swapped, the map follows, the address can be shared, back brings it back."""
    page = open_page(f"/plans/{site.plan}/carte").page
    assert drawn(page) == 42
    page.get_by_label("Département").select_option("48")
    expect(page.locator("#liste h2")).to_contain_text("11")
    expect(page.locator('#carte[data-dessine="11"]')).to_have_count(1)
    expect(page).to_have_url(re.compile("departement=48"))
    expect(page.locator("#annonces")).to_contain_text("11")
    swapped = page.locator("#liste").inner_html()
    page.reload()
    assert re.sub(r"\s+", " ", page.locator("#liste").inner_html()) == re.sub(r"\s+", " ", swapped)
    page.get_by_label("Placés par ce plan").uncheck()
    page.get_by_label("Sans demande").uncheck()
    expect(page.locator("#liste h2")).to_contain_text("9")
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_be_visible()


def test_the_map_says_who_is_there(open_page: OpenPage, site: Site) -> None:
    """Tests the map with a mouse: buttons titled in French, a click on a point gives its name and grappe."""
    page = open_page(f"/plans/{site.plan}/grappes/G1").page
    assert drawn(page) == 16
    expect(page.get_by_role("button", name="Agrandir la carte")).to_be_visible()
    expect(page.get_by_role("button", name="Réduire la carte")).to_be_visible()
    page.locator("#carte").scroll_into_view_if_needed()
    x, y = page.evaluate(A_PLACED_ESMS)
    page.mouse.click(x, y)
    popup = page.locator(".leaflet-popup-content")
    expect(popup).to_contain_text("Foyer des Coteaux")
    expect(popup.get_by_role("link", name="Ouvrir la grappe G1")).to_be_visible()

    """Tests the map with a mouse: titled buttons; a click on a point gives its name and its grappe."""


A_PLACED_ESMS = """() => {
  const canvas = document.querySelector(".leaflet-overlay-pane canvas");
  const { width, height } = canvas;
  const { data } = canvas.getContext("2d").getImageData(0, 0, width, height);
  const blue = (x, y) => {
    const at = 4 * (y * width + x);
    return data[at] === 0x0B && data[at + 1] === 0x4F && data[at + 2] === 0x8A && data[at + 3] === 255;
  };
  for (let y = 4; y < height - 4; y += 1) {
    for (let x = 4; x < width - 4; x += 1) {
      if ([-4, -2, 0, 2, 4].every(d => blue(x + d, y) && blue(x, y + d))) {
        const box = canvas.getBoundingClientRect();
        return [box.left + x * box.width / width, box.top + y * box.height / height];
      }
    }
  }
  return null;
}"""


def test_printing_opens_every_rule(open_page: OpenPage, site: Site) -> None:
    """Tests that paper shows the quotes that the screen folds."""
    page = open_page(f"/plans/{site.plan}/grappes/G1").page
    page.evaluate("() => window.dispatchEvent(new Event('beforeprint'))")
    assert page.locator("details:not([open])").count() == 0
    page.evaluate("() => window.dispatchEvent(new Event('afterprint'))")
    assert page.locator("details[open]").count() == 0
