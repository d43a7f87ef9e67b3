"""Who can only be placed with whom: lots, organismes kept together, fixed grappes.

When to modify: the contract ties ESMS in another way.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from functools import cached_property

from solver.instance import FixedGrappe, Instance
from solver.vocabulary import Need

LotKey = tuple[str, str]  # (organisme, lot)


class Ties:
    """Lookups of one instance."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance

    @cached_property
    def lot_members(self) -> Mapping[LotKey, frozenset[str]]:
        found: dict[LotKey, set[str]] = defaultdict(set)
        for e in self._instance.esms:
            if e.lot is not None:
                found[e.organisme, e.lot].add(e.id)
        return {key: frozenset(ids) for key, ids in found.items()}

    @cached_property
    def chain_of(self) -> Mapping[str, str]:
        """Organisme of a ``together`` pair -> the smallest organisme of its chain."""
        linked: dict[str, set[str]] = defaultdict(set)
        for one, other in self._instance.constraints.together:
            linked[one].add(other)
            linked[other].add(one)
        chain: dict[str, str] = {}
        for first in sorted(linked):
            reached = [first]
            while reached:
                id_ = reached.pop()
                if id_ not in chain:
                    chain[id_] = first
                    reached.extend(linked[id_])
        return chain

    @cached_property
    def chain_members(self) -> Mapping[str, frozenset[str]]:
        """Chain -> its ESMS with a need."""
        found: dict[str, set[str]] = {first: set() for first in self.chain_of.values()}
        for e in self._instance.esms:
            if e.organisme in self.chain_of and e.need is not Need.AUCUN:
                found[self.chain_of[e.organisme]].add(e.id)
        return {first: frozenset(ids) for first, ids in found.items()}

    @cached_property
    def fixed_of(self) -> Mapping[str, FixedGrappe]:
        """ESMS -> the fixed grappe that it was put in."""
        return {id_: f for f in self._instance.constraints.fixed_grappes for id_ in f.members}

    def moving_with(self, esms_id: str, dissolved: LotKey | None = None) -> frozenset[str]:
        """The ESMS that can only move with this one: lots and chains, but the ``dissolved`` lot."""
        by_id = self._instance.esms_by_id
        reached, seen = [esms_id], set[str]()
        while reached:
            id_ = reached.pop()
            if id_ in seen:
                continue
            seen.add(id_)
            e = by_id[id_]
            if e.lot is not None and (e.organisme, e.lot) != dissolved:
                reached.extend(self.lot_members[e.organisme, e.lot])
            if e.need is not Need.AUCUN and e.organisme in self.chain_of:
                reached.extend(self.chain_members[self.chain_of[e.organisme]])
        return frozenset(seen)
