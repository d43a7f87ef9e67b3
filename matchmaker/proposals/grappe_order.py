"""The table of grappes: its order and its pages, from the query string."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from matchmaker.proposals import wording
from matchmaker.proposals.listing import PAGE, UnknownFilterError
from matchmaker.proposals.plan import Grappe, Plan

# Word of the query string -> (what the menu says, rank of a grappe)
ORDERS: Mapping[str, tuple[str, Callable[[Grappe], Any]]] = {
    "montant": ("financement décroissant", lambda g: (-g.funding_eur, g.id)),
    "marge": ("marge croissante, les plus fragiles d’abord", lambda g: (g.margin, -g.funding_eur, g.id)),
    "taille": ("nombre d’ESMS décroissant", lambda g: (-g.size, g.id)),
    "territoire": ("territoire", lambda g: (wording.grappe_name(g), g.id)),
}


@dataclass(frozen=True, slots=True)
class GrappePage:
    """The grappes of one page of the table, in order."""

    shown: tuple[Grappe, ...]
    order: str
    page: int
    pages: int
    everything: bool

    def query(self, page: int) -> str:
        return urlencode({"grappes": self.order, "page": page})


def read(plan: Plan, arguments: Mapping[str, str]) -> GrappePage:
    """The part of the table that was asked for (``grappes``: order, ``page``, ``tout``: all of it).

    Raises
    ------
    UnknownFilterError
        The order or the page is none that the table has.
    """
    order = arguments.get("grappes") or "montant"
    if order not in ORDERS:
        raise UnknownFilterError(f"Le tableau ne sait pas se trier par « {order} ».")
    text = arguments.get("page") or "1"
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise UnknownFilterError(f"« {text} » n’est pas un numéro de page.")
    found = sorted(plan.grappes, key=ORDERS[order][1])
    if arguments.get("tout"):
        return GrappePage(tuple(found), order, 1, 1, everything=True)
    pages = max(1, -(-len(found) // PAGE))
    page = min(int(text), pages)
    return GrappePage(tuple(found[(page - 1) * PAGE : page * PAGE]), order, page, pages, everything=False)
