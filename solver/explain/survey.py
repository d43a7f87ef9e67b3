"""What explanations need to know of an instance, whatever the proposal: computed once, beside the search.

Shapes: N ESMS, U lots, T types, as in ``terrain``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from solver.explain.chances import Chances, RowTable, best_chances, row_tables
from solver.explain.lots import Lot, contract_lots, moving_lots
from solver.explain.partners import Apart
from solver.explain.terrain import Bools, Integers, Terrain
from solver.explain.worth import Worth
from solver.instance import Instance
from solver.scale import Scale


@dataclass(frozen=True)
class Survey:
    """The lots of an instance, who can reach whom, and which rows reach their size."""

    instance: Instance
    scale: Scale

    def prepare(self) -> None:
        """Compute now what every explanation needs, so that it is there when the search ends."""
        self.chances  # noqa: B018 - fills the cached property
        self.tables  # noqa: B018

    @cached_property
    def alone(self) -> Terrain:
        """Lots as the contract has them, whatever ``constraints`` ask (but for what is excluded)."""
        return Terrain(self.instance, self.scale, contract_lots(self.instance))

    @cached_property
    def chances(self) -> Chances:
        """Of every lot of ``alone``, placed or not: a row that reaches the size does so for any proposal."""
        return best_chances(self.alone, self.alone.eligible)

    @cached_property
    def terrain(self) -> Terrain:
        """Lots as they move: organismes kept together count as one."""
        if not self.instance.constraints.together:
            return self.alone
        return Terrain(self.instance, self.scale, moving_lots(self.instance))

    @property
    def lots(self) -> tuple[Lot, ...]:
        return self.terrain.lots

    @cached_property
    def place_of(self) -> dict[str, int]:
        """First ESMS of a lot -> place of the lot in the terrain."""
        return {lot.members[0].id: k for k, lot in enumerate(self.lots)}

    @cached_property
    def held(self) -> frozenset[str]:
        """Members of fixed grappes: they go nowhere else."""
        return frozenset(id_ for f in self.instance.constraints.fixed_grappes for id_ in f.members)

    @property
    def constrained(self) -> bool:
        """Is there a constraint that may keep out a lot with enough partners in reach?"""
        constraints, parameters = self.instance.constraints, self.instance.parameters
        return bool(
            constraints.fixed_grappes
            or constraints.together
            or constraints.apart
            or parameters.budget_eur is not None
            or parameters.max_grappes is not None
        )

    @cached_property
    def movable(self) -> Bools:
        """(U,) lots that may go elsewhere."""
        if not self.held:
            return self.terrain.eligible
        free = np.array([lot.ids.isdisjoint(self.held) for lot in self.lots], dtype=bool)
        movable: Bools = self.terrain.eligible & free
        return movable

    @cached_property
    def tables(self) -> Mapping[int, RowTable]:
        """Threshold -> what each row of movable lots gathers."""
        if self.terrain is self.alone and not self.held:
            return self.chances.tables
        return row_tables(self.terrain, self.movable)

    @cached_property
    def porteurs(self) -> Mapping[tuple[int, int], Integers]:
        """(class, territory) -> possible porteurs."""
        terrain = self.terrain
        carriers = terrain.carriers[self.movable[terrain.lot_of[terrain.carriers]]]
        keys = np.stack([terrain.class_of[terrain.lot_of[carriers]], terrain.territory[carriers]], axis=1)
        return _grouped(carriers, keys)

    @cached_property
    def neighbours(self) -> Mapping[tuple[int, int], Integers]:
        """(class, territory) -> movable lots of that class, at least one member there."""
        terrain = self.terrain
        lots = np.nonzero(self.movable)[0]
        keys = np.stack([terrain.class_of[lots], terrain.territory[terrain.starts[lots]]], axis=1)
        return _grouped(lots, keys)

    @cached_property
    def rank(self) -> Integers:
        """(N,) place of each ESMS in the order of ids."""
        ids = [e.id for e in self.terrain.esms]
        rank = np.empty(len(ids), dtype=np.int64)
        rank[np.argsort(ids)] = np.arange(len(ids))
        return rank

    @cached_property
    def worth(self) -> Worth:
        return Worth(self.instance, self.scale)

    @cached_property
    def apart(self) -> Apart:
        return Apart(self.instance)

    def neighbourhood(self, lot: Lot) -> tuple[int, int]:
        """(class, territory) of a lot."""
        terrain, place = self.terrain, self.place_of[lot.members[0].id]
        return int(terrain.class_of[place]), int(terrain.territory[terrain.starts[place]])


def _grouped(values: Integers, keys: Integers) -> dict[tuple[int, int], Integers]:
    """Values by key, (n,) and (n, 2), in their order."""
    found: dict[tuple[int, int], list[int]] = {}
    for value, (first, second) in zip(values.tolist(), keys.tolist(), strict=True):
        found.setdefault((first, second), []).append(value)
    return {key: np.array(mine, dtype=np.int64) for key, mine in found.items()}
