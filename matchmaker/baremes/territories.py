"""What the texts say of one région only: its coordination platform, the régions it works with.

When to modify: a regional text says something of another kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.baremes.citations import Citation, Known
from matchmaker.baremes.strict_toml import Table


@dataclass(frozen=True, slots=True)
class Platform:
    """The e-parcours platform of a région (INSEE code), rule R40."""

    region: str
    name: str
    rule: str
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Link:
    """Régions that a text says may carry projects together, though nothing in the map says so (rule R12)."""

    regions: frozenset[str]
    label: str
    rule: str
    citations: tuple[Citation, ...]


def read_platform(table: Table, known: Known) -> Platform:
    """One ``[[plateforme]]``: its name must stand in its citations."""
    rule, name = known.rule(table), table.text("name")
    citations = known.citations(table, rule)
    if name and not any(name in c.quote for c in citations):
        table.problem("name", f"aucune citation ne contient « {name} »")
    platform = Platform(table.text("region"), name, rule, citations)
    table.close()
    return platform


def read_link(table: Table, known: Known) -> Link:
    """One ``[[lien]]``."""
    rule = known.rule(table)
    citations = known.citations(table, rule)
    link = Link(frozenset(table.texts("regions", required=True)), table.text("label"), rule, citations)
    table.close()
    return link
