"""What every method is told: lots, types, who is in reach of which porteur, and what a group is worth.

Taken from the optimiser's own reading of the instance, so that no method loses by another reading of it.
Methods think in *groups*: (type, lots). A group becomes a grappe when a row of its type holds all its lots.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver import distances
from solver.instance import Grappe, Instance
from solver.scale import Scale
from solver.search.plan import Recogniser, grappes_of
from solver.search.problem import Column, Problem, state

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Group = tuple[int, tuple[int, ...]]


@dataclass(frozen=True)
class Territory:
    """An instance without organismes apart, fixed grappes, budget or previous plan."""

    problem: Problem

    @cached_property
    def recogniser(self) -> Recogniser:
        return Recogniser(self.problem)

    @cached_property
    def place(self) -> Floats:
        """Mean position of each lot on the unit sphere, shape (lots, 3)."""
        esms = self.problem.lots.esms
        vectors = distances.unit_vectors(np.array([e.lat for e in esms]), np.array([e.lon for e in esms]))
        return np.array([vectors[list(lot.members)].mean(axis=0) for lot in self.problem.lots.lots])

    @cached_property
    def km(self) -> Floats:
        """Mean positions in kilometres on a local map (equirectangular), shape (lots, 2)."""
        lat, lon = np.arcsin(self.place[:, 2]), np.arctan2(self.place[:, 1], self.place[:, 0])
        radius = distances.EARTH_RADIUS_KM
        return np.stack([radius * lon * np.cos(lat.mean()), radius * lat], axis=1)

    @cached_property
    def row_at(self) -> dict[tuple[int, int], int]:
        """The row of (type, lot) that can hold most ESMS; lots that carry no feasible row have none."""
        weight, best = self.problem.offers.weight, dict[tuple[int, int], tuple[int, int]]()
        for index, row in enumerate(self.problem.rows):
            key, held = (row.type, row.base_lot), int(weight[row.items].sum())
            if key not in best or held > best[key][0]:
                best[key] = (held, index)
        return {key: index for key, (_, index) in best.items()}

    def types_by_popularity(self, free: npt.NDArray[np.bool_]) -> list[int]:
        """Types in the order of the ESMS that are free and could join them."""
        offers = self.problem.offers
        held = (offers.fits & free) @ offers.weight
        return [int(t) for t in np.argsort(-held, kind="stable") if held[t] > 0]

    def weight(self, lots: Sequence[int]) -> int:
        return int(self.problem.offers.weight[list(lots)].sum())

    def worth(self, group: Group) -> Column | None:
        """The best column of exactly this group; None when it breaks a rule."""
        kind, lots = group
        return self.recogniser.best(kind, lots)

    def grappes(self, groups: Sequence[Group]) -> list[Grappe]:
        """The grappes of valid groups, those that break a rule left out."""
        columns = [c for c in map(self.worth, groups) if c is not None]
        return list(grappes_of(self.problem, columns))

    def broken(self, groups: Sequence[Group]) -> int:
        """How many groups break a rule (size, radius, type) as they are."""
        return sum(self.worth(g) is None for g in groups)


def read(instance: Instance, scale: Scale) -> Territory:
    """Raises ValueError for an instance with constraints that the peers cannot be told."""
    constraints, parameters = instance.constraints, instance.parameters
    if (
        constraints.apart
        or constraints.fixed_grappes
        or instance.previous
        or parameters.budget_eur is not None
    ):
        raise ValueError("peers are compared on instances without such constraints")
    if parameters.max_radius_km is None:
        raise ValueError("peers are compared on instances with a radius")
    return Territory(state(instance, scale))
