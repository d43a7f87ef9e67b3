"""What an ARS reads of a plan: figures by place and by cause, and what would change them; no name.

Who acts in a département reads that département alone: a plan is *narrowed* to it first.

When to modify: an ARS may read more of a plan.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from urllib.parse import urlencode

from matchmaker.proposals.levers import Lever, levers_of
from matchmaker.proposals.listing import UnknownFilterError
from matchmaker.proposals.plan import Esms, Grappe, Plan, Unplaced
from matchmaker.reference import limits


@dataclass(frozen=True, slots=True)
class Wanted:
    """A query; empty text: no such filter."""

    champ: str = ""
    cause: str = ""
    departement: str = ""

    def query(self, **changes: str) -> str:
        other = replace(self, **changes)
        pairs = [(name, getattr(other, name)) for name in ("champ", "cause", "departement")]
        return urlencode([(name, value) for name, value in pairs if value])

    @property
    def filters(self) -> bool:
        return bool(self.champ or self.cause or self.departement)


@dataclass(frozen=True, slots=True)
class Part:
    """A plan, or what of it lies in some départements."""

    esms: tuple[Esms, ...]
    unplaced: tuple[Unplaced, ...]
    grappes: tuple[Grappe, ...]
    changes_complete: bool

    @property
    def left_out(self) -> list[Unplaced]:
        return [one for one in self.unplaced if not one.asks_nothing]


@dataclass(frozen=True, slots=True)
class Place:
    """A département in a plan. ``causes``: ESMS left out, by reason; ``aside``: those that ask for nothing.

    ``placed`` + the causes + ``aside`` = ``esms``.
    """

    departement: str
    esms: int
    placed: int
    causes: tuple[int, ...]
    aside: int

    @property
    def left_out(self) -> int:
        return sum(self.causes)


@dataclass(frozen=True, slots=True)
class Ways:
    """What would place the ESMS left out, each by a single concession verified by itself.

    ``esms``: left out; ``levers``: concessions of enough organismes to be told, those that place the most
    first; ``untold``: ESMS that only other concessions would place; ``none``: that no single one would.
    ``none_told``: False when ``none`` is of too few organismes, and counted in ``untold``.
    ``hidden``: all of them are of too few organismes to say anything of their answers.
    """

    esms: int
    levers: tuple[Lever, ...]
    untold: int
    none: int
    hidden: bool
    none_told: bool = True


def part_of(plan: Plan, departements: Collection[str] | None) -> Part:
    """What of a plan lies in these départements; None: all of it. A grappe is there with one of its ESMS."""

    def here(esms: Esms) -> bool:
        return departements is None or esms.departement in departements

    return Part(
        esms=tuple(e for e in plan.esms.values() if here(e)),
        unplaced=tuple(u for u in plan.unplaced if here(u.esms)),
        grappes=tuple(g for g in plan.grappes if any(here(e) for e in g.members)),
        changes_complete=plan.changes_complete,
    )


def causes(part: Part) -> list[tuple[str, int]]:
    """Reasons why ESMS that ask for something are left out, with their number, the most frequent first."""
    count = Counter(u.reason for u in part.left_out)
    return sorted(count.items(), key=lambda pair: (-pair[1], pair[0]))


def choices(part: Part) -> Mapping[str, list[tuple[str, int]]]:
    """What the filters offer, each value with its number of ESMS."""
    champs = Counter(e.champ for e in part.esms)
    departements = Counter(u.esms.departement for u in part.left_out)
    return {
        "champ": sorted(champs.items()),
        "cause": causes(part),
        "departement": sorted(departements.items()),
    }


def read(part: Part, arguments: Mapping[str, Any]) -> Wanted:
    """The query string as values. A public and a cause together could name a single ESMS: the cause goes.

    Raises
    ------
    UnknownFilterError
        A value is not one of those that the page offers for this plan.
    """
    offered = choices(part)
    found = {name: str(arguments.get(name, "")) for name in offered}
    for name, value in found.items():
        if value and value not in {known for known, _count in offered[name]}:
            raise UnknownFilterError(
                f"Le filtre « {name} » ne connaît pas la valeur « {value} » dans ce plan."
            )
    if found["champ"]:
        found["cause"] = ""
    return Wanted(**found)


def by_departement(plan: Plan, part: Part, wanted: Wanted, reasons: Sequence[str]) -> list[Place]:
    """Every département of the part, those with the most left out first; narrowed by the query's public, its
    département, and for the left out its cause."""

    def answers(esms: Esms) -> bool:
        return esms.champ == (wanted.champ or esms.champ) and esms.departement == (
            wanted.departement or esms.departement
        )

    esms = [e for e in part.esms if answers(e)]
    here = {e.id for e in esms}
    left = Counter((u.esms.departement, u.reason) for u in part.left_out if u.esms.id in here)
    aside = Counter(u.esms.departement for u in part.unplaced if u.asks_nothing and u.esms.id in here)
    placed = Counter(e.departement for g in plan.grappes for e in g.members if e.id in here)
    places = [
        Place(code, count, placed[code], tuple(left[code, reason] for reason in reasons), aside[code])
        for code, count in Counter(e.departement for e in esms).items()
    ]
    rank = reasons.index(wanted.cause) if wanted.cause else None

    def shown(place: Place) -> int:
        return place.left_out if rank is None else place.causes[rank]

    return sorted(places, key=lambda place: (-shown(place), place.departement))


def ways(plan: Plan, part: Part, wanted: Wanted) -> Ways:
    """What would place those that the query left in, counted where enough organismes are concerned, here and
    in what is left of the answer to a wider query once the others of the same filter are taken from it."""
    left = [u for u in part.left_out if _answers(u, wanted)]
    if _organismes(left) < limits.per_cell():
        return Ways(len(left), (), 0, 0, hidden=bool(left))
    told = [
        lever
        for lever in levers_of(plan, left)
        if _may_be_told(plan, part, wanted, partial(_would_concede, lever))
    ]
    reached = {u.esms.id for u in left if any(_of(change, told) for change in u.changes)}
    none = sum(1 for u in left if not u.changes)
    none_told = not none or _may_be_told(plan, part, wanted, lambda u: not u.changes)
    said = none if none_told else 0
    return Ways(len(left), tuple(told), len(left) - len(reached) - said, said, False, none_told)


def _would_concede(lever: Lever, unplaced: Unplaced) -> bool:
    return any(_of(change, [lever]) for change in unplaced.changes)


def _may_be_told(plan: Plan, part: Part, wanted: Wanted, counted: Callable[[Unplaced], bool]) -> bool:
    """Whether the number of ESMS that ``counted`` chooses says nothing of fewer organismes than a cell holds:
    not by itself, nor by what it leaves of the number that the page gives without one of the filters, nor of
    the one that the page of the whole plan gives to who reads it all."""
    if _organismes(u for u in part.left_out if _answers(u, wanted) and counted(u)) < limits.per_cell():
        return False
    if not _told_of_part(plan, part, lambda u: _answers(u, wanted) and counted(u)):
        return False
    for name, value_of in _FILTERS.items():
        if getattr(wanted, name):
            wider = replace(wanted, **{name: ""})
            groups: dict[str, list[Unplaced]] = {}
            for u in part.left_out:
                if _answers(u, wider) and counted(u):
                    groups.setdefault(value_of(u), []).append(u)
            if getattr(wanted, name) not in _told_together(groups):
                return False
    return True


def _told_of_part(plan: Plan, part: Part, counted: Callable[[Unplaced], bool]) -> bool:
    """Whether a number may be told of a part beside that of the whole plan: where the whole
    plan's page, filtered by each of the part's départements, would tell it."""
    if len(part.unplaced) == len(plan.unplaced):
        return True
    here = {u.esms.id for u in part.unplaced}
    groups: dict[str, list[Unplaced]] = {}
    for u in plan.unplaced:
        if not u.asks_nothing and counted(u):
            groups.setdefault(u.esms.departement, []).append(u)
    told = _told_together(groups)
    return all(value in told or not any(u.esms.id in here for u in some) for value, some in groups.items())


def _told_together(groups: Mapping[str, Sequence[Unplaced]]) -> set[str]:
    """Values of a filter whose numbers may all be told beside their sum: what is not told is of nobody, or of
    ``limits.per_cell()`` organismes together; the values of the fewest organismes are silent for that."""
    least = limits.per_cell()
    told = {value for value, some in groups.items() if _organismes(some) >= least}
    while told:
        rest = _organismes(u for value, some in groups.items() if value not in told for u in some)
        if not 0 < rest < least:
            break
        told.remove(min(told, key=lambda value: (_organismes(groups[value]), value)))
    return told


def _organismes(some: Iterable[Unplaced]) -> int:
    return len({u.esms.organisme.id for u in some})


_FILTERS: Mapping[str, Callable[[Unplaced], str]] = {
    "champ": lambda u: u.esms.champ,
    "cause": lambda u: u.reason,
    "departement": lambda u: u.esms.departement,
}


def _of(change: Any, told: Sequence[Lever]) -> bool:
    return any(lever.kind == change.kind and lever.value in (None, str(change.value)) for lever in told)


def _answers(unplaced: Unplaced, wanted: Wanted) -> bool:
    return (
        unplaced.esms.champ == (wanted.champ or unplaced.esms.champ)
        and unplaced.reason == (wanted.cause or unplaced.reason)
        and unplaced.esms.departement == (wanted.departement or unplaced.esms.departement)
    )


def map_of(part: Part, wanted: Wanted) -> bytes:
    """The JSON of a map, as ``points.points``, without a point: ESMS left out by département."""
    counts = Counter(u.esms.departement for u in part.left_out if _answers(u, wanted))
    body = {"points": [], "grappes": [], "departements": dict(sorted(counts.items()))}
    return json.dumps(body, separators=(",", ":")).encode()
