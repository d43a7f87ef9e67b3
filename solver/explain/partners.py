"""Choosing the partners of a lot in one row: sizes, organismes kept apart, and what each partner brings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import networkx as nx

from solver.explain.lots import Lot
from solver.instance import Instance

_EXACT_CONFLICTS = 24  # organismes in conflict up to which the heaviest compatible set is sought exactly


@dataclass(frozen=True)
class Apart:
    """``constraints.apart`` as a graph of organismes."""

    instance: Instance

    @cached_property
    def conflicts(self) -> nx.Graph[str]:
        return nx.Graph(list(self.instance.constraints.apart))

    def clash(self, organismes: Iterable[str], others: Iterable[str]) -> bool:
        there = set(others)
        return any(not there.isdisjoint(self.enemies(o)) for o in organismes)

    def enemies(self, organisme: str) -> set[str]:
        return set(self.conflicts[organisme]) if organisme in self.conflicts else set()

    def heaviest(self, kept: Sequence[Lot], pool: Sequence[Lot]) -> list[Lot]:
        """The lots of the pool that can be with ``kept`` and with each other, as many ESMS as can be found.

        Exact for few organismes in conflict, else the heaviest organismes first. Lots that chain two
        conflicting organismes are left out.
        """
        if not self.conflicts:
            return list(pool)
        present = {o for lot in kept for o in lot.organismes}
        free = [
            lot
            for lot in pool
            if not self.clash(lot.organismes, present) and not self.clash(lot.organismes, lot.organismes)
        ]
        weights: dict[frozenset[str], int] = {}
        for lot in free:
            weights[lot.organismes] = weights.get(lot.organismes, 0) + lot.size
        chosen = self._independent(weights)
        return [lot for lot in free if lot.organismes in chosen]

    def _independent(self, weights: Mapping[frozenset[str], int]) -> set[frozenset[str]]:
        groups = sorted(weights, key=sorted)
        clashes: nx.Graph[frozenset[str]] = nx.Graph()
        clashes.add_nodes_from((g, {"weight": weights[g]}) for g in groups)
        touched = [g for g in groups if any(o in self.conflicts for o in g)]
        for place, one in enumerate(touched):
            clashes.add_edges_from((one, other) for other in touched[place + 1 :] if self.clash(one, other))
        at_odds = [g for g in groups if clashes.degree(g) > 0]
        chosen = {g for g in groups if clashes.degree(g) == 0}
        if not at_odds:
            return chosen
        if len(at_odds) <= _EXACT_CONFLICTS:
            agreeing = nx.complement(clashes.subgraph(at_odds))
            nx.set_node_attributes(agreeing, weights, "weight")
            return chosen | set(nx.max_weight_clique(agreeing, weight="weight")[0])
        for group in sorted(at_odds, key=lambda g: (-weights[g], sorted(g))):
            if chosen.isdisjoint(clashes[group]):
                chosen.add(group)
        return chosen


def filled(kept_size: int, pool: Sequence[Lot], least: int, most: float) -> list[Lot] | None:
    """Lots of the pool, first come first served, that bring the size into [least, most]; None: none can.

    Takes as many as fit; when lumps leave the greedy choice short, the sizes that sums of lots can reach are
    enumerated.
    """
    if kept_size > most:
        return None
    taken: list[Lot] = []
    size = kept_size
    for lot in pool:
        if size + lot.size <= most:
            taken.append(lot)
            size += lot.size
    if size >= least:
        return taken
    return _exact_sum(pool, least - kept_size, most - kept_size)


def fewest(kept_size: int, pool: Sequence[Lot], least: int, most: float) -> list[Lot] | None:
    """Lots of the pool, first come first served, that stop as soon as the minimum is reached."""
    taken: list[Lot] = []
    size = kept_size
    for lot in pool:
        if size >= least:
            break
        if size + lot.size <= most:
            taken.append(lot)
            size += lot.size
    if least <= size <= most:
        return taken
    return _exact_sum(pool, least - kept_size, most - kept_size) if kept_size <= most else None


def _exact_sum(pool: Sequence[Lot], least: int, most: float) -> list[Lot] | None:
    """Lots whose sizes sum into [least, most], or None."""
    if sum(lot.size for lot in pool) < least:
        return None
    came_by: dict[int, tuple[int, int]] = {0: (0, -1)}  # sum -> (sum before, lot added)
    for place, lot in enumerate(pool):
        for before in sorted(came_by, reverse=True):
            total = before + lot.size
            if total <= most and total not in came_by:
                came_by[total] = (before, place)
    reached = [total for total in came_by if total >= least]
    if not reached:
        return None
    total, taken = max(reached), []
    while total:
        total, place = came_by[total]
        taken.append(pool[place])
    return taken
