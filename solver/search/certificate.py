"""The certificate: prices from which anyone recomputes the certified bound by exact pricing.

The format is described in docs/solver-formats.md. Prices are rounded up to hundredths, so that the file is
small, before the bound they prove is computed.

When to modify: a shared constraint gets a price of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from solver.search.pricing import Prices
from solver.search.problem import Problem

HUNDREDTH = 100.0


def rounded(prices: Prices) -> Prices:
    """Lots and ids rounded up to hundredths, the budget's price kept as it is."""
    return Prices(_up(prices.lots), prices.budget, _up(prices.identities))


def _up(values: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.float64]:
    return np.ceil(values * HUNDREDTH - 1e-6) / HUNDREDTH


def leaf(
    problem: Problem, parts: Sequence[Prices], lots: Sequence[np.typing.NDArray[np.int64]]
) -> Mapping[str, Any]:
    """One leaf for the whole instance from the prices of its components (``lots``: of each component)."""
    prices: dict[str, float] = {}
    budget = 0.0
    identities: dict[str, float] = {}
    for part, mine in zip(parts, lots, strict=True):
        budget = max(budget, part.budget)
        for k in mine:
            if part.lots[k] > 0.0:
                prices[problem.lots.lots[k].key] = float(part.lots[k])
        for g, price in enumerate(part.identities):
            if price > 0.0:
                identities[problem.instance.previous[g].id] = max(
                    float(price), identities.get(problem.instance.previous[g].id, 0.0)
                )
    return {"kind": "leaf", "lots": dict(sorted(prices.items())), "budget": budget, "identities": identities}
