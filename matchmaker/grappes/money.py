"""What a grappe could get, and which part of it comes with one organisme's own ESMS: by the judge's figures.

When to modify: the shares of a grappe are shown otherwise.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.partners.question import Question
from solver.judge.figures import UnfundableError, forfaits, lines
from solver.proposal import Line
from solver.vocabulary import LineCode

_SHARED = frozenset({LineCode.AMOA_PROJET, LineCode.AMOA_MARCHE})


@dataclass(frozen=True, slots=True)
class Money:
    """Whole euros, indicative maxima. ``mine``: lines of one's own ESMS; ``shared``: paid once for all;
    ``others_eur``: what comes with the other ESMS, without detail. ``total_eur`` is their sum."""

    mine: tuple[Line, ...]
    shared: tuple[Line, ...]
    others_eur: int
    total_eur: int

    @property
    def mine_eur(self) -> int:
        return sum(line.amount_eur for line in self.mine)

    @property
    def shared_eur(self) -> int:
        return sum(line.amount_eur for line in self.shared)


def money_of(question: Question, solution: str, members: Sequence[str], own: Sequence[str]) -> Money | None:
    """The money of a grappe for one organisme; None while a member is not funded with this solution.

    One's own part is what one's ESMS would be paid by themselves: in the national regime, where the first
    members are paid more, a grappe may pay them less, and the part of the others says so.
    """
    instance, scale = question.instance, question.judge.scale
    if not members or solution not in instance.solution_by_id:
        return None
    try:
        total = question.judge.funding(solution, members)
        whole = lines(forfaits(instance, scale, solution, [instance.esms_by_id[m] for m in members]))
        alone = lines(forfaits(instance, scale, solution, [instance.esms_by_id[m] for m in own]))
    except UnfundableError:
        return None
    mine = tuple(line for line in alone if line.code not in _SHARED)
    shared = tuple(line for line in whole if line.code in _SHARED)
    taken = sum(line.amount_eur for line in (*mine, *shared))
    return Money(mine, shared, total - taken, total)


def total_eur(question: Question, solution: str, members: Sequence[str]) -> int:
    """The money of a grappe of at least one member; 0 when it has none, or one of them is not funded."""
    found = money_of(question, solution, members, ())
    return 0 if found is None else found.total_eur
