"""The certificate: prices from which anyone recomputes the certified bound by exact pricing.

One part per component, each a leaf or a tree of leaves; the format is described in docs/solver-formats.md.
Prices are rounded to hundredths, so that the file is small and sums of prices are exact, before the bound
they prove is computed.

When to modify: a shared constraint gets a price of its own.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from solver.search.bound import published, repaired_value
from solver.search.branches import Count
from solver.search.pricing import Prices
from solver.search.problem import Problem

if TYPE_CHECKING:
    from solver.search.node import Node
    from solver.search.standing import Side

HUNDREDTH = 100.0
BUDGET_DECIMALS = 9  # of the price of one euro in euros; in ESMS it is far smaller
BUDGET_DECIMALS_COVERAGE = 12
MOST_TREE_PRICES = 400_000  # of all trees together: about ten megabytes


def rounded(prices: Prices, covers: bool) -> Prices:
    """Lots, ids, grappes rounded up to hundredths; the budget's price as whole numbers can carry it."""
    budget = round(prices.budget, BUDGET_DECIMALS_COVERAGE if covers else BUDGET_DECIMALS)
    grappes, most = hundredths(prices.grappes), hundredths(prices.most)
    return Prices(_up(prices.lots), budget, _up(prices.identities), grappes, most)


def _not_lower(prices: Prices, covers: bool) -> Prices:
    """Repaired prices rounded, none of them down: no row gets a positive reduced value by it."""
    decimals = BUDGET_DECIMALS_COVERAGE if covers else BUDGET_DECIMALS
    budget = math.ceil(prices.budget * 10**decimals - 1e-6) / 10**decimals
    return replace(rounded(prices, covers), budget=budget)


def hundredths(price: float) -> float:
    """One price rounded up to hundredths."""
    return math.ceil(price * HUNDREDTH - 1e-6) / HUNDREDTH


def _up(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.ceil(values * HUNDREDTH - 1e-6) / HUNDREDTH


def certify(problem: Problem, sides: list[Side]) -> tuple[int, dict[str, Any]]:
    """(bound on all components, certificate): each by its tree or, where that is better, by its prices."""
    total, parts, room = 0, [], MOST_TREE_PRICES
    for side in sides:
        assert side.prices is not None
        prices = _not_lower(side.prices, problem.covers)
        if not len(side.component.lots):  # no lot names this part: it is priced at 0
            prices = Prices(np.zeros_like(prices.lots), 0.0, np.zeros_like(prices.identities))
        bound = published(repaired_value(problem, side.component, side.pricer, prices), side.step)
        node = _leaf(problem, side, prices, ())
        if side.tree is not None:
            with side.tree.lock:  # it may still grow
                if side.tree.root is not None and side.tree.bound < bound:
                    size = sum(len(side.component.lots) for _ in side.tree.root.leaves())
                    if size <= room:
                        room -= size
                        bound, node = side.tree.bound, _node(problem, side, side.tree.root)
        total += bound
        if len(side.component.lots):
            parts.append(node)
    if not sides:
        return 0, {"kind": "leaf", "lots": {}, "budget": 0.0, "identities": {}}
    if len(sides) == 1 and parts:
        return total, parts[0]
    return total, {"kind": "sum", "parts": parts}


def _node(problem: Problem, side: Side, node: Node) -> dict[str, Any]:
    if node.halves is None:
        return _leaf(problem, side, node.prices, node.branch_prices)
    one, other = (_node(problem, side, half) for half in node.halves)
    decision = node.halves[0].path[-1]
    if isinstance(decision, Count):
        among = decision.among
        on = {"kind": "grappes", "solution": among.solution, "hosting": among.hosting, "porteurs": None}
        return {"kind": "branch", "on": on, "at": decision.at, "low": one, "high": other}
    on = {"kind": "lot", "lot": problem.lots.lots[decision.lot].key}
    return {"kind": "branch", "on": on, "out": one, "in": other}


def _leaf(problem: Problem, side: Side, prices: Prices, branch_prices: tuple[float, ...]) -> dict[str, Any]:
    """A leaf; lots that cost nothing are left out, but for the first: a part is known by its lots."""
    lots = side.component.lots.tolist()
    named = {problem.lots.lots[k].key: float(prices.lots[k]) for k in lots if prices.lots[k] > 0.0}
    if not named and lots:
        named = {problem.lots.lots[lots[0]].key: 0.0}
    identities = {
        problem.instance.previous[g].id: float(price)
        for g, price in enumerate(prices.identities)
        if price > 0.0
    }
    leaf = {"kind": "leaf", "lots": named, "budget": prices.budget, "identities": identities}
    if prices.grappes > 0.0:
        leaf["grappes"] = prices.grappes
    if prices.most > 0.0:  # more grappes than the lots can fill: counting shows that there are none
        leaf["branch_prices"] = [*branch_prices, prices.most]
        on = {"kind": "grappes", "solution": None, "hosting": None, "porteurs": None}
        return {"kind": "branch", "on": on, "at": side.component.most, "low": leaf, "high": {"kind": "empty"}}
    return {**leaf, "branch_prices": list(branch_prices)} if branch_prices else leaf
