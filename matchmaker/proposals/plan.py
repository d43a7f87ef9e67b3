"""A plan as its readers see it, plain values: pages, maps and exports are functions of these only.

``plan_documents`` makes them of what is kept.

When to modify: a reader must see one more thing that the documents hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from solver.vocabulary import Reason

T = TypeVar("T")
Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Organisme:
    """``small``: counts as a small organisme in the funding rules of this plan."""

    id: str
    name: str
    esms_total: int
    small: bool
    fictitious: bool


@dataclass(frozen=True, slots=True)
class Solution:
    """``segur``: ``referenced``, ``not_referenced`` or ``unknown`` (counted as not referenced)."""

    id: str
    name: str
    segur: str
    hosting: tuple[str, ...]
    champs: tuple[str, ...]
    fictitious: bool


@dataclass(frozen=True, slots=True)
class Esms:
    """``accepted_*`` None: any. ``position_origin`` ``commune``: its commune's centre."""

    id: str
    name: str
    organisme: Organisme
    champ: str
    category: str
    commune: str | None
    departement: str
    region: str
    lat: float
    lon: float
    position_origin: str | None
    need: str
    current_solution: str | None
    accepted_solutions: tuple[str, ...] | None
    accepted_hosting: tuple[str, ...] | None
    lot: str | None
    fictitious: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A funding line: ``amount_eur`` = ``quantity`` x ``unit_eur``, and where the amount is written."""

    code: str
    quantity: int
    unit_eur: int
    amount_eur: int
    rule: str
    document: str
    heading: str
    quote: str


@dataclass(frozen=True)
class Grappe:
    """``hosting`` None: each member has its own. ``threshold``: the minimum size that applies to it."""

    id: str
    solution: Solution
    hosting: str | None
    porteur: Esms
    members: tuple[Esms, ...]
    funding_eur: int
    lines: tuple[Line, ...]
    by_region: Mapping[str, int]
    radius_km: float
    mean_distance_km: float
    threshold: int

    @property
    def size(self) -> int:
        return len(self.members)

    @property
    def margin(self) -> int:
        return self.size - self.threshold

    @cached_property
    def offer(self) -> tuple[str, str | None, frozenset[str]]:
        """What decides which answers fit, place and number apart: solution, hosting, champs and needs."""
        mix = frozenset(word for e in self.members for word in (e.champ, e.need))
        return self.solution.id, self.hosting, mix

    @cached_property
    def organismes(self) -> tuple[tuple[Organisme, int], ...]:
        """Organismes with their number of ESMS in the grappe, the largest first."""
        count = Counter(e.organisme for e in self.members)
        return tuple(sorted(count.items(), key=lambda pair: (-pair[1], pair[0].name, pair[0].id)))

    @cached_property
    def departements(self) -> tuple[tuple[str, int], ...]:
        """Département codes with their number of members, the most first."""
        return _most_first(e.departement for e in self.members)

    @cached_property
    def champs(self) -> tuple[tuple[str, int], ...]:
        return _most_first(e.champ for e in self.members)

    @cached_property
    def needs(self) -> tuple[tuple[str, int], ...]:
        return _most_first(e.need for e in self.members)

    @property
    def fictitious(self) -> bool:
        return any(e.fictitious or e.organisme.fictitious for e in self.members) or self.solution.fictitious


@dataclass(frozen=True, slots=True)
class Change:
    """A single concession, verified by the judge. ``joins`` None: a new grappe with ``partners``."""

    kind: str
    value: Any
    joins: str | None
    partners: tuple[Esms, ...]
    gain_eur: int


@dataclass(frozen=True, slots=True)
class Unplaced:
    esms: Esms
    reason: str
    detail: Mapping[str, Any]
    changes: tuple[Change, ...]

    @property
    def asks_nothing(self) -> bool:
        """It has no need, or the campaign leaves it out: nobody failed to place it."""
        return self.reason in (Reason.NO_NEED, Reason.EXCLUDED)

    @property
    def best_change(self) -> Change | None:
        """The concession that brings the most money."""
        return max(self.changes, key=lambda c: c.gain_eur, default=None)


@dataclass(frozen=True)
class Plan:
    """Everything a page may show of one plan. Amounts in euros, ``upper_bound`` in the objective's unit.

    ``robustness``: id of a grappe -> what is said of its departures (see ``departures``).
    """

    title: str
    regime: str
    scale_version: str
    parameters: Mapping[str, Any]
    objective: str
    objective_value: int
    upper_bound: int
    certified_bound: int
    bound_proof: str
    status: str
    gap: float | None
    funding_eur: int
    wall_time_s: float | None
    seed: int | None
    changes_complete: bool
    esms: Mapping[str, Esms]
    solutions: Mapping[str, Solution]
    grappes: tuple[Grappe, ...]
    unplaced: tuple[Unplaced, ...]
    robustness: Mapping[str, Document]
    departures_complete: bool
    fictitious: bool

    @cached_property
    def _derived(self) -> dict[str, Any]:
        return {}

    def derived(self, name: str, make: Callable[[], T]) -> T:
        """What a page makes of the plan alone, made once: a plan never changes."""
        found: T | None = self._derived.get(name)
        if found is None:
            found = self._derived[name] = make()
        return found

    @cached_property
    def grappe_by_id(self) -> Mapping[str, Grappe]:
        return {g.id: g for g in self.grappes}

    @cached_property
    def place_of(self) -> Mapping[str, int]:
        """Where each grappe is among ``grappes``, by its id."""
        return {g.id: place for place, g in enumerate(self.grappes)}

    @cached_property
    def grappe_of(self) -> Mapping[str, Grappe]:
        """Grappe of each placed ESMS, by its id."""
        return {e.id: g for g in self.grappes for e in g.members}

    @cached_property
    def esms_of(self) -> Mapping[str, tuple[Esms, ...]]:
        """The ESMS of each organisme, by its id: an organisme's pages look at nobody else's."""
        found: dict[str, list[Esms]] = {}
        for e in self.esms.values():
            found.setdefault(e.organisme.id, []).append(e)
        return {id_: tuple(some) for id_, some in found.items()}

    @cached_property
    def unplaced_of(self) -> Mapping[str, tuple[Unplaced, ...]]:
        """The ESMS of each organisme that are in no grappe, by its id."""
        found: dict[str, list[Unplaced]] = {}
        for u in self.unplaced:
            found.setdefault(u.esms.organisme.id, []).append(u)
        return {id_: tuple(some) for id_, some in found.items()}

    @cached_property
    def placed_count(self) -> int:
        return sum(g.size for g in self.grappes)

    @cached_property
    def left_out(self) -> tuple[Unplaced, ...]:
        """Unplaced ESMS that ask for something."""
        return tuple(u for u in self.unplaced if not u.asks_nothing)

    @cached_property
    def aside(self) -> tuple[Unplaced, ...]:
        """ESMS without need, or left out of the campaign."""
        return tuple(u for u in self.unplaced if u.asks_nothing)

    @cached_property
    def reasons(self) -> tuple[tuple[str, int], ...]:
        """Reasons with their number of ESMS, the most frequent first, those who ask nothing last."""
        count = Counter(u.reason for u in self.unplaced)
        quiet = (Reason.NO_NEED, Reason.EXCLUDED)
        return tuple(sorted(count.items(), key=lambda pair: (pair[0] in quiet, -pair[1], pair[0])))

    @cached_property
    def lines_by_code(self) -> tuple[tuple[str, int], ...]:
        """Euros of each kind of funding line, over all grappes; they sum to ``funding_eur``."""
        total: Counter[str] = Counter()
        for grappe in self.grappes:
            for line in grappe.lines:
                total[line.code] += line.amount_eur
        return tuple(sorted(total.items(), key=lambda pair: -pair[1]))

    @cached_property
    def organismes_placed(self) -> int:
        return len({e.organisme for g in self.grappes for e in g.members})


def _most_first(values: Any) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))
