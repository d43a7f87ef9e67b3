"""The certified bound from a certificate, by the formula of docs/solver-formats.md: trees, sums and leaves.

Rows and their best grappes come from the search (the independent recomputation is ``solver/verify``); what is
checked here is that the search states what its certificate proves.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from solver.instance import Instance
from solver.search.bound import published
from solver.search.compact import Limits
from solver.search.fixed import must_appear
from solver.search.plan import grappes_of, objective_of
from solver.search.pricing import Branched, Pricer, Prices
from solver.search.problem import NONE, Problem, state
from tests.solver.search.drawn import scale_of

Decision = tuple[Mapping[str, Any], str]  # the branch node, the side taken


def recomputed(instance: Instance, certificate: Mapping[str, Any]) -> int:
    """The certified bound of a whole instance."""
    problem = state(instance, scale_of(instance))
    constant = objective_of(instance, scale_of(instance), grappes_of(problem, []))
    every = np.arange(len(problem.rows))
    if certificate["kind"] != "sum":
        return constant + _node(problem, every, certificate, ())
    total, seen = 0, np.zeros(len(problem.rows), dtype=bool)
    for part in certificate["parts"]:
        named = {key for leaf in leaves(part) for key in leaf["lots"]}
        rows = _reached(problem, {k for k, lot in enumerate(problem.lots.lots) if lot.key in named})
        assert not seen[rows].any(), "two parts price one row"
        seen[rows] = True
        total += _node(problem, rows, part, ())
    alone = np.flatnonzero(~seen)
    nobody = {"kind": "leaf", "lots": {}, "budget": 0.0, "identities": {}}
    return constant + total + (_node(problem, alone, nobody, ()) if len(alone) else 0)


def leaves(node: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    if node["kind"] == "leaf":
        yield node
    for child in [*node.get("parts", ()), *(node[s] for s in ("low", "high", "out", "in") if s in node)]:
        yield from leaves(child)


def _reached(problem: Problem, lots: set[int]) -> np.ndarray[Any, np.dtype[np.int64]]:
    """The rows linked to these lots by lots, previous ids, or extendable grappes that may be absent."""
    optional = {f.index for f in problem.reach.fixed if not f.forced}
    links = []
    for row in problem.rows:
        own: set[object] = {int(k) for k in row.items} | ({row.base_lot} - {NONE})
        own |= {("id", row.identity)} if row.identity != NONE else set()
        own |= {("fixed", -1 if row.fixed in optional else row.fixed)} if row.fixed != NONE else set()
        links.append(own)
    known: set[object] = set(lots)
    found: set[int] = set()
    while True:
        more = {r for r, own in enumerate(links) if r not in found and own & known}
        if not more:
            return np.array(sorted(found), dtype=np.int64)
        found |= more
        known |= set().union(*(links[r] for r in more))


def _node(problem: Problem, rows: Any, node: Mapping[str, Any], path: tuple[Decision, ...]) -> int:
    if node["kind"] == "empty":
        _check_empty(problem, rows, path)
        return -(2**62)
    if node["kind"] == "leaf":
        return _leaf(problem, rows, node, path)
    assert node["kind"] == "branch"
    sides = ("low", "high") if node["on"]["kind"] == "grappes" else ("out", "in")
    return max(_node(problem, rows, node[side], (*path, (node, side))) for side in sides)


def _check_empty(problem: Problem, rows: Any, path: tuple[Decision, ...]) -> None:
    """The last decision asks for more grappes than the lots of the part can fill."""
    node, side = path[-1]
    assert side == "high"
    assert (node["on"]["kind"], node["on"]["solution"]) == ("grappes", None)
    free = [problem.rows[r] for r in rows if problem.rows[r].fixed == NONE]
    held = {int(k) for r in free for k in [*r.items, r.base_lot]} - {NONE}
    grown = len({problem.rows[r].fixed for r in rows} - {NONE})
    filled = sum(int(problem.offers.weight[k]) for k in held) // min(max(r.low, 1) for r in free)
    assert node["at"] >= filled + grown


def _leaf(problem: Problem, rows: Any, leaf: Mapping[str, Any], path: tuple[Decision, ...]) -> int:
    instance, count = problem.instance, len(problem.lots.lots)
    lots = np.array([leaf["lots"].get(lot.key, 0.0) for lot in problem.lots.lots])
    ids = [leaf["identities"].get(g.id, 0.0) for g in instance.previous][: len(problem.reach.kept)]
    shift, more = np.zeros(count), np.zeros(len(problem.rows))
    barred, constant = np.zeros(count, dtype=bool), 0.0
    branch_prices = leaf.get("branch_prices", [])
    assert len(branch_prices) == len(path)
    assert all(price >= 0 for price in [*lots, *ids, *branch_prices, leaf["budget"]])
    for (node, side), price in zip(path, branch_prices, strict=True):
        on = node["on"]
        if on["kind"] == "lot":
            k = next(k for k, lot in enumerate(problem.lots.lots) if lot.key == on["lot"])
            barred[k] |= side == "out"
            shift[k] -= price if side == "in" else 0.0
            continue
        kinds = problem.offers.types
        match = np.array(
            [
                on["solution"] in (None, kinds[r.type].solution)
                and on["hosting"] in (None, kinds[r.type].hosting)
                for r in problem.rows
            ]
        )
        more += match * (price if side == "high" else -price)
        constant += node["at"] * price if side == "low" else -(node["at"] + 1) * price
    grappes = leaf.get("grappes", 0.0)
    prices = Prices(lots, leaf["budget"], np.array(ids), grappes, branched=Branched(shift, more, barred, 0.0))
    best = Pricer(problem, rows.tolist()).best(prices) if len(rows) else np.zeros(0)
    mine: set[int] = set()
    unit = np.zeros(count)
    fixed: dict[int, float] = {}
    for r, value in zip(rows.tolist(), best, strict=True):
        row = problem.rows[r]
        own = [*row.items.tolist(), *([row.base_lot] if row.base_lot != NONE else [])]
        mine.update(own)
        if row.fixed != NONE:
            fixed[row.fixed] = max(fixed.get(row.fixed, -math.inf), float(value))
        elif value > 0:
            for lot in own:
                unit[lot] = max(unit[lot], float(value) / max(row.low, 1))
    inside = np.array(sorted(mine - set(np.flatnonzero(barred).tolist())), dtype=np.int64)
    total = float((lots + shift + unit * problem.offers.weight)[inside].sum()) + sum(ids) + constant
    total += leaf["budget"] * (problem.free_budget or 0) + grappes * (problem.free_grappes or 0)
    forced = {f.index for f in problem.reach.fixed if f.forced}
    due = must_appear(problem, Limits(5.0, 5.0, 1))[0]
    total += sum(v for k, v in fixed.items() if k in forced and v > -math.inf)
    optional = sorted((v for k, v in fixed.items() if k not in forced and v > -math.inf), reverse=True)
    total += sum(optional[:due]) + sum(max(v, 0.0) for v in optional[due:])
    return published(total, problem.step_of(sorted(mine), rows.tolist()))


def with_prices(node: Mapping[str, Any], price: Any) -> dict[str, Any]:
    """The same tree with every price of a lot or a decision replaced by ``price()``."""
    found = dict(node)
    if node["kind"] == "leaf":
        found["lots"] = {key: price() for key in node["lots"]}
        if "branch_prices" in node:
            found["branch_prices"] = [price() for _ in node["branch_prices"]]
    for side in ("low", "high", "out", "in"):
        if side in node:
            found[side] = with_prices(node[side], price)
    if "parts" in node:
        found["parts"] = [with_prices(part, price) for part in node["parts"]]
    return found
