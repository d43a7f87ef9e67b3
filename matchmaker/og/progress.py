"""How far the answers of an OG are: asked, given, which missing ones block and which only refine.

When to modify: a question is added to the page of an OG's ESMS.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from matchmaker.campaigns.answers import NEEDS_WITH_CURRENT_DUI, Answer
from matchmaker.campaigns.listing import EsmsLine
from solver.vocabulary import Need


@dataclass(frozen=True, slots=True)
class Progress:
    """Questions over all the ESMS of an OG. ``blocked``: ESMS that cannot enter a run as they are."""

    asked: int
    given: int
    esms: int
    blocked: int

    @property
    def missing(self) -> int:
        return self.asked - self.given

    @property
    def percent(self) -> int:
        """Rounded down: 100 only when nothing is missing."""
        return 100 * self.given // self.asked if self.asked else 0

    @property
    def whole(self) -> bool:
        return self.asked > 0 and self.missing == 0


def asked_of(answer: Answer) -> int:
    """How many questions an ESMS has to answer before it enters a run."""
    if answer.need == Need.AUCUN:
        return 1
    return 4 if answer.need in NEEDS_WITH_CURRENT_DUI else 3


def missing_of(answer: Answer) -> int:
    """How many of them wait for an answer."""
    if answer.need is None:
        return 1 + (answer.accepted_solutions is None) + (answer.accepted_hosting is None)
    return len(answer.missing)


def of(lines: Iterable[EsmsLine]) -> Progress:
    """The progress of these ESMS together."""
    answers = [line.answer for line in lines]
    asked = sum(map(asked_of, answers))
    missing = sum(map(missing_of, answers))
    return Progress(asked, asked - missing, len(answers), sum(1 for a in answers if a.missing))
