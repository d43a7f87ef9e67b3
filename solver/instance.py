"""The question: ESMS, their needs, and what a proposal must respect.

Plain frozen values, already checked by ``solver.document``: ids exist, numbers are in range, defaults are
filled in (``mix_needs`` is never null here). Distances are kilometres, positions decimal degrees WGS 84,
amounts whole euros.

Optional fields that only pages and reports read (``title``, ``engine_readings``, ``fictitious``,
``segur_status``, ``commune``, ``position_origin``) travel with the instance, so that an imported one shows
what its author saw.

When to modify: the instance format gains an optional field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from solver.vocabulary import Champ, Hosting, Need, Objective, Regime, Territory

INSTANCE_FORMAT = "matchmaker-instance/1"


@dataclass(frozen=True, slots=True)
class Readings:
    """Readings of the sources' contradictions (rules K01, K07, K10), as the words of the contract."""

    K01: str = "lt15"
    K07: str = "acquisition"
    K10: str = "counted"


@dataclass(frozen=True, slots=True)
class Parameters:
    """``min_size`` / ``max_size`` None: those of the regime. ``max_radius_km`` None: no limit.

    ``min_slack``: ESMS beyond the minimum that every new grappe holds, as far as its maximum allows.
    ``max_grappes`` None: as many grappes as there can be; fixed ones count.
    """

    max_radius_km: float | None = None
    territory: Territory = Territory.REGION
    mix_champs: bool = True
    mix_needs: bool = False
    same_hosting: bool = True
    min_size: int | None = None
    max_size: int | None = None
    objective: Objective = Objective.FUNDING
    budget_eur: int | None = None
    stability_eur_per_esms: int = 0
    min_slack: int = 0
    max_grappes: int | None = None
    readings: Readings = field(default_factory=Readings)


@dataclass(frozen=True, slots=True)
class Organisme:
    """An organisme gestionnaire; ``esms_total`` counts all its ESMS, in the instance or not."""

    id: str
    name: str
    esms_total: int
    fictitious: bool = False


@dataclass(frozen=True, slots=True)
class DuiSolution:
    """A software solution (DUI): the hosting modes it offers and the champs it covers."""

    id: str
    name: str
    segur_referenced: bool
    hosting: frozenset[Hosting]
    champs: frozenset[Champ]
    segur_status: str | None = None
    fictitious: bool = False


@dataclass(frozen=True, slots=True)
class Esms:
    """One establishment. ``accepted_*`` None means "any"; an empty set means that nothing is accepted."""

    id: str
    name: str
    organisme: str
    champ: Champ
    category: str
    lat: float
    lon: float
    departement: str
    region: str
    need: Need
    current_solution: str | None
    accepted_solutions: frozenset[str] | None
    accepted_hosting: frozenset[Hosting] | None
    lot: str | None = None
    can_be_porteur: bool = True
    commune: str | None = None
    position_origin: str | None = None
    fictitious: bool = False

    def accepts_solution(self, solution_id: str) -> bool:
        return self.accepted_solutions is None or solution_id in self.accepted_solutions

    def accepts_hosting(self, hosting: Hosting) -> bool:
        return self.accepted_hosting is None or hosting in self.accepted_hosting


@dataclass(frozen=True, slots=True)
class Grappe:
    """A grappe without its figures. ``hosting`` is None only when ``same_hosting`` is false.

    ``members`` are ids in increasing order, porteur included.
    """

    id: str
    solution: str
    hosting: Hosting | None
    porteur: str
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FixedGrappe:
    """A grappe that must appear as given, or with members added when ``extendable``."""

    id: str | None
    solution: str
    hosting: Hosting | None
    porteur: str
    members: tuple[str, ...]
    extendable: bool = False


@dataclass(frozen=True, slots=True)
class Constraints:
    excluded: frozenset[str] = frozenset()
    apart: tuple[tuple[str, str], ...] = ()
    together: tuple[tuple[str, str], ...] = ()
    fixed_grappes: tuple[FixedGrappe, ...] = ()


@dataclass(frozen=True)
class Instance:
    """``previous``: the grappes of an earlier proposal, already reduced to ids that still exist.

    ``engine_readings``: (contradiction, option) pairs that the funding engine takes and the optimiser does
    not know, by contradiction.
    """

    regime: Regime
    parameters: Parameters
    organismes: tuple[Organisme, ...]
    solutions: tuple[DuiSolution, ...]
    esms: tuple[Esms, ...]
    constraints: Constraints = field(default_factory=Constraints)
    previous: tuple[Grappe, ...] = ()
    title: str | None = None
    engine_readings: tuple[tuple[str, str], ...] = ()

    @cached_property
    def esms_by_id(self) -> Mapping[str, Esms]:
        return {e.id: e for e in self.esms}

    @cached_property
    def organisme_by_id(self) -> Mapping[str, Organisme]:
        return {o.id: o for o in self.organismes}

    @cached_property
    def solution_by_id(self) -> Mapping[str, DuiSolution]:
        return {s.id: s for s in self.solutions}

    def territory_of(self, esms: Esms) -> str:
        """The code that members share with their porteur, empty where nothing need be shared.

        For the search and the explanations: the judge and ``verify`` read the parameter themselves.
        """
        match self.parameters.territory:
            case Territory.REGION:
                return esms.region
            case Territory.DEPARTEMENT:
                return esms.departement
            case Territory.NONE:
                return ""
