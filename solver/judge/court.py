"""The judge itself: one instance, one scale, any number of grappes brought before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

from solver.instance import FixedGrappe, Grappe, Instance
from solver.judge import groups, rules
from solver.judge.amounts import appraisal_of
from solver.judge.concession import Concession
from solver.judge.measures import Measures
from solver.judge.violation import Violation
from solver.proposal import Appraisal
from solver.scale import Scale
from solver.vocabulary import Objective


class Judge:
    """Feasibility and figures of proposals of one instance; distances are measured once."""

    def __init__(self, instance: Instance, scale: Scale) -> None:
        self.instance = instance
        self.scale = scale
        self.measures = Measures(instance.esms)

    @cached_property
    def _lots(self) -> Mapping[tuple[str, str], frozenset[str]]:
        return groups.lots(self.instance)

    @cached_property
    def _wholes_of(self) -> Mapping[str, tuple[tuple[str, frozenset[str]], ...]]:
        """ESMS id -> the (rule, ids) that must be placed whole with it."""
        wholes = [("lot_split", ids) for ids in self._lots.values()]
        wholes += [("together_split", ids) for ids in groups.together(self.instance)]
        found: dict[str, list[tuple[str, frozenset[str]]]] = {}
        for whole in wholes:
            for esms_id in whole[1]:
                found.setdefault(esms_id, []).append(whole)
        return {esms_id: tuple(mine) for esms_id, mine in found.items()}

    @cached_property
    def _fixed_by_member(self) -> Mapping[str, FixedGrappe]:
        return {m: fixed for fixed in self.instance.constraints.fixed_grappes for m in fixed.members}

    def _fixed(self, grappe: Grappe) -> FixedGrappe | None:
        """The fixed grappe that this one carries, when it holds all its members."""
        for member in grappe.members:
            fixed = self._fixed_by_member.get(member)
            if fixed is not None and set(fixed.members) <= set(grappe.members):
                return fixed
        return None

    # one grappe -------------------------------------------------------------------------------------------

    def grappe_violations(
        self,
        grappe: Grappe,
        concession: Concession | None = None,
        *,
        path: str = "grappe",
        checks: Sequence[rules.Rule] = rules.RULES,
        fixed: bool = False,
    ) -> list[Violation]:
        """Every rule that one grappe breaks by itself, lots and organismes kept together included."""
        unknown = [m for m in (*grappe.members, grappe.porteur) if m not in self.instance.esms_by_id]
        if unknown:
            return [Violation("unknown_esms", path, unknown, None)]
        if grappe.solution not in self.instance.solution_by_id:
            return [Violation("unknown_solution", path, grappe.solution, None)]
        if not grappe.members:
            return [Violation("empty_grappe", path, grappe.id, None)]
        if len(set(grappe.members)) < len(grappe.members):
            return [Violation("member_twice", path, sorted(grappe.members), None)]
        conceded = concession or rules.NOTHING_CONCEDED
        case = rules.Case(
            instance=self.instance,
            scale=self.scale,
            measures=self.measures,
            grappe=grappe,
            members=tuple(self.instance.esms_by_id[member] for member in grappe.members),
            solution=self.instance.solution_by_id[grappe.solution],
            concession=conceded,
            path=path,
            porteur_given=fixed or self._fixed(grappe) is not None,
        )
        found = [violation for check in checks for violation in check(case)]
        found.extend(self._torn(grappe, conceded, path))
        return found

    def _torn(self, grappe: Grappe, concession: Concession, path: str) -> Iterator[Violation]:
        """Lots and organismes kept together of which a part only is in the grappe."""
        inside = frozenset(grappe.members)
        for rule, whole in sorted(
            {whole for member in grappe.members for whole in self._wholes_of.get(member, ())},
            key=lambda w: (w[0], min(w[1])),
        ):
            if not whole <= inside and not (rule == "lot_split" and concession.splits(whole)):
                yield Violation(rule, path, sorted(whole & inside), sorted(whole - inside))

    def appraise(self, grappe: Grappe) -> Appraisal:
        """Every figure of one grappe; ValueError when a member is not fundable."""
        return appraisal_of(self.instance, self.scale, grappe, self.measures)

    # a whole proposal -------------------------------------------------------------------------------------

    def violations(self, grappes: Sequence[Grappe], concession: Concession | None = None) -> list[Violation]:
        """Every rule that a list of grappes breaks; an empty list is a valid proposal."""
        found = []
        for place, grappe in enumerate(grappes):
            found.extend(self.grappe_violations(grappe, concession, path=f"grappes[{place}]"))
        found.extend(_repeated(grappes))
        if found:
            return found
        found.extend(self._fixed_broken(grappes))
        found.extend(self._identities(grappes))
        budget = self.instance.parameters.budget_eur
        if budget is not None:
            total = sum(self.appraise(grappe).funding_eur for grappe in grappes)
            if total > budget:
                found.append(Violation("over_budget", "grappes", total, budget))
        return found

    def _fixed_broken(self, grappes: Sequence[Grappe]) -> Iterator[Violation]:
        """A fixed grappe appears as given, or with members added; an extendable one may be absent whole.

        Only an extendable grappe that is under the minimum by itself may be absent.
        """
        of_member = {member: grappe for grappe in grappes for member in grappe.members}
        for place, fixed in enumerate(self.instance.constraints.fixed_grappes):
            path = f"constraints.fixed_grappes[{place}]"
            holders = {id(of_member[m]): of_member[m] for m in fixed.members if m in of_member}
            if not holders:
                lowest = rules.minimum_size(
                    self.instance, self.scale, [self.instance.esms_by_id[m] for m in fixed.members]
                )
                if not fixed.extendable or len(fixed.members) >= lowest:
                    yield Violation("fixed_absent", path, sorted(fixed.members), None)
                continue
            grappe = next(iter(holders.values()))
            if not set(fixed.members) <= set(grappe.members):
                yield Violation("fixed_torn", path, sorted(fixed.members), sorted(grappe.members))
                continue
            given = (fixed.solution, fixed.hosting, fixed.porteur)
            shown = (grappe.solution, grappe.hosting, grappe.porteur)
            if given != shown:
                yield Violation("fixed_changed", path, given, shown)
            if fixed.id is not None and fixed.id != grappe.id:
                yield Violation("fixed_renamed", path, fixed.id, grappe.id)
            if not fixed.extendable and len(grappe.members) > len(fixed.members):
                yield Violation("fixed_extended", path, sorted(fixed.members), sorted(grappe.members))
            others = [
                other
                for other in self.instance.constraints.fixed_grappes
                if other is not fixed and set(other.members) & set(grappe.members)
            ]
            if others:
                yield Violation("fixed_merged", path, sorted(fixed.members), sorted(others[0].members))

    def _identities(self, grappes: Sequence[Grappe]) -> Iterator[Violation]:
        """Rule 6: an id of ``previous`` is carried with the same solution and hosting."""
        before = {grappe.id: grappe for grappe in self.instance.previous}
        fixed_ids = {fixed.id for fixed in self.instance.constraints.fixed_grappes}
        for place, grappe in enumerate(grappes):
            old = before.get(grappe.id)
            if old is None or grappe.id in fixed_ids:
                continue
            if (old.solution, old.hosting) != (grappe.solution, grappe.hosting):
                path = f"grappes[{place}]"
                now = (grappe.solution, grappe.hosting)
                yield Violation("identity_changed", path, now, (old.solution, old.hosting))

    def objective_value(self, grappes: Sequence[Grappe]) -> int:
        """What the instance maximises: funding or ESMS placed, plus the stability term."""
        parameters = self.instance.parameters
        if parameters.objective is Objective.COVERAGE:
            return sum(len(grappe.members) for grappe in grappes)
        total = sum(self.appraise(grappe).funding_eur for grappe in grappes)
        return total + parameters.stability_eur_per_esms * self.kept(grappes)

    def kept(self, grappes: Sequence[Grappe]) -> int:
        """ESMS whose grappe carries the id of their grappe in ``previous``."""
        before = {member: grappe.id for grappe in self.instance.previous for member in grappe.members}
        return sum(1 for grappe in grappes for member in grappe.members if before.get(member) == grappe.id)


def _repeated(grappes: Sequence[Grappe]) -> Iterator[Violation]:
    """Rule 1: an ESMS in two grappes; two grappes with one id."""
    for member, times in Counter(m for grappe in grappes for m in grappe.members).items():
        if times > 1:
            yield Violation("placed_twice", "grappes", member, times)
    for id_, times in Counter(grappe.id for grappe in grappes).items():
        if times > 1:
            yield Violation("id_twice", "grappes", id_, times)
