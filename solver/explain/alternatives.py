"""Valid proposals that place an unplaced lot: what the lot's absence costs, and whether one is better.

Two moves: the lot joins a grappe, lots that stand in the way leaving it; or a new grappe is formed round it.
Each is checked by the judge, so the best one is an upper estimate of the loss.

Time decides how good the estimate is, never whether there is one: ``first_answers`` places many lots with
one new grappe, ``best`` then seeks what is worth more, lot by lot. Without time that new grappe is all that
is sought, and every grappe that it takes members of is given up.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from solver.explain.board import Board
from solver.explain.drafting import Alternative, Drafting
from solver.explain.forming import Forming
from solver.explain.joining import Joining
from solver.explain.lots import Lot
from solver.explain.survey import Survey
from solver.instance import Instance
from solver.judge import Judge

_ROWS = 6  # new grappes tried for one lot before the best is kept
_FIRST_ROWS = 20  # rows tried for a first answer without time, where a constraint may be in the way


@dataclass
class Alternatives:
    board: Board
    judge: Judge
    out_of_time: Callable[[], bool]
    _known: dict[str, Alternative] = field(default_factory=dict)  # ESMS id -> the best met that places it

    def without(self, name: str, relaxed: Instance) -> Alternatives:
        """The same where one constraint, called by its name, is lifted."""
        if name not in self._relaxed:
            scale = self.board.scale
            board = Board(Survey(relaxed, scale), self.board.grappes)
            self._relaxed[name] = Alternatives(board, Judge(relaxed, scale), self.out_of_time)
        return self._relaxed[name]

    @cached_property
    def _relaxed(self) -> dict[str, Alternatives]:
        return {}

    @cached_property
    def _drafting(self) -> Drafting:
        return Drafting(self.board)

    @cached_property
    def _joining(self) -> Joining:
        return Joining(self._drafting)

    @cached_property
    def _forming(self) -> Forming:
        return Forming(self._drafting)

    def known(self, lot: Lot) -> Alternative | None:
        """The best valid proposal met so far that places the lot."""
        return self._known.get(lot.members[0].id)

    def first_answers(self, lots: Iterable[Lot]) -> None:
        """Meet one valid proposal for each of these lots, where one is easily found; many at once."""
        wanted = {lot.members[0].id: lot for lot in lots}
        for id_, lot in list(wanted.items()):
            if id_ in wanted:
                found = self._first(lot, wanted)
                self._remember(found)
                for placed in (id_, *(found.newly_placed if found is not None else ())):
                    wanted.pop(placed, None)

    def _first(self, lot: Lot, wanted: Collection[str]) -> Alternative | None:
        for tried, row in enumerate(self._forming.rows(lot)):
            if tried >= _FIRST_ROWS and self.board.survey.constrained and self.out_of_time():
                break  # a constraint will be named
            drafts = self._forming.with_others(lot, row, wanted, roughly=self.out_of_time())
            found = self._first_valid(drafts)
            if found is not None:
                return found
        return self._best_valid(list(self._joining.of(lot)))

    def best(self, lot: Lot) -> Alternative | None:
        """The best valid proposal found that places the lot; None when none was found.

        An alternative found for another lot that places this one too counts; without time it is enough.
        """
        if not self.out_of_time():
            self._remember(self._sought(lot))
        elif self.known(lot) is None:
            self._remember(self._first(lot, ()))
        return self.known(lot)

    def _remember(self, found: Alternative | None) -> None:
        for id_ in found.newly_placed if found is not None else ():
            before = self._known.get(id_)
            if found is not None and (before is None or before.difference < found.difference):
                self._known[id_] = found

    def _sought(self, lot: Lot) -> Alternative | None:
        drafts = list(self._joining.of(lot))
        for tried, row in enumerate(self._forming.rows(lot)):
            drafts.extend(self._forming.of(lot, row))
            if drafts and (tried + 1 >= _ROWS or self.out_of_time()):
                found = self._best_valid(drafts)
                if found is not None:
                    return found
                drafts = []
        return self._best_valid(drafts)

    def _best_valid(self, drafts: list[Alternative]) -> Alternative | None:
        """The best of the drafts that the judge accepts."""
        return self._first_valid(iter(sorted(drafts, key=lambda d: -d.difference)))

    def _first_valid(self, drafts: Iterator[Alternative]) -> Alternative | None:
        """The first of the drafts that the judge accepts, grappe by changed grappe."""
        for draft in drafts:
            if not any(self.judge.grappe_violations(g) for g in draft.touched):
                return draft
        return None
