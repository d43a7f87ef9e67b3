"""What moves together: the lots of the contract, and those that organismes kept together chain into one.

An ESMS without need stays in its lot (which can then never be placed) but is not held by ``together``, which
speaks of ESMS with a need only.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from solver.instance import Esms, Instance
from solver.vocabulary import Need

LotKey = tuple[str, str]  # (organisme, lot)


@dataclass(frozen=True, eq=False)
class Lot:
    """ESMS that are all in one grappe or all unplaced, in increasing order of id."""

    members: tuple[Esms, ...]

    @property
    def size(self) -> int:
        return len(self.members)

    @cached_property
    def ids(self) -> frozenset[str]:
        return frozenset(e.id for e in self.members)

    @cached_property
    def organismes(self) -> frozenset[str]:
        return frozenset(e.organisme for e in self.members)


def lot_key(esms: Esms) -> LotKey | None:
    return None if esms.lot is None else (esms.organisme, esms.lot)


def contract_lots(instance: Instance) -> tuple[Lot, ...]:
    """Every ESMS in one lot: those with the same (organisme, lot), the others alone."""
    return _components(instance.esms, ())


def moving_lots(
    instance: Instance, *, among: tuple[Esms, ...] | None = None, dissolved: LotKey | None = None
) -> tuple[Lot, ...]:
    """Contract lots chained by ``constraints.together``; ``dissolved`` names one lot that no longer holds."""
    esms = instance.esms if among is None else among
    return _components(esms, instance.constraints.together, dissolved)


def lot_by_esms(lots: Iterable[Lot]) -> Mapping[str, Lot]:
    return {id_: lot for lot in lots for id_ in lot.ids}


def _components(
    esms: tuple[Esms, ...], together: tuple[tuple[str, str], ...], dissolved: LotKey | None = None
) -> tuple[Lot, ...]:
    """Connected components of ESMS, lots and organismes kept together, in the order of their smallest id."""
    if not together:
        groups: dict[object, list[Esms]] = {}
        for e in sorted(esms, key=lambda e: e.id):
            key = lot_key(e)
            groups.setdefault(e.id if key is None or key == dissolved else key, []).append(e)
        return tuple(Lot(tuple(members)) for members in groups.values())
    bound = {organisme for pair in together for organisme in pair}
    ties: nx.Graph[tuple[str, ...]] = nx.Graph()
    by_id = {e.id: e for e in esms}
    ties.add_nodes_from(("esms", e.id) for e in esms)
    for e in esms:
        key = lot_key(e)
        if key is not None and key != dissolved:
            ties.add_edge(("esms", e.id), ("lot", *key))
        if e.organisme in bound and e.need is not Need.AUCUN:
            ties.add_edge(("esms", e.id), ("organisme", e.organisme))
    ties.add_edges_from((("organisme", a), ("organisme", b)) for a, b in together)
    lots = []
    for component in nx.connected_components(ties):
        ids = sorted(node[1] for node in component if node[0] == "esms")
        if ids:
            lots.append(Lot(tuple(by_id[id_] for id_ in ids)))
    return tuple(sorted(lots, key=lambda lot: lot.members[0].id))
