"""The first level of navigation: the sections that this installation has."""

from __future__ import annotations

from dataclasses import dataclass

from flask import current_app, request, url_for

from matchmaker.web.access import holds, may_open

# label, endpoint of the section's first page, blueprints that belong to it
SECTIONS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Accueil", "home.index", ("home",)),
    ("Campagnes", "campaigns.index", ("campaigns", "runs")),
    ("Plans", "proposals.index", ("proposals",)),
    ("Établissements", "register.index", ("register",)),
    ("Simulateur", "simulateur.index", ("simulateur",)),
    ("Règles et montants", "baremes.index", ("baremes",)),
    ("Rattachements", "accounts.claims_waiting", ()),
    ("Comptes", "accounts.staff", ()),
    ("Demandes d’appui", "og.support_requests", ()),
    ("Journal", "journal.index", ("journal",)),
)

# Who represents an organisme has these first; who does nothing else, these and the ones of REFERENCE only.
OF_AN_OG: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("Accueil", "og.index", ()),
    ("Mes ESMS", "og.my_esms", ()),
    ("Simulation", "og.simulation", ()),
    ("Partenaires", "partners.index", ()),
    ("Mises en relation", "partners.contacts", ()),
    ("Plan publié", "og.why_alone", ()),
    ("Ma grappe", "grappes.index", ("grappes",)),
    ("Notifications", "notifications.index", ("notifications",)),
)
REFERENCE = ("baremes.index",)


@dataclass(frozen=True, slots=True)
class Link:
    label: str
    url: str
    current: bool


def has_page(endpoint: str) -> bool:
    """Whether this installation has a page of that endpoint, open to who asks."""
    if endpoint not in current_app.view_functions:
        return False
    if endpoint.startswith(("accounts.", "og.")) and current_app.extensions["settings"].access != "accounts":
        return False
    return may_open(endpoint)


def navigation() -> list[Link]:
    """The sections that exist and that who asks may open."""
    sections = SECTIONS
    if holds("organisme"):
        others = holds("synthese")
        kept = (s for s in SECTIONS if others or s[1] in REFERENCE)
        sections = OF_AN_OG + tuple(s for s in kept if s[1] != "home.index")
    links = []
    for label, endpoint, blueprints in sections:
        if has_page(endpoint):
            here = request.blueprint in blueprints or request.endpoint == endpoint
            links.append(Link(label, url_for(endpoint), here))
    return links
