"""The order in which a proposal is verified, and what is left to trust.

When to modify: the proposal format gains a statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from solver.document import read_proposal
from solver.instance import Instance
from solver.judge import Judge
from solver.judge.disagreements import proposal_disagreements
from solver.scale import Scale
from solver.verify.bound import Bound, RefusedError
from solver.verify.certificate import read_certificate
from solver.verify.changes import change_findings
from solver.verify.finding import Check, Finding
from solver.verify.lots import lots_of
from solver.verify.offers import UnpricedError
from solver.verify.reasons import reason_findings
from solver.verify.survey import survey
from solver.verify.tree import recomputed_bound


@dataclass(frozen=True)
class Report:
    """``findings``: the checks that fail, none when all hold; ``notes``: what is stated and cannot be
    checked.
    """

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def verify(instance: Instance, scale: Scale, document: object) -> Report:
    """Check every statement of a proposal document.

    Parameters
    ----------
    instance
        Usable: its fixed grappes respect the rules (``solver.judge.fixed_grappe_problems`` is empty).
    scale
        The amounts, read from the scale files.

    Raises
    ------
    solver.document.ProposalProblems
        The document is no proposal at all.
    """
    proposal = read_proposal(document)
    judge = Judge(instance, scale)
    findings = [Finding.of(v) for v in proposal_disagreements(judge, proposal)]
    valid = not findings
    if valid:
        findings += change_findings(judge, proposal)
    findings += reason_findings(instance, scale, proposal)
    findings += _bound_findings(instance, scale, judge, proposal, valid)
    return Report(tuple(findings), tuple(_notes(proposal)))


def _bound_findings(
    instance: Instance, scale: Scale, judge: Judge, proposal: Mapping[str, Any], valid: bool
) -> list[Finding]:
    certificate = read_certificate(proposal["certificate"])
    if isinstance(certificate, list):
        return certificate
    stated = proposal["certified_bound"]
    try:
        ground = survey(lots_of(instance, scale))
        bound = recomputed_bound(ground, judge, certificate, _appearing(instance, proposal, valid))
    except RefusedError as refused:
        return [refused.finding]
    except UnpricedError as refused:
        return [Finding(Check.CERTIFIED_BOUND, "certified_bound", stated, str(refused))]
    if bound is None:
        return [Finding(Check.CERTIFIED_BOUND, "certified_bound", stated, "no proposal at all")]
    if bound.exact <= stated <= bound.loose:
        return []
    return [Finding(Check.CERTIFIED_BOUND, "certified_bound", stated, int(_as_published(bound)))]


def _as_published(bound: Bound) -> int:
    return -(-bound.stated.numerator // bound.stated.denominator)


def _appearing(instance: Instance, proposal: Mapping[str, Any], valid: bool) -> frozenset[int]:
    """Extendable fixed grappes seen in a valid proposal: as many appear in every other one."""
    placed = {id_ for g in proposal["grappes"] for id_ in g["members"]} if valid else set()
    fixed = instance.constraints.fixed_grappes
    return frozenset(k for k, f in enumerate(fixed) if f.extendable and not placed.isdisjoint(f.members))


def _notes(proposal: Mapping[str, Any]) -> list[str]:
    found = []
    if proposal["bound_proof"] == "solver":
        found.append(
            f"upper_bound {proposal['upper_bound']} is the solver's own proof, which is not repeated here; "
            f"what the certificate proves is certified_bound, {proposal['certified_bound']}"
        )
    if any(u["reason"] == "outcompeted" for u in proposal["unplaced"]):
        found.append("losses of outcompeted ESMS are estimates: that they are none lower is not checked")
    if proposal["changes_complete"] and proposal["unplaced"]:
        found.append("each change listed holds; that no other one exists is not checked")
    return found
