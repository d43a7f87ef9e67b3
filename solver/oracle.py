"""Exhaustive search for tiny instances: the yardstick of the tests.

Every grappe that the judge accepts is listed, then every set of disjoint ones is weighed. Shares nothing with
the search: what is feasible and what it is worth is the judge's word.

When to modify: the objective of the contract changes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from solver.instance import FixedGrappe, Grappe, Instance
from solver.judge import Judge, Rule
from solver.scale import Scale
from solver.vocabulary import Hosting, Need, Objective

MOST_UNITS = 14  # what moves together counts once; beyond, the lists no longer fit
_OWN_RULES = frozenset(
    {
        Rule.NO_NEED,
        Rule.EXCLUDED,
        Rule.SOLUTION,
        Rule.CURRENT_SOLUTION,
        Rule.CHAMP,
        Rule.HOSTING,
        Rule.FUNDABLE,
    }
)
_UNNAMED = "\x00"  # no document holds this id


@dataclass(frozen=True, slots=True)
class OracleResult:
    """``objective``: no valid proposal is worth more; ``grappes`` reach it."""

    objective: int
    grappes: tuple[Grappe, ...]


@dataclass(frozen=True, slots=True)
class _Column:
    """A grappe that the judge accepts. ``identity``: the place of the previous id it carries, or -1."""

    mask: int
    grappe: Grappe
    funding: int
    worth: int
    identity: int
    extended: int


@dataclass(frozen=True, slots=True)
class _Choice:
    """A set of disjoint columns, as a chain; ``extended`` counts extendable grappes that appear."""

    funding: int
    extended: int
    worth: int
    grappes: int
    column: _Column | None = None
    rest: _Choice | None = None

    @property
    def key(self) -> tuple[int, int]:
        return (self.extended, self.worth)


def best(instance: Instance, scale: Scale) -> OracleResult:
    """The best proposal of an instance of a dozen ESMS.

    As many extendable grappes as possible appear, then the objective decides. Raises ValueError when more
    than ``MOST_UNITS`` lots could be placed.
    """
    judge = Judge(instance, scale)
    units = _units(judge)
    if len(units) > MOST_UNITS:
        raise ValueError(f"{len(units)} lots: too many to try every set of them")
    packing = _Packing(instance, list(_columns(judge, units)), _forced(instance, units))
    chosen = packing.best((1 << len(units)) - 1, 0)
    if not chosen:
        raise ValueError("the fixed grappes cannot all appear: the instance is not usable")
    top = max(chosen, key=lambda choice: choice.key)
    return OracleResult(top.worth, tuple(_named(top, instance)))


def best_placing(instance: Instance, scale: Scale) -> dict[str, int]:
    """ESMS id -> objective of the best proposal that places it; an ESMS that none places is left out.

    As in ``best``, only proposals in which as many extendable grappes as possible appear count.
    """
    judge = Judge(instance, scale)
    units = _units(judge)
    if len(units) > MOST_UNITS:
        raise ValueError(f"{len(units)} lots: too many to try every set of them")
    columns, forced, free = list(_columns(judge, units)), _forced(instance, units), (1 << len(units)) - 1
    every = _Packing(instance, columns, forced).best(free, 0)
    extended = max((choice.extended for choice in every), default=0)
    found: dict[str, int] = {}
    for k, unit in enumerate(units):
        choices = _Packing(instance, columns, forced | 1 << k).best(free, 0)
        worths = [choice.worth for choice in choices if choice.extended == extended]
        if worths:
            found |= dict.fromkeys(unit, max(worths))
    return found


def _units(judge: Judge) -> list[frozenset[str]]:
    """What can only be placed together, without those that can never be."""
    excluded = judge.instance.constraints.excluded
    never = {e.id for e in judge.instance.esms if e.need is Need.AUCUN} | excluded
    every = {judge.ties.moving_with(e.id) for e in judge.instance.esms}
    return sorted((unit for unit in every if unit.isdisjoint(never)), key=min)


def _forced(instance: Instance, units: list[frozenset[str]]) -> int:
    """The units of fixed grappes that must appear."""
    held = {id_ for f in instance.constraints.fixed_grappes if not f.extendable for id_ in f.members}
    return sum(1 << k for k, unit in enumerate(units) if not unit.isdisjoint(held))


def _columns(judge: Judge, units: list[frozenset[str]]) -> Iterator[_Column]:
    porteurs: dict[int, str | None] = {}
    for solution in judge.instance.solutions:
        modes: list[Hosting | None] = [None]
        if judge.instance.parameters.same_hosting:
            modes = [*sorted(solution.hosting)]
        for hosting in modes:
            able = [k for k, unit in enumerate(units) if _suits(judge, unit, solution.id, hosting)]
            for mask in _subsets(judge, units, able):
                members = _members(units, mask)
                if mask not in porteurs:
                    porteurs[mask] = judge.elect(members)
                porteur = porteurs[mask]
                if porteur is not None:
                    yield from _as_columns(
                        judge, mask, Grappe(_UNNAMED, solution.id, hosting, porteur, members)
                    )


def _suits(judge: Judge, unit: frozenset[str], solution: str, hosting: Hosting | None) -> bool:
    """Whether every member takes this solution and hosting, whoever else is in the grappe."""
    members = tuple(sorted(unit))
    alone = Grappe(_UNNAMED, solution, hosting, members[0], members)
    return not any(v.rule in _OWN_RULES for v in judge.grappe_violations(alone))


def _subsets(judge: Judge, units: list[frozenset[str]], able: list[int]) -> Iterator[int]:
    """Masks of sets of units whose size may do."""
    parameters = judge.instance.parameters
    least = parameters.min_size or 1
    most = parameters.max_size or judge.scale.max_size or len(judge.instance.esms)

    def grow(mask: int, size: int, start: int) -> Iterator[int]:
        if size >= least and mask:
            yield mask
        for at in range(start, len(able)):
            wider = size + len(units[able[at]])
            if wider <= most:
                yield from grow(mask | 1 << able[at], wider, at + 1)

    return grow(0, 0, 0)


def _members(units: list[frozenset[str]], mask: int) -> tuple[str, ...]:
    return tuple(sorted(id_ for k, unit in enumerate(units) if mask >> k & 1 for id_ in unit))


def _as_columns(judge: Judge, mask: int, grappe: Grappe) -> Iterator[_Column]:
    """The grappe under each id that may change its worth; nothing when the judge refuses it."""
    instance = judge.instance
    fixed = next((f for id_ in grappe.members if (f := judge.ties.fixed_of.get(id_)) is not None), None)
    if fixed is not None and fixed.id is not None:
        grappe = replace(grappe, id=fixed.id)
    if judge.grappe_violations(grappe):
        return
    funding = judge.funding(grappe.solution, grappe.members)
    value = len(grappe.members) if instance.parameters.objective is Objective.COVERAGE else funding
    extended = int(fixed is not None and fixed.extendable)
    for identity in _identities(instance, grappe, fixed):
        if identity < 0:
            yield _Column(mask, grappe, funding, value, -1, extended)
            continue
        earlier = instance.previous[identity]
        kept = len(set(earlier.members).intersection(grappe.members))
        worth = value + kept * instance.parameters.stability_eur_per_esms
        yield _Column(mask, replace(grappe, id=earlier.id), funding, worth, identity, extended)


def _identities(instance: Instance, grappe: Grappe, fixed: FixedGrappe | None) -> Iterable[int]:
    """Places in ``previous`` whose id the grappe may carry, and -1 for an id of its own."""
    reserved = {f.id for f in instance.constraints.fixed_grappes}
    alike = [
        place
        for place, earlier in enumerate(instance.previous)
        if (earlier.solution, earlier.hosting) == (grappe.solution, grappe.hosting)
    ]
    if fixed is not None and fixed.id is not None:
        return [place for place in alike if instance.previous[place].id == fixed.id] or [-1]
    if not instance.parameters.stability_eur_per_esms:
        return [-1]
    return [-1, *(place for place in alike if instance.previous[place].id not in reserved)]


class _Packing:
    """Sets of disjoint columns, by the units still free and the previous ids already carried."""

    def __init__(self, instance: Instance, columns: list[_Column], forced: int) -> None:
        self._budget, self._forced = instance.parameters.budget_eur, forced
        self._most = instance.parameters.max_grappes
        self._starting: dict[int, list[_Column]] = {}
        for column in columns:
            self._starting.setdefault(column.mask & -column.mask, []).append(column)
        self._known: dict[tuple[int, int], list[_Choice]] = {}

    def best(self, free: int, carried: int) -> list[_Choice]:
        """The choices that no other one beats at the same cost; when nothing costs, the best one."""
        if not free:
            return [_Choice(0, 0, 0, 0)]
        known = self._known.get((free, carried))
        if known is None:
            known = self._known[free, carried] = self._undominated(list(self._choices(free, carried)))
        return known

    def _choices(self, free: int, carried: int) -> Iterator[_Choice]:
        first = free & -free
        if not first & self._forced:
            yield from self.best(free ^ first, carried)
        for column in self._starting.get(first, ()):
            mark = 0 if column.identity < 0 else 1 << column.identity
            if column.mask & ~free or mark & carried:
                continue
            for rest in self.best(free & ~column.mask, carried | mark):
                funding = rest.funding + column.funding
                grappes = rest.grappes + 1
                if self._most is not None and grappes > self._most:
                    continue
                if self._budget is None or funding <= self._budget:
                    extended, worth = rest.extended + column.extended, rest.worth + column.worth
                    yield _Choice(funding, extended, worth, grappes, column, rest)

    def _undominated(self, choices: list[_Choice]) -> list[_Choice]:
        if self._budget is None and self._most is None:
            return [max(choices, key=lambda c: c.key)] if choices else []
        choices.sort(key=lambda c: (c.funding, -c.extended, -c.worth, c.grappes))
        kept: list[_Choice] = []
        for choice in choices:
            if not any(self._beats(k, choice) for k in kept):
                kept.append(choice)
        return kept

    def _beats(self, one: _Choice, other: _Choice) -> bool:
        """Whether the first, which comes earlier in the order, is as good at no higher cost."""
        if self._budget is not None and one.funding > other.funding:
            return False
        if self._most is not None and one.grappes > other.grappes:
            return False
        return one.extended >= other.extended and one.worth >= other.worth


def _named(choice: _Choice | None, instance: Instance) -> Iterator[Grappe]:
    """The grappes of a choice; those without an id get one that nothing else carries."""
    taken = {g.id for g in instance.previous} | {f.id for f in instance.constraints.fixed_grappes}
    number = 0
    while choice is not None and choice.column is not None:
        grappe = choice.column.grappe
        if grappe.id == _UNNAMED:
            number += 1
            while f"G{number}" in taken:
                number += 1
            grappe = replace(grappe, id=f"G{number}")
        yield grappe
        choice = choice.rest
