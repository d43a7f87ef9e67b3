"""The best packing that known columns make, by CP-SAT: quick where few columns are any good.

When to modify: a constraint links columns in one more way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ortools.sat.python import cp_model

from solver.search.compact import Limits, watched
from solver.search.components import Component
from solver.search.problem import NONE, Column, Problem


def packed(
    problem: Problem,
    component: Component,
    columns: Sequence[Column],
    limits: Limits,
    should_stop: Callable[[], bool],
) -> tuple[Column, ...] | None:
    """The best set of these columns that the component allows; None when none was found within the limits."""
    model = cp_model.CpModel()
    uses = [model.new_bool_var("") for _ in columns]
    shared: dict[tuple[str, int], list[cp_model.IntVar]] = {}
    optional: list[cp_model.IntVar] = []
    for column, use in zip(columns, uses, strict=True):
        row = problem.rows[column.row]
        for k in column.lots:
            shared.setdefault(("lot", k), []).append(use)
        if row.identity != NONE:
            shared.setdefault(("identity", row.identity), []).append(use)
        if row.fixed != NONE:
            shared.setdefault(("fixed", row.fixed), []).append(use)
            if row.fixed in component.optional:
                optional.append(use)
    for (kind, k), some in shared.items():
        if kind == "fixed" and k in component.forced:
            model.add_exactly_one(some)
        elif len(some) > 1:
            model.add_at_most_one(some)
    if component.at_least:
        model.add(sum(optional) >= component.at_least)
    if any(("fixed", k) not in shared for k in component.forced):
        return None
    if component.budget is not None:
        money = sum(c.funding * use for c, use in zip(columns, uses, strict=True))
        model.add(money <= component.budget)
    if component.grappes is not None:
        model.add(sum(uses) <= component.grappes)
    model.maximize(sum(c.value * use for c, use in zip(columns, uses, strict=True)))
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = limits.workers
    solver.parameters.random_seed = limits.seed % (2**31 - 1)
    solver.parameters.max_time_in_seconds = limits.seconds
    solver.parameters.max_deterministic_time = limits.work
    solver.parameters.catch_sigint_signal = False
    status = watched(solver, model, should_stop)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return None
    return tuple(c for c, use in zip(columns, uses, strict=True) if solver.boolean_value(use))
