"""The graph of who can be with whom, held against every grappe that the judge accepts."""

from __future__ import annotations

import itertools
from typing import Any

import networkx as nx
import pytest

from solver.document import read_instance
from solver.instance import Grappe, Instance
from solver.judge import Judge
from solver.neighbourhood import Standing, circles, who_reaches_whom
from tests.solver.drawing import tiny_instance
from tests.solver.examples import instance_with, scale_of

# Instances of at most eight ESMS: every set of them is tried.
SEEDS = [seed for seed in range(24) if len(tiny_instance(seed, fixed=False)["esms"]) <= 8][:8]


def accepted(instance: Instance) -> list[Grappe]:
    """Every grappe that the judge accepts, found by trying every set of ESMS."""
    judge, found = Judge(instance, scale_of(instance)), []
    ids = sorted(e.id for e in instance.esms)
    for size in range(1, len(ids) + 1):
        for members in itertools.combinations(ids, size):
            porteur = judge.elect(members)
            if porteur is None:
                continue
            for solution in instance.solutions:
                modes: list[Any] = sorted(solution.hosting) if instance.parameters.same_hosting else [None]
                for mode in modes:
                    grappe = Grappe("G", solution.id, mode, porteur, members)
                    if not judge.grappe_violations(grappe):
                        found.append(grappe)
    return found


def graph_of(instance: Instance) -> nx.Graph[str]:
    return who_reaches_whom(instance, scale_of(instance))


@pytest.mark.parametrize("seed", SEEDS)
def test_whoever_is_in_a_grappe_together_has_an_edge(seed: int) -> None:
    """Tests that no accepted grappe is denied: neither a pair, nor its size, nor an ESMS called stranded."""
    instance = read_instance(tiny_instance(seed, fixed=False))
    graph = graph_of(instance)
    of = {e.id: e.organisme for e in instance.esms}
    settled = {m for fixed in instance.constraints.fixed_grappes for m in fixed.members}
    placeable: set[str] = set()
    for grappe in accepted(instance):
        if settled.intersection(grappe.members):
            continue
        placeable.update(grappe.members)
        there = sorted({of[m] for m in grappe.members})
        assert all(graph.has_edge(a, b) for a, b in itertools.combinations(there, 2))
        assert all(graph.nodes[o]["standing"].gathering >= len(grappe.members) for o in there)
    for organisme in graph:
        standing = graph.nodes[organisme]["standing"]
        own = {e for e in placeable if of[e] == organisme}
        assert standing.stranded <= standing.esms - len(own)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_edge_needs_only_size(seed: int) -> None:
    """Tests that two organismes without an accepted grappe of any size, minimum 1, have no edge."""
    document = tiny_instance(seed, fixed=False)
    document["parameters"] |= {"min_size": 1, "max_size": None, "min_slack": 0}
    instance = read_instance(document)
    of = {e.id: e.organisme for e in instance.esms}
    met = {
        pair
        for grappe in accepted(instance)
        for pair in itertools.combinations(sorted({of[m] for m in grappe.members}), 2)
    }
    settled = {of[m] for fixed in instance.constraints.fixed_grappes for m in fixed.members}
    assert {
        p for p in map(tuple, map(sorted, graph_of(instance).edges)) if not settled.intersection(p)
    } <= met


def test_the_example_by_hand() -> None:
    """Tests the sound example: E1 to E5 can meet in one région, E6 is alone in its own."""
    instance = instance_with({"parameters.min_size": 3})
    graph = graph_of(instance)
    of = {e.id: e.organisme for e in instance.esms}
    alone = of["E6"]
    assert graph.nodes[alone]["standing"].stranded >= 1
    apart = instance_with({"constraints.apart": [[of["E1"], of["E3"]]]})
    assert graph.has_edge(of["E1"], of["E3"])
    assert not graph_of(apart).has_edge(of["E1"], of["E3"])


def test_circles_are_the_components_largest_first() -> None:
    graph: nx.Graph[str] = nx.Graph([("a", "b"), ("c", "d"), ("d", "e")])
    graph.add_node("f")
    for name, esms in {"a": 9, "b": 1, "c": 1, "d": 1, "e": 1, "f": 2}.items():
        graph.nodes[name]["standing"] = Standing(esms, 0, 15, 0)
    assert circles(graph) == [{"a", "b"}, {"c", "d", "e"}, {"f"}]


def test_nobody_to_place_is_an_empty_graph() -> None:
    instance = instance_with({"constraints.excluded": ["E1", "E2", "E3", "E4", "E5", "E6"]})
    assert not graph_of(instance)


def test_who_is_kept_with_an_excluded_esms_is_stranded_too() -> None:
    changes = {"esms.0.lot": "a", "esms.1.lot": "a", "constraints.excluded": ["E1"]}
    standing = graph_of(instance_with(changes)).nodes["O1"]["standing"]
    assert (standing.esms, standing.stranded, standing.gathering) == (1, 1, 0)
