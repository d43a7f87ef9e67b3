"""Why each ESMS is in no grappe: the first reason of the contract that applies, with its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from solver.explain.alternatives import Alternatives
from solver.explain.binding import binding_constraint
from solver.explain.board import Board
from solver.explain.chances import Chance
from solver.explain.drafting import Alternative
from solver.explain.lots import Lot, lot_by_esms
from solver.explain.own_causes import Cause, esms_cause, lot_cause
from solver.explain.survey import Survey
from solver.instance import Esms, Grappe
from solver.judge import Judge
from solver.vocabulary import Reason


class BetterProposal(Exception):  # noqa: N818 - news, not an error
    """A valid proposal worth more than the one being explained."""

    def __init__(self, grappes: tuple[Grappe, ...]) -> None:
        super().__init__("a better proposal was met")
        self.grappes = grappes


@dataclass(frozen=True)
class Reasons:
    """The reasons of a board's unplaced ESMS."""

    board: Board
    judge: Judge
    out_of_time: Callable[[], bool]

    @property
    def survey(self) -> Survey:
        return self.board.survey

    @cached_property
    def alternatives(self) -> Alternatives:
        return Alternatives(self.board, self.judge, self.out_of_time)

    def all(self) -> dict[str, Cause]:
        """ESMS id -> (reason, detail) for every unplaced ESMS.

        What an ESMS or its lot says by itself comes first, then one valid proposal for each of the others,
        then, while there is time, better ones.

        Raises
        ------
        BetterProposal
            A better proposal was met on the way, and there is time to explain it instead.
        """
        moving = lot_by_esms(self.board.unplaced)
        causes: dict[str, Cause] = {}
        placeable: dict[Lot, list[Esms]] = {}
        for place, lot in enumerate(self.survey.alone.lots):
            if lot.members[0].id in self.board.grappe_of:
                continue
            of_lot: Cause | None = None
            for e in lot.members:
                cause = esms_cause(self.survey.alone, e)
                if cause is None and self.survey.chances.reached[place]:
                    placeable.setdefault(moving[e.id], []).append(e)
                    continue
                if cause is None:
                    of_lot = of_lot or self._cause_of_lot(lot, place)
                    cause = _spoken_by(e, of_lot)
                causes[e.id] = cause
        self.alternatives.first_answers(placeable)
        for lot, esms in placeable.items():
            best = self._best(lot)
            cause = self._kept_out(lot) if best is None else _outcompeted(best)
            causes |= {e.id: cause for e in esms}
        return causes

    def _best(self, lot: Lot) -> Alternative | None:
        best = self.alternatives.best(lot)
        if best is not None and best.difference > 0 and not self.out_of_time():
            raise BetterProposal(best.grappes)
        return best

    def _cause_of_lot(self, lot: Lot, place: int) -> Cause:
        """Why no row brings the lot to its size, be it placed with all that is in reach."""
        chance = self.survey.chances.missed.get(place)
        conflict = lot_cause(self.survey.alone, lot) if chance is None or chance.porteur is None else None
        if conflict is not None:
            return conflict
        if chance is None:
            raise AssertionError(f"no cause found for the lot of {lot.members[0].id}")
        return Reason.TOO_FEW_PARTNERS, _told(chance)

    def _kept_out(self, moving: Lot) -> Cause:
        """No valid proposal places it: a constraint, or the sizes of the lots in reach that never add up."""
        named = binding_constraint(self.alternatives, moving)
        if named is not None:
            return Reason.CONSTRAINT, named
        alone = self.survey.alone
        least = max(int(alone.minimum[alone.position[id_]]) for id_ in moving.ids)
        lone = Chance(None, None, moving.size, max(1, least - moving.size))
        return Reason.TOO_FEW_PARTNERS, _told(lone)


def _outcompeted(best: Alternative) -> Cause:
    return Reason.OUTCOMPETED, {"loss_eur": max(0, -best.difference)}


def _told(chance: Chance) -> Mapping[str, Any]:
    type_ = chance.type_
    return {
        "solution": None if type_ is None else type_.solution,
        "hosting": None if type_ is None or type_.hosting is None else type_.hosting.value,
        "porteur": chance.porteur,
        "in_reach": chance.in_reach,
        "missing": chance.missing,
    }


def _spoken_by(e: Esms, cause: Cause) -> Cause:
    """A lot's cause told of one member: where another is to blame, the pair holds the one asked about."""
    reason, detail = cause
    if reason is not Reason.LOT_INCOMPATIBLE or e.id in detail["pair"] or detail["rule"] not in set(Reason):
        return cause
    return reason, {**detail, "pair": [e.id, detail["pair"][1]]}
