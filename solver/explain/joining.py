"""A lot enters a grappe of the proposal, and what stands in the way leaves it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from solver.explain.board import Board
from solver.explain.drafting import Alternative, Drafting
from solver.explain.lots import Lot
from solver.explain.survey import Survey


@dataclass(frozen=True)
class Joining:
    """Alternatives in which a lot is in a grappe of the board."""

    drafting: Drafting

    @property
    def board(self) -> Board:
        return self.drafting.board

    @property
    def survey(self) -> Survey:
        return self.board.survey

    def of(self, lot: Lot) -> Iterator[Alternative]:
        board, terrain = self.board, self.survey.terrain
        place = self.survey.place_of[lot.members[0].id]
        for k, grappe in enumerate(board.grappes):
            type_ = terrain.types.index(board.type_of(k))
            if (
                not board.is_open(k)
                or not terrain.takes[place, type_]
                or not self._mix(lot, board.lots_of(k))
            ):
                continue
            leaving = self._in_the_way(lot, k)
            if leaving is None:
                continue
            gone = {id_ for other in leaving for id_ in other.ids}
            ids = [id_ for id_ in grappe.members if id_ not in gone] + [e.id for e in lot.members]
            changed = self.drafting.regrouped(grappe, ids, k)
            draft = None if changed is None else self.drafting.changing({k: changed}, ())
            if draft is not None:
                yield draft

    def _in_the_way(self, lot: Lot, place: int) -> list[Lot] | None:
        """Lots that must leave a grappe for this one to enter: those apart from it, then the least worth that
        makes room in the size and the budget. None: fixed members stand in the way."""
        board = self.board
        lots = list(board.lots_of(place))
        leaving = [other for other in lots if self.survey.apart.clash(lot.organismes, other.organismes)]
        size = sum(other.size for other in lots) + lot.size - sum(other.size for other in leaving)
        over = size - self.survey.terrain.max_size
        if over > 0:
            able = [
                o for o in lots if o.size >= over and o not in leaving and o.ids.isdisjoint(self.survey.held)
            ]
            if not able:
                return None
            leaving.append(min(able, key=lambda o: (o.size, self._brings(o, place), o.members[0].id)))
        elif not leaving and self._over_budget(lot, place):
            able = [o for o in lots if o.ids.isdisjoint(self.survey.held)]
            if not able:
                return None
            enough = [o for o in able if self._brings(o, place) >= self._paid(lot, place)]
            chosen = min(enough, key=lambda o: (self._brings(o, place), o.members[0].id), default=None)
            leaving.append(chosen or max(able, key=lambda o: (self._brings(o, place), o.members[0].id)))
        return leaving if all(o.ids.isdisjoint(self.survey.held) for o in leaving) else None

    def _over_budget(self, lot: Lot, place: int) -> bool:
        return not self.board.within_budget(self._paid(lot, place))

    def _paid(self, lot: Lot, place: int) -> int:
        g = self.board.grappes[place]
        ids = tuple(sorted((*g.members, *lot.ids)))
        return self.survey.worth.euros(replace(g, members=ids)) - self.board.funding[place]

    def _brings(self, lot: Lot, place: int) -> int:
        """Euros that the grappe loses when this lot of it leaves."""
        g = self.board.grappes[place]
        ids = tuple(id_ for id_ in g.members if id_ not in lot.ids)
        return self.board.funding[place] - (self.survey.worth.euros(replace(g, members=ids)) if ids else 0)

    def _mix(self, lot: Lot, others: Sequence[Lot]) -> bool:
        class_of = self.survey.terrain.class_of
        mine = class_of[self.survey.place_of[lot.members[0].id]]
        return all(class_of[self.survey.place_of[o.members[0].id]] == mine for o in others)
