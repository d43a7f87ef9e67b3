"""Lots: what can only move together.

An ESMS alone, a contract lot (same organisme and ``lot``), organismes kept together, or any chain of these.
A lot is placed whole in one grappe or not at all, so the search never sees a single ESMS again.

When to modify: a constraint glues ESMS together, or forbids some.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from solver.instance import Esms, FixedGrappe, Instance
from solver.vocabulary import Need


@dataclass(frozen=True, slots=True)
class Lot:
    """``members`` are positions in ``Lots.esms``, increasing; ``key`` is the smallest member id."""

    key: str
    members: tuple[int, ...]
    organismes: frozenset[str]


@dataclass(frozen=True)
class Lots:
    """``esms`` sorted by id (so that the order of a document never matters); ``lots`` by key.

    ``bases[k]`` are the members of the k-th fixed grappe: as given, or for an extendable one with
    everything that is glued to them; None when what is glued to it can never be placed.
    """

    esms: tuple[Esms, ...]
    lots: tuple[Lot, ...]
    bases: tuple[tuple[int, ...] | None, ...]


class _Glue:
    """Union-find over positions."""

    def __init__(self, count: int) -> None:
        self.parent = list(range(count))

    def root(self, i: int) -> int:
        while self.parent[i] != i:
            self.parent[i] = self.parent[self.parent[i]]
            i = self.parent[i]
        return i

    def join(self, items: Iterable[int]) -> None:
        roots = [self.root(i) for i in items]
        for r in roots[1:]:
            self.parent[self.root(r)] = self.root(roots[0])


def gather(instance: Instance) -> Lots:
    """Merge ESMS into lots and leave out those that can never be placed."""
    esms = tuple(sorted(instance.esms, key=lambda e: e.id))
    glue = _glued(instance, esms)
    groups: dict[int, list[int]] = {}
    for i in range(len(esms)):
        groups.setdefault(glue.root(i), []).append(i)
    position = {e.id: i for i, e in enumerate(esms)}
    bases: list[tuple[int, ...] | None] = []
    taken: set[int] = set()
    for fixed in instance.constraints.fixed_grappes:
        base = _base(instance, esms, fixed, position, groups, glue)
        bases.append(base)
        taken.update(position[m] for m in fixed.members)
        taken.update(base or ())
    lots = [
        Lot(esms[group[0]].id, tuple(group), frozenset(esms[i].organisme for i in group))
        for group in groups.values()
        if not taken.intersection(group) and _alive(instance, [esms[i] for i in group])
    ]
    return Lots(esms, tuple(sorted(lots, key=lambda lot: lot.key)), tuple(bases))


def _glued(instance: Instance, esms: tuple[Esms, ...]) -> _Glue:
    glue = _Glue(len(esms))
    contract: dict[tuple[str, str], list[int]] = {}
    in_need: dict[str, list[int]] = {}
    for i, e in enumerate(esms):
        if e.lot is not None:
            contract.setdefault((e.organisme, e.lot), []).append(i)
        if e.need is not Need.AUCUN:
            in_need.setdefault(e.organisme, []).append(i)
    for members in contract.values():
        glue.join(members)
    for one, other in instance.constraints.together:
        glue.join(in_need.get(one, []) + in_need.get(other, []))
    return glue


def _base(
    instance: Instance,
    esms: tuple[Esms, ...],
    fixed: FixedGrappe,
    position: dict[str, int],
    groups: dict[int, list[int]],
    glue: _Glue,
) -> tuple[int, ...] | None:
    given = sorted(position[m] for m in fixed.members)
    if not fixed.extendable:
        return tuple(given)
    whole = sorted({j for i in given for j in groups[glue.root(i)]})
    return tuple(whole) if _alive(instance, [esms[i] for i in whole]) else None


def _alive(instance: Instance, members: list[Esms]) -> bool:
    """Whether all have a need, none is excluded and no two organismes are to stay apart."""
    if any(e.need is Need.AUCUN or e.id in instance.constraints.excluded for e in members):
        return False
    organismes = {e.organisme for e in members}
    return not any(a in organismes and b in organismes for a, b in instance.constraints.apart)
