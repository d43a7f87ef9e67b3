"""The methods that are compared, by name, and what each needs to be installed.

When to modify: another tool is worth comparing with.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

from benchmarks.peers import assignment, by_hand, clusters
from benchmarks.peers.territory import Group, Territory

SEED = 1
Found = tuple[list[Group], list[Group]]  # as handed back by the tool, and after repair


def _clustered(clustering: clusters.Clustering) -> Callable[[Territory, float, int], Found]:
    return lambda region, _seconds, _threads: clusters.by_types(region, clustering)


def _as_is(groups: list[Group] | None) -> Found:
    return groups or [], groups or []


METHODS: dict[str, tuple[str, Callable[[Territory, float, int], Found]]] = {
    "spreadsheet": (
        "spreadsheet, stop at the threshold",
        lambda region, _seconds, _threads: _as_is(by_hand.spreadsheet(region)),
    ),
    "topped-up": (
        "the same, topped up",
        lambda region, _seconds, _threads: _as_is(by_hand.topped_up(region, by_hand.spreadsheet(region))),
    ),
    "randomised": (
        "the same, shaken until time is up",
        lambda region, seconds, _threads: _as_is(
            by_hand.randomised(region, time.monotonic() + seconds, SEED)
        ),
    ),
    "k-means": ("k-means-constrained, repaired", _clustered(clusters.k_means)),
    "max-p": ("PySAL max-p, repaired", _clustered(clusters.max_p)),
    "cp-sat": (
        "assignment model, CP-SAT",
        lambda region, seconds, threads: _as_is(assignment.cp_sat(region, seconds, threads)),
    ),
    "highs": (
        "assignment model, HiGHS",
        lambda region, seconds, _threads: _as_is(assignment.highs(region, seconds)),
    ),
}
OURS = "matchmaker"
_NEEDS = {"k-means": ("k_means_constrained",), "max-p": ("spopt", "geopandas", "libpysal")}


def available() -> tuple[str, ...]:
    """Methods whose tools are installed (dependency group ``peers``)."""
    return tuple(m for m in METHODS if all(find_spec(name) is not None for name in _NEEDS.get(m, ())))


def run_of(instance: str, method: str, seconds: float, threads: int) -> dict[str, Any]:
    """What tells this run from another one in a results file."""
    return {
        "kind": "peer",
        "work": instance,
        "seed": SEED,
        "method": method,
        "seconds": seconds,
        "threads": threads,
        "clock": "wall",
    }
