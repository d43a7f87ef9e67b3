"""Certificates with every field of the format, changed field by field by somebody who wants a lower bound.

The forger states whatever bound the changed certificate proves: it must be refused, or still bound the
optimum. And somebody who leaves the stated bound alone is caught at each field, unless the changed
certificate proves the same bound (prices state nothing else).
"""

from __future__ import annotations

import copy
import json
from collections import Counter
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest

from solver.oracle import best
from solver.verify.bound import Bound, RefusedError
from tests.solver.drawing import tiny_instance
from tests.solver.verify.mutating import (
    Document,
    Path,
    another,
    at,
    caught,
    is_free,
    name_of,
    one_of_each,
    paths,
)
from tests.solver.verify.proving import DrawnTrees, ground_of, proven, read, solved

SEEDS = range(3_000, 3_006)
LONG_SEEDS = range(3_100, 3_400)
# every field of docs/solver-formats.md, « Certificate », with the tree's own keys
FIELDS = {
    "kind", "parts", "budget", "grappes", "lots", "lots.*", "identities", "identities.*", "branch_prices",
    "on", "on.kind", "on.solution", "on.hosting", "on.porteurs", "on.lot", "at", "low", "high", "out", "in",
}  # fmt: skip


def _certificates(seed: int) -> Iterator[tuple[Any, Any, Any, Document]]:
    """(instance, scale, ground, certificate): a drawn tree, and a sum with prices shared by its parts."""
    document = tiny_instance(seed, budget=True, stability=True, max_grappes=True, coverage=False, radius=True)
    instance, scale = read(document)
    ground = ground_of(instance, scale)
    drawn = DrawnTrees(seed, ground)
    yield instance, scale, ground, drawn.tree(2)
    part = drawn.leaf(shared=False)
    shared = {"budget": round(drawn.random.random(), 6), "grappes": drawn.price()}
    yield instance, scale, ground, {"kind": "sum", **shared, "parts": [part]}


def _proves(instance: Any, scale: Any, ground: Any, certificate: Document) -> Bound | None:
    """The bound, None when it is refused."""
    try:
        return proven(instance, scale, ground, certificate)
    except RefusedError:
        return None


def _others(value: Any) -> list[Any]:
    """What a forger writes in the place of a value."""
    match value:
        case float():
            return [value + 40_000.0, 0.0, -value - 1.0, str(value)]
        case int():
            return [value + 1, value - 1, float(value) + 0.5]
        case str():
            return [another(value), None]
        case None:
            return ["x", []]
        case list():
            return [value[1:], {}]
        case _:
            return [None]


def _mutations(certificate: Document) -> Iterator[tuple[str, Document]]:
    """(name of the field, the certificate with one thing changed or left out)."""
    first: dict[str, Path] = {}
    for path in paths(certificate):
        first.setdefault(name_of(("certificate", *path)).removeprefix("certificate."), path)
    for name, path in first.items():
        gone = copy.deepcopy(certificate)
        del at(gone, path[:-1])[path[-1]]
        yield name, gone
        for other in _others(at(certificate, path)):
            mutated = copy.deepcopy(certificate)
            at(mutated, path[:-1])[path[-1]] = other
            yield name, mutated


def _forged(seeds: range) -> tuple[list[str], Counter[str], Counter[str]]:
    """What passed under the optimum; per field how often it was changed, and how often that was noticed."""
    wrong, changed, noticed = [], Counter[str](), Counter[str]()
    for seed in seeds:
        for instance, scale, ground, certificate in _certificates(seed):
            before, optimum = _proves(instance, scale, ground, certificate), _optimum(seed)
            assert before is not None
            for name, mutated in _mutations(certificate):
                after = _proves(instance, scale, ground, mutated)
                if after is not None and after.exact < optimum:
                    wrong.append(f"seed {seed}: {name}: {after.exact} under the optimum {optimum}")
                changed[name] += 1
                noticed[name] += after is None or not after.exact <= before.exact <= after.loose
    return wrong, changed, noticed


@cache
def _optimum(seed: int) -> int:
    instance, scale, _, _ = next(_certificates(seed))
    return best(instance, scale).objective


def test_no_field_changed_proves_a_bound_under_the_optimum_and_each_is_noticed() -> None:
    wrong, changed, noticed = _forged(SEEDS)
    assert wrong == []
    assert changed.keys() >= FIELDS
    assert FIELDS - noticed.keys() == set()


@pytest.mark.long
def test_no_field_changed_proves_a_bound_under_the_optimum_on_hundreds() -> None:
    assert _forged(LONG_SEEDS)[0] == []


@pytest.mark.parametrize(
    ("seed", "features"),
    [
        (31, ("previous", "stability", "radius")),
        (37, ("fixed", "budget")),
        (67, ("max_grappes", "min_slack", "lots")),
    ],
)
def test_every_value_of_other_proposals_is_checked(seed: int, features: tuple[str, ...]) -> None:
    """Tests proposals with kept ids, fixed grappes, a budget, a slack: each value changed is caught."""
    document, proposal = json.loads(solved(seed, None, features=features))
    unseen = []
    for path in one_of_each(proposal):
        value = at(proposal, path)
        other = None if path[0] == "certificate" else another(value)
        if other is None or is_free(name_of(path)):
            continue
        mutated = copy.deepcopy(proposal)
        at(mutated, path[:-1])[path[-1]] = other
        if not caught(document, mutated):
            unseen.append((path, value, other))
    assert proposal["grappes"]
    assert unseen == []
