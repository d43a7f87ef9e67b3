"""Fixed grappes that can still grow: how many of them can appear, and a first way to do it.

When to modify: the reading of ``extendable`` changes (see docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ortools.sat.python import cp_model

from solver.search.compact import CompactModel, Limits, Question
from solver.search.pricing import HaltedError
from solver.search.problem import NONE, Column, Problem


def must_appear(
    problem: Problem, limits: Limits, should_stop: Callable[[], bool] = lambda: False
) -> tuple[int, list[Column]]:
    """How many of the optional fixed grappes can appear together, and columns for them and the forced ones.

    What is known once ``should_stop`` or the limits end the count is a lower number, which is as valid.

    Raises
    ------
    HaltedError
        It has ended before any way was found.
    ValueError
        The forced fixed grappes cannot all appear (the instance should have been refused).
    """
    fixed = problem.reach.fixed
    if not fixed:
        return 0, []
    rows = [r for r, row in enumerate(problem.rows) if row.fixed != NONE]
    whole = _as_given(problem, rows)
    if whole is not None:
        return 0, whole
    lots = sorted({int(k) for r in rows for k in problem.rows[r].items})
    forced = frozenset(f.index for f in fixed if f.forced)
    optional = frozenset(f.index for f in fixed if not f.forced)
    question = Question(lots, rows, problem.free_budget, (), forced, optional)
    model = CompactModel(problem, question)
    model.model.maximize(
        sum(s.used for s in model.slots if problem.rows[s.row].fixed in optional)
        if optional
        else cp_model.LinearExpr.constant(0)
    )
    reply = model.solve(limits, should_stop)
    if reply.columns is None and not reply.proven:
        raise HaltedError
    if reply.columns is None:
        raise ValueError("the fixed grappes cannot all appear")
    present = sum(problem.rows[c.row].fixed in optional for c in reply.columns)
    return present, list(reply.columns)


def _as_given(problem: Problem, rows: Sequence[int]) -> list[Column] | None:
    """All fixed grappes as they are given, where each stands by itself; None where one must grow."""
    found: dict[int, Column] = {}
    for r in rows:
        row, column = problem.rows[r], problem.column(r, ())
        # Without an id of its own it takes none here: two could not carry the same.
        if problem.allowed(column) and (row.fixed not in found or row.identity == NONE):
            found[row.fixed] = column
    return list(found.values()) if len(found) == len(problem.reach.fixed) else None
