"""Shares: parts of an instance that nothing links, each of which can be searched as an instance of its own.

Where members share a region or a département, no grappe holds ESMS of two of them: values and bounds of
the parts add up. What else links them (an earlier grappe, fixed grappes that must grow) keeps them in one
share; a budget or a number of grappes links everything.

When to modify: a constraint speaks of grappes of several territories.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

import networkx as nx

from solver.instance import Esms, Grappe, Instance
from solver.scale import Scale
from solver.search.lots import glued
from solver.vocabulary import Territory

LEAST_ESMS = 5_000  # of an instance that is worth several processes
STEEP = 1.3  # the work that a territory is grows with its ESMS to this power


def shares(instance: Instance, scale: Scale, count: int) -> list[Instance]:
    """At most ``count`` instances that make up this one, of about the same work; itself alone when linked.

    Contract lots of several territories can never be placed: they are in none.
    """
    parameters = instance.parameters
    whole = (
        count < 2
        or len(instance.esms) < LEAST_ESMS
        or parameters.territory is Territory.NONE
        or parameters.budget_eur is not None
        or parameters.max_grappes is not None
    )
    if whole:
        return [instance]
    home = {e.id: _territory(instance, e) for e in instance.esms}
    astride = _astride(instance, home)
    groups = _groups(instance, scale, home, astride)
    size = dict.fromkeys(home.values(), 0)
    for id_, territory in home.items():
        size[territory] += id_ not in astride
    weight = [sum(size[t] ** STEEP for t in group) for group in groups]
    bins: list[set[str]] = [set() for _ in range(min(count, len(groups)))]
    load = [0.0] * len(bins)
    for k in sorted(range(len(groups)), key=lambda k: (-weight[k], min(groups[k]))):
        lightest = load.index(min(load))
        bins[lightest] |= groups[k]
        load[lightest] += weight[k]
    if len(bins) < 2:
        return [instance]
    return [_part(instance, home, astride, mine) for mine in bins]


def _territory(instance: Instance, e: Esms) -> str:
    return e.departement if instance.parameters.territory is Territory.DEPARTEMENT else e.region


def _astride(instance: Instance, home: dict[str, str]) -> frozenset[str]:
    """ESMS that can only move with one of another territory, fixed grappes' apart: nobody can place them."""
    held = {m for f in instance.constraints.fixed_grappes for m in f.members}
    found: set[str] = set()
    for group in glued(instance):
        if len({home[e.id] for e in group}) > 1 and held.isdisjoint(e.id for e in group):
            found.update(e.id for e in group)
    return frozenset(found)


def _groups(
    instance: Instance, scale: Scale, home: dict[str, str], astride: frozenset[str]
) -> list[frozenset[str]]:
    """Territories that must be searched together."""
    graph: nx.Graph[str] = nx.Graph()
    graph.add_nodes_from(home.values())

    def link(territories: Iterable[str]) -> None:
        nx.add_path(graph, sorted(set(territories)))

    for grappe in instance.previous:
        link(home[m] for m in grappe.members if m in home)
    fixed = instance.constraints.fixed_grappes
    for given in fixed:
        link(home[m] for m in given.members)
    largest = max([scale.min_size, *scale.min_size_by_region.values()])
    least = instance.parameters.min_size or largest
    # The verification counts together all those that must grow.
    link(home[m] for f in fixed if f.extendable and len(f.members) < least for m in f.members)
    for group in glued(instance):
        if len(group) > 1 and not astride.intersection(e.id for e in group):
            link(home[e.id] for e in group)
    return [frozenset(group) for group in nx.connected_components(graph)]


def _part(
    instance: Instance, home: dict[str, str], astride: frozenset[str], territories: set[str]
) -> Instance:
    inside = {id_ for id_, t in home.items() if t in territories and id_ not in astride}
    constraints = instance.constraints
    return replace(
        instance,
        esms=tuple(e for e in instance.esms if e.id in inside),
        constraints=replace(
            constraints,
            excluded=constraints.excluded & inside,
            fixed_grappes=tuple(f for f in constraints.fixed_grappes if f.members[0] in inside),
        ),
        previous=tuple(g for g in instance.previous if not inside.isdisjoint(g.members)),
    )


def of_share(part: Instance, grappes: Sequence[Grappe]) -> tuple[Grappe, ...]:
    """The grappes that have members in this share."""
    return tuple(g for g in grappes if any(m in part.esms_by_id for m in g.members))
