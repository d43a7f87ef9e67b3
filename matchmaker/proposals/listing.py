"""Which ESMS of a plan a reader asked to see: the query string as values, and the list that answers it.

The list pages and the map answer the same query, so what is on one is on the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from matchmaker.proposals.plan import Esms, Grappe, Plan, Unplaced

PAGE = 50
SITUATIONS = ("place", "iso", "nsp")
SORTS = ("gain", "nom", "departement")


class UnknownFilterError(ValueError):
    """A value of the query string is none of those offered; the message is for the reader."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query. Empty text: no such filter. ``situations`` empty: all. ``page`` counts from 1."""

    situations: tuple[str, ...] = ()
    cause: str = ""
    champ: str = ""
    departement: str = ""
    levier: str = ""
    grappe: str = ""
    tri: str = "gain"
    page: int = 1

    def query(self, **changes: Any) -> str:
        """The query string of this view, with some values changed; what has its default is left out."""
        other = replace(self, **changes)
        pairs: list[tuple[str, str]] = [("situation", s) for s in other.situations]
        for name in ("cause", "champ", "departement", "levier", "grappe"):
            value = getattr(other, name)
            if value:
                pairs.append((name, value))
        if other.tri != "gain":
            pairs.append(("tri", other.tri))
        if other.page != 1:
            pairs.append(("page", str(other.page)))
        return urlencode(pairs)

    @property
    def filters(self) -> bool:
        """Whether something narrows the list."""
        named = (self.cause, self.champ, self.departement, self.levier, self.grappe)
        return any(named) or bool(self.situations)


@dataclass(frozen=True, slots=True)
class Item:
    """An ESMS with its place in the plan: a grappe, or why it has none."""

    esms: Esms
    grappe: Grappe | None
    unplaced: Unplaced | None

    @property
    def situation(self) -> str:
        if self.grappe is not None:
            return "place"
        return "nsp" if self.unplaced is not None and self.unplaced.asks_nothing else "iso"


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer, each value with its number of ESMS in the whole plan."""

    causes: tuple[tuple[str, int], ...]
    champs: tuple[tuple[str, int], ...]
    departements: tuple[tuple[str, int], ...]
    leviers: tuple[tuple[str, int], ...]


def read(plan: Plan, arguments: Mapping[str, Any], situations: list[str]) -> Wanted:
    """The query string as values.

    Raises
    ------
    UnknownFilterError
        A value is not one of those that the page offers for this plan.
    """
    wanted = Wanted(
        situations=tuple(s for s in SITUATIONS if s in situations),
        cause=arguments.get("cause", ""),
        champ=arguments.get("champ", ""),
        departement=arguments.get("departement", ""),
        levier=arguments.get("levier", ""),
        grappe=arguments.get("grappe", ""),
        tri=arguments.get("tri", "") or "gain",
        page=_page(arguments.get("page", "")),
    )
    offered = choices(plan)
    known = {
        "cause": {value for value, _ in offered.causes},
        "champ": {value for value, _ in offered.champs},
        "departement": {value for value, _ in offered.departements},
        "levier": {value for value, _ in offered.leviers} | {"aucun"},
        "grappe": set(plan.grappe_by_id),
        "tri": set(SORTS),
    }
    for name, values in known.items():
        value = getattr(wanted, name)
        if value and value not in values:
            raise UnknownFilterError(
                f"Le filtre « {name} » ne connaît pas la valeur « {value} » dans ce plan."
            )
    unknown = [s for s in situations if s not in SITUATIONS]
    if unknown:
        raise UnknownFilterError(f"Le filtre « situation » ne connaît pas la valeur « {unknown[0]} ».")
    return wanted


def _page(text: str) -> int:
    if not text:
        return 1
    if not text.isdecimal() or not 1 <= int(text) <= 10_000:
        raise UnknownFilterError(f"« {text} » n’est pas un numéro de page.")
    return int(text)


def choices(plan: Plan) -> Choices:
    """What the filters of a plan offer."""
    champs: dict[str, int] = {}
    departements: dict[str, int] = {}
    leviers: dict[str, int] = {}
    for esms in plan.esms.values():
        champs[esms.champ] = champs.get(esms.champ, 0) + 1
        departements[esms.departement] = departements.get(esms.departement, 0) + 1
    for unplaced in plan.unplaced:
        for kind in {change.kind for change in unplaced.changes}:
            leviers[kind] = leviers.get(kind, 0) + 1
    return Choices(
        causes=plan.reasons,
        champs=tuple(sorted(champs.items())),
        departements=tuple(sorted(departements.items())),
        leviers=tuple(sorted(leviers.items(), key=lambda pair: -pair[1])),
    )


def items(plan: Plan, wanted: Wanted) -> list[Item]:
    """ESMS that answer the query, all pages together, in the order asked for."""
    every = [Item(u.esms, None, u) for u in plan.unplaced]
    every += [Item(e, g, None) for g in plan.grappes for e in g.members]
    found = [item for item in every if _answers(item, wanted)]
    return sorted(found, key=lambda item: _rank(item, wanted.tri))


def _answers(item: Item, wanted: Wanted) -> bool:
    if wanted.situations and item.situation not in wanted.situations:
        return False
    if wanted.champ and item.esms.champ != wanted.champ:
        return False
    if wanted.departement and item.esms.departement != wanted.departement:
        return False
    if wanted.grappe and (item.grappe is None or item.grappe.id != wanted.grappe):
        return False
    if wanted.cause and (item.unplaced is None or item.unplaced.reason != wanted.cause):
        return False
    return not wanted.levier or _has_lever(item.unplaced, wanted.levier)


def _has_lever(unplaced: Unplaced | None, lever: str) -> bool:
    if unplaced is None:
        return False
    if lever == "aucun":
        return not unplaced.changes and not unplaced.asks_nothing
    return any(change.kind == lever for change in unplaced.changes)


def _rank(item: Item, tri: str) -> tuple[Any, ...]:
    """Those who could be placed first, the largest gain first; then those who cannot; then the placed."""
    name = (item.esms.name.casefold(), item.esms.id)
    if tri == "nom":
        return name
    if tri == "departement":
        return (item.esms.departement, *name)
    if item.unplaced is None:
        return (3, 0, *name)
    best = item.unplaced.best_change
    if best is not None:
        return (0, -best.gain_eur, *name)
    return (2 if item.unplaced.asks_nothing else 1, 0, *name)


def page_of(found: list[Item], page: int) -> tuple[list[Item], int, int]:
    """(the items of a page, the page really shown, the number of pages)."""
    pages = max(1, -(-len(found) // PAGE))
    page = min(page, pages)
    return found[(page - 1) * PAGE : page * PAGE], page, pages
