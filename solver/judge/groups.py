"""What moves together: lots (organisme, lot) and organismes kept together, chained."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from solver.instance import Instance
from solver.vocabulary import Need


def lots(instance: Instance) -> Mapping[tuple[str, str], frozenset[str]]:
    """(organisme, lot) -> its ESMS ids, those without need included."""
    found: dict[tuple[str, str], set[str]] = defaultdict(set)
    for esms in instance.esms:
        if esms.lot is not None:
            found[esms.organisme, esms.lot].add(esms.id)
    return {key: frozenset(ids) for key, ids in found.items()}


def together(instance: Instance) -> tuple[frozenset[str], ...]:
    """For each chain of organismes kept together, the ids of all their ESMS with a need."""
    chain: dict[str, set[str]] = {}
    for one, other in instance.constraints.together:
        merged = chain.get(one, {one}) | chain.get(other, {other})
        for organisme in merged:
            chain[organisme] = merged
    distinct = {id(members): members for members in chain.values()}
    return tuple(
        frozenset(e.id for e in instance.esms if e.organisme in organismes and e.need is not Need.AUCUN)
        for organismes in distinct.values()
    )
