"""What verification says: a check that does not hold, where, what is stated and what is found.

When to modify: a check gets a name.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from solver.judge import Violation


class Check(StrEnum):
    """Names of the checks that are not the judge's (whose names are those of ``solver.judge.Rule``)."""

    SHAPE = "shape"  # the certificate is none, or prices what cannot be priced
    CERTIFIED_BOUND = "certified_bound"  # priced again, row by row
    REASON = "reason"  # why an ESMS is unplaced, and the numbers that go with it
    CHANGES = "changes"  # their order, and whose they are


@dataclass(frozen=True, slots=True)
class Finding:
    """One check that fails; ``path`` is a place of the proposal."""

    check: str
    path: str
    stated: object
    recomputed: object

    @classmethod
    def of(cls, violation: Violation) -> Finding:
        return cls(violation.rule.value, violation.path, violation.stated, violation.recomputed)

    def __str__(self) -> str:
        return f"{self.path}: {self.check}: stated {self.stated!r}, recomputed {self.recomputed!r}"
