"""The single concession that separates a lot from a type and a porteur, if one alone does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from solver.explain.lots import Lot, LotKey, lot_key, moving_lots
from solver.explain.offers import Type
from solver.explain.terrain import Terrain
from solver.instance import Esms, Instance
from solver.judge import Concession
from solver.proposal import Change
from solver.vocabulary import ChangeKind, Hosting


@dataclass(frozen=True)
class Mover:
    """ESMS that would move together; ``dissolved``: the contract lot that is split so that they can.

    ``source``: the unplaced lot they come from, which is ``lot`` itself unless a lot is split.
    """

    lot: Lot
    source: Lot
    dissolved: LotKey | None = None

    def conceding(self) -> frozenset[str]:
        return self.lot.ids if self.dissolved is None else self.source.ids


def movers_of(instance: Instance, unplaced: Sequence[Lot]) -> list[Mover]:
    """Each unplaced lot whole, and the pieces that splitting one of its contract lots would free."""
    movers = [Mover(lot, lot) for lot in unplaced]
    for lot in unplaced:
        keys = {key for e in lot.members if (key := lot_key(e)) is not None}
        for key in sorted(keys):
            pieces = moving_lots(instance, among=lot.members, dissolved=key)
            if len(pieces) > 1:
                movers.extend(Mover(piece, lot, key) for piece in pieces)
    return movers


def concessions_for(terrain: Terrain, mover: Mover, place: int, type_: int) -> list[Concession]:
    """What the mover (lot ``place`` of the terrain) must accept to take a type: none, one or several choices.

    An empty list: no single concession is enough, or, for a split lot, it is spent already.
    """
    if not terrain.possible[place, type_]:
        return []
    refuses_solution = not terrain.accepts_solution[place, type_]
    refuses_hosting = not terrain.accepts_hosting[place, type_]
    if mover.dissolved is not None or refuses_solution == refuses_hosting:
        return []
    wanted = terrain.types[type_]
    if refuses_solution:
        return [Concession(mover.lot.ids, ChangeKind.ACCEPT_SOLUTION, wanted.solution)]
    return [
        Concession(mover.lot.ids, ChangeKind.ACCEPT_HOSTING, mode.value)
        for mode in _modes(terrain.instance, wanted)
    ]


def change_of(concession: Concession, joins: str | None, partners: tuple[str, ...], gain_eur: int) -> Change:
    """A verified concession as the proposal tells it."""
    assert concession.value is not None
    return Change(concession.kind, concession.value, joins, partners, gain_eur)


def _modes(instance: Instance, type_: Type) -> list[Hosting]:
    if type_.hosting is not None:
        return [type_.hosting]
    return sorted(instance.solution_by_id[type_.solution].hosting)


def split(mover: Mover) -> Concession:
    """The concession of a mover that leaves its lot."""
    assert mover.dissolved is not None
    return Concession(mover.source.ids, ChangeKind.SPLIT_LOT, mover.dissolved[1])


def members_with(members: Sequence[Esms], mover: Mover) -> tuple[Esms, ...]:
    return tuple(sorted((*members, *mover.lot.members), key=lambda e: e.id))
