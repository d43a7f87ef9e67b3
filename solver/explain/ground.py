"""Who would be porteur of a grappe once a lot has joined it, and how far from it the lot would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solver.distances import TIE_KM, geodesic_km, millimetres
from solver.explain.terrain import Bools, Floats
from solver.instance import Esms, Instance
from solver.vocabulary import ChangeKind


@dataclass(frozen=True, slots=True)
class Seat:
    """The porteur of a changed grappe; ``km``: from it to the farthest member of the lot that joined."""

    porteur: Esms
    km: float


@dataclass(frozen=True)
class Ground:
    """Some members of a grappe (n of them), before a lot (k ESMS) joins them.

    ``porteur``: the one that a fixed grappe keeps, None when the best placed member carries the grappe: it
    may be porteur, has every member in its radius and territory, and among those the smallest sum of
    distances, then the smallest id.
    """

    instance: Instance
    members: tuple[Esms, ...]
    porteur: Esms | None = None

    @cached_property
    def codes(self) -> NDArray[np.str_]:
        return codes_of(self.instance, self.members)

    @cached_property
    def able(self) -> Bools:
        """Members that may carry those that are there already."""
        may = np.array([e.can_be_porteur for e in self.members], dtype=bool)
        near = in_radius(self.instance, self._km).all(axis=1)
        able: Bools = may & near & (self.codes[:, None] == self.codes[None, :]).all(axis=1)
        return able

    @cached_property
    def _km(self) -> Floats:
        one, other = np.triu_indices(len(self.members), 1)
        at = positions(self.members)
        km = np.zeros((len(self.members), len(self.members)))
        km[one, other] = geodesic_km(at[one, 0], at[one, 1], at[other, 0], at[other, 1])
        return np.asarray(km + km.T)

    @cached_property
    def sums(self) -> Floats:
        sums: Floats = self._km.sum(axis=1)
        return sums

    def approached_by(self, lot: Sequence[Esms], km: Floats | None = None) -> Approach:
        """``km``: (k, n) distances from the lot to the members, when they are known."""
        return Approach(self, tuple(lot), kilometres(lot, self.members) if km is None else km)

    def seat(self, lot: Sequence[Esms], waived: ChangeKind | None = None) -> Seat | None:
        """See ``Approach.seat``."""
        return self.approached_by(lot).seat(waived)


@dataclass(frozen=True)
class Approach:
    """A lot about to join the members of a ground; ``km``: (k, n) distances between them."""

    ground: Ground
    lot: tuple[Esms, ...]
    km: Floats

    @cached_property
    def _own_km(self) -> Floats:
        return kilometres(self.lot, self.lot) if len(self.lot) > 1 else np.zeros((1, 1))

    @cached_property
    def _near(self) -> Bools:
        return in_radius(self.ground.instance, self.km)

    @cached_property
    def _codes(self) -> NDArray[np.str_]:
        return codes_of(self.ground.instance, self.lot)

    @cached_property
    def _same(self) -> Bools:
        same: Bools = self._codes[:, None] == self.ground.codes[None, :]
        return same

    @cached_property
    def _figures(self) -> tuple[Floats, Floats]:
        """(n + k) sums of distances to everybody, and distance to the farthest of the lot."""
        sums = np.concatenate(
            [self.ground.sums + self.km.sum(axis=0), self.km.sum(axis=1) + self._own_km.sum(axis=1)]
        )
        return sums, np.concatenate([self.km.max(axis=0, initial=0.0), self._own_km.max(axis=1)])

    def seat(self, waived: ChangeKind | None = None) -> Seat | None:
        """The porteur once the lot has joined, None when nobody can be.

        ``waived``: ``radius_km`` or ``territory`` when that limit does not hold between the porteur and the
        lot; any other kind of concession waives neither.
        """
        here = self.ground.able
        there = np.array([e.can_be_porteur for e in self.lot], dtype=bool)
        there = there & self._near.all(axis=1) & self._same.all(axis=1)
        if waived is not ChangeKind.RADIUS_KM:
            here = here & self._near.all(axis=0)
            there = there & in_radius(self.ground.instance, self._own_km).all(axis=1)
        if waived is not ChangeKind.TERRITORY:
            here = here & self._same.all(axis=0)
            there = there & (self._codes[:, None] == self._codes[None, :]).all(axis=1)
        able = np.concatenate([here, there])
        if not able.any():
            return None
        people = (*self.ground.members, *self.lot)
        sums, far = self._figures
        if self.ground.porteur is not None:
            place = next(i for i, e in enumerate(people) if e is self.ground.porteur)
            return Seat(people[place], float(far[place])) if able[place] else None
        tied = np.nonzero(able & (sums <= sums[able].min() + TIE_KM))[0]
        chosen = min(tied, key=lambda place: people[place].id)
        return Seat(people[chosen], float(far[chosen]))


def in_radius(instance: Instance, km: Floats) -> Bools:
    """Which distances, to the millimetre, are within the radius of the instance."""
    radius = instance.parameters.max_radius_km
    if radius is None:
        return np.ones(km.shape, dtype=bool)
    near: Bools = millimetres(km) <= millimetres(radius)
    return near


def codes_of(instance: Instance, esms: Sequence[Esms]) -> NDArray[np.str_]:
    """The territory that each one brings, empty when nothing need be shared."""
    return np.array([instance.territory_of(e) for e in esms], dtype=np.str_)


def positions(esms: Sequence[Esms]) -> Floats:
    """(n, 2) latitudes and longitudes, degrees."""
    return np.array([(e.lat, e.lon) for e in esms], dtype=float).reshape(-1, 2)


def kilometres(here: Sequence[Esms], there: Sequence[Esms]) -> Floats:
    """(len(here), len(there)) geodesic distances."""
    a, b = positions(here), positions(there)
    first, second = np.repeat(a, len(b), axis=0), np.tile(b, (len(a), 1))
    return geodesic_km(first[:, 0], first[:, 1], second[:, 0], second[:, 1]).reshape(len(a), len(b))
