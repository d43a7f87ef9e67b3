"""The best chance of every lot: the row where, with every compatible ESMS in reach, it misses the fewest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from solver.explain.offers import Type
from solver.explain.terrain import Block, Bools, Integers, Terrain


@dataclass(frozen=True, slots=True)
class Chance:
    """``in_reach``: ESMS that could be in one grappe with the lot, its own included, in the row that misses
    the fewest. ``missing`` = minimum of that row - ``in_reach``, 0 when the minimum is reached. ``porteur``
    None: nobody can be porteur for it. ``type_`` None: it takes no type."""

    type_: Type | None
    porteur: str | None
    in_reach: int
    missing: int


@dataclass(frozen=True, slots=True)
class RowTable:
    """Under one threshold, (N, T): ESMS that each row gathers; does it reach it, its porteur included? May
    its porteur be one of them (``valid``)?"""

    counts: Integers
    enough: Bools
    valid: Bools


@dataclass(frozen=True)
class Chances:
    """``reached``: (U,) lots that a row brings to the minimum; ``missed``: best row of the others;
    ``tables``: threshold -> what each row gathers."""

    reached: Bools
    missed: Mapping[int, Chance]
    tables: Mapping[int, RowTable]


def best_chances(terrain: Terrain, available: Bools) -> Chances:
    """What each available lot (U booleans) can reach with the others.

    Ties: more in reach, then the first type, then the porteur with the smallest id.
    """
    reached = np.zeros(len(terrain.lots), dtype=bool)
    tables = _empty(terrain)
    for block in terrain.blocks(available):
        own = terrain.lot_of[block.porteurs]
        for threshold, table in tables.items():
            reached[own[_fill(table, terrain, block, threshold).any(axis=1)]] = True
    # Most can count on a row of their own; whom the rows of others hold is asked for the rest alone.
    missed = _missed(terrain, available & ~reached, available, tables, reached)
    return Chances(reached, missed, tables)


def row_tables(terrain: Terrain, available: Bools) -> dict[int, RowTable]:
    """Threshold -> what each row of the available lots gathers."""
    tables = _empty(terrain)
    for block in terrain.blocks(available):
        for threshold, table in tables.items():
            _fill(table, terrain, block, threshold)
    return tables


def _empty(terrain: Terrain) -> dict[int, RowTable]:
    shape = (len(terrain.esms), len(terrain.types))
    return {
        m: RowTable(np.zeros(shape, np.int64), np.zeros(shape, bool), np.zeros(shape, bool))
        for m in terrain.thresholds
    }


def _fill(table: RowTable, terrain: Terrain, block: Block, threshold: int) -> Bools:
    """Enter the rows of a block; (P, T) which of them reach the threshold."""
    counts, valid = row_counts(terrain, block, threshold)
    enough: Bools = valid & (counts >= threshold)
    table.counts[block.porteurs], table.enough[block.porteurs] = counts, enough
    table.valid[block.porteurs] = valid
    return enough


def row_sums(terrain: Terrain, available: Bools, among: Bools) -> dict[int, Integers]:
    """Threshold -> (N, T): of the available lots, the ESMS of some that each row gathers."""
    shape = (len(terrain.esms), len(terrain.types))
    sums = {m: np.zeros(shape, dtype=np.int64) for m in terrain.thresholds}
    for block in terrain.blocks(available, among):
        for threshold, found in sums.items():
            found[block.porteurs] = _gathered(terrain, block, threshold)
    return sums


def _missed(
    terrain: Terrain, asked: Bools, available: Bools, tables: Mapping[int, RowTable], reached: Bools
) -> dict[int, Chance]:
    """The best row of each lot asked about that none brings to the minimum; the others are now ``reached``.

    ``tables``: what rows gather in all.
    """
    ids = sorted(terrain.position)
    rank = np.empty(len(ids), dtype=np.int64)
    rank[[terrain.position[id_] for id_ in ids]] = np.arange(len(ids))
    best: dict[int, tuple[int, int, int, int]] = {}
    taking = asked & terrain.takes.any(axis=1)  # the others have no row at all
    for block in terrain.blocks(available, taking) if taking.any() else ():
        for threshold, table in tables.items():
            under = terrain.lot_minimum[block.lots] <= threshold
            if not under.any():
                continue
            enough = table.enough[block.porteurs]
            by_type = enough.T.astype(np.float32) @ block.ones > 0
            reached[block.lots] |= under & (by_type.T & terrain.takes[block.lots]).any(axis=1)
            _improve(terrain, block, table, threshold, rank, best, reached)
    return {int(u): _chance(terrain, int(u), ids, best.get(int(u))) for u in np.nonzero(asked & ~reached)[0]}


def row_counts(terrain: Terrain, block: Block, threshold: int) -> tuple[Integers, Bools]:
    """(P, T) ESMS that each row of a block gathers under a threshold, and may its porteur be one of them?"""
    own = terrain.lot_of[block.porteurs]
    place = np.searchsorted(block.lots, own)
    carried = block.reaches[np.arange(len(own)), place] & (terrain.lot_minimum[own] <= threshold)
    return _gathered(terrain, block, threshold), terrain.takes[own] & carried[:, None]


def _gathered(terrain: Terrain, block: Block, threshold: int) -> Integers:
    under = terrain.lot_minimum[block.lots] <= threshold
    if not under.any():
        return np.zeros((len(block.porteurs), len(terrain.types)), dtype=np.int64)
    weights = terrain.takes[block.lots] * (terrain.weight[block.lots] * under)[:, None]
    return np.rint(block.ones @ weights.astype(np.float32)).astype(np.int64)


def _improve(
    terrain: Terrain,
    block: Block,
    table: RowTable,
    threshold: int,
    rank: Integers,
    best: dict[int, tuple[int, int, int, int]],
    reached: Bools,
) -> None:
    """Keep the smallest (missing, -in reach, type, porteur) of every lot of the block, but those reached."""
    counts, valid = table.counts[block.porteurs], table.valid[block.porteurs]
    missing = np.maximum(threshold - counts, 0)
    esms_count, type_count = len(terrain.esms), len(terrain.types)
    types = np.arange(type_count)
    porteurs = rank[block.porteurs]
    key = (missing * (esms_count + 1) + (esms_count - counts)) * type_count + types
    key = key * esms_count + porteurs[:, None]
    nothing = np.iinfo(np.int64).max
    key = np.where(valid, key, nothing)
    for column in range(len(block.lots)):
        lot = int(block.lots[column])
        if terrain.lot_minimum[lot] > threshold or reached[lot]:
            continue
        rows = np.nonzero(block.reaches[:, column])[0]
        open_types = np.nonzero(terrain.takes[lot])[0]
        if not len(rows) or not len(open_types):
            continue
        place = int(key[np.ix_(rows, open_types)].argmin())
        row, type_ = int(rows[place // len(open_types)]), int(open_types[place % len(open_types)])
        if not valid[row, type_]:
            continue
        found = (int(missing[row, type_]), -int(counts[row, type_]), type_, int(porteurs[row]))
        if lot not in best or found < best[lot]:
            best[lot] = found


def _chance(terrain: Terrain, lot: int, ids: list[str], found: tuple[int, int, int, int] | None) -> Chance:
    if found is None:
        open_types = np.nonzero(terrain.takes[lot])[0]
        size = int(terrain.weight[lot])
        return Chance(
            terrain.types[int(open_types[0])] if len(open_types) else None,
            None,
            size,
            max(0, int(terrain.lot_minimum[lot]) - size),
        )
    missing, negative, type_, rank = found
    return Chance(terrain.types[type_], ids[rank], -negative, missing)
