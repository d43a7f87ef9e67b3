"""Why each ESMS is in no grappe: the first reason of the contract that applies, with its numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from solver.explain.alternatives import Alternative, Alternatives
from solver.explain.binding import binding_constraint
from solver.explain.board import Board
from solver.explain.chances import Chance, Chances, best_chances
from solver.explain.lots import Lot, contract_lots, lot_by_esms
from solver.explain.own_causes import Cause, esms_cause, lot_cause
from solver.explain.terrain import Terrain
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

    @cached_property
    def _alone(self) -> Terrain:
        """Lots as the contract has them, whatever ``constraints`` ask (but for what is excluded)."""
        return Terrain(self.board.instance, self.board.scale, contract_lots(self.board.instance))

    @cached_property
    def _chances(self) -> Chances:
        unplaced = [lot.members[0].id not in self.board.grappe_of for lot in self._alone.lots]
        return best_chances(
            self._alone, np.array(unplaced, dtype=bool) & self._alone.eligible, self._alone.eligible
        )

    @cached_property
    def alternatives(self) -> Alternatives:
        return Alternatives(self.board, self.judge, self.out_of_time)

    def all(self) -> dict[str, Cause]:
        """ESMS id -> (reason, detail) for every unplaced ESMS.

        Raises
        ------
        BetterProposal
            A better proposal was met on the way, and there is time to explain it instead.
        """
        moving = lot_by_esms(self.board.unplaced)
        places = {lot: k for k, lot in enumerate(self._alone.lots)}
        causes: dict[str, Cause] = {}
        by_lot: dict[Lot, Cause] = {}
        for lot, place in places.items():
            if lot.members[0].id in self.board.grappe_of:
                continue
            for e in lot.members:
                own = esms_cause(self._alone, e)
                if own is None:
                    if lot not in by_lot:
                        by_lot[lot] = self._cause_of_lot(lot, place, moving[e.id])
                    own = _spoken_by(e, by_lot[lot])
                causes[e.id] = own
        return causes

    def _stop_for_better(self, met: Alternative | None) -> None:
        if met is not None and met.difference > 0 and not self.out_of_time():
            raise BetterProposal(met.grappes)

    @cached_property
    def _best(self) -> dict[str, Alternative | None]:
        return {}

    def _cause_of_lot(self, lot: Lot, place: int, moving: Lot) -> Cause:
        if not self._chances.reached[place]:
            chance = self._chances.missed.get(place)
            conflict = lot_cause(self._alone, lot) if chance is None or chance.porteur is None else None
            if conflict is not None:
                return conflict
            if chance is None:
                raise AssertionError(f"no cause found for the lot of {lot.members[0].id}")
            return Reason.TOO_FEW_PARTNERS, _told(chance)
        key = moving.members[0].id
        if key not in self._best:
            self._best[key] = self.alternatives.best(moving)
            self._stop_for_better(self._best[key])
        best = self._best[key]
        if best is None:
            return self._kept_out(moving)
        return Reason.OUTCOMPETED, {"loss_eur": max(0, -best.difference)}

    def _kept_out(self, moving: Lot) -> Cause:
        """No valid proposal places it: a constraint, or the sizes of the lots in reach that never add up."""
        named = binding_constraint(self.alternatives, moving)
        if named is not None:
            return Reason.CONSTRAINT, named
        least = max(int(self._alone.minimum[self._alone.position[id_]]) for id_ in moving.ids)
        lone = Chance(None, None, moving.size, max(1, least - moving.size))
        return Reason.TOO_FEW_PARTNERS, _told(lone)


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
