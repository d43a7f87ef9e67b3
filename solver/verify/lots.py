"""Lots as verification sees them: what can only move together and may be placed at all.

When to modify: the contract ties ESMS in another way.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.instance import Esms, Instance
from solver.judge.ties import Ties
from solver.scale import Scale
from solver.vocabulary import Need, Territory

Ints = npt.NDArray[np.int64]
NONE = -1


@dataclass(frozen=True)
class Lots:
    """``esms`` by id; ``members[k]``: places in ``esms``, increasing; lots in the order of their first id.

    ``bases[k]``: what the k-th fixed grappe always holds (an extendable one: with all that is tied to its
    members), None when a part of it can never be placed. Members of fixed grappes are in no lot.
    """

    instance: Instance
    scale: Scale
    esms: tuple[Esms, ...]
    members: tuple[tuple[int, ...], ...]
    bases: tuple[tuple[int, ...] | None, ...]

    @property
    def count(self) -> int:
        return len(self.members)

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """The smallest member id of each lot: its name in a certificate."""
        return tuple(self.esms[m[0]].id for m in self.members)

    @cached_property
    def place_of(self) -> dict[str, int]:
        return {key: k for k, key in enumerate(self.keys)}

    @cached_property
    def weight(self) -> Ints:
        return np.array([len(m) for m in self.members], dtype=np.int64)

    @cached_property
    def lot_of(self) -> Ints:
        """Lot of each ESMS, or NONE."""
        found = np.full(len(self.esms), NONE, dtype=np.int64)
        for k, members in enumerate(self.members):
            found[list(members)] = k
        return found

    @cached_property
    def organismes(self) -> tuple[frozenset[str], ...]:
        return tuple(frozenset(self.esms[i].organisme for i in m) for m in self.members)

    @cached_property
    def esms_minimum(self) -> Ints:
        """The least size of a grappe that holds this ESMS."""
        least, scale = self.instance.parameters.min_size, self.scale
        if least is not None:
            return np.full(len(self.esms), least, dtype=np.int64)
        by_region = scale.min_size_by_region
        return np.array([by_region.get(e.region, scale.min_size) for e in self.esms], dtype=np.int64)

    @cached_property
    def minimum(self) -> Ints:
        """The same of each lot: that of its most demanding member."""
        return np.array([self.esms_minimum[list(m)].max() for m in self.members], dtype=np.int64)

    @cached_property
    def maximum(self) -> int | None:
        most = self.instance.parameters.max_size
        return self.scale.max_size if most is None else most

    def due(self, minimum: int) -> int:
        """The least size of a new grappe whose members ask for ``minimum``: slack on top, below the
        maximum.
        """
        wished, most = minimum + self.instance.parameters.min_slack, self.maximum
        return wished if most is None else max(minimum, min(wished, most))

    @cached_property
    def esms_territory(self) -> Ints:
        """A number per ESMS, the same for those that may share a grappe."""
        numbers: dict[str, int] = {}
        codes = (territory(self.instance, e) for e in self.esms)
        return np.array([numbers.setdefault(code, len(numbers)) for code in codes], dtype=np.int64)

    @cached_property
    def territory(self) -> Ints:
        """The territory of each lot, NONE astride several: nobody can be its porteur then."""
        found = [set(self.esms_territory[list(m)].tolist()) for m in self.members]
        return np.array([t.pop() if len(t) == 1 else NONE for t in found], dtype=np.int64)

    @cached_property
    def can_carry(self) -> npt.NDArray[np.bool_]:
        """ESMS that may be porteur."""
        return np.array([e.can_be_porteur for e in self.esms], dtype=bool)


def territory(instance: Instance, esms: Esms) -> str:
    match instance.parameters.territory:
        case Territory.REGION:
            return esms.region
        case Territory.DEPARTEMENT:
            return esms.departement
        case Territory.NONE:
            return ""


def lots_of(instance: Instance, scale: Scale) -> Lots:
    """The lots of an instance, by the ties that the judge knows."""
    ties = Ties(instance)
    esms = tuple(sorted(instance.esms, key=lambda e: e.id))
    place = {e.id: i for i, e in enumerate(esms)}
    fixed = instance.constraints.fixed_grappes
    held = {id_ for f in fixed for id_ in f.members}
    bases: list[tuple[int, ...] | None] = []
    for f in fixed:
        whole = set(f.members)
        if f.extendable:
            whole = {id_ for m in f.members for id_ in ties.moving_with(m)}
        sound = not f.extendable or _placeable(instance, [esms[place[id_]] for id_ in whole])
        bases.append(tuple(sorted(place[id_] for id_ in whole)) if sound else None)
        held |= whole if sound else set()
    members: list[tuple[int, ...]] = []
    seen: set[str] = set()
    for e in esms:
        if e.id in seen:
            continue
        unit = ties.moving_with(e.id)
        seen |= unit
        if unit.isdisjoint(held) and _placeable(instance, [esms[place[id_]] for id_ in unit]):
            members.append(tuple(sorted(place[id_] for id_ in unit)))
    return Lots(instance, scale, esms, tuple(sorted(members)), tuple(bases))


def _placeable(instance: Instance, members: Iterable[Esms]) -> bool:
    """Whether all have a need, none is excluded and no two organismes are to stay apart."""
    organismes = set()
    for e in members:
        if e.need is Need.AUCUN or e.id in instance.constraints.excluded:
            return False
        organismes.add(e.organisme)
    return not any(a in organismes and b in organismes for a, b in instance.constraints.apart)
