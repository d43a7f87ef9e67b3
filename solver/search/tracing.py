"""From the best end states of a knapsack back to the lots taken.

Where sizes are bounded and no higher rate is counted (every regional regime) all ends are walked back at
once; elsewhere one by one.

When to modify: the knapsack gains a state.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from solver.search.batches import NEVER, Class
from solver.search.knapsack import Knapsack, States

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


def traced(run: Knapsack, ends: dict[int, Floats], ends_per_row: int) -> tuple[Ints, Ints, Ints]:
    """(row, lots, start): target j is row ``row[j]`` with ``lots[start[j]:start[j + 1]]``.

    One target per row and size, the best ``ends_per_row`` sizes of each row.
    """
    width = len(run.batch.rows)
    keys = list(ends)
    stacked = np.stack([ends[f] for f in keys])  # flags, counts, sizes, rows
    by_size = stacked.max(axis=(0, 1))
    sizes = np.argsort(-by_size, axis=0, kind="stable")[:ends_per_row]
    column = np.tile(np.arange(width), len(sizes))
    size = sizes.ravel()
    possible = by_size[size, column] > NEVER
    column, size = column[possible], size[possible]
    flat = stacked[:, :, size, column].reshape(-1, len(size)).argmax(axis=0)
    counts = stacked.shape[1]
    flags = np.array(keys, dtype=np.int64)[flat // counts]
    if run.batch.counts == 0 and not run.batch.open_ended:
        target, lots = _walk_all(run, column, flags, size)
    else:
        walks = [
            _walk(run, int(k), int(f), int(c), int(n))
            for k, f, c, n in zip(column, flags, flat % counts, size, strict=True)
        ]
        target = np.repeat(np.arange(len(walks)), [len(w) for w in walks])
        lots = np.array([k for w in walks for k in w], dtype=np.int64)
    order = np.lexsort((lots, target))
    start = np.searchsorted(target[order], np.arange(len(column) + 1))
    return run.batch.rows[column], lots[order], start


def _walk_all(run: Knapsack, column: Ints, flags: Ints, size: Ints) -> tuple[Ints, Ints]:
    """(target, lot) of everything taken by all targets."""
    targets: list[Ints] = [np.zeros(0, dtype=np.int64)]
    lots: list[Ints] = [np.zeros(0, dtype=np.int64)]
    flags, size = flags.copy(), size.copy()
    for group, (state, prefix, order) in zip(reversed(run.batch.classes), reversed(run.stages), strict=True):
        if len(prefix) == 0 or order is None:
            continue
        taken = np.zeros(len(column), dtype=np.int64)
        source_flags = flags.copy()
        for flag in np.unique(flags):
            mine = np.flatnonzero(flags == flag)
            taken[mine], source_flags[mine] = _taken(
                group, state, prefix, int(flag), column[mine], size[mine]
            )
        size -= taken * group.weight
        flags = source_flags
        which, position = np.nonzero(taken[:, None] > np.arange(prefix.shape[0])[None, :])
        targets.append(which)
        lots.append(group.lots[column[which], order[column[which], position]].astype(np.int64))
    return np.concatenate(targets), np.concatenate(lots)


def _taken(
    group: Class, state: States, prefix: Floats, flag: int, column: Ints, size: Ints
) -> tuple[Ints, Ints]:
    """How many lots of the class each target took, and the flags it had before."""
    best = np.full(len(column), NEVER)
    taken = np.zeros(len(column), dtype=np.int64)
    before = np.full(len(column), flag, dtype=np.int64)
    if flag in state:
        source = state[flag]
        best = np.where(size == 0, 0.0, NEVER) if source is None else source[0, size, column]
    many = np.arange(1, len(prefix) + 1)[:, None]
    left = size[None, :] - many * group.weight
    for source_flag, source in state.items():
        if source_flag | group.flags != flag:
            continue
        if source is None:
            value = np.where(left == 0, 0.0, NEVER)
        else:
            value = np.where(left >= 0, source[0, np.maximum(left, 0), column[None, :]], NEVER)
        value = value + prefix[:, column]
        top = value.argmax(axis=0)
        reached = value[top, np.arange(len(column))]
        better = reached > best
        best = np.where(better, reached, best)
        taken = np.where(better, top + 1, taken)
        before = np.where(better, source_flag, before)
    return taken, before


def _walk(run: Knapsack, k: int, flags: int, count: int, size: int) -> tuple[int, ...]:
    lots: list[int] = []
    for group, (state, prefix, order) in zip(reversed(run.batch.classes), reversed(run.stages), strict=True):
        taken, flags, count, size = _step(run, k, group, state, prefix, flags, count, size)
        if taken and order is not None:
            chosen = group.lots[k, order[k, :taken]]
            if run.batch.open_ended and taken == len(prefix):
                more = order[k, taken:]
                chosen = np.append(chosen, group.lots[k, more[run.profit[group.index[k, more]] > 0.0]])
            lots += chosen.tolist()
    return tuple(sorted(lots))


def _step(
    run: Knapsack,
    k: int,
    group: Class,
    state: States,
    prefix: Floats,
    flags: int,
    count: int,
    size: int,
) -> tuple[int, int, int, int]:
    """How many lots of the class were taken to reach (flags, count, size), and from which state."""
    best = (NEVER, 0, flags, count, size)
    for source_flags, array in state.items():
        source = run.point if array is None else array[:, :, k]
        if source_flags == flags and source[count, size] > best[0]:
            best = (float(source[count, size]), 0, flags, count, size)
        if source_flags | group.flags != flags:
            continue
        if len(prefix) == 0 or prefix[0, k] == NEVER:
            continue
        if run.batch.counts == 0 and not run.batch.open_ended:
            most = min(len(prefix), size // group.weight)
            if most:
                values = source[0, size - group.weight :: -group.weight][:most] + prefix[:most, k]
                top = int(values.argmax())
                if values[top] > best[0]:
                    best = (float(values[top]), top + 1, source_flags, 0, size - (top + 1) * group.weight)
            continue
        for taken in range(1, len(prefix) + 1):
            value, at_count, at_size = _source(
                run, source, count, size, taken * group.high, taken * group.weight
            )
            if value + prefix[taken - 1, k] > best[0]:
                best = (value + float(prefix[taken - 1, k]), taken, source_flags, at_count, at_size)
    return best[1], best[2], best[3], best[4]


def _source(
    run: Knapsack, source: Floats, count: int, size: int, high: int, weight: int
) -> tuple[float, int, int]:
    """The best state from which taking (high, weight) leads to (count, size)."""
    last_count, last_size = run.batch.counts, run.batch.states
    counts = (
        [count - high]
        if count < last_count or not high
        else list(range(max(0, last_count - high), last_count + 1))
    )
    if run.batch.open_ended and size == last_size:
        sizes = list(range(max(0, last_size - weight), last_size + 1))
    else:
        sizes = [size - weight]
    best = (NEVER, 0, 0)
    for c in counts:
        for s in sizes:
            if c >= 0 and s >= 0 and source[c, s] > best[0]:
                best = (float(source[c, s]), c, s)
    return best
