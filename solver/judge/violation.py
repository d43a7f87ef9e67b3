"""What the judge says: a rule, where, what was stated, what was found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Violation:
    """``rule`` is a stable code; pages put it into French, the command line prints it as it is."""

    rule: str
    path: str
    stated: object
    recomputed: object

    def __str__(self) -> str:
        return f"{self.path}: {self.rule}: stated {self.stated!r}, found {self.recomputed!r}"
