"""The dive: fix the columns that the relaxation likes most, price again for what is left, repeat.

Columns priced for the relaxation alone do not make good packings (Sadykov, Vanderbeck, Pessoa, Tahiri and
Uchoa 2019); pricing again after each step does.

When to modify: the first packing is poor; compare shares with benchmarks/.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from solver.search.components import Component
from solver.search.master import Master, Pool, Weights, gradient
from solver.search.packing import Packing
from solver.search.plan import Recogniser
from solver.search.pricing import Pricer, Prices
from solver.search.problem import NONE, Column, Problem

Floats = npt.NDArray[np.float64]

GONE = 1e12  # the price of a lot that is already placed: no column takes it
ROUNDS = 3
ROUND_COLUMNS = 300
STEPS = 60
SURE = 0.7
NOISE = 0.5
QUICK_STEP = 5  # columns that the quick filling adds between two pricings, at least
QUICK_STEPS = 12  # about so many pricings


def dive(
    problem: Problem,
    component: Component,
    pricer: Pricer,
    columns: Sequence[Column],
    prices: Prices,
    share: float,
    seed: int,
    over: Callable[[], bool],
    deadline: float,
    recogniser: Recogniser,
) -> Packing:
    """A packing; ``share`` of the remaining mass is fixed at each step. Stops early when ``over()``."""
    rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
    packing = Packing(problem, component)
    pool = list(columns)
    dual = prices.lots.copy()
    while not over() and time.monotonic() < deadline:
        pool = [c for c in pool if packing.fits(c)]
        rest = replace(component, lots=component.lots[~packing.used[component.lots]], grappes=packing.places)
        if not len(rest.lots) or packing.places == 0:
            break
        pricer = _alive(problem, pricer, packing)
        known, weights, dual = _relax(problem, rest, pricer, pool, dual, packing)
        if not known.columns:
            break
        pool = known.columns
        if not _fix(packing, known, weights, share, rng):
            break
    packing.fill(sorted((c for c in pool if packing.fits(c)), key=lambda c: -c.value))
    packing.insert(recogniser)
    return packing


def quick(
    problem: Problem,
    pricer: Pricer,
    prices: Prices,
    packing: Packing,
    recogniser: Recogniser,
    over: Callable[[], bool],
) -> None:
    """Fill a packing at given prices: the columns that lose least an ESMS first, priced again as lots go."""
    step = max(QUICK_STEP, int(problem.offers.weight[packing.component.lots].sum()) // 15 // QUICK_STEPS)
    while not over():
        pricer = _alive(problem, pricer, packing)
        blocked = prices.lots.copy()
        blocked[packing.used] = GONE
        now = replace(prices, lots=blocked)
        values = pricer.best(now)
        good = np.argsort(-values, kind="stable")[:ROUND_COLUMNS]
        good = good[values[good] > -GONE / 2]
        loss = {
            c: (float(prices.lots[list(c.lots)].sum()) + prices.grappes - c.value) / problem.size(c)
            for c in pricer.columns(now, pricer.rows[good].tolist())
            if c.value > 0 and packing.fits(c)
        }
        before = len(packing.columns)
        for column in sorted(loss, key=lambda c: (loss[c], c.row, c.lots)):
            if len(packing.columns) - before < step and packing.fits(column):
                packing.add(column)
        if len(packing.columns) == before:
            break
    packing.insert(recogniser)


def _alive(problem: Problem, pricer: Pricer, packing: Packing) -> Pricer:
    """The pricer of the rows whose porteur's lot is still free."""
    base = np.array([problem.rows[r].base_lot for r in pricer.rows], dtype=np.int64)
    return pricer.among((base == NONE) | ~packing.used[base])


def _relax(
    problem: Problem,
    rest: Component,
    pricer: Pricer,
    columns: Sequence[Column],
    dual: Floats,
    packing: Packing,
) -> tuple[Pool, Weights, Floats]:
    """A few rounds of column generation on what is left."""
    master = Master(problem, rest)
    pool = Pool(master)
    pool.add(columns)
    start = np.zeros(master.size)
    start[: len(rest.lots)] = dual[rest.lots]
    weights = Weights(np.zeros(0), start, 0.0)
    for round_ in range(ROUNDS + 1):
        if pool.columns:
            weights = gradient(pool.matrix(), master, weights, STEPS)
        if round_ == ROUNDS:
            break
        prices = master.prices(weights.dual)
        blocked = prices.lots.copy()
        blocked[packing.used] = GONE
        prices = replace(prices, lots=blocked)
        values = pricer.best(prices)
        good = np.argsort(-values, kind="stable")[:ROUND_COLUMNS]
        good = good[values[good] > 0.0]
        if not len(good):
            continue
        found = pricer.columns(prices, pricer.rows[good].tolist())
        pool.add([c for c in found if packing.fits(c)])
    dual = np.zeros(len(dual))
    dual[rest.lots] = np.maximum(weights.dual[: len(rest.lots)], 0.0)
    return pool, weights, dual


def _fix(packing: Packing, pool: Pool, weights: Weights, share: float, rng: random.Random) -> int:
    """Add the columns of most weight, about ``share`` of the mass, and all that are nearly whole."""
    use = np.zeros(len(pool.columns))
    use[: len(weights.use)] = weights.use
    likely = np.flatnonzero(use > 1e-3)
    if not len(likely):
        likely = np.argsort([-c.value for c in pool.columns], kind="stable")[:1]
    score = {int(j): float(use[j]) * (1.0 + NOISE * rng.random()) for j in likely}
    wanted = max(1, round(share * float(use.sum())))
    fixed = 0
    for j in sorted(score, key=lambda j: (-score[j], j)):
        if fixed >= wanted and use[j] < SURE:
            continue
        if packing.fits(pool.columns[j]) and pool.columns[j].value > 0:
            packing.add(pool.columns[j])
            fixed += 1
    return fixed
