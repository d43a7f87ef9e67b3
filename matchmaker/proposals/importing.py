"""Take in an instance and its proposal from elsewhere: read, judged, and only then kept.

When to modify: a file that should be refused is not, or the reverse.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matchmaker.baremes.scales import scale_for
from matchmaker.campaigns import verdicts
from solver.document import DocumentProblems, Problem, read_instance, read_proposal
from solver.instance import INSTANCE_FORMAT, Instance
from solver.judge import Violation, disagreements
from solver.proposal import PROPOSAL_FORMAT


@dataclass(frozen=True, slots=True)
class Told:
    """What the judge did not find, for a reader: where in the plan, and a French sentence."""

    place: str
    sentence: str


class UnusablePairError(ValueError):
    """The two files make no plan. Exactly one of the lists says why."""

    def __init__(
        self,
        *,
        instance_problems: Sequence[Problem] = (),
        proposal_problems: Sequence[Problem] = (),
        violations: Sequence[Told] = (),
    ) -> None:
        super().__init__("the pair of documents is not usable")
        self.instance_problems = instance_problems
        self.proposal_problems = proposal_problems
        self.violations = violations


@dataclass(frozen=True, slots=True)
class Pair:
    """Two documents that the judge agrees with."""

    instance: dict[str, Any]
    proposal: dict[str, Any]


def read_pair(instance_file: bytes, proposal_file: bytes) -> Pair:
    """Read and judge the two files.

    Raises
    ------
    UnusablePairError
        A file cannot be read, or the judge does not find what the proposal states.
    """
    try:
        instance = read_instance(instance_file)
    except DocumentProblems as refused:
        raise UnusablePairError(instance_problems=refused.problems) from refused
    try:
        proposal = read_proposal(proposal_file)
    except DocumentProblems as refused:
        raise UnusablePairError(proposal_problems=refused.problems) from refused
    strangers = _strangers(instance.esms_by_id, instance.solution_by_id, proposal)
    if strangers:
        raise UnusablePairError(proposal_problems=strangers)
    found = disagreements(instance, scale_for(instance.regime, instance.parameters.readings), proposal)
    if found:
        raise UnusablePairError(violations=_told(found, instance, proposal))
    return Pair(json.loads(instance_file), proposal)


def swapped(instance_file: bytes, proposal_file: bytes) -> bool:
    """Whether the two files were given in each other's place: a quick look at how they begin."""
    return (
        PROPOSAL_FORMAT.encode() in instance_file[:4096] and INSTANCE_FORMAT.encode() in proposal_file[:4096]
    )


def _told(found: Sequence[Violation], instance: Instance, proposal: dict[str, Any]) -> list[Told]:
    told = [Told(verdicts.place(v.path, proposal), verdicts.sentence(v, instance)) for v in found]
    return list(dict.fromkeys(told))  # one fault may break several figures that read the same


def _strangers(esms: Any, solutions: Any, proposal: dict[str, Any]) -> list[Problem]:
    """ESMS and solutions that the instance does not know: a proposal of another campaign."""
    found = []
    for place, grappe in enumerate(proposal["grappes"]):
        path = f"grappes[{place}]"
        if grappe["solution"] not in solutions:
            found.append(Problem(f"{path}.solution", f"{grappe['solution']!r} is not in the instance"))
        for id_ in (grappe["porteur"], *grappe["members"]):
            if id_ not in esms:
                found.append(Problem(path, f"{id_!r} is not an ESMS of the instance"))
    for place, unplaced in enumerate(proposal["unplaced"]):
        for id_ in (unplaced["esms"], *(w for change in unplaced["changes"] for w in change["with"] or ())):
            if id_ not in esms:
                found.append(Problem(f"unplaced[{place}]", f"{id_!r} is not an ESMS of the instance"))
    return found
