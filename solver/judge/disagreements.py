"""A whole proposal document against its instance: everything that can be computed again is.

The certificate's own arithmetic is not here; only its order with the other bounds is.

When to modify: the proposal format gains a figure.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from solver.document import ProposalProblems, read_proposal
from solver.document.parameters import GAINED, parameters_document
from solver.instance import Grappe
from solver.judge.changes import ChangeCheck
from solver.judge.departures import departure_disagreements
from solver.judge.judge import Judge
from solver.judge.reasons import ReasonCheck
from solver.judge.verdict import UNFIGURED, GivenUpError, Rule, Violation
from solver.proposal import Appraisal
from solver.vocabulary import Hosting

_KM = 1.5e-6  # distances are stated to the millimetre
_GAP = 1e-9

Document = Mapping[str, Any]


def proposal_disagreements(
    judge: Judge, document: object, given_up: Callable[[], bool] = lambda: False
) -> list[Violation]:
    """Where a proposal document is not what the judge finds; empty when every check holds.

    Once ``given_up()``, changes and departures are judged no further: raises ``GivenUpError``, where all the
    rest holds.
    """
    try:
        proposal = read_proposal(document)
    except ProposalProblems as refused:
        return [Violation(Rule.SHAPE, p.path, p.message, "matchmaker-proposal/1") for p in refused.problems]
    grappes = [grappe_of(g) for g in proposal["grappes"]]
    found = list(_as_used(judge, proposal))
    broken = judge.violations(grappes)
    found += broken
    figured = _figured(judge, grappes, broken)
    for place, figures in figured.items():
        found += _figures(proposal["grappes"][place], figures, f"grappes[{place}]")
    if len(figured) == len(grappes):
        found += _totals(judge, proposal, grappes, list(figured.values()))
    found += bound_disagreements(proposal)
    found += _unplaced(judge, proposal, grappes)
    if not broken:
        try:
            found += _changes(judge, proposal, grappes, given_up)
            found += departure_disagreements(judge, proposal, grappes, given_up)
        except GivenUpError:
            if not found:
                raise
    return found


def grappe_of(document: Document) -> Grappe:
    """A grappe of a proposal document whose shape is sound."""
    hosting = None if document["hosting"] is None else Hosting(document["hosting"])
    members = tuple(sorted(document["members"]))
    return Grappe(document["id"], document["solution"], hosting, document["porteur"], members)


def _as_used(judge: Judge, proposal: Document) -> Iterator[Violation]:
    regime = judge.instance.regime.value
    if proposal["regime"] != regime:
        yield Violation(Rule.SHAPE, "regime", proposal["regime"], regime)
    used = parameters_document(judge.instance.parameters)
    stated = GAINED | proposal["parameters"]
    for key in sorted(used.keys() | stated.keys()):
        if key not in stated or key not in used or not _same(stated[key], used[key]):
            yield Violation(Rule.SHAPE, f"parameters.{key}", stated.get(key), used.get(key))


def _same(stated: object, recomputed: object) -> bool:
    """Equality in which true is not 1."""
    return stated == recomputed and isinstance(stated, bool) == isinstance(recomputed, bool)


def _figured(judge: Judge, grappes: Sequence[Grappe], broken: Sequence[Violation]) -> dict[int, Appraisal]:
    """Place -> figures, of the grappes that have some: ids exist, everyone is fundable."""
    barred = {v.path.split(".")[0] for v in broken if v.rule in UNFIGURED}
    return {
        place: judge.appraise(grappe)
        for place, grappe in enumerate(grappes)
        if f"grappes[{place}]" not in barred and grappe.porteur in judge.instance.esms_by_id
    }


def _figures(stated: Document, figures: Appraisal, path: str) -> Iterator[Violation]:
    size = len(stated["members"])
    if stated["size"] != size:
        yield Violation(Rule.FIGURE, f"{path}.size", stated["size"], size)
    if stated["funding_eur"] != figures.funding_eur:
        yield Violation(Rule.FIGURE, f"{path}.funding_eur", stated["funding_eur"], figures.funding_eur)
    for key in ("radius_km", "mean_distance_km"):
        if abs(stated[key] - getattr(figures, key)) > _KM:
            yield Violation(Rule.FIGURE, f"{path}.{key}", stated[key], getattr(figures, key))
    regions, recomputed = stated["by_region"], figures.by_region
    for code in sorted(regions.keys() | recomputed.keys()):
        if regions.get(code) != recomputed.get(code):
            where = f"{path}.by_region.{code}"
            yield Violation(Rule.FIGURE, where, regions.get(code), recomputed.get(code))
    yield from _lines(stated["lines"], figures, f"{path}.lines")


def _lines(stated: Sequence[Document], figures: Appraisal, path: str) -> Iterator[Violation]:
    """Quantities per (code, unit, citation), and each product; the order of lines is free."""
    due: dict[tuple[Any, ...], int] = defaultdict(int)
    for line in figures.lines:
        r = line.reference
        due[line.code.value, line.unit_eur, r.rule, r.document, r.heading, r.quote] += line.quantity
    found: dict[tuple[Any, ...], int] = defaultdict(int)
    for place, given in enumerate(stated):
        amount = given["quantity"] * given["unit_eur"]
        if given["amount_eur"] != amount:
            yield Violation(Rule.FIGURE, f"{path}[{place}].amount_eur", given["amount_eur"], amount)
        reference = [given["reference"][k] for k in ("rule", "document", "heading", "quote")]
        key = (given["code"], given["unit_eur"], *reference)
        if key not in due:
            here = [list(k) for k in due if k[0] == given["code"]]
            yield Violation(Rule.FIGURE, f"{path}[{place}]", list(key), here)
        found[key] += given["quantity"]
    for key, quantity in due.items():
        if found[key] != quantity:
            where = f"{path}: {key[0]} at {key[1]} euros ({key[2]})"
            yield Violation(Rule.FIGURE, where, found[key], quantity)


def _totals(
    judge: Judge, proposal: Document, grappes: Sequence[Grappe], figures: Sequence[Appraisal]
) -> Iterator[Violation]:
    totals = {
        "funding_eur": sum(f.funding_eur for f in figures),
        "esms_placed": sum(len(g.members) for g in grappes),
        "objective_value": judge.objective_value(grappes),
    }
    for key, recomputed in totals.items():
        if proposal[key] != recomputed:
            yield Violation(Rule.TOTAL, key, proposal[key], recomputed)


def bound_disagreements(proposal: Document) -> Iterator[Violation]:
    """Bounds that are not in their order, or what follows from them and does not."""
    value, upper, certified = (proposal[k] for k in ("objective_value", "upper_bound", "certified_bound"))
    if upper < value:
        yield Violation(Rule.BOUND, "upper_bound", upper, f"at least objective_value, {value}")
    if certified < upper:
        yield Violation(Rule.BOUND, "certified_bound", certified, f"at least upper_bound, {upper}")
    proof = "solver" if upper < certified else "certificate"
    if proposal["bound_proof"] != proof:
        yield Violation(Rule.BOUND, "bound_proof", proposal["bound_proof"], proof)
    status = "optimal" if upper == value else "feasible" if proposal["grappes"] else "none"
    if proposal["status"] != status:
        yield Violation(Rule.STATUS, "status", proposal["status"], status)
    gap = (0.0 if upper == 0 else None) if value == 0 else upper / value - 1
    stated = proposal["gap"]
    if (stated is None) != (gap is None) or (
        gap is not None and abs(stated - gap) > _GAP * max(1.0, abs(gap))
    ):
        yield Violation(Rule.STATUS, "gap", stated, gap)


def _unplaced(judge: Judge, proposal: Document, grappes: Sequence[Grappe]) -> Iterator[Violation]:
    """Exactly the ESMS in no grappe, each once, with a reason that holds."""
    by_id = judge.instance.esms_by_id
    left = set(by_id).difference(id_ for g in grappes for id_ in g.members)
    seen: set[str] = set()
    reasons = ReasonCheck(judge)
    for place, entry in enumerate(proposal["unplaced"]):
        id_, path = entry["esms"], f"unplaced[{place}]"
        if id_ not in left:
            yield Violation(Rule.UNPLACED, f"{path}.esms", id_, "placed" if id_ in by_id else "unknown")
            continue
        if id_ in seen:
            yield Violation(Rule.UNPLACED, f"{path}.esms", id_, "given more than once")
        seen.add(id_)
        yield from reasons.faults(entry, path)
    for id_ in sorted(left - seen):
        yield Violation(Rule.UNPLACED, "unplaced", None, id_)


def _changes(
    judge: Judge, proposal: Document, grappes: Sequence[Grappe], given_up: Callable[[], bool]
) -> Iterator[Violation]:
    check = ChangeCheck(judge, grappes)
    for place, entry in enumerate(proposal["unplaced"]):
        if entry["changes"] and given_up():
            raise GivenUpError(changes_hold=False)
        if entry["esms"] not in judge.instance.esms_by_id:
            continue
        for at, change in enumerate(entry["changes"]):
            gains = check.gains(entry["esms"], change)
            if change["gain_eur"] not in gains:
                path = f"unplaced[{place}].changes[{at}]"
                if gains:
                    yield Violation(Rule.CHANGE, f"{path}.gain_eur", change["gain_eur"], max(gains))
                else:
                    yield Violation(Rule.CHANGE, path, dict(change), "places nothing")
