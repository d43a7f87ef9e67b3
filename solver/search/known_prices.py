"""Prices of an earlier answer to nearly the same question: where column generation may begin.

Any prices >= 0 prove a bound once they are priced exactly and repaired, so these need not fit: a question
with one rule relaxed, or one more, has nearly the same prices, and its bound is near the earlier one at once
instead of after some tens of rounds from the closed form.

When to modify: the certificate gains a price that another question could begin with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from solver.instance import Instance
from solver.search.bound import Bound, Bounder
from solver.search.lots import gather
from solver.search.pricing import Prices
from solver.search.problem import Problem

SHARES = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95)  # of the prices, tried where grappes are scarce


@dataclass(frozen=True, slots=True)
class KnownPrices:
    """``esms``: what each ESMS costs, its part of its lot's price; ``most``: of every grappe, where the lots
    can fill no more; ``grappes``, ``budget``: of every grappe and every euro, where these are limited."""

    esms: Mapping[str, float]
    most: float = 0.0
    grappes: float = 0.0
    budget: float = 0.0


def of_certificate(instance: Instance, certificate: Mapping[str, Any]) -> KnownPrices:
    """The prices that prove a bound of ``instance``; of a tree those of one of its leaves."""
    lots = gather(instance)
    members = {lot.key: [lots.esms[i].id for i in lot.members] for lot in lots.lots}
    esms: dict[str, float] = {}
    most, grappes, budget, largest = 0.0, 0.0, 0.0, -1
    for leaf in _leaves(certificate):
        for key, price in leaf["lots"].items():
            for id_ in members.get(key, ()):
                esms[id_] = float(price) / len(members[key])
        if len(leaf["lots"]) > largest:
            largest = len(leaf["lots"])
            branched = leaf.get("branch_prices") or [0.0]
            most, grappes, budget = branched[-1], leaf.get("grappes", 0.0), leaf.get("budget", 0.0)
    return KnownPrices(esms, float(most), float(grappes), float(budget))


def _leaves(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """One leaf of each part."""
    if node["kind"] == "sum":
        for part in node["parts"]:
            yield from _leaves(part)
    elif node["kind"] == "branch":
        sides = (node.get("low"), node.get("out"), node.get("high"), node.get("in"))
        for side in sides:
            if side is not None and side["kind"] != "empty":
                yield from _leaves(side)
                return
    elif node["kind"] == "leaf":
        yield node


def bound_from(known: KnownPrices, problem: Problem, bounder: Bounder) -> Bound:
    """The best bound that these prices prove of a component, as they are or fitted to what it shares."""
    component = bounder.component
    lots = np.zeros(len(problem.lots.lots))
    for k in component.lots.tolist():
        members = problem.lots.lots[k].members
        lots[k] = sum(known.esms.get(problem.lots.esms[i].id, 0.0) for i in members)
    own = Prices(lots, 0.0, np.zeros(len(problem.reach.kept)))
    tried = [own]
    if component.most is not None and known.most:
        tried.append(replace(own, most=known.most))
    if component.budget is not None:
        tried.append(replace(own, budget=known.budget))
    if component.grappes is not None:
        if known.grappes:
            tried.append(replace(own, grappes=known.grappes))
        for share in SHARES:
            paid = replace(own, lots=share * lots)
            left = max(0.0, float(bounder.pricer.best(paid).max(initial=0.0)))
            tried.append(replace(paid, grappes=left))
    return min((bounder.of(prices) for prices in tried), key=lambda bound: bound.value)
