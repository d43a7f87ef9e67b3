"""Which ESMS can never meet in one grappe, nor weigh on one another's: how an instance falls apart.

Whoever is in a grappe is within the radius and the territory of its porteur. So ESMS are linked when they
share a territory and stand near enough, and by whatever ties them elsewhere (lots, organismes kept together,
fixed grappes, earlier grappes). What is linked may still be independent for the search, which looks at every
row; what is not linked always is: objectives, bounds and optima add up.

What can only move with ESMS of another territory (a contract lot *astride*) can never be placed: it links
nobody.

When to modify: a parameter or a constraint couples ESMS in a new way.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Set
from dataclasses import dataclass, replace
from enum import StrEnum

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from solver.distances import EARTH_RADIUS_KM, SPHERE_ERROR, UNLIMITED_KM, unit_vectors
from solver.instance import Constraints, Instance
from solver.scale import Scale
from solver.vocabulary import Need

CELLS_A_RADIUS = 4  # cells of the grid by which neighbours are found


class Coupling(StrEnum):
    """What makes of an instance one question, wherever its ESMS are."""

    BUDGET = "budget_eur"
    GRAPPES = "max_grappes"


def coupling(instance: Instance) -> Coupling | None:
    """The parameter that every grappe weighs on, None when there is none."""
    if instance.parameters.budget_eur is not None:
        return Coupling.BUDGET
    return Coupling.GRAPPES if instance.parameters.max_grappes is not None else None


@dataclass(frozen=True)
class Pieces:
    """What an instance falls into, as positions of ESMS.

    ``components``: each in increasing order, every ESMS in one; ``astride``: ESMS that nobody can place since
    they can only move with some of another territory: with those alone, unless something else ties them.
    """

    components: tuple[tuple[int, ...], ...]
    astride: frozenset[int]


def pieces(instance: Instance, scale: Scale, *, near: bool = True) -> Pieces:
    """The components of an instance; with ``near`` false whole territories stay together, be they wide."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(instance.esms)))
    glued = list(_glued(instance))
    astride = _astride(instance, glued)
    placeable = [place for place in range(len(instance.esms)) if place not in astride]
    for linked in (*_sharing(instance, placeable, near=near), *glued, *_ties(instance, scale)):
        nx.add_path(graph, linked)
    found = sorted(tuple(sorted(one)) for one in nx.connected_components(graph))
    return Pieces(tuple(found), astride)


def restricted(instance: Instance, places: Set[int]) -> Instance:
    """The instance of the ESMS at these positions alone, with what concerns them."""
    esms = tuple(e for place, e in enumerate(instance.esms) if place in places)
    ids = {e.id for e in esms}
    here = {e.organisme for e in esms}
    constraints = instance.constraints
    together = tuple(pair for pair in constraints.together if not here.isdisjoint(pair))
    named = here.union(*together) if together else here
    return replace(
        instance,
        organismes=tuple(o for o in instance.organismes if o.id in named),
        esms=esms,
        constraints=Constraints(
            excluded=constraints.excluded & ids,
            apart=tuple(pair for pair in constraints.apart if here.issuperset(pair)),
            together=together,
            fixed_grappes=tuple(f for f in constraints.fixed_grappes if f.members[0] in ids),
        ),
        previous=tuple(g for g in instance.previous if not ids.isdisjoint(g.members)),
    )


# who can meet -----------------------------------------------------------------------------------------


def _sharing(instance: Instance, places: list[int], *, near: bool) -> Iterator[list[int]]:
    """ESMS of one territory; those that one porteur might reach, when only these are ``near``: rather too
    many than few."""
    by_territory: dict[str, list[int]] = {}
    for place in places:
        by_territory.setdefault(instance.territory_of(instance.esms[place]), []).append(place)
    radius = instance.parameters.max_radius_km if near else None
    for mine in by_territory.values():
        if radius is None or radius >= UNLIMITED_KM:
            yield mine
        else:
            yield from _neighbourhoods(instance, mine, radius)


def _neighbourhoods(instance: Instance, places: list[int], radius_km: float) -> Iterator[list[int]]:
    """Cells of a grid with their ESMS, and pairs of cells of which two points may be within the radius."""
    esms = [instance.esms[place] for place in places]
    points = unit_vectors(np.array([e.lat for e in esms]), np.array([e.lon for e in esms]))
    reach = (radius_km * (1.0 + SPHERE_ERROR) + 1e-5) / EARTH_RADIUS_KM  # no chord is longer than its arc
    side = reach / CELLS_A_RADIUS
    cells, cell_of = np.unique(np.floor(points / side), axis=0, return_inverse=True)
    first = np.full(len(cells), -1, dtype=np.int64)
    for at, cell in enumerate(cell_of.reshape(-1).tolist()):
        if first[cell] < 0:
            first[cell] = at
        else:
            yield [places[first[cell]], places[at]]
    for one, other in _near_cells(cells * side, reach + 2.0 * np.sqrt(3.0) * side):
        yield [places[first[one]], places[first[other]]]


def _near_cells(corners: npt.NDArray[np.float64], limit: float) -> list[tuple[int, int]]:
    pairs = cKDTree(corners).query_pairs(limit, output_type="ndarray")
    return [(int(one), int(other)) for one, other in pairs]


# what ties --------------------------------------------------------------------------------------------


def _glued(instance: Instance) -> Iterator[list[int]]:
    """ESMS that can only move together: contract lots, organismes kept together, and chains of both."""
    graph: nx.Graph[int] = nx.Graph()
    groups: dict[Hashable, list[int]] = {}
    for place, e in enumerate(instance.esms):
        if e.lot is not None:
            groups.setdefault(("lot", e.organisme, e.lot), []).append(place)
        if e.need is not Need.AUCUN:
            groups.setdefault(e.organisme, []).append(place)
    for key, members in groups.items():
        if isinstance(key, tuple):
            nx.add_path(graph, members)
    for one, other in instance.constraints.together:
        nx.add_path(graph, groups.get(one, []) + groups.get(other, []))
    yield from (sorted(group) for group in nx.connected_components(graph))


def _astride(instance: Instance, glued: list[list[int]]) -> frozenset[int]:
    """Positions of what is glued over several territories; what fixed grappes hold is their affair."""
    held = {m for f in instance.constraints.fixed_grappes for m in f.members}
    found: set[int] = set()
    for group in glued:
        esms = [instance.esms[place] for place in group]
        several = len({instance.territory_of(e) for e in esms}) > 1
        if several and held.isdisjoint(e.id for e in esms):
            found.update(group)
    return frozenset(found)


def _ties(instance: Instance, scale: Scale) -> Iterator[list[int]]:
    """ESMS whose grappes share an id or a count, wherever they are."""
    position = {e.id: place for place, e in enumerate(instance.esms)}
    constraints = instance.constraints
    # An id is carried once: the fixed grappe that has it goes with the earlier one.
    by_id: dict[str, list[int]] = {}
    for previous in instance.previous:
        by_id.setdefault(previous.id, []).extend(position[m] for m in previous.members if m in position)
    for fixed in constraints.fixed_grappes:
        members = [position[id_] for id_ in fixed.members]
        yield members + (by_id.get(fixed.id, []) if fixed.id is not None else [])
    yield from by_id.values()
    # As many as possible of the grappes that may miss the size appear: they are counted together.
    least = instance.parameters.min_size or max([scale.min_size, *scale.min_size_by_region.values()])
    yield [
        position[f.members[0]] for f in constraints.fixed_grappes if f.extendable and len(f.members) < least
    ]
