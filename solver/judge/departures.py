"""What a grappe becomes when one organisme leaves it, and who may take its place.

The organisme leaves the campaign with all its ESMS: it is taken off fixed grappes too, and a fixed grappe
that has lost members may take others. ``min_slack`` is not asked of what is left: it is there for such a day.

When to modify: a rule of the contract says otherwise what a grappe is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from solver.instance import Constraints, Esms, FixedGrappe, Grappe, Instance
from solver.judge.changes import movements
from solver.judge.grappe_rules import able_to_carry, minimum_size, territory_code
from solver.judge.judge import Judge
from solver.judge.verdict import Concession, GivenUpError, Rule, Violation
from solver.proposal import Departure, Replacement
from solver.vocabulary import ChangeKind, DepartureRule

_ANYWHERE_KM = 1e5
_KM = 1.5e-6  # distances are stated to the millimetre

Document = Mapping[str, Any]


class Departures:
    """Departures from the grappes of one valid proposal."""

    def __init__(self, judge: Judge, grappes: Sequence[Grappe]) -> None:
        parameters = replace(judge.instance.parameters, min_slack=0)
        relaxed = replace(judge.instance, parameters=parameters)
        self._judge = Judge(relaxed, judge.scale, judge.distances)
        self._placed = {id_ for g in grappes for id_ in g.members}
        self._total = sum(judge.funding(g.solution, g.members) for g in grappes)
        self._without: dict[str, Judge] = {}

    @property
    def judge(self) -> Judge:
        """Of the question as it is, without ``min_slack``."""
        return self._judge

    def slack(self, grappe: Grappe) -> int:
        """ESMS beyond the minimum of the grappe, ``min_slack`` aside."""
        by_id = self._judge.instance.esms_by_id
        return len(grappe.members) - minimum_size(self._judge.bench, [by_id[m] for m in grappe.members])

    def organismes(self, grappe: Grappe) -> list[str]:
        by_id = self._judge.instance.esms_by_id
        return sorted({by_id[m].organisme for m in grappe.members})

    def spendable(self, grappe: Grappe) -> float:
        """Euros that the budget leaves to this grappe, infinite without a budget."""
        budget = self._judge.instance.parameters.budget_eur
        if budget is None:
            return float("inf")
        return budget - self._total + self._judge.funding(grappe.solution, grappe.members)

    def rest(self, grappe: Grappe, organisme: str) -> tuple[str, ...]:
        """The members that stay."""
        by_id = self._judge.instance.esms_by_id
        return tuple(m for m in grappe.members if by_id[m].organisme != organisme)

    def of(self, grappe: Grappe, organisme: str) -> Departure:
        """What becomes of the grappe, replacements aside.

        It was valid: fewer members can only break its size, its reach, and what is kept together.
        """
        rest = self.rest(grappe, organisme)
        gone = len(grappe.members) - len(rest)
        if not rest:
            return Departure(organisme, gone, (DepartureRule.MEMBERS,), None, None, None)
        judge = self.judge_without(organisme)
        members = [judge.instance.esms_by_id[m] for m in rest]
        missing = minimum_size(judge.bench, members) - len(rest)
        rules = []
        if missing > 0:
            rules.append(DepartureRule.SIZE)
        if grappe.porteur not in rest and not able_to_carry(judge.bench, members, None):
            carriers = any(e.can_be_porteur for e in members)
            rules.append(DepartureRule.RADIUS if carriers else DepartureRule.PORTEUR)
        if organisme in judge.ties.chain_of and self._chained(members, organisme):
            rules.append(DepartureRule.TOGETHER)
        if rules:
            short = missing if missing > 0 else None
            return Departure(organisme, gone, tuple(rules), short, None, None)
        funding = judge.funding(grappe.solution, rest)
        return Departure(organisme, gone, (), None, judge.elect(rest), funding)

    def _chained(self, members: Sequence[Esms], organisme: str) -> bool:
        """Whether somebody who stays may only be placed with the organisme that leaves."""
        chain_of = self._judge.ties.chain_of
        return any(chain_of.get(e.organisme) == chain_of[organisme] for e in members)

    def replaced(
        self, grappe: Grappe, organisme: str, ids: Sequence[str], concession: Concession | None = None
    ) -> Replacement | None:
        """The grappe with these unplaced ESMS in the place of the organisme; None: the judge refuses it.

        The budget pays for them; they concede nothing but the ``concession``.
        """
        judge = self.judge_without(organisme)
        by_id = judge.instance.esms_by_id
        rest = self.rest(grappe, organisme)
        known = all(id_ in by_id and id_ not in self._placed for id_ in ids)
        if not rest or not ids or not known or any(by_id[id_].organisme == organisme for id_ in ids):
            return None
        members = tuple(sorted({*rest, *ids}))
        porteur = judge.elect(members, concession)
        if porteur is None:
            return None
        filled = replace(grappe, members=members, porteur=porteur)
        if judge.grappe_violations(filled, concession):
            return None
        paid = judge.funding(grappe.solution, members)
        if paid > self.spendable(grappe):
            return None
        km = max(judge.distances.km(porteur, id_) for id_ in ids)
        conceded = None
        if concession is not None and concession.value is not None:
            conceded = concession.kind, concession.value
        return Replacement(tuple(sorted(ids)), porteur, km, paid, conceded)

    def conceding(
        self, grappe: Grappe, organisme: str, ids: Sequence[str], kind: ChangeKind, value: str | float
    ) -> Replacement | None:
        """The same under a single concession of these ESMS, which all move together; None: it is not enough.

        Of ``radius_km`` and ``territory`` the value is found here: what this porteur asks of them.
        """
        known = self._judge.instance.esms_by_id
        if not ids or any(id_ not in known for id_ in ids):
            return None
        for moved, concession in movements(self._judge, min(ids), kind, value):
            if moved != frozenset(ids):
                continue
            if kind in (ChangeKind.RADIUS_KM, ChangeKind.TERRITORY):
                concession = replace(concession, value=_ANYWHERE_KM)
            found = self.replaced(grappe, organisme, ids, concession)
            if found is None or kind not in (ChangeKind.RADIUS_KM, ChangeKind.TERRITORY):
                return found
            if kind is ChangeKind.RADIUS_KM:
                return replace(found, concession=(kind, round(found.km, 6)))
            code = territory_code(self._judge.instance, known[found.porteur])
            return replace(found, concession=(kind, code or ""))
        return None

    def judge_without(self, organisme: str) -> Judge:
        """The judge of the campaign that this organisme has left."""
        found = self._without.get(organisme)
        if found is None:
            instance = _without(self._judge.instance, organisme)
            base = self._judge
            found = base if instance is base.instance else Judge(instance, base.scale, base.distances)
            self._without[organisme] = found
        return found


def _without(instance: Instance, organisme: str) -> Instance:
    """The instance whose fixed grappes hold no ESMS of this organisme."""
    constraints = instance.constraints
    fixed = [_left_of(instance, f, organisme) for f in constraints.fixed_grappes]
    if all(new is old for new, old in zip(fixed, constraints.fixed_grappes, strict=True)):
        return instance
    kept = tuple(f for f in fixed if f is not None)
    changed: Constraints = replace(constraints, fixed_grappes=kept)
    return replace(instance, constraints=changed)


def _left_of(instance: Instance, fixed: FixedGrappe, organisme: str) -> FixedGrappe | None:
    """A fixed grappe after a departure; None once its porteur is gone: it is then a grappe like another."""
    by_id = instance.esms_by_id
    members = tuple(m for m in fixed.members if by_id[m].organisme != organisme)
    if len(members) == len(fixed.members):
        return fixed
    if by_id[fixed.porteur].organisme == organisme:
        return None
    return replace(fixed, members=members, extendable=True)


def departure_disagreements(
    judge: Judge,
    proposal: Document,
    grappes: Sequence[Grappe],
    given_up: Callable[[], bool] = lambda: False,
) -> Iterator[Violation]:
    """What a valid proposal states of departures and the judge does not find; one may state nothing.

    Raises ``GivenUpError`` once ``given_up()``.
    """
    if "robustness" not in proposal:
        return
    by_id = {g.id: g for g in grappes}
    named = sorted(one["grappe"] for one in proposal["robustness"])
    if named != sorted(by_id):
        yield Violation(Rule.DEPARTURE, "robustness", named, sorted(by_id))
        return
    departures = Departures(judge, grappes)
    for place, stated in enumerate(proposal["robustness"]):
        if given_up():
            raise GivenUpError(changes_hold=True)
        path, grappe = f"robustness[{place}]", by_id[stated["grappe"]]
        if stated["slack"] != departures.slack(grappe):
            yield Violation(Rule.DEPARTURE, f"{path}.slack", stated["slack"], departures.slack(grappe))
        yield from _of_grappe(departures, grappe, stated["departures"], f"{path}.departures")


def _of_grappe(
    departures: Departures, grappe: Grappe, stated: Sequence[Document], path: str
) -> Iterator[Violation]:
    named = sorted(one["organisme"] for one in stated)
    due = departures.organismes(grappe)
    if named != due:
        yield Violation(Rule.DEPARTURE, path, named, due)
        return
    for place, one in enumerate(stated):
        here = f"{path}[{place}]"
        found = departures.of(grappe, one["organisme"])
        figures = {
            "esms": found.esms,
            "rules": [rule.value for rule in found.rules],
            "missing": found.missing,
            "porteur": found.porteur,
            "funding_eur": found.funding_eur,
        }
        for key, recomputed in figures.items():
            if one[key] != recomputed:
                yield Violation(Rule.DEPARTURE, f"{here}.{key}", one[key], recomputed)
        for at, replacement in enumerate(one["replacements"]):
            where = f"{here}.replacements[{at}]"
            if not found.rules:
                yield Violation(Rule.DEPARTURE, where, replacement["esms"], "the grappe stands by itself")
            else:
                yield from _replacement(departures, grappe, one["organisme"], replacement, where)


def _replacement(
    departures: Departures, grappe: Grappe, organisme: str, stated: Document, path: str
) -> Iterator[Violation]:
    conceded = stated.get("concession")
    if conceded is None:
        found = departures.replaced(grappe, organisme, stated["esms"])
    else:
        kind, value = ChangeKind(conceded["kind"]), conceded["value"]
        found = departures.conceding(grappe, organisme, stated["esms"], kind, value)
    if found is None:
        yield Violation(Rule.DEPARTURE, path, stated["esms"], "makes no grappe")
        return
    for key, recomputed in (("porteur", found.porteur), ("funding_eur", found.funding_eur)):
        if stated[key] != recomputed:
            yield Violation(Rule.DEPARTURE, f"{path}.{key}", stated[key], recomputed)
    if abs(stated["km"] - found.km) > _KM:
        yield Violation(Rule.DEPARTURE, f"{path}.km", stated["km"], found.km)
    if conceded is not None and not _same_value(conceded["value"], found.concession):
        due = found.concession[1] if found.concession else None
        yield Violation(Rule.DEPARTURE, f"{path}.concession.value", conceded["value"], due)


def _same_value(stated: object, found: tuple[ChangeKind, str | float] | None) -> bool:
    if found is None:
        return False
    if isinstance(stated, int | float) and isinstance(found[1], float):
        return abs(stated - found[1]) <= _KM
    return stated == found[1]
