"""A plan as its readers see it: the instance and the proposal documents joined into plain values.

Pages, maps and exports are functions of these values only. The documents were validated before they were
kept; optional fields have the defaults of their formats.

When to modify: a reader must see one more thing that the documents hold.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from sys import intern
from typing import Any, TypeVar

from matchmaker.baremes.scales import scale_for
from matchmaker.proposals.robustness import robustness_of
from solver.instance import Readings
from solver.scale import Scale
from solver.vocabulary import Reason, Regime

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


def read(instance: Document, proposal: Document) -> Plan:
    """Join the two documents.

    Parameters
    ----------
    instance, proposal
        Valid documents of the formats ``matchmaker-instance/1`` and ``matchmaker-proposal/1``, the second an
        answer to the first.
    """
    parameters = proposal["parameters"]
    scale = scale_for(Regime(instance["regime"]), Readings(**parameters["readings"]))
    organismes = {o["id"]: _organisme(o, scale) for o in instance["organismes"]}
    solutions = {s["id"]: _solution(s) for s in instance["solutions"]}
    esms = {e["id"]: _esms(e, organismes) for e in instance["esms"]}
    grappes = tuple(_grappe(g, esms, solutions, scale, parameters) for g in proposal["grappes"])
    return Plan(
        title=instance.get("title") or "Plan sans titre",
        regime=instance["regime"],
        scale_version=scale.version,
        parameters=parameters,
        objective=parameters["objective"],
        objective_value=proposal["objective_value"],
        upper_bound=proposal["upper_bound"],
        certified_bound=proposal["certified_bound"],
        bound_proof=proposal.get("bound_proof", "certificate"),
        status=proposal["status"],
        gap=proposal["gap"],
        funding_eur=proposal["funding_eur"],
        wall_time_s=proposal.get("wall_time_s"),
        seed=proposal.get("seed"),
        changes_complete=proposal.get("changes_complete", True),
        esms=esms,
        solutions=solutions,
        grappes=tuple(sorted(grappes, key=lambda g: (-g.funding_eur, g.id))),
        unplaced=tuple(_unplaced(u, esms) for u in proposal["unplaced"]),
        robustness=robustness_of(instance, proposal),
        departures_complete=proposal.get("departures_complete", True),
        fictitious=any(
            item.get("fictitious", False)
            for key in ("organismes", "solutions", "esms")
            for item in instance[key]
        ),
    )


def _organisme(document: Document, scale: Scale) -> Organisme:
    return Organisme(
        id=document["id"],
        name=document["name"],
        esms_total=document["esms_total"],
        small=document["esms_total"] <= scale.small_og_max_esms,
        fictitious=document.get("fictitious", False),
    )


def _solution(document: Document) -> Solution:
    known = "referenced" if document["segur_referenced"] else "not_referenced"
    return Solution(
        id=document["id"],
        name=document["name"],
        segur=document.get("segur_status") or known,
        hosting=tuple(document["hosting"]),
        champs=tuple(document["champs"]),
        fictitious=document.get("fictitious", False),
    )


def _esms(document: Document, organismes: Mapping[str, Organisme]) -> Esms:
    # By position: a plan has tens of thousands of them, and names cost a third of the time.
    told = document.get
    return Esms(
        document["id"],
        document["name"],
        organismes[document["organisme"]],
        intern(document["champ"]),
        intern(document["category"]),
        told("commune"),
        intern(document["departement"]),
        intern(document["region"]),
        document["lat"],
        document["lon"],
        told("position_origin"),
        intern(document["need"]),
        told("current_solution"),
        _accepted(document["accepted_solutions"]),
        _accepted(document["accepted_hosting"]),
        told("lot"),
        told("fictitious", False),
    )


def _accepted(value: str | list[str]) -> tuple[str, ...] | None:
    return None if isinstance(value, str) else tuple(value)


def _grappe(
    document: Document,
    esms: Mapping[str, Esms],
    solutions: Mapping[str, Solution],
    scale: Scale,
    parameters: Document,
) -> Grappe:
    members = tuple(esms[id_] for id_ in document["members"])
    return Grappe(
        id=document["id"],
        solution=solutions[document["solution"]],
        hosting=document["hosting"],
        porteur=esms[document["porteur"]],
        members=members,
        funding_eur=document["funding_eur"],
        lines=tuple(_line(line) for line in document["lines"]),
        by_region=document["by_region"],
        radius_km=document["radius_km"],
        mean_distance_km=document["mean_distance_km"],
        threshold=_threshold(members, scale, parameters),
    )


def _threshold(members: tuple[Esms, ...], scale: Scale, parameters: Document) -> int:
    """The campaign's minimum, else the largest of those of the members' régions (contract, rule 4)."""
    asked: int | None = parameters.get("min_size")
    if asked is not None:
        return asked
    return max(scale.min_size_by_region.get(e.region, scale.min_size) for e in members)


def _line(document: Document) -> Line:
    reference = document["reference"]
    return Line(
        code=document["code"],
        quantity=document["quantity"],
        unit_eur=document["unit_eur"],
        amount_eur=document["amount_eur"],
        rule=reference.get("rule", ""),
        document=reference.get("document", ""),
        heading=reference.get("heading", ""),
        quote=reference.get("quote", ""),
    )


def _unplaced(document: Document, esms: Mapping[str, Esms]) -> Unplaced:
    return Unplaced(
        esms=esms[document["esms"]],
        reason=document["reason"],
        detail=document.get("detail") or {},
        changes=tuple(
            Change(
                kind=change["kind"],
                value=change["value"],
                joins=change["joins"],
                partners=tuple(esms[id_] for id_ in change.get("with") or ()),
                gain_eur=change["gain_eur"],
            )
            for change in document["changes"]
        ),
    )


def _most_first(values: Any) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(Counter(values).items(), key=lambda pair: (-pair[1], pair[0])))
