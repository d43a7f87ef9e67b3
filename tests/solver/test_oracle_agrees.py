"""The search against the oracle: the same objective on every tiny instance, and no bound below the optimum.

A failure names the seed: ``tiny_instance(seed)`` is the instance.
"""

from __future__ import annotations

import time
from collections import Counter

import pytest

from solver.document import read_instance
from solver.instance import Instance
from solver.judge import Judge
from solver.oracle import best
from solver.search import search
from tests.solver.drawing import tiny_instance
from tests.solver.examples import scale_of

SEEDS = range(300)
LONG_SEEDS = range(10_000, 14_000)
ENOUGH_S = 30.0  # far above what a tiny instance needs: the search ends by optimality


def disagreement(instance: Instance) -> str | None:
    """What the search and the oracle do not agree on, None when they agree."""
    scale = scale_of(instance)
    expected = best(instance, scale).objective
    found = search(
        instance,
        scale,
        deadline=time.monotonic() + ENOUGH_S,
        gap=0.0,
        seed=0,
        threads=1,
        on_progress=lambda progress: None,
        should_stop=lambda: False,
    )
    judge = Judge(instance, scale)
    broken = judge.violations(found.grappes)
    if broken:
        return f"not valid: {broken[0]}"
    value = judge.objective_value(found.grappes)
    if not value == found.objective_value == expected:
        return f"value {value}, stated {found.objective_value}, optimum {expected}"
    if not expected <= found.upper_bound <= found.certified_bound:
        return f"bounds {found.upper_bound} and {found.certified_bound}, optimum {expected}"
    return None


@pytest.mark.parametrize("seed", SEEDS)
def test_the_search_reaches_the_optimum(seed: int) -> None:
    """Tests one drawn instance: a valid proposal, worth the optimum, under bounds that hold."""
    assert disagreement(read_instance(tiny_instance(seed))) is None


@pytest.mark.long
def test_the_search_reaches_the_optimum_on_thousands() -> None:
    """Tests many more seeds, and tells all of those that disagree."""
    found = {
        seed: words for seed in LONG_SEEDS if (words := disagreement(read_instance(tiny_instance(seed))))
    }
    assert found == {}


def test_every_constraint_kind_is_drawn() -> None:
    """Tests that the seeds above meet each kind of constraint often, and that grappes can be formed."""
    met: Counter[str] = Counter()
    gains = 0
    for seed in SEEDS:
        instance = read_instance(tiny_instance(seed))
        p, c = instance.parameters, instance.constraints
        met.update({
            "radius": p.max_radius_km is not None,
            "territory departement": p.territory == "departement",
            "territory none": p.territory == "none",
            "one champ": not p.mix_champs,
            "mixed needs": p.mix_needs,
            "unmixed needs": not p.mix_needs,
            "several hostings": not p.same_hosting,
            "coverage": p.objective == "coverage",
            "budget": p.budget_eur is not None,
            "stability": p.stability_eur_per_esms > 0 and bool(instance.previous),
            "slack": p.min_slack > 0,
            "number of grappes": p.max_grappes is not None,
            "readings": p.readings.K01 == "le15" or p.readings.K10 == "not_counted",
            "lots": any(e.lot for e in instance.esms),
            "apart": bool(c.apart),
            "together": bool(c.together),
            "excluded": bool(c.excluded),
            "fixed": any(not f.extendable for f in c.fixed_grappes),
            "extendable": any(f.extendable for f in c.fixed_grappes),
            "no porteur": any(not e.can_be_porteur for e in instance.esms),
            "nothing accepted": any(e.accepted_solutions == frozenset() for e in instance.esms),
            "no need": any(e.need == "aucun" for e in instance.esms),
            "overseas": any(e.region in ("01", "02", "03", "04", "06", "94") for e in instance.esms),
            **{f"regime {regime}": instance.regime == regime for regime in type(instance.regime)},
        })  # fmt: skip
        gains += seed < 120 and best(instance, scale_of(instance)).objective > 0
    rare = {kind: count for kind, count in met.items() if count < 8}
    assert rare == {}
    assert gains > 50
