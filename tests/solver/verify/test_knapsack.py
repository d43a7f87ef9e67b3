"""Exact pricing of rows: against enumeration of every grappe, and where the national regime saturates."""

from __future__ import annotations

from itertools import combinations
from typing import Any

import numpy as np
import pytest

from solver.judge import Judge
from solver.search import pricing as search_pricing
from solver.search.problem import state
from solver.verify.knapsack import IMPOSSIBLE, Pricer, Profits
from solver.verify.rows import Ground
from solver.vocabulary import Regime
from tests.solver.drawing import draw_instance, tiny_instance
from tests.solver.verify.proving import ground_of, read

MOST = 11  # lots that can join a row of which every set is tried


def _profits(ground: Ground, seed: int, per_euro: int = 100, per_esms: int = 0) -> Profits:
    drawn = np.random.default_rng(seed)
    unit = 30_000 * max(per_euro, 1) if not per_esms else 1_000_000
    prices = drawn.integers(0, 2 * unit, ground.lots.count) * ground.lots.weight
    out = drawn.random(ground.lots.count) < 0.1
    return Profits(100, per_euro, per_esms, 50, prices, out, drawn.integers(-unit, unit, len(ground.rows)))


def _enumerated(ground: Ground, judge: Judge, r: int, p: Profits) -> int | None:
    """The best reduced value of a row by trying every set of lots, amounts by the judge."""
    table, lots = ground.rows, ground.lots
    solution = ground.offers.kinds[table.kind[r]].solution
    base = lots.members[table.base_lot[r]] if table.base_lot[r] >= 0 else ()
    if table.fixed[r] >= 0:
        base = lots.bases[table.fixed[r]] or ()
    if table.base_lot[r] >= 0 and p.out[table.base_lot[r]]:
        return None
    joining = [int(k) for k in table.joining(r) if not p.out[k]]
    best = None
    for many in range(len(joining) + 1):
        for chosen in combinations(joining, many):
            members = [*base, *(i for k in chosen for i in lots.members[k])]
            size = len(members)
            if size < table.low[r] or size > (lots.maximum or size) or not size:
                continue
            if table.porteur[r] < 0 and not any(lots.can_carry[i] for i in members):
                continue
            euros = judge.funding(solution, [lots.esms[i].id for i in members])
            value = p.per_euro * euros + p.per_esms * size - int(p.rows[r])
            value -= sum(
                int(p.lots[k]) for k in [*chosen, *([table.base_lot[r]] if table.base_lot[r] >= 0 else [])]
            )
            if table.identity[r] >= 0:
                kept = set(lots.instance.previous[table.identity[r]].members)
                value += p.per_kept * sum(lots.esms[i].id in kept for i in members)
            best = value if best is None else max(best, value)
    return best


@pytest.mark.parametrize("seed", range(30))
def test_the_best_grappe_of_a_row_is_found(seed: int) -> None:
    instance, scale = read(tiny_instance(500 + seed))
    ground, judge = ground_of(instance, scale), Judge(instance, scale)
    for per_euro, per_esms in ((100, 0), (-3, 100_000)):
        p = _profits(ground, seed, per_euro, per_esms)
        found = Pricer(ground, np.arange(len(ground.rows))).best(p)
        for r in range(len(ground.rows)):
            if ground.rows.room[r] <= MOST:
                best = _enumerated(ground, judge, r, p)
                assert (int(found[r]) if found[r] > IMPOSSIBLE else None) == best


def _national(lots: int, mixed: bool) -> tuple[Any, Any]:
    """``lots`` lots of an acquisition and a montée de version, or as many pairs of ESMS that move alone."""
    document = draw_instance(1, 20, Regime.GENERALISATION_2022_NATIONAL.value)
    model = {
        **document["esms"][0],
        "organisme": document["organismes"][0]["id"],
        "champ": "PA",
        "current_solution": "S",
        "accepted_solutions": "any",
        "accepted_hosting": "any",
        "can_be_porteur": True,
    }
    document["solutions"] = [
        {"id": "S", "name": "DUI S", "segur_referenced": True, "hosting": ["saas"], "champs": ["PA"]}
    ]
    document["parameters"] = {"mix_needs": True, "min_size": 10}
    document["constraints"], document["previous"] = {}, None
    document["esms"] = [
        {**model, "id": f"e{k:03}{need[0]}", "need": need, "lot": f"L{k}" if mixed else None}
        for k in range(lots)
        for need in ("acquisition", "montee_de_version")
    ]
    return read(document)


@pytest.mark.parametrize("mixed", [True, False])
@pytest.mark.parametrize("price", [0, 2_500, 8_000])
def test_full_rates_go_to_the_members_that_lose_most(price: int, mixed: bool) -> None:
    """Tests 40 acquisitions and 40 montées de version: 49 full rates, all 40 acquisitions among them."""
    instance, scale = _national(40, mixed)
    ground = ground_of(instance, scale)
    assert len(ground.rows) == 1
    prices = price * ground.lots.weight
    zero = np.zeros(1, dtype=np.int64)
    found = Pricer(ground, np.arange(1)).best(Profits(1, 1, 0, 0, prices, prices < 0, zero))
    problem = state(instance, scale)
    searched = search_pricing.Pricer(problem, [0]).best(search_pricing.Prices(prices.astype(float)))
    assert searched.tolist() == found.tolist()
    judge = Judge(instance, scale)
    ids = [[lot_id for lot_id in (e.id for e in instance.esms) if lot_id.endswith(need)] for need in "am"]
    best = 0
    for acquisitions in range(41):
        for upgrades in range(41) if not mixed else (acquisitions,):
            if acquisitions + upgrades >= 10:
                members = ids[0][:acquisitions] + ids[1][:upgrades]
                best = max(best, judge.funding("S", members) - price * len(members))
    assert int(found[0]) == best
