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
    """Lots, ids and grappes rounded up to hundredths, the budget's price kept as it is."""
    grappes = float(_up(np.array([prices.grappes]))[0])
    return Prices(_up(prices.lots), prices.budget, _up(prices.identities), grappes)


def _up(values: np.typing.NDArray[np.float64]) -> np.typing.NDArray[np.float64]:
    return np.ceil(values * HUNDREDTH - 1e-6) / HUNDREDTH


def leaf(
    problem: Problem, parts: Sequence[Prices], lots: Sequence[np.typing.NDArray[np.int64]]
) -> Mapping[str, Any]:
    """One leaf for the whole instance from the prices of its components (``lots``: of each component)."""
    prices: dict[str, float] = {}
    budget = grappes = 0.0
    identities: dict[str, float] = {}
    for part, mine in zip(parts, lots, strict=True):
        budget, grappes = max(budget, part.budget), max(grappes, part.grappes)
        for k in mine:
            if part.lots[k] > 0.0:
                prices[problem.lots.lots[k].key] = float(part.lots[k])
        for g, price in enumerate(part.identities):
            if price > 0.0:
                identities[problem.instance.previous[g].id] = max(
                    float(price), identities.get(problem.instance.previous[g].id, 0.0)
                )
    tree = {"kind": "leaf", "lots": dict(sorted(prices.items())), "budget": budget, "identities": identities}
    return tree | ({"grappes": grappes} if grappes > 0.0 else {})
