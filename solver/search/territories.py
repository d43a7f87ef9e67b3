"""Shares: whole territories of an instance, about the same work each, searched in processes of their own.

What links them is ``solver.independence``'s to say; here territories are put together.

When to modify: the work that a territory is, or what is worth a process, is known better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from solver.independence import coupling, pieces, restricted
from solver.instance import Grappe, Instance
from solver.scale import Scale
from solver.vocabulary import Territory

LEAST_ESMS = 5_000  # of an instance that is worth several processes
STEEP = 1.3  # the work that a territory is grows with its ESMS to this power


def shares(instance: Instance, scale: Scale, count: int) -> list[Instance]:
    """At most ``count`` instances that make up this one, of about the same work; itself alone when linked.

    What nobody can place since it lies astride several territories is in none.
    """
    wide = instance.parameters.territory is Territory.NONE
    if count < 2 or len(instance.esms) < LEAST_ESMS or wide or coupling(instance) is not None:
        return [instance]
    found = pieces(instance, scale, near=False)
    groups = [[p for p in one if p not in found.astride] for one in found.components]
    groups = [group for group in groups if group]
    home = [instance.territory_of(e) for e in instance.esms]
    weight = [sum(n**STEEP for n in Counter(home[p] for p in group).values()) for group in groups]
    first = [min(home[p] for p in group) for group in groups]
    bins: list[set[int]] = [set() for _ in range(min(count, len(groups)))]
    load = [0.0] * len(bins)
    for k in sorted(range(len(groups)), key=lambda k: (-weight[k], first[k])):
        lightest = load.index(min(load))
        bins[lightest].update(groups[k])
        load[lightest] += weight[k]
    if len(bins) < 2:
        return [instance]
    return [restricted(instance, mine) for mine in bins]


def of_share(part: Instance, grappes: Sequence[Grappe]) -> tuple[Grappe, ...]:
    """The grappes that have members in this share."""
    return tuple(g for g in grappes if any(m in part.esms_by_id for m in g.members))
