"""Which single concession of a lot alone would place it: in a grappe of the proposal, or in a new one.

Every placement is built here and verified by the judge, which alone decides. A grappe that is joined keeps
everything but its porteur, chosen again; a new grappe takes unplaced lots that concede nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from solver.explain.board import Board
from solver.explain.concessions import Mover, change_of, concessions_for, movers_of, split
from solver.explain.ground import Approach, Ground, kilometres
from solver.explain.new_grappes import NewGrappes
from solver.explain.partners import Apart
from solver.explain.terrain import Terrain
from solver.instance import Esms, Grappe
from solver.judge import Concession, Judge
from solver.proposal import Change
from solver.vocabulary import ChangeKind

_RANK = {kind: rank for rank, kind in enumerate(ChangeKind)}
_Found = dict[tuple[ChangeKind, str | float, str | None], Change]


@dataclass
class ChangeSearch:
    """Seeks the changes of every unplaced ESMS of a board until ``out_of_time``."""

    board: Board
    judge: Judge
    out_of_time: Callable[[], bool]
    complete: bool = True
    _found: dict[str, _Found] = field(default_factory=dict)

    def run(self) -> Mapping[str, tuple[Change, ...]]:
        """ESMS id -> its changes, in the contract's order; ``complete`` turns false when time ran out."""
        board = self.board
        if self._out_of_time():
            return {}
        movers = movers_of(board.instance, board.unplaced)
        if not movers:
            return {}  # everybody is placed: arrays without lots have nothing to say
        terrain = Terrain(board.instance, board.scale, tuple(m.lot for m in movers))
        places = [int(place) for place in np.nonzero(terrain.eligible)[0]]
        classes = np.array([class_code(terrain, m.lot.members[0]) for m in movers], dtype=np.str_)
        for grappe in range(len(board.grappes)):
            if self._out_of_time():
                break
            if board.is_open(grappe):
                self._join_all(grappe, movers, terrain, classes)
        new_grappes = NewGrappes(board, self.judge)
        for place in places:
            if self._out_of_time():
                break
            for change in new_grappes.changes(movers[place], terrain, place, self._out_of_time):
                self._keep(movers[place], change)
        return {id_: in_order(found.values()) for id_, found in self._found.items()}

    def _join_all(
        self, grappe: int, movers: list[Mover], terrain: Terrain, classes: NDArray[np.str_]
    ) -> None:
        board = self.board
        members = board.members(grappe)
        type_ = terrain.types.index(board.type_of(grappe))
        fixed = board.fixed[grappe]
        porteur = board.instance.esms_by_id[fixed.porteur] if fixed is not None else None
        ground = Ground(board.instance, members, porteur)
        organismes = {e.organisme for e in members}
        apart = Apart(board.instance)
        fits = terrain.eligible & terrain.possible[:, type_]
        fits &= classes == class_code(terrain, members[0])
        fits &= len(members) + terrain.weight <= terrain.max_size
        near = [
            int(place)
            for place in np.nonzero(fits)[0]
            if not apart.clash(movers[place].lot.organismes, organismes)
        ]
        for place, approach in _approaches(ground, movers, near):
            if self._out_of_time():
                return
            for concession, carrier in _ways_in(terrain, movers[place], place, type_, approach):
                self._try(movers[place], grappe, concession, carrier)

    def _try(self, mover: Mover, place: int, concession: Concession, porteur: str) -> None:
        board, old = self.board, self.board.grappes[place]
        members = tuple(sorted((*old.members, *mover.lot.ids)))
        changed = Grappe(old.id, old.solution, old.hosting, porteur, members)
        gain = self.judge.funding(old.solution, members) - board.funding[place]
        if board.within_budget(gain) and not self.judge.grappe_violations(changed, concession):
            self._keep(mover, change_of(concession, old.id, (), gain))

    def _keep(self, mover: Mover, change: Change) -> None:
        key = (change.kind, change.value, change.joins)
        for id_ in mover.lot.ids:
            known = self._found.setdefault(id_, {})
            if key not in known or known[key].gain_eur < change.gain_eur:
                known[key] = change

    def _out_of_time(self) -> bool:
        if self.complete and self.out_of_time():
            self.complete = False
        return not self.complete


def _approaches(ground: Ground, movers: list[Mover], places: list[int]) -> Iterator[tuple[int, Approach]]:
    """Each mover with its distances to the members, measured all at once."""
    km = kilometres([e for place in places for e in movers[place].lot.members], ground.members)
    first = 0
    for place in places:
        lot = movers[place].lot.members
        yield place, ground.approached_by(lot, km[first : first + len(lot)])
        first += len(lot)


def class_code(terrain: Terrain, e: Esms) -> str:
    """What must not be mixed in one grappe, as one word."""
    parameters = terrain.instance.parameters
    champ = "" if parameters.mix_champs else e.champ.value
    return f"{champ}/{not parameters.mix_needs and e.need.is_acquisition}"


def _ways_in(
    terrain: Terrain, mover: Mover, place: int, type_: int, approach: Approach
) -> Iterable[tuple[Concession, str]]:
    """Single concessions that let the mover into a grappe, each with the porteur it would then have."""
    seat = approach.seat()
    if not terrain.takes[place, type_]:
        if seat is not None:
            for concession in concessions_for(terrain, mover, place, type_):
                yield concession, seat.porteur.id
        return
    if mover.dissolved is not None:
        if seat is not None:
            yield split(mover), seat.porteur.id
        return
    if seat is not None:
        return
    farther = approach.seat(ChangeKind.RADIUS_KM)
    if farther is not None:
        yield (
            Concession(mover.lot.ids, ChangeKind.RADIUS_KM, kilometres_needed(farther.km)),
            farther.porteur.id,
        )
    abroad = approach.seat(ChangeKind.TERRITORY)
    if abroad is not None:
        code = terrain.instance.territory_of(abroad.porteur)
        yield Concession(mover.lot.ids, ChangeKind.TERRITORY, code), abroad.porteur.id


def kilometres_needed(km: float) -> float:
    """A distance as a limit: to the millimetre, as limits are compared."""
    return round(km, 6)


def in_order(changes: Iterable[Change]) -> tuple[Change, ...]:
    """By kind, then the largest gain, then the smallest value; joining before a new grappe."""

    def key(change: Change) -> tuple[int, int, float, str, bool, str]:
        number, word = (change.value, "") if isinstance(change.value, float) else (0.0, change.value)
        return (_RANK[change.kind], -change.gain_eur, number, word, change.joins is None, change.joins or "")

    return tuple(sorted(changes, key=key))
