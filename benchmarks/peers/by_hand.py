"""The regional officer with a spreadsheet: most asked solution first, nearest partners, up to 15.

``spreadsheet`` is what is done today; ``topped_up`` adds the leftovers to grappes in reach; ``randomised``
starts again with other orders until time is up, and keeps the best.
"""

from __future__ import annotations

import random
import time
from collections.abc import Sequence

import numpy as np

from benchmarks.peers.territory import Group, Territory


def spreadsheet(territory: Territory, rng: random.Random | None = None, target: int = 0) -> list[Group]:
    """Types by popularity; in each, the largest free lot calls its nearest compatible ones up to 15.

    ``rng`` shakes the orders, ``target`` asks for larger grappes.
    """
    offers = territory.problem.offers
    free = np.ones(offers.weight.size, dtype=bool)
    groups: list[Group] = []
    kinds = territory.types_by_popularity(free)
    if rng is not None:
        shaken = {kind: rng.random() * (place + 3) for place, kind in enumerate(kinds)}
        kinds.sort(key=lambda kind: shaken[kind])
    for kind in kinds:
        seeds = [int(k) for k in np.flatnonzero(offers.fits[kind] & free)]
        order = {k: (-int(offers.weight[k]), rng.random() if rng else k) for k in seeds}
        for seed in sorted(seeds, key=lambda k: order[k]):
            if free[seed]:
                group = _call(territory, kind, seed, free, rng, target)
                if group is not None:
                    free[list(group[1])] = False
                    groups.append(group)
    return groups


def _call(
    territory: Territory, kind: int, seed: int, free: np.ndarray, rng: random.Random | None, target: int
) -> Group | None:
    index = territory.row_at.get((kind, seed))
    if index is None:
        return None
    row, weight = territory.problem.rows[index], territory.problem.offers.weight
    items = row.items[free[row.items]]
    away = np.linalg.norm(territory.place[items] - territory.place[seed], axis=1)
    if rng is not None:
        away = away * np.array([rng.uniform(0.7, 1.3) for _ in items])
    chosen, size = [seed], row.base_weight
    for k in items[np.argsort(away, kind="stable")].tolist():
        if size >= max(row.low, target):
            break
        if size + weight[k] <= row.high:
            chosen.append(k)
            size += int(weight[k])
    return (kind, tuple(sorted(chosen))) if size >= row.low else None


def topped_up(territory: Territory, groups: Sequence[Group]) -> list[Group]:
    """Each lot left joins the grappe in reach where it brings most, up to the maximum size."""
    kept = {k: column for k, column in enumerate(map(territory.worth, groups)) if column is not None}
    kinds = {k: groups[k][0] for k in kept}
    offers, recogniser = territory.problem.offers, territory.recogniser
    used = np.zeros(offers.weight.size, dtype=bool)
    for column in kept.values():
        used[list(column.lots)] = True
    for lot in sorted(np.flatnonzero(~used).tolist(), key=lambda k: (-int(offers.weight[k]), k)):
        best = None
        for k, column in kept.items():
            if not offers.fits[kinds[k], lot] or not recogniser.joins(column.row, lot):
                continue
            joined = territory.problem.column(column.row, (*column.lots, lot))
            if territory.problem.allowed(joined) and (best is None or joined.value - column.value > best[0]):
                best = (joined.value - column.value, k, joined)
        if best is not None and best[0] > 0:
            kept[best[1]] = best[2]
    return [(kinds[k], column.lots) for k, column in kept.items()]


def randomised(territory: Territory, until: float, seed: int) -> list[Group]:
    """``topped_up`` of shaken spreadsheets until ``until`` (``time.monotonic()``); the best of them."""
    rng = random.Random(seed)
    best = topped_up(territory, spreadsheet(territory))
    most = _value(territory, best)
    while time.monotonic() < until:
        tried = topped_up(territory, spreadsheet(territory, rng, rng.randint(0, 28)))
        value = _value(territory, tried)
        if value > most:
            best, most = tried, value
    return best


def _value(territory: Territory, groups: Sequence[Group]) -> int:
    return sum(c.value for c in map(territory.worth, groups) if c is not None)
