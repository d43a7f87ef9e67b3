"""The judge: what a proposal must respect and what it is worth, computed apart from the search.

Shares with the search: the values of ``solver.instance`` and ``solver.scale``, nothing that computes.
When to modify: a rule of the contract changes.
"""

from __future__ import annotations

from collections.abc import Sequence

from solver.instance import Grappe, Instance
from solver.judge.concession import Concession
from solver.judge.court import Judge
from solver.judge.documents import disagreements, grappes_of
from solver.judge.fixed import fixed_grappe_problems
from solver.judge.violation import Violation
from solver.proposal import Appraisal
from solver.scale import Scale

__all__ = [
    "Concession",
    "Judge",
    "Violation",
    "appraise",
    "disagreements",
    "fixed_grappe_problems",
    "grappes_of",
    "objective_value",
    "violations",
]


def violations(
    instance: Instance, scale: Scale, grappes: Sequence[Grappe], concession: Concession | None = None
) -> list[Violation]:
    """Every rule of the contract that these grappes break together; an empty list is a valid proposal."""
    return Judge(instance, scale).violations(grappes, concession)


def appraise(instance: Instance, scale: Scale, grappe: Grappe) -> Appraisal:
    """Every figure of one grappe, computed by the judge; ValueError when a member is not fundable."""
    return Judge(instance, scale).appraise(grappe)


def objective_value(instance: Instance, scale: Scale, grappes: Sequence[Grappe]) -> int:
    """Funding or ESMS placed, plus the stability term."""
    return Judge(instance, scale).objective_value(grappes)
