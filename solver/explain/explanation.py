"""The whole explanation of a proposal: a reason and the changes for every ESMS left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from solver.explain.board import Board
from solver.explain.changes import ChangeSearch
from solver.explain.own_causes import Cause
from solver.explain.reasons import BetterProposal, Reasons
from solver.explain.survey import Survey
from solver.instance import Grappe
from solver.judge import Judge
from solver.proposal import Unplaced


@dataclass(frozen=True)
class Explanation:
    """``grappes``: those explained, which are better than the ones given when one was met on the way."""

    grappes: tuple[Grappe, ...]
    unplaced: tuple[Unplaced, ...]
    changes_complete: bool


def explain(
    survey: Survey,
    grappes: tuple[Grappe, ...],
    *,
    judge: Judge,
    out_of_time: Callable[[], bool],
    hurry: Callable[[], bool] | None = None,
) -> Explanation:
    """Explain a valid proposal of the survey's instance.

    Reasons are always found; losses are looked for less once it is time to ``hurry``, and changes no longer
    once ``out_of_time``. Without a ``hurry`` of their own the losses may take all the time there is.
    """
    board, causes = _settled(Board(survey, grappes), judge, hurry or out_of_time)
    search = ChangeSearch(board, judge, out_of_time)
    changes = search.run()
    unplaced = tuple(
        Unplaced(id_, reason, detail, changes.get(id_, ()))
        for id_, (reason, detail) in sorted(causes.items())
    )
    return Explanation(board.grappes, unplaced, search.complete)


def _settled(
    board: Board, judge: Judge, out_of_time: Callable[[], bool]
) -> tuple[Board, Mapping[str, Cause]]:
    """The causes, of the board or of better ones met while looking for them, taken up one after the other."""
    while True:
        try:
            return board, Reasons(board, judge, out_of_time).all()
        except BetterProposal as met:
            board = Board(board.survey, met.grappes)
