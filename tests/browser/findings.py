"""What no page may have: a finding of axe at either width, or anything wider than a small phone."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.conftest import WIDTHS

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]


def no_finding(page: Page) -> None:
    """Check the page as it is now at both widths, and that nothing exceeds 320 px."""
    for width in (*WIDTHS, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert not page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth")
        if width in WIDTHS:
            results = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
            assert results.violations_count == 0, results.generate_report()
