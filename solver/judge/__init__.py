"""The judge: what a proposal must respect and what it is worth, computed apart from the search.

Shares with the search: the values of ``solver.instance`` and ``solver.scale``, nothing that computes.
When to modify: a rule of the contract changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from solver.instance import Grappe, Instance
from solver.judge.departures import Departures
from solver.judge.disagreements import bound_disagreements, proposal_disagreements
from solver.judge.fixed import fixed_grappe_problems
from solver.judge.judge import Judge
from solver.judge.verdict import Concession, GivenUpError, Rule, Violation
from solver.proposal import Appraisal
from solver.scale import Scale

__all__ = [
    "Concession",
    "Departures",
    "GivenUpError",
    "Judge",
    "Rule",
    "Violation",
    "appraise",
    "bound_disagreements",
    "disagreements",
    "fixed_grappe_problems",
    "objective_value",
    "proposal_disagreements",
    "violations",
]


def violations(
    instance: Instance, scale: Scale, grappes: Sequence[Grappe], concession: Concession | None = None
) -> list[Violation]:
    """Every rule that a proposal breaks; empty when it is valid. See ``Judge`` for many calls."""
    return Judge(instance, scale).violations(grappes, concession)


def appraise(instance: Instance, scale: Scale, grappe: Grappe) -> Appraisal:
    """Lines, regions, radius and mean distance of a grappe. Raises ``figures.UnfundableError``."""
    return Judge(instance, scale).appraise(grappe)


def objective_value(instance: Instance, scale: Scale, grappes: Sequence[Grappe]) -> int:
    """Funding, or ESMS placed, plus the stability term."""
    return Judge(instance, scale).objective_value(grappes)


def disagreements(instance: Instance, scale: Scale, document: Mapping[str, Any]) -> list[Violation]:
    """Where a whole proposal document is not what the judge finds."""
    return proposal_disagreements(Judge(instance, scale), document)
