"""A whole proposal document against its instance: every field recomputed, every disagreement named.

When to modify: the proposal format gains a field (a field that nobody checks can lie).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from solver.instance import Grappe, Instance
from solver.judge import groups
from solver.judge.concession import Concession
from solver.judge.court import Judge
from solver.judge.violation import Violation
from solver.proposal import Appraisal
from solver.scale import Scale
from solver.vocabulary import ChangeKind, Hosting

_KILOMETRES = 1e-5  # figures in kilometres are rounded by whoever writes them: a centimetre
_GAP = 1e-9


def grappes_of(document: Mapping[str, Any]) -> list[Grappe]:
    """The grappes of a proposal document, without their figures."""
    return [
        Grappe(
            g["id"],
            g["solution"],
            None if g["hosting"] is None else Hosting(g["hosting"]),
            g["porteur"],
            tuple(sorted(g["members"])),
        )
        for g in document["grappes"]
    ]


def disagreements(instance: Instance, scale: Scale, document: Mapping[str, Any]) -> list[Violation]:
    """Everything that the document states and the judge does not find; an empty list is agreement.

    The certified bound is not recomputed here (it needs its own exact pricing): only its order with the
    other figures is checked.
    """
    judge = Judge(instance, scale)
    grappes = grappes_of(document)
    found = judge.violations(grappes)
    if found:
        return found
    for place, (stated, grappe) in enumerate(zip(document["grappes"], grappes, strict=True)):
        found.extend(_figures(stated, grappe, judge.appraise(grappe), f"grappes[{place}]"))
    found.extend(_totals(judge, grappes, document))
    found.extend(_rest(instance, grappes, document["unplaced"]))
    for place, unplaced in enumerate(document["unplaced"]):
        for rank, change in enumerate(unplaced["changes"]):
            path = f"unplaced[{place}].changes[{rank}]"
            found.extend(_change(judge, grappes, unplaced["esms"], change, path))
    return found


def _differs(path: str, rule: str, stated: object, recomputed: object) -> Iterator[Violation]:
    if stated != recomputed:
        yield Violation(rule, path, stated, recomputed)


def _figures(stated: Mapping[str, Any], grappe: Grappe, found: Appraisal, path: str) -> Iterator[Violation]:
    yield from _differs(f"{path}.size", "size", stated["size"], len(grappe.members))
    yield from _differs(f"{path}.funding_eur", "funding", stated["funding_eur"], found.funding_eur)
    yield from _differs(f"{path}.by_region", "by_region", dict(stated["by_region"]), dict(found.by_region))
    wanted = sorted((line.code.value, line.unit_eur, line.quantity, line.amount_eur) for line in found.lines)
    lines = sorted((li["code"], li["unit_eur"], li["quantity"], li["amount_eur"]) for li in stated["lines"])
    yield from _differs(f"{path}.lines", "lines", lines, wanted)
    quoted = {(li.code.value, li.unit_eur): li.reference for li in found.lines}
    for rank, line in enumerate(stated["lines"]):
        reference = quoted.get((line["code"], line["unit_eur"]))
        words = None if reference is None else asdict(reference)
        mine = {key: line["reference"].get(key) for key in ("rule", "document", "heading", "quote")}
        yield from _differs(f"{path}.lines[{rank}].reference", "reference", mine, words)
    for key, km in (("radius_km", found.radius_km), ("mean_distance_km", found.mean_distance_km)):
        if not _is_close(stated[key], km, _KILOMETRES):
            yield Violation(key, f"{path}.{key}", stated[key], round(km, 6))


def _is_close(stated: object, found: float, tolerance: float) -> bool:
    if isinstance(stated, bool) or not isinstance(stated, int | float):
        return False
    return math.isfinite(stated) and abs(stated - found) <= tolerance


def _totals(judge: Judge, grappes: Sequence[Grappe], document: Mapping[str, Any]) -> Iterator[Violation]:
    funding = sum(judge.appraise(grappe).funding_eur for grappe in grappes)
    objective = judge.objective_value(grappes)
    placed = sum(len(grappe.members) for grappe in grappes)
    yield from _differs("regime", "regime", document["regime"], judge.instance.regime.value)
    yield from _differs("funding_eur", "funding", document["funding_eur"], funding)
    yield from _differs("objective_value", "objective", document["objective_value"], objective)
    yield from _differs("esms_placed", "esms_placed", document["esms_placed"], placed)
    upper, certified = document["upper_bound"], document["certified_bound"]
    for key, value in (("upper_bound", upper), ("certified_bound", certified)):
        if isinstance(value, bool) or not isinstance(value, int):
            yield Violation(key, key, value, "an integer")
            return
    if upper < objective:
        yield Violation("bound_below_objective", "upper_bound", upper, objective)
    if certified < upper:
        yield Violation("certified_below_bound", "certified_bound", certified, upper)
    proof = "certificate" if upper == certified else "solver"
    yield from _differs("bound_proof", "bound_proof", document["bound_proof"], proof)
    feasible = "feasible" if grappes else "none"
    status = "optimal" if upper == objective else feasible
    yield from _differs("status", "status", document["status"], status)
    gap = document["gap"]
    if objective == 0:
        yield from _differs("gap", "gap", gap, 0 if upper == 0 else None)
    elif not _is_close(gap, upper / objective - 1, _GAP):
        yield Violation("gap", "gap", gap, upper / objective - 1)


def _rest(
    instance: Instance, grappes: Sequence[Grappe], unplaced: Sequence[Mapping[str, Any]]
) -> Iterator[Violation]:
    """``unplaced`` is exactly the ESMS in no grappe, each once."""
    placed = {member for grappe in grappes for member in grappe.members}
    wanted = sorted(esms.id for esms in instance.esms if esms.id not in placed)
    stated = sorted(entry["esms"] for entry in unplaced)
    if stated != wanted:
        difference = sorted(set(stated) ^ set(wanted)) or "an ESMS listed twice"
        yield Violation("unplaced", "unplaced", difference, "exactly the ESMS in no grappe")


def _change(
    judge: Judge, grappes: Sequence[Grappe], esms_id: str, change: Mapping[str, Any], path: str
) -> Iterator[Violation]:
    """A change holds when the judge accepts the proposal in which the lot conceded and was added."""
    instance = judge.instance
    kind = ChangeKind(change["kind"])
    lot = _moving(instance, esms_id)
    moved = _moving(instance, esms_id, with_lots=False) if kind is ChangeKind.SPLIT_LOT else lot
    concession = Concession(lot, kind, change["value"])
    others = list(grappes)
    if change["joins"] is None:
        partners = frozenset(change["with"])
        placed = {member for grappe in grappes for member in grappe.members}
        if partners & placed or partners & moved:
            yield Violation("change_partners", path, sorted(partners), "other unplaced ESMS")
            return
        candidates: Iterator[Grappe] = _new_grappes(judge, moved | partners)
        before = 0
    else:
        joined = [grappe for grappe in grappes if grappe.id == change["joins"]]
        if not joined:
            yield Violation("change_joins", path, change["joins"], "a grappe of this proposal")
            return
        others.remove(joined[0])
        before = judge.appraise(joined[0]).funding_eur
        members = tuple(sorted({*joined[0].members, *moved}))
        candidates = (replace(joined[0], members=members, porteur=p) for p in _porteurs(joined[0], members))
    for candidate in candidates:
        if not judge.grappe_violations(candidate, concession) and not _beyond_budget(
            judge, others, candidate
        ):
            gain = judge.appraise(candidate).funding_eur - before
            yield from _differs(f"{path}.gain_eur", "gain", change["gain_eur"], gain)
            return
    yield Violation("change_refused", path, dict(change), None)


def _moving(instance: Instance, esms_id: str, *, with_lots: bool = True) -> frozenset[str]:
    """The ESMS that move with this one: its lot, and organismes kept together, chained."""
    wholes = [*(groups.lots(instance).values() if with_lots else ()), *groups.together(instance)]
    moving = frozenset({esms_id})
    while True:
        wider = moving.union(*(whole for whole in wholes if whole & moving))
        if wider == moving:
            return moving
        moving = wider


def _porteurs(grappe: Grappe, members: Sequence[str]) -> list[str]:
    return [grappe.porteur, *(member for member in members if member != grappe.porteur)]


def _new_grappes(judge: Judge, members: frozenset[str]) -> Iterator[Grappe]:
    """Every grappe that these members could be: solutions, hosting modes and porteurs tried in turn."""
    ids = tuple(sorted(members))
    for solution in judge.instance.solutions:
        modes = sorted(solution.hosting) if judge.instance.parameters.same_hosting else [None]
        for mode in modes:
            for porteur in ids:
                yield Grappe("\N{NULL}new", solution.id, mode, porteur, ids)


def _beyond_budget(judge: Judge, others: Sequence[Grappe], added: Grappe) -> bool:
    budget = judge.instance.parameters.budget_eur
    if budget is None:
        return False
    return sum(judge.appraise(grappe).funding_eur for grappe in (*others, added)) > budget
