"""Lots as arrays: what they take, where they are, and who can reach whom.

A *row* is (type, class, porteur): the lots of one class that take the type and lie within the radius and the
territory of that porteur could all be its partners. Counting the ESMS of every row is a product of two
matrices, done a territory and a block of porteurs at a time, so that France fits in memory.

Shapes: N ESMS, ordered lot by lot; U lots; S solutions; T types; K classes. Distances in kilometres.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from solver.explain.chords import Places, within_radius
from solver.explain.lots import Lot
from solver.explain.offers import Offers, Type
from solver.instance import Esms, Instance
from solver.scale import Scale
from solver.vocabulary import Need

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

_BLOCK = 512  # porteurs looked at together: 512 x 40,000 booleans are 20 MB


@dataclass(frozen=True)
class Terrain:
    """The lots of one instance, as arrays."""

    instance: Instance
    scale: Scale
    lots: tuple[Lot, ...]

    @cached_property
    def offers(self) -> Offers:
        return Offers(self.instance, self.scale)

    @cached_property
    def types(self) -> tuple[Type, ...]:
        return self.offers.types

    # ESMS ---------------------------------------------------------------------------------------------

    @cached_property
    def esms(self) -> tuple[Esms, ...]:
        return tuple(e for lot in self.lots for e in lot.members)

    @cached_property
    def position(self) -> dict[str, int]:
        return {e.id: i for i, e in enumerate(self.esms)}

    @cached_property
    def lot_of(self) -> Integers:
        return np.repeat(np.arange(len(self.lots)), [lot.size for lot in self.lots])

    @cached_property
    def starts(self) -> Integers:
        return np.concatenate(([0], np.cumsum([lot.size for lot in self.lots])[:-1])).astype(np.int64)

    @cached_property
    def places(self) -> Places:
        return Places(np.array([(e.lat, e.lon) for e in self.esms], dtype=float).reshape(-1, 2))

    @cached_property
    def may_carry(self) -> Bools:
        return np.array([e.can_be_porteur for e in self.esms], dtype=bool)

    @cached_property
    def territory(self) -> Integers:
        """A number per ESMS, the same for those that may share a grappe's territory."""
        return np.unique(self._codes, return_inverse=True)[1].astype(np.int64)

    @cached_property
    def _codes(self) -> NDArray[np.str_]:
        return np.array([self.instance.territory_of(e) for e in self.esms])

    @cached_property
    def minimum(self) -> Integers:
        """The minimum size that each ESMS brings to a new grappe, ``min_slack`` included."""
        fixed = self.instance.parameters.min_size
        scale = self.scale
        least = np.array(
            [
                scale.min_size_by_region.get(e.region, scale.min_size) if fixed is None else fixed
                for e in self.esms
            ],
            dtype=np.int64,
        )
        wished = np.minimum(least + self.instance.parameters.min_slack, self.max_size)
        return np.maximum(least, wished).astype(np.int64)

    @property
    def radius_km(self) -> float:
        radius = self.instance.parameters.max_radius_km
        return float("inf") if radius is None else radius

    @property
    def max_size(self) -> float:
        most = self.instance.parameters.max_size
        most = self.scale.max_size if most is None else most
        return float("inf") if most is None else most

    # lots ---------------------------------------------------------------------------------------------

    @cached_property
    def weight(self) -> Integers:
        return np.array([lot.size for lot in self.lots], dtype=np.int64)

    @cached_property
    def class_of(self) -> Integers:
        """A number per lot, the same for those that mixing allows together; -1: the lot itself may not."""
        parameters = self.instance.parameters
        champs, needs = not parameters.mix_champs, not parameters.mix_needs
        own = self._kinds(lambda e: (e.champ if champs else None, needs and e.need.is_acquisition))[1]
        if not len(own):
            return own
        alike = np.minimum.reduceat(own, self.starts) == np.maximum.reduceat(own, self.starts)
        return np.where(alike, own[self.starts], -1)

    @cached_property
    def eligible(self) -> Bools:
        """Lots with a need, not excluded, not over the maximum, whose members may be mixed."""
        excluded = self.instance.constraints.excluded
        able = np.array([e.need is not Need.AUCUN and e.id not in excluded for e in self.esms], dtype=bool)
        return self._of_lots(able) & (self.weight <= self.max_size) & (self.class_of >= 0)

    @cached_property
    def lot_minimum(self) -> Integers:
        return np.maximum.reduceat(self.minimum, self.starts)

    def _kinds(self, key: Callable[[Esms], object]) -> tuple[list[Esms], Integers]:
        """One ESMS of each kind that the key tells apart, and the kind of every ESMS."""
        kinds: dict[object, int] = {}
        models: list[Esms] = []
        of = np.zeros(len(self.esms), dtype=np.int64)
        for i, e in enumerate(self.esms):
            kind = kinds.setdefault(key(e), len(models))
            if kind == len(models):
                models.append(e)
            of[i] = kind
        return models, of

    @cached_property
    def possible(self) -> Bools:
        """(U, T): what no concession changes allows it."""
        kinds = self._kinds(lambda e: (e.champ, e.need, e.current_solution))
        by_solution = {
            s.id: self._all_of(kinds, partial(self.offers.possible, solution=s))
            for s in self.instance.solutions
        }
        return self._by_type([by_solution[t.solution] for t in self.types])

    @cached_property
    def accepts_solution(self) -> Bools:
        """(U, T)"""
        kinds = self._kinds(lambda e: e.accepted_solutions)
        by_solution = {
            s.id: self._all_of(kinds, partial(Esms.accepts_solution, solution_id=s.id))
            for s in self.instance.solutions
        }
        return self._by_type([by_solution[t.solution] for t in self.types])

    @cached_property
    def accepts_hosting(self) -> Bools:
        """(U, T)"""
        kinds = self._kinds(lambda e: e.accepted_hosting)
        return self._by_type(
            [self._all_of(kinds, partial(self.offers.accepts_hosting, type_=t)) for t in self.types]
        )

    @cached_property
    def takes(self) -> Bools:
        """(U, T): an eligible lot that can be in a grappe of the type, partners aside."""
        return self.possible & self.accepts_solution & self.accepts_hosting & self.eligible[:, None]

    @cached_property
    def thresholds(self) -> tuple[int, ...]:
        """The distinct minima, increasing: a grappe under one holds no lot that brings a larger one."""
        return tuple(int(m) for m in np.unique(self.lot_minimum))

    @cached_property
    def classes(self) -> tuple[int, ...]:
        return tuple(int(k) for k in np.unique(self.class_of) if k >= 0)

    def _all_of(self, kinds: tuple[list[Esms], Integers], test: Callable[[Esms], bool]) -> Bools:
        """(U,): what holds of every member, told from its kind alone."""
        models, of = kinds
        return self._of_lots(np.array([test(e) for e in models], dtype=bool)[of])

    def _of_lots(self, esms: Bools) -> Bools:
        """(U,) lots of which it holds of all ESMS."""
        return np.logical_and.reduceat(esms, self.starts) if len(esms) else esms

    def _by_type(self, columns: list[Bools]) -> Bools:
        return np.stack(columns, axis=1) if columns else np.zeros((len(self.lots), 0), dtype=bool)

    # reach --------------------------------------------------------------------------------------------

    @cached_property
    def carriers(self) -> Integers:
        """ESMS that may be porteur, in increasing order of id."""
        order = sorted(range(len(self.esms)), key=lambda i: self.esms[i].id)
        return np.array([i for i in order if self.may_carry[i]], dtype=np.int64)

    def within(self, porteurs: Integers, lots: Integers | None = None) -> Bools:
        """(porteurs, lots or U): lots with all members in the radius and the territory of the porteur."""
        lots = np.arange(len(self.lots)) if lots is None else lots
        first, sizes = self.starts[lots], self.weight[lots]
        near = self.within_esms(porteurs, first)
        # the others, of the few lots that have any: the second ones, the third ones
        larger = [np.flatnonzero(sizes > k) for k in range(1, int(sizes.max(initial=1)))]
        if larger:
            others = np.concatenate([first[some] + k for k, some in enumerate(larger, start=1)])
            also, begin = self.within_esms(porteurs, others), 0
            for some in larger:
                near[:, some] &= also[:, begin : begin + len(some)]
                begin += len(some)
        return near

    def within_position(self, porteur: Esms) -> Bools:
        """(U,): lots in reach of any ESMS of the instance, whether it is of this terrain or not."""
        place = Places(np.array([[porteur.lat, porteur.lon]]))
        code = self.instance.territory_of(porteur)
        near = within_radius(place, self.places, self.radius_km)[0]
        near &= self._codes == code
        return np.logical_and.reduceat(near, self.starts)

    def within_esms(self, porteurs: Integers, others: Integers) -> Bools:
        """(porteurs, others): the same, ESMS by ESMS."""
        near = within_radius(self.places[porteurs], self.places[others], self.radius_km)
        here, there = self.territory[porteurs], self.territory[others]
        if not len(here) or not (here == here[0]).all() or not (there == here[0]).all():
            near &= here[:, None] == there[None, :]
        return near

    def blocks(self, available: Bools, among: Bools | None = None) -> Iterator[Block]:
        """Porteurs of available lots; available lots (``among`` some) of their class and territory."""
        lot_territory = self.territory[self.starts]
        # a lot astride two territories is in nobody's reach
        available = available & (np.maximum.reduceat(self.territory, self.starts) == lot_territory)
        available &= np.minimum.reduceat(self.territory, self.starts) == lot_territory
        carriers = self.carriers[available[self.lot_of[self.carriers]]]
        for class_ in self.classes:
            for place in np.unique(self.territory):
                here = available if among is None else available & among
                lots = np.nonzero(here & (self.class_of == class_) & (lot_territory == place))[0]
                mine = carriers[
                    (self.class_of[self.lot_of[carriers]] == class_) & (self.territory[carriers] == place)
                ]
                for first in range(0, len(mine) if len(lots) else 0, _BLOCK):
                    porteurs = mine[first : first + _BLOCK]
                    yield Block(porteurs, lots, self.within(porteurs, lots))


@dataclass(frozen=True)
class Block:
    """``reaches``: (porteurs, lots) booleans."""

    porteurs: Integers
    lots: Integers
    reaches: Bools

    @cached_property
    def ones(self) -> NDArray[np.float32]:
        """The same as numbers that sums are products of: exact up to 16 million."""
        return self.reaches.astype(np.float32)
