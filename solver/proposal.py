"""The answer: grappes with their figures, what is left out and why, and a proven bound.

When to modify: the proposal format gains an optional field.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from solver.instance import Grappe, Instance
from solver.scale import Reference
from solver.vocabulary import ChangeKind, DepartureRule, LineCode, Reason

PROPOSAL_FORMAT = "matchmaker-proposal/1"


@dataclass(frozen=True, slots=True)
class Line:
    """One funding line of a grappe: ``amount_eur`` = ``quantity`` x ``unit_eur``."""

    code: LineCode
    quantity: int
    unit_eur: int
    amount_eur: int
    reference: Reference


@dataclass(frozen=True, slots=True)
class Appraisal:
    """The figures of one grappe; kilometres are floats, euros integers."""

    funding_eur: int
    lines: tuple[Line, ...]
    by_region: Mapping[str, int]
    radius_km: float
    mean_distance_km: float


@dataclass(frozen=True, slots=True)
class Change:
    """One verified concession of a lot; ``joins`` None: a new grappe with ``partners`` (``with`` in JSON)."""

    kind: ChangeKind
    value: str | float
    joins: str | None
    partners: tuple[str, ...]
    gain_eur: int


@dataclass(frozen=True, slots=True)
class Replacement:
    """Unplaced ESMS with which a grappe stands again after a departure. ``km``: from the porteur that it then
    has to the farthest of them; ``funding_eur``: of the whole grappe with them. ``concession``: the single
    one that they must make, with its value as in ``Change``; None: none."""

    esms: tuple[str, ...]
    porteur: str
    km: float
    funding_eur: int
    concession: tuple[ChangeKind, str | float] | None = None


@dataclass(frozen=True, slots=True)
class Departure:
    """What a grappe becomes when one organisme leaves it.

    ``esms``: its members of that organisme. ``rules``: those that the others break by themselves, words of
    ``DepartureRule``; empty: they still make a grappe, with ``porteur`` and ``funding_eur`` (None otherwise).
    ``missing``: ESMS under the minimum, None when it is reached.
    """

    organisme: str
    esms: int
    rules: tuple[DepartureRule, ...]
    missing: int | None
    porteur: str | None
    funding_eur: int | None
    replacements: tuple[Replacement, ...] = ()


@dataclass(frozen=True, slots=True)
class Robustness:
    """Of the grappe of that id. ``slack``: ESMS beyond its minimum, ``min_slack`` aside."""

    grappe: str
    slack: int
    departures: tuple[Departure, ...]


@dataclass(frozen=True, slots=True)
class Unplaced:
    esms: str
    reason: Reason
    detail: Mapping[str, Any]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """What a running search reports. ``grappes`` is set only when a better proposal was just found."""

    elapsed_s: float
    phase: str
    objective_value: int | None
    upper_bound: int | None
    grappes: tuple[Grappe, ...] | None = None


@dataclass(frozen=True, slots=True)
class Growing:
    """Fixed grappes that may be absent, by their place; ``certified``: the bound once so many appear."""

    places: frozenset[int]
    certified: tuple[int, ...]

    def shown(self, instance: Instance, grappes: Sequence[Grappe]) -> int:
        """How many of them these grappes hold."""
        placed = {id_ for g in grappes for id_ in g.members}
        fixed = instance.constraints.fixed_grappes
        return sum(not placed.isdisjoint(fixed[k].members) for k in self.places)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What the search hands over: unfigured grappes, and bounds with their certificate.

    ``bound_proof``: "certificate" when ``upper_bound`` = ``certified_bound``, else "solver". ``read``: False
    when the search was stopped before it could form anything, fixed grappes included; its bound then depends
    on how many of them the proposal shows (``growing``). ``rough``: what was handed over until then.
    """

    grappes: tuple[Grappe, ...]
    objective_value: int
    upper_bound: int
    certified_bound: int
    bound_proof: str
    certificate: Mapping[str, Any]
    read: bool = True
    growing: Growing | None = None
    rough: SearchResult | None = None

    def showing(self, instance: Instance, grappes: Sequence[Grappe]) -> SearchResult:
        """The same with the bounds that hold of a proposal of these grappes: as many as can appear appear."""
        if self.growing is None or self.growing.shown(instance, grappes) == 0:
            return self
        bound = self.growing.certified[self.growing.shown(instance, grappes)]
        return replace(self, upper_bound=min(self.upper_bound, bound), certified_bound=bound)
