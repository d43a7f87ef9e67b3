"""Clustering tools: they know places, and a smallest or largest size; the rest is done around them.

They know neither solutions nor money, so they get one type at a time, the most asked first. What they return
is counted as it is (``raw``), then repaired: what lies in reach of the best porteur is kept, cut at the
maximum, given up under the minimum; then leftovers are topped up and grouped by hand. The last figure is
as much the repair's as the tool's.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Sequence
from types import FrameType
from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.peers.by_hand import spreadsheet, topped_up
from benchmarks.peers.territory import Group, Territory

Labels = npt.NDArray[np.int64]  # one per lot, negative: in no cluster
Clustering = Callable[[Territory, Sequence[int]], list[Labels]]
_SECONDS = 4  # max-p's annealing can loop for ever


def by_types(territory: Territory, clustering: Clustering) -> tuple[list[Group], list[Group]]:
    """Raw groups of the tool, and the groups after repair. Of several clusterings the best is kept."""
    offers = territory.problem.offers
    free = np.ones(offers.weight.size, dtype=bool)
    raw: list[Group] = []
    kept: list[Group] = []
    done: set[int] = set()
    while True:
        kind = next((t for t in territory.types_by_popularity(free) if t not in done), None)
        if kind is None:
            break
        done.add(kind)
        lots = np.flatnonzero(offers.fits[kind] & free).tolist()
        tried = []
        for labels in clustering(territory, lots):
            groups = [_group(kind, lots, labels == c) for c in np.unique(labels[labels >= 0])]
            tried.append((groups, [g for g in (_repaired(territory, g) for g in groups) if g is not None]))
        if tried:
            groups, sound = max(tried, key=lambda pair: sum(territory.weight(g[1]) for g in pair[1]))
            raw += groups
            kept += sound
            free[[k for _, lots in sound for k in lots]] = False
    kept = topped_up(territory, kept)
    free[:] = True
    free[[k for _, lots in kept for k in lots]] = False
    more = [g for g in spreadsheet(territory) if free[list(g[1])].all()]
    return raw, topped_up(territory, kept + more)


def _group(kind: int, lots: Sequence[int], mask: npt.NDArray[np.bool_]) -> Group:
    return kind, tuple(k for k, inside in zip(lots, mask, strict=True) if inside)


def _repaired(territory: Territory, group: Group) -> Group | None:
    kind, lots = group
    weight, best = territory.problem.offers.weight, None
    for seed in lots:
        index = territory.row_at.get((kind, seed))
        if index is None:
            continue
        row = territory.problem.rows[index]
        near = [k for k in lots if k != seed and territory.recogniser.joins(index, k)]
        near.sort(key=lambda k: float(np.linalg.norm(territory.place[k] - territory.place[seed])))
        chosen, size = [seed], row.base_weight
        for k in near:
            if size + weight[k] <= row.high:
                chosen.append(k)
                size += int(weight[k])
        if size >= row.low and (best is None or size > best[0]):
            best = (size, tuple(sorted(chosen)))
    return None if best is None else (kind, best[1])


def k_means(territory: Territory, lots: Sequence[int]) -> list[Labels]:
    """k-means-constrained, each lot repeated once an ESMS, split lots put back by majority."""
    from k_means_constrained import KMeansConstrained

    weight = territory.problem.offers.weight[list(lots)]
    low, high = _sizes(territory)
    points = np.repeat(territory.km[list(lots)], weight, axis=0)
    owner = np.repeat(np.arange(len(lots)), weight)
    found = []
    for size in (low, 20, 28):
        count = len(points) // max(size, low)
        if count < 1 or len(points) > count * high:
            continue
        if count == 1:  # the tool refuses a single cluster of everything
            found.append(np.zeros(len(lots), dtype=np.int64))
            continue
        most = min(high, len(points) - 1)
        tool = KMeansConstrained(n_clusters=count, size_min=low, size_max=most, n_init=1, random_state=0)
        labels = tool.fit_predict(points)
        found.append(
            np.array([np.bincount(labels[owner == k]).argmax() for k in range(len(lots))], dtype=np.int64)
        )
    return found


def max_p(territory: Territory, lots: Sequence[int]) -> list[Labels]:
    """PySAL's max-p: as many contiguous regions of at least the threshold as possible; no upper size."""
    import geopandas
    import libpysal
    from spopt.region import maxp

    low, _ = _sizes(territory)
    weight = territory.problem.offers.weight[list(lots)]
    if int(weight.sum()) < low:
        return []
    limit = float(territory.problem.instance.parameters.max_radius_km or 0.0)
    km = territory.km[list(lots)]
    graph = libpysal.weights.DistanceBand(km, threshold=limit, silence_warnings=True)
    frame = geopandas.GeoDataFrame(
        {"x": km[:, 0], "y": km[:, 1], "esms": weight},
        geometry=geopandas.points_from_xy(km[:, 0], km[:, 1]),
    )
    labels = np.full(len(lots), -1, dtype=np.int64)
    count = 0
    for part in range(graph.n_components):
        inside = np.flatnonzero(graph.component_labels == part)
        if int(weight[inside].sum()) < low:
            continue
        near = libpysal.weights.w_subset(graph, inside.tolist())
        near = libpysal.weights.W(
            {inside.tolist().index(i): [inside.tolist().index(j) for j in near[i]] for i in near.neighbors},
            silence_warnings=True,
        )
        solved = _within_time(maxp, frame.iloc[inside].reset_index(drop=True), near, low)
        if solved is not None:
            labels[inside] = np.asarray(solved, dtype=np.int64) - 1 + count
            count = int(labels.max()) + 1
    return [labels]


def _within_time(module: Any, frame: Any, near: Any, low: int) -> Any:
    """Labels after annealing; those of the construction when the annealing does not end."""

    def ring(_signal: int, _frame: FrameType | None) -> None:
        raise TimeoutError

    given = (frame, near, ["x", "y"], "esms", low, 2)
    former, annealing = signal.signal(signal.SIGALRM, ring), module._perform_sa
    signal.alarm(_SECONDS)
    try:
        return module.maxp(*given, max_iterations_construction=99, max_iterations_sa=5, policy="keep")[1]
    except TimeoutError:
        module._perform_sa = lambda label, regions, attributes, *_: (label, regions, attributes)
        return module.maxp(*given, max_iterations_construction=20, max_iterations_sa=1, policy="keep")[1]
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)
        module._perform_sa = annealing


def _sizes(territory: Territory) -> tuple[int, int]:
    rows = territory.problem.rows
    return min(r.low for r in rows), min(max(r.high for r in rows), 49)
