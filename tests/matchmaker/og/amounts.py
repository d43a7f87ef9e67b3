"""Amounts of a page that lead to no rule: every euro shown can be clicked back to what gives it."""

from __future__ import annotations

from bs4 import BeautifulSoup, Tag

# To a rule, or to lines that open on theirs.
_LEADS = ("/regles/", "/og/simulation#", "#detail-", "#argent")


def without_a_rule(page: str) -> list[str]:
    """Texts of ``main`` with a « € » and no link beside them to a rule, nor to lines that open on theirs.

    A total stands under its lines, in one section with them; key figures have their link just below them.
    """
    main = BeautifulSoup(page, "html.parser").select_one("main")
    assert main is not None
    return [
        " ".join(str(text).split())
        for text in main.find_all(string=lambda text: bool(text) and "€" in text)
        if not text.find_parent("blockquote") and not _leads(_beside(text))  # the words of a rule itself
    ]


def _beside(text: object) -> Tag | None:
    figures = text.find_parent("dl", class_="bande")  # type: ignore[attr-defined]
    if figures is not None:
        return figures.find_next_sibling("p")  # type: ignore[no-any-return]
    total = text.find_parent(class_="financement-total")  # type: ignore[attr-defined]
    if total is not None:
        return total.find_parent("section")  # type: ignore[no-any-return]
    return text.find_parent(["li", "p", "td", "dd"])  # type: ignore[attr-defined,no-any-return]


def _leads(beside: Tag | None) -> bool:
    if beside is None:
        return False
    return any(lead in str(a["href"]) for a in beside.select("a[href]") for lead in _LEADS)
