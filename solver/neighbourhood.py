"""Who can reach whom: organismes that could meet in one grappe, as a graph, before anything is searched.

An edge says that some grappe may hold an ESMS of both: one solution and hosting that both accept, a porteur
within whose radius and territory both lie, neither kept apart. It does not say that money or room suffice:
who has no edge has nobody; who has many may still be left out.

When to modify: a rule says who may be with whom.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import networkx as nx
import numpy as np
import numpy.typing as npt

from solver.instance import Instance
from solver.scale import Scale
from solver.search.lots import Lots, gather
from solver.search.reach import surroundings
from solver.search.rows import NONE
from solver.search.types import appraise_lots
from solver.vocabulary import Need

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Standing:
    """One organisme; all counts in ESMS.

    ``esms``: its own that seek a grappe. ``gathering``: the most that one porteur could gather, in one
    solution and hosting, with at least one of them (they included; 0 when nobody could carry
    them all, as when those kept together are too far from one another).
    ``minimum``: of the grappes of its territory. ``stranded``: its own that no gathering is large enough for.
    """

    esms: int
    gathering: int
    minimum: int
    stranded: int


def who_reaches_whom(instance: Instance, scale: Scale) -> nx.Graph[str]:
    """A graph of the organismes that have ESMS to place; members of fixed grappes are placed already.

    Each node has ``standing`` (a ``Standing``). Millions of pairs of ESMS become thousands of pairs of
    organismes: decision 0129.
    """
    lots = gather(instance)
    offers = appraise_lots(instance, scale, lots)
    around = surroundings(instance, scale, lots, offers)
    hopeless = _hopeless(instance, lots)
    names = sorted({o for lot in lots.lots for o in lot.organismes} | set(hopeless))
    place = {name: k for k, name in enumerate(names)}
    belongs = [np.array(sorted(place[o] for o in lot.organismes), dtype=np.int64) for lot in lots.lots]
    gathering = _Gathering(place, belongs, offers.weight, around.minimum)
    for home, here in around.near:
        fitting = offers.fits[:, here] if home == NONE else offers.fits[offers.fits[:, home]][:, here]
        for fits in {kind.tobytes(): kind for kind in fitting}.values():
            gathering.meet(here[fits])
    gathering.enough[around.joining] = True
    graph: nx.Graph[str] = nx.Graph()
    for k, standing in enumerate(gathering.standings(lots, hopeless)):
        graph.add_node(names[k], standing=standing)
    graph.add_edges_from((names[a], names[b]) for a, b in gathering.pairs())
    graph.remove_edges_from(instance.constraints.apart)
    return graph


def _hopeless(instance: Instance, lots: Lots) -> Counter[str]:
    """Organisme -> its ESMS to place that are kept together with one that cannot be placed."""
    known = {i for lot in lots.lots for i in lot.members}
    known.update(i for base in lots.bases for i in base or ())
    given = {m for fixed in instance.constraints.fixed_grappes for m in fixed.members}
    apart = given.union(instance.constraints.excluded)
    return Counter(
        e.organisme
        for i, e in enumerate(lots.esms)
        if i not in known and e.need is not Need.AUCUN and e.id not in apart
    )


class _Gathering:
    """What is known of each lot and each pair of organismes while gatherings come by."""

    def __init__(self, place: Mapping[str, int], belongs: list[Ints], weight: Ints, minimum: Ints) -> None:
        self.place, self.belongs, self.weight, self.minimum = place, belongs, weight, minimum
        self.first = np.array([mine[0] for mine in belongs], dtype=np.int64)
        self.several = np.array([len(mine) > 1 for mine in belongs], dtype=bool)
        self.best = np.zeros(len(belongs), dtype=np.int64)
        self.enough = np.zeros(len(belongs), dtype=bool)
        self.met = np.zeros((len(place), (len(place) + 7) // 8), dtype=np.uint8)  # a bit for each pair

    def meet(self, lots: Ints) -> None:
        """These lots could all be in one grappe, were it for size alone."""
        weight = int(self.weight[lots].sum())
        self.best[lots] = np.maximum(self.best[lots], weight)
        self.enough[lots] |= weight >= self.minimum[lots]
        there = np.zeros(len(self.place), dtype=bool)
        there[self.first[lots]] = True
        for lot in lots[self.several[lots]].tolist():
            there[self.belongs[lot]] = True
        self.met[there] |= np.packbits(there)

    def pairs(self) -> Iterator[tuple[int, int]]:
        """Organismes that were in one gathering."""
        for one in range(len(self.place)):
            others = np.flatnonzero(np.unpackbits(self.met[one], count=len(self.place))[one + 1 :])
            for other in others.tolist():
                yield one, one + 1 + other

    def standings(self, lots: Lots, hopeless: Mapping[str, int]) -> list[Standing]:
        """In the order of organismes; ``hopeless``: ESMS of each beside the lots."""
        own, stranded, best, least = np.zeros((4, len(self.place)), dtype=np.int64)
        for k, lot in enumerate(lots.lots):
            mine = self.belongs[k]
            best[mine] = np.maximum(best[mine], self.best[k])
            least[mine] = np.maximum(least[mine], self.minimum[k])
            for name, count in Counter(lots.esms[i].organisme for i in lot.members).items():
                own[self.place[name]] += count
                stranded[self.place[name]] += 0 if self.enough[k] else count
        for name, count in hopeless.items():
            own[self.place[name]] += count
            stranded[self.place[name]] += count
        return [Standing(*map(int, figures)) for figures in zip(own, best, least, stranded, strict=True)]


def circles(graph: nx.Graph[str]) -> list[frozenset[str]]:
    """Sets of organismes that can meet directly or through others, the one with most ESMS first.

    Nobody of one circle is ever in a grappe with somebody of another.
    """

    def size(circle: frozenset[str]) -> int:
        return sum(graph.nodes[name]["standing"].esms for name in circle)

    found = [frozenset(circle) for circle in nx.connected_components(graph)]
    return sorted(found, key=lambda circle: (-size(circle), min(circle)))
