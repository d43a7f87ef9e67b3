"""Which ESMS can never meet in one grappe, nor weigh on one another's: the parts of an instance.

Whoever is in a grappe is within the radius and the territory of its porteur. So ESMS are linked when they
share a territory and stand near enough, and by whatever ties them elsewhere (lots, organismes kept together,
fixed grappes, earlier grappes). What is linked may still be independent for the search, which looks at every
row; what is not linked always is.

When to modify: a parameter or a constraint couples ESMS in a new way.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import replace
from enum import StrEnum

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from solver.distances import EARTH_RADIUS_KM, SPHERE_ERROR, UNLIMITED_KM, unit_vectors
from solver.instance import Constraints, Esms, Instance
from solver.scale import Scale
from solver.vocabulary import Need, Territory

MOST_PARTS = 24  # a component smaller than this share of the whole goes along with others
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


def parts_of(instance: Instance, scale: Scale, most: int = MOST_PARTS) -> tuple[Instance, ...]:
    """Independent instances that together are this one, largest first; itself alone when it does not split.

    Every ESMS is in exactly one part. A proposal of the whole is one proposal of each part and the other way
    round; objectives add up, so do bounds. Parts smaller than ``1 / most`` of the whole are bundled.
    """
    if coupling(instance) is not None:
        return (instance,)
    groups = bundled(components(instance, scale), most)
    if len(groups) == 1:
        return (instance,)
    return tuple(_restricted(instance, frozenset(group)) for group in groups)


def components(instance: Instance, scale: Scale) -> list[list[int]]:
    """Positions of the ESMS of each component, each in increasing order."""
    graph: nx.Graph[int] = nx.Graph()
    graph.add_nodes_from(range(len(instance.esms)))
    for linked in (*_within_reach(instance), *_ties(instance, scale)):
        nx.add_path(graph, linked)
    return [sorted(one) for one in nx.connected_components(graph)]


def bundled(components: Iterable[list[int]], most: int) -> list[list[int]]:
    """Components put together up to ``1 / most`` of all their ESMS, largest first.

    Small ones that share little with a large one are not worth a question of their own.
    """
    ordered = sorted(components, key=lambda one: (-len(one), one[0]))
    room = sum(map(len, ordered)) // max(most, 1)
    bundles: list[list[int]] = []
    for one in ordered:
        open_ = next((b for b in bundles if len(b) + len(one) <= room), None)
        if open_ is None:
            bundles.append(list(one))
        else:
            open_.extend(one)
    return sorted((sorted(b) for b in bundles), key=lambda b: (-len(b), b[0]))


# who can meet -----------------------------------------------------------------------------------------


def _within_reach(instance: Instance) -> Iterator[list[int]]:
    """ESMS of one territory that one porteur might reach, by cells of a grid: rather too many than few."""
    by_territory: dict[str, list[int]] = {}
    for place, e in enumerate(instance.esms):
        by_territory.setdefault(_territory(instance, e), []).append(place)
    radius = instance.parameters.max_radius_km
    for places in by_territory.values():
        if radius is None or radius >= UNLIMITED_KM:
            yield places
        else:
            yield from _neighbourhoods(instance, places, radius)


def _neighbourhoods(instance: Instance, places: list[int], radius_km: float) -> Iterator[list[int]]:
    """Cells with their ESMS, and pairs of cells of which two points may be within the radius."""
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


def _territory(instance: Instance, e: Esms) -> str:
    match instance.parameters.territory:
        case Territory.REGION:
            return e.region
        case Territory.DEPARTEMENT:
            return e.departement
        case Territory.NONE:
            return ""


# what ties --------------------------------------------------------------------------------------------


def _ties(instance: Instance, scale: Scale) -> Iterator[list[int]]:
    """ESMS that only move together, or whose grappes share an id or a count, wherever they are."""
    position = {e.id: place for place, e in enumerate(instance.esms)}
    constraints = instance.constraints
    groups: dict[Hashable, list[int]] = {}
    for place, e in enumerate(instance.esms):
        if e.lot is not None:
            groups.setdefault(("lot", e.organisme, e.lot), []).append(place)
        if e.need is not Need.AUCUN:
            groups.setdefault(("organisme", e.organisme), []).append(place)
    for one, other in constraints.together:
        yield groups.get(("organisme", one), []) + groups.get(("organisme", other), [])
    yield from (members for key, members in groups.items() if isinstance(key, tuple) and key[0] == "lot")
    # An id is carried once: the fixed grappe that has it goes with the earlier one.
    by_id: dict[str, list[int]] = {}
    for previous in instance.previous:
        by_id.setdefault(previous.id, []).extend(position[id_] for id_ in previous.members)
    for fixed in constraints.fixed_grappes:
        members = [position[id_] for id_ in fixed.members]
        yield members + (by_id.get(fixed.id, []) if fixed.id is not None else [])
    yield from by_id.values()
    # As many as possible of the grappes that may miss the size appear: they are counted together.
    least = instance.parameters.min_size or max([scale.min_size, *scale.min_size_by_region.values()])
    yield [
        position[f.members[0]] for f in constraints.fixed_grappes if f.extendable and len(f.members) < least
    ]


# one part ---------------------------------------------------------------------------------------------


def _restricted(instance: Instance, places: frozenset[int]) -> Instance:
    """The instance of these ESMS alone, with what concerns them."""
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
