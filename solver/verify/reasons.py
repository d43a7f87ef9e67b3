"""Why an ESMS is unplaced: the reason and its numbers, counted again.

The causes that lie in an ESMS or its lot alone are derived whole. ``too_few_partners`` is counted again in
every
row in reach. ``constraint`` must name what the instance holds. The loss of ``outcompeted`` is an estimate.

When to modify: the contract gains a reason, or a number that goes with one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from solver.instance import DuiSolution, Esms, Instance
from solver.scale import Scale
from solver.verify.finding import Check, Finding
from solver.verify.lots import territory
from solver.verify.partners import Partners
from solver.vocabulary import Hosting, Need, Reason

Document = Mapping[str, Any]
Own = tuple[Reason, dict[str, Any]]


def reason_findings(instance: Instance, scale: Scale, proposal: Document) -> list[Finding]:
    """Every ``reason`` and ``detail`` that does not hold."""
    reasons = _Reasons(instance, scale)
    found: list[Finding] = []
    for place, entry in enumerate(proposal["unplaced"]):
        esms = instance.esms_by_id.get(entry["esms"])
        if esms is None:
            continue  # told by the judge
        path = f"unplaced[{place}]"
        found += reasons.check(esms, entry["reason"], entry["detail"], path, proposal["objective_value"])
    return found


class _Reasons:
    """The reasons of one instance."""

    def __init__(self, instance: Instance, scale: Scale) -> None:
        self.instance, self.scale = instance, scale
        self._lots: dict[tuple[str, str], list[Esms]] = {}
        for e in sorted(instance.esms, key=lambda e: e.id):
            if e.lot is not None:
                self._lots.setdefault((e.organisme, e.lot), []).append(e)

    def lot_of(self, e: Esms) -> list[Esms]:
        return [e] if e.lot is None else self._lots[e.organisme, e.lot]

    def check(self, e: Esms, reason: str, detail: Document, path: str, objective: int) -> Iterator[Finding]:
        due = self.own(e) or self.too_large(e)
        if due is not None:
            if reason != due[0]:
                yield Finding(Check.REASON, f"{path}.reason", reason, due[0].value)
            elif _sorted(detail) != _sorted(due[1]):
                yield from _differences(detail, due[1], f"{path}.detail")
            return
        conflict = self.plain_conflict(self.lot_of(e))
        if conflict and reason != Reason.LOT_INCOMPATIBLE:
            yield Finding(Check.REASON, f"{path}.reason", reason, Reason.LOT_INCOMPATIBLE.value)
            return
        checks: dict[str, Callable[[Esms, Document], tuple[object, object] | None]] = {
            Reason.LOT_INCOMPATIBLE: self._incompatible,
            Reason.TOO_FEW_PARTNERS: self._too_few,
            Reason.CONSTRAINT: self._constraint,
            Reason.OUTCOMPETED: lambda _, told: _loss(told, objective),
        }
        if reason not in checks:
            yield Finding(Check.REASON, f"{path}.reason", reason, "this reason does not apply")
            return
        wrong = checks[reason](e, detail)
        if wrong is not None:
            yield Finding(Check.REASON, f"{path}.detail", *wrong)
        elif reason in (Reason.CONSTRAINT, Reason.OUTCOMPETED) and self.missing(e):
            yield Finding(Check.REASON, f"{path}.reason", reason, Reason.TOO_FEW_PARTNERS.value)

    # causes of one ESMS or lot --------------------------------------------------------------------------

    def own(self, e: Esms) -> Own | None:
        """The first four reasons, with their details."""
        if e.need is Need.AUCUN:
            return Reason.NO_NEED, {}
        if e.id in self.instance.constraints.excluded:
            return Reason.EXCLUDED, {}
        told = {"need": e.need.value, "champ": e.champ.value, "solutions": self._open_to(e)}
        if not self._fundable(e):
            return Reason.NOT_FUNDABLE, told
        return None if self.common([e]) else (Reason.NO_COMMON_OFFER, told)

    def _open_to(self, e: Esms) -> list[str]:
        if e.need is Need.MONTEE_DE_VERSION:
            return [e.current_solution or ""]
        return sorted(
            s.id for s in self.instance.solutions if e.champ in s.champs and e.accepts_solution(s.id)
        )

    def _pays(self, e: Esms, solution: DuiSolution) -> bool:
        return (e.need, e.champ, solution.segur_referenced) in self.scale.rates

    def _fundable(self, e: Esms) -> bool:
        """Whether some solution that it could take, one that it can also host if there is any, pays for
        it.
        """
        could = [self.instance.solution_by_id[id_] for id_ in self._open_to(e)]
        if e.need is Need.MONTEE_DE_VERSION or not could:
            return all(self._pays(e, s) for s in could)
        hosted = [s for s in could if any(e.accepts_hosting(h) for h in s.hosting)]
        return any(self._pays(e, s) for s in hosted or could)

    def solutions(self, members: Sequence[Esms]) -> list[DuiSolution]:
        """Solutions that all of them can take, hosting aside."""
        return [
            s
            for s in self.instance.solutions
            if all(
                e.champ in s.champs
                and self._pays(e, s)
                and e.accepts_solution(s.id)
                and (e.need is not Need.MONTEE_DE_VERSION or e.current_solution == s.id)
                for e in members
            )
        ]

    def common(self, members: Sequence[Esms]) -> list[tuple[str, Hosting | None]]:
        """Solutions and hosting modes that all of them can take."""
        found: list[tuple[str, Hosting | None]] = []
        for s in self.solutions(members):
            if self.instance.parameters.same_hosting:
                found += [(s.id, h) for h in sorted(s.hosting) if all(e.accepts_hosting(h) for e in members)]
            elif all(any(e.accepts_hosting(h) for h in s.hosting) for e in members):
                found.append((s.id, None))
        return found

    def too_large(self, e: Esms) -> Own | None:
        most = self.instance.parameters.max_size
        most, size = self.scale.max_size if most is None else most, len(self.lot_of(e))
        if most is None or size <= most:
            return None
        return Reason.LOT_TOO_LARGE, {"lot": e.lot, "size": size, "max_size": most}

    def plain_conflict(self, lot: Sequence[Esms]) -> bool:
        """Whether the members of a lot can never be together, distances apart."""
        parameters = self.instance.parameters
        return (
            any(self.own(m) is not None for m in lot)
            or (not parameters.mix_champs and len({m.champ for m in lot}) > 1)
            or (not parameters.mix_needs and len({m.need.is_acquisition for m in lot}) > 1)
            or len({territory(self.instance, m) for m in lot}) > 1
            or not self.common(lot)
        )

    def _incompatible(self, e: Esms, detail: Document) -> tuple[object, object] | None:
        lot = {m.id: m for m in self.lot_of(e)}
        pair, rule = detail.get("pair"), detail.get("rule")
        if detail.get("lot") != e.lot or set(detail) != {"lot", "pair", "rule"}:
            return dict(detail), {"lot": e.lot, "pair": "two of its members", "rule": "the rule"}
        if not (
            isinstance(pair, list)
            and len(pair) == 2
            and len({*map(str, pair)}) == 2
            and set(pair) <= set(lot)
        ):
            return pair, "two members of the lot"
        a, b = lot[pair[0]], lot[pair[1]]
        return (
            None
            if self._keeps_apart(str(rule), a, b, list(lot.values()))
            else (rule, f"{a.id} and {b.id} agree")
        )

    def _keeps_apart(self, rule: str, a: Esms, b: Esms, lot: Sequence[Esms]) -> bool:
        match rule:
            case "champs":
                return not self.instance.parameters.mix_champs and a.champ is not b.champ
            case "needs":
                mixed = a.need.is_acquisition != b.need.is_acquisition
                return not self.instance.parameters.mix_needs and mixed
            case "solution":
                pairwise = [self.solutions([m, n]) for m in lot for n in lot]
                return not self.solutions([a, b]) or (all(pairwise) and not self.solutions(lot))
            case "hosting":
                pairwise_offers = [self.common([m, n]) for m in lot for n in lot]
                return not self.common([a, b]) or (all(pairwise_offers) and not self.common(lot))
            case "territory":
                return territory(self.instance, a) != territory(self.instance, b)
            case "radius":
                return not self.alone.holds(lot[0].id)
            case _:
                own = self.own(b)
                return own is not None and own[0] == rule

    # partners -----------------------------------------------------------------------------------------

    @cached_property
    def alone(self) -> Partners:
        return Partners(self.instance, self.scale)

    def missing(self, e: Esms) -> int | None:
        return self.alone.missing(self.lot_of(e)[0].id)

    def _too_few(self, e: Esms, detail: Document) -> tuple[object, object] | None:
        if set(detail) != {"solution", "hosting", "porteur", "in_reach", "missing"}:
            return sorted(detail), ["hosting", "in_reach", "missing", "porteur", "solution"]
        lot = self.lot_of(e)
        stated, best = detail["missing"], self.missing(e)
        if type(stated) is not int or type(detail["in_reach"]) is not int:
            return dict(detail), "whole numbers"
        if detail["porteur"] is None:
            return self._nobody(e, detail, best)
        if not stated or best != stated:
            return f"missing {stated}", f"missing {best}"
        row = (detail["solution"], detail["hosting"], detail["porteur"])
        counts = self.alone.counts(lot[0].id, *row)
        return None if (detail["in_reach"], stated) in counts else (dict(detail), sorted(counts))

    def _nobody(self, e: Esms, detail: Document, best: int | None) -> tuple[object, object] | None:
        """No porteur for it at all, or sizes in reach that never add up to the minimum: it is told alone."""
        sizes = {len(self.lot_of(e)), len(self.moving_with(e))}
        if detail["in_reach"] not in sizes:
            return detail["in_reach"], sorted(sizes)
        least = {max(self._minimum(m) for m in unit) for unit in (self.lot_of(e), self.moving_with(e))}
        due = {max(lowest, n - detail["in_reach"]) for n in least for lowest in (0, 1)}
        if detail["missing"] not in due:
            return detail["missing"], sorted(due)
        if best:
            return "nobody in reach", f"missing {best} of a porteur in reach"
        takes = self.common(self.lot_of(e))
        if (detail["solution"], detail["hosting"]) != (None, None) and (
            detail["solution"],
            detail["hosting"],
        ) not in takes:
            return [detail["solution"], detail["hosting"]], takes
        return None

    def moving_with(self, e: Esms) -> list[Esms]:
        """Its lot and the organismes kept together with its own, chained."""
        together = self.instance.constraints.together
        reached, seen = [e], {e.id: e}
        chains = {o for pair in together for o in pair}
        linked: dict[str, set[str]] = {o: {p for pair in together if o in pair for p in pair} for o in chains}
        done: set[str] = set()
        while reached:
            one = reached.pop()
            near = list(self.lot_of(one))
            if one.need is not Need.AUCUN and one.organisme in chains and one.organisme not in done:
                around, wave = {one.organisme}, [one.organisme]
                while wave:
                    new = linked[wave.pop()] - around
                    around |= new
                    wave += new
                done |= around
                near += [m for m in self.instance.esms if m.organisme in around and m.need is not Need.AUCUN]
            for m in near:
                if m.id not in seen:
                    seen[m.id] = m
                    reached.append(m)
        return list(seen.values())

    def _minimum(self, e: Esms) -> int:
        least = self.instance.parameters.min_size
        if least is None:
            least = self.scale.min_size_by_region.get(e.region, self.scale.min_size)
        return self.alone.lots.due(least)

    # constraints --------------------------------------------------------------------------------------

    def _constraint(self, e: Esms, detail: Document) -> tuple[object, object] | None:
        constraints, parameters = self.instance.constraints, self.instance.parameters
        numbers = {
            "budget": ("budget_eur", parameters.budget_eur),
            "max_grappes": ("max_grappes", parameters.max_grappes),
        }
        fixed = constraints.fixed_grappes
        pairs = {"together": constraints.together, "apart": constraints.apart}
        in_force = {name for name, listed in pairs.items() if listed}
        in_force |= {name for name, (_, limit) in numbers.items() if limit is not None}
        in_force |= {"fixed_grappes"} if fixed else set()
        name, told = detail.get("constraint"), {k: v for k, v in detail.items() if k != "constraint"}
        if name == "several":
            named = told.get("constraints")
            sound = isinstance(named, list) and len(named) > 1 and set(map(str, named)) <= in_force
            return None if sound and set(told) == {"constraints"} else (dict(detail), sorted(in_force))
        if name not in in_force:
            return name, sorted(in_force)
        if name in numbers:
            due = dict([numbers[name]])
            return None if told == due else (told, due)
        if name in pairs:
            known = {frozenset(pair) for pair in pairs[name]}
            listed = told.get("pairs")
            sound = isinstance(listed, list) and bool(listed) and set(told) == {"pairs"}
            sound = sound and all(
                isinstance(p, list) and frozenset(map(str, p)) in known for p in listed or ()
            )
            return None if sound else (told, {"pairs": [list(pair) for pair in pairs[name]]})
        ids = {m.id for m in self.moving_with(e)}
        held = [{"fixed_grappe": k, "id": f.id} for k, f in enumerate(fixed) if not ids.isdisjoint(f.members)]
        choices = held or [{}]
        return None if told in choices else (told, choices)


def _loss(detail: Document, objective: int) -> tuple[object, object] | None:
    loss = detail.get("loss_eur")
    if set(detail) == {"loss_eur"} and type(loss) is int and 0 <= loss <= objective:
        return None
    return dict(detail), f"loss_eur from 0 to {objective}"


def _sorted(detail: Document) -> dict[str, Any]:
    return {
        k: sorted(v) if isinstance(v, list) and all(isinstance(x, str) for x in v) else v
        for k, v in detail.items()
    }


def _differences(stated: Document, due: Document, path: str) -> Iterator[Finding]:
    for key in sorted(stated.keys() | due.keys()):
        if stated.get(key) != due.get(key):
            yield Finding(Check.REASON, f"{path}.{key}", stated.get(key), due.get(key))
