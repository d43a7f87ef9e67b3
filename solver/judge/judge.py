"""The judge of one instance: rules, figures and objective, with its distances kept between calls.

When to modify: a rule that looks at several grappes changes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from solver.instance import Esms, FixedGrappe, Grappe, Instance
from solver.judge import figures, grappe_rules
from solver.judge.distances import Distances
from solver.judge.ties import Ties
from solver.judge.verdict import UNFIGURED, Concession, Rule, Violation
from solver.proposal import Appraisal
from solver.scale import Scale
from solver.vocabulary import Objective


class Judge:
    """Judges grappes and proposals of one instance; amounts come from ``scale`` alone."""

    def __init__(self, instance: Instance, scale: Scale, distances: Distances | None = None) -> None:
        """``distances``: of another judge of the same ESMS, so that nothing is measured twice."""
        self.instance, self.scale = instance, scale
        self.distances = Distances(instance.esms) if distances is None else distances
        self.ties = Ties(instance)
        self.bench = grappe_rules.Bench(instance, scale, self.distances, self.ties)
        self._previous = {g.id: g for g in instance.previous}
        self._home = {id_: g.id for g in instance.previous for id_ in g.members}

    # one grappe --------------------------------------------------------------------------------------

    def grappe_violations(
        self, grappe: Grappe, concession: Concession | None = None, path: str = "grappe"
    ) -> list[Violation]:
        """Every rule that this grappe breaks by itself, whatever the others are.

        Under a ``concession`` the rules look as the contract's ``changes[]`` say, for its ESMS alone.
        """
        unknown = list(self._unknown(grappe, path))
        if unknown:
            return unknown
        members = self._members(grappe.members)
        touched = self._fixed_touched(grappe.members)
        fixed = touched[0] if touched else None
        rules = grappe_rules.GrappeRules(self.bench, grappe, members, fixed, concession, path)
        found = list(rules.broken())
        if len(touched) > 1:
            sets = [list(f.members) for f in touched]
            found.append(Violation(Rule.FIXED_GRAPPE, path, list(grappe.members), sets))
        return found + list(self._identity(grappe, fixed, path))

    def _unknown(self, grappe: Grappe, path: str) -> Iterator[Violation]:
        """Ids that do not exist, ESMS given twice, no member at all: nothing else can be judged then."""
        if not grappe.members:
            yield Violation(Rule.MEMBERS, f"{path}.members", 0, "at least one")
        if grappe.solution not in self.instance.solution_by_id:
            yield Violation(Rule.SOLUTION, f"{path}.solution", grappe.solution, "unknown")
        seen: set[str] = set()
        for place, id_ in enumerate(grappe.members):
            if id_ not in self.instance.esms_by_id:
                yield Violation(Rule.MEMBERS, f"{path}.members[{place}]", id_, "unknown")
            if id_ in seen:
                yield Violation(Rule.MEMBERS, f"{path}.members[{place}]", id_, "given more than once")
            seen.add(id_)

    def _identity(self, grappe: Grappe, fixed: FixedGrappe | None, path: str) -> Iterator[Violation]:
        """Rule 6 on ids: a previous id keeps its solution and hosting, a fixed grappe's id is its own."""
        earlier = self._previous.get(grappe.id)
        if earlier is not None and (earlier.solution, earlier.hosting) != (grappe.solution, grappe.hosting):
            stated, was = [grappe.solution, grappe.hosting], [earlier.solution, earlier.hosting]
            yield Violation(Rule.PREVIOUS, f"{path}.id", stated, was)
        if fixed is None:
            for reserved in self.instance.constraints.fixed_grappes:
                if reserved.id == grappe.id:
                    yield Violation(Rule.GRAPPE_ID, f"{path}.id", grappe.id, "the id of a fixed grappe")

    def _members(self, ids: Sequence[str]) -> list[Esms]:
        by_id: Mapping[str, Esms] = self.instance.esms_by_id
        return [by_id[id_] for id_ in ids]

    def _fixed_touched(self, ids: Sequence[str]) -> list[FixedGrappe]:
        found: list[FixedGrappe] = []
        for id_ in ids:
            fixed = self.ties.fixed_of.get(id_)
            if fixed is not None and fixed not in found:
                found.append(fixed)
        return found

    def elect(self, members: Sequence[str], concession: Concession | None = None) -> str | None:
        """The porteur that these ESMS would have; None when nobody can be.

        A fixed grappe that they extend keeps its own.
        """
        touched = self._fixed_touched(members)
        if touched:
            return touched[0].porteur
        return grappe_rules.elect(self.bench, self._members(members), concession)

    # figures -----------------------------------------------------------------------------------------

    def funding(self, solution: str, members: Sequence[str]) -> int:
        """Whole funding of these ESMS with a solution, euros. Raises ``figures.UnfundableError``."""
        paid = figures.forfaits(self.instance, self.scale, solution, self._members(members))
        return sum(forfait.unit_eur for forfait in paid)

    def appraise(self, grappe: Grappe) -> Appraisal:
        """The figures of a grappe whose ids exist. Raises ``figures.UnfundableError``.

        ``mean_distance_km`` is taken over all members, the porteur's own zero included.
        """
        members = self._members(grappe.members)
        paid = figures.forfaits(self.instance, self.scale, grappe.solution, members)
        total = sum(forfait.unit_eur for forfait in paid)
        km = self.distances.from_one(grappe.porteur, grappe.members)
        return Appraisal(
            funding_eur=total,
            lines=figures.lines(paid),
            by_region=figures.shares(total, [e.region for e in members]),
            radius_km=max(km),
            mean_distance_km=sum(km) / len(km),
        )

    def objective_value(self, grappes: Sequence[Grappe]) -> int:
        """Funding, or ESMS placed, plus the stability term."""
        parameters = self.instance.parameters
        if parameters.objective is Objective.COVERAGE:
            return sum(len(g.members) for g in grappes)
        kept = sum(1 for g in grappes for id_ in g.members if self._home.get(id_) == g.id)
        return sum(self.funding(g.solution, g.members) for g in grappes) + (
            parameters.stability_eur_per_esms * kept
        )

    # a proposal --------------------------------------------------------------------------------------

    def violations(self, grappes: Sequence[Grappe], concession: Concession | None = None) -> list[Violation]:
        """Every rule that these grappes break, alone or together; empty: a valid proposal."""
        found = []
        sound = []
        self.distances.learn((g.porteur, g.members) for g in grappes)
        for place, grappe in enumerate(grappes):
            path = f"grappes[{place}]"
            broken = self.grappe_violations(grappe, concession, path)
            found += broken
            if not any(v.rule in UNFIGURED for v in broken):
                sound.append(grappe)
        found += self._overlaps(grappes)
        found += self._ids(grappes)
        found += self._budget(sound)
        found += self._number(len(grappes))
        found += self._fixed_present(grappes, feasible=not found)
        return found

    def _overlaps(self, grappes: Sequence[Grappe]) -> Iterator[Violation]:
        first: dict[str, int] = {}
        for place, grappe in enumerate(grappes):
            for at, id_ in enumerate(grappe.members):
                if first.setdefault(id_, place) != place:
                    path = f"grappes[{place}].members[{at}]"
                    yield Violation(Rule.ONE_GRAPPE, path, id_, f"also in grappes[{first[id_]}]")

    def _ids(self, grappes: Sequence[Grappe]) -> Iterator[Violation]:
        places: dict[str, list[int]] = defaultdict(list)
        for place, grappe in enumerate(grappes):
            places[grappe.id].append(place)
        for id_, several in places.items():
            for place in several[1:]:
                yield Violation(Rule.GRAPPE_ID, f"grappes[{place}].id", id_, f"also of grappes[{several[0]}]")

    def _budget(self, sound: Sequence[Grappe]) -> Iterator[Violation]:
        budget = self.instance.parameters.budget_eur
        total = 0 if budget is None else sum(self.funding(g.solution, g.members) for g in sound)
        if budget is not None and total > budget:
            yield Violation(Rule.BUDGET, "funding_eur", total, f"at most {budget}")

    def _number(self, grappes: int) -> Iterator[Violation]:
        most = self.instance.parameters.max_grappes
        if most is not None and grappes > most:
            yield Violation(Rule.MAX_GRAPPES, "grappes", grappes, f"at most {most}")

    def _fixed_present(self, grappes: Sequence[Grappe], *, feasible: bool) -> Iterator[Violation]:
        placed = {id_ for g in grappes for id_ in g.members}
        for place, fixed in enumerate(self.instance.constraints.fixed_grappes):
            if not placed.isdisjoint(fixed.members):
                continue  # judged with the grappe that holds them
            path = f"constraints.fixed_grappes[{place}]"
            if not fixed.extendable:
                yield Violation(Rule.FIXED_GRAPPE, path, "absent", "must appear as given")
            elif feasible:
                witness = self.extension(fixed, grappes)
                if witness is not None:
                    yield Violation(Rule.FIXED_GRAPPE, path, "absent", list(witness.members))

    def extension(self, fixed: FixedGrappe, grappes: Sequence[Grappe]) -> Grappe | None:
        """An extendable grappe made large enough with ESMS that these grappes leave out, the rest untouched.

        What can only move together is added greedily in the order of its smallest id: what is returned is
        valid beside ``grappes``; None does not prove that nothing is.
        """
        if any(self._number(len(grappes) + 1)):
            return None
        ids = {g.id for g in grappes}
        id_ = fixed.id or next(i for i in map(str, range(len(ids) + 1)) if i not in ids)
        grappe = Grappe(id_, fixed.solution, fixed.hosting, fixed.porteur, fixed.members)
        for unit in [frozenset[str](), *self._free_units(fixed, grappes)]:
            wider = replace(grappe, members=tuple(sorted(unit.union(grappe.members))))
            broken = self.grappe_violations(wider)
            if not broken:
                fits = not any(self._budget([*grappes, wider]))
                return wider if fits else None
            if all(v.rule is Rule.SIZE for v in broken) and self._may_grow(wider.members):
                grappe = wider
        return None

    def _free_units(self, fixed: FixedGrappe, grappes: Sequence[Grappe]) -> list[frozenset[str]]:
        """What can only move together, is in no grappe, and has one in reach of a fixed porteur."""
        barred = {id_ for g in grappes for id_ in g.members}.union(self.ties.fixed_of)
        porteur = self.instance.esms_by_id[fixed.porteur]
        free = [e for e in self.instance.esms if e.id not in barred]
        reached = grappe_rules.in_reach(self.bench, porteur, free, None)
        units = {self.ties.moving_with(e.id) for e, near in zip(free, reached, strict=True) if near}
        return sorted((u for u in units if u.isdisjoint(barred)), key=min)

    def _may_grow(self, members: Sequence[str]) -> bool:
        most = grappe_rules.maximum_size(self.bench)
        return most is None or len(members) <= most
