"""Pricing against enumeration of every set of lots, for rows of every shape."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from solver.instance import Constraints, Grappe, Instance
from solver.scale import Scale
from solver.search.pricing import Pricer, Prices
from solver.search.problem import NONE, Problem, state
from solver.vocabulary import Objective, Regime
from tests.solver.search.drawn import draw, scale_of

LONGEST_ROW = 12


def few_full_rates(scale: Scale) -> Scale:
    """A national scale small enough to enumerate: 4 members paid in full, 3 at least."""
    return replace(scale, full_rate_members=4, min_size=3)


def marche_for_some(scale: Scale) -> Scale:
    """A scale where only some champs trigger the AMOA marché, so that the flag varies inside a type."""
    some = frozenset(t for t in scale.amoa_marche_triggers if t[1] in ("PH", "PDS"))
    return replace(scale, amoa_marche_triggers=some)


def cases() -> list[tuple[Instance, Scale]]:
    made = []
    for seed in range(24):
        regime = [
            Regime.GENERALISATION_2022,
            Regime.GENERALISATION_2022_NATIONAL,
            Regime.AMORCAGE_2021,
        ][seed % 3]
        instance = draw(
            12,
            seed,
            regime,
            porteurs=0.5,
            regions=("76", "02") if seed % 5 == 0 else ("76",),
            max_radius_km=[None, 70.0, 40.0][(seed // 3) % 3],
            min_size=2 + seed % 3,
            max_size=[None, 6][seed % 2],
            mix_needs=seed % 4 == 1,
            objective=Objective.COVERAGE if seed % 7 == 0 else Objective.FUNDING,
        )
        scale = scale_of(instance)
        scale = few_full_rates(scale) if regime.is_national else marche_for_some(scale)
        made.append((instance, scale))
    return made


def enumerated(problem: Problem, row: int, prices: Prices) -> float:
    """The best reduced value of a row, over all subsets of its lots."""
    own = problem.rows[row]
    best = -np.inf
    for count in range(len(own.items) + 1):
        for lots in itertools.combinations(own.items.tolist(), count):
            column = problem.column(row, lots)
            if problem.allowed(column):
                best = max(best, reduced(problem, row, lots, prices))
    return best


def reduced(problem: Problem, row: int, lots: tuple[int, ...], prices: Prices) -> float:
    column, own = problem.column(row, lots), problem.rows[row]
    paid = sum(float(prices.lots[k]) for k in column.lots) + prices.budget * column.funding + prices.grappes
    return column.value - paid - (float(prices.identities[own.identity]) if own.identity != NONE else 0.0)


def check(problem: Problem, prices: Prices) -> int:
    """Compare every short row; returns how many had a grappe."""
    pricer = Pricer(problem, range(len(problem.rows)))
    best = pricer.best(prices)
    columns = {c.row: c for c in pricer.columns(prices, range(len(problem.rows)))}
    compared = 0
    for row, own in enumerate(problem.rows):
        if len(own.items) > LONGEST_ROW or own.relaxed:
            continue
        expected = enumerated(problem, row, prices)
        if expected == -np.inf:
            assert best[row] == -np.inf
            continue
        compared += 1
        assert best[row] == pytest.approx(expected, abs=1e-6)
        assert reduced(problem, row, columns[row].lots, prices) == pytest.approx(expected, abs=1e-6)
        assert columns[row] == problem.column(row, columns[row].lots)
        assert problem.allowed(columns[row])
    return compared


def test_pricing_equals_enumeration() -> None:
    rng = np.random.default_rng(7)
    compared = 0
    for instance, scale in cases():
        problem = state(instance, scale)
        unit = 1.0 if problem.covers else 20_000.0
        prices = Prices(
            rng.uniform(0, 2 * unit, len(problem.lots.lots)),
            float(rng.choice([0.0, 0.3, 1.2])),
            grappes=float(rng.choice([0.0, 3 * unit])),
        )
        compared += check(problem, prices)
    assert compared > 100


def test_pricing_with_identities_and_organismes_apart() -> None:
    rng = np.random.default_rng(8)
    compared = 0
    for seed in range(6):
        bare = draw(11, seed, min_size=2, max_size=5, max_radius_km=60.0, stability_eur_per_esms=3000)
        ids = [e.id for e in bare.esms]
        previous = (
            Grappe("P1", "S0", sorted(bare.solutions[0].hosting)[0], ids[0], tuple(ids[:4])),
            Grappe("P2", "S1", sorted(bare.solutions[1].hosting)[0], ids[5], tuple(ids[5:8])),
        )
        apart = Constraints(apart=(("O0", "O1"),))
        problem = state(replace(bare, previous=previous, constraints=apart), scale_of(bare))
        prices = Prices(
            rng.uniform(0, 40_000, len(problem.lots.lots)),
            0.0,
            rng.uniform(0, 5_000, len(problem.reach.kept)),
        )
        compared += check(problem, prices)
        assert all(problem.peaceful(problem.column(r, row.items).lots) for r, row in enumerate(problem.rows))
    assert compared > 50
