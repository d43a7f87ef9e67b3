"""The compact model: which lots join which row, as one CP-SAT model over given rows.

Over all rows of a small component it is exact, and its proof may be tighter than the prices'. Over a few
rows and lots (a window) it is the move of the local search. One 0/1 variable per (lot, row) and per row;
no product, so that the linear relaxation is the strong one (``linearization_level`` 2).

When to modify: a constraint of the contract changes shape.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from solver.search.problem import NO_MAXIMUM, NONE, Column, Problem
from solver.search.rows import Row
from solver.search.types import MARCHE, PORTEUR, SMALL


@dataclass(frozen=True)
class Limits:
    """``seconds`` of wall clock (last stop), ``work`` in CP-SAT's deterministic seconds."""

    seconds: float
    work: float
    seed: int
    workers: int = 1


@dataclass(frozen=True)
class Question:
    """What to solve: lots and slots (rows, each used once), and what the rest of the proposal leaves.

    ``forced``: fixed grappes that must appear; ``at_least``: how many of ``optional`` fixed grappes must.
    ``budget``: euros left; ``grappes``: slots that may be used; ``hint``: columns to start from; ``taken``:
    previous ids used elsewhere.
    """

    lots: Sequence[int]
    slots: Sequence[int]
    budget: int | None = None
    hint: Sequence[Column] = ()
    forced: frozenset[int] = frozenset()
    optional: frozenset[int] = frozenset()
    at_least: int = 0
    taken: frozenset[int] = frozenset()
    grappes: int | None = None


@dataclass(frozen=True)
class Reply:
    """``bound`` is on the question's own objective; ``proven``: the columns are optimal for it."""

    columns: tuple[Column, ...] | None
    bound: float
    proven: bool


@dataclass
class _Slot:
    row: int
    used: cp_model.IntVar
    joined: dict[int, cp_model.IntVar] = field(default_factory=dict)
    funding: list[tuple[cp_model.IntVar, int]] = field(default_factory=list)


class CompactModel:
    """Builds and solves one question. ``funding`` is exact (not only bounded) when money is a constraint."""

    def __init__(self, problem: Problem, question: Question) -> None:
        self.problem = problem
        self.question = question
        self.model = cp_model.CpModel()
        self.exact_money = question.budget is not None
        self.inside = set(question.lots)
        self.slots: list[_Slot] = []
        for row in question.slots:
            for copy in range(self._copies(problem.rows[row])):
                self._add_slot(row, copy)
        self._each_lot_once()
        self._shared()
        self._objective()

    def _copies(self, row: Row) -> int:
        """A row with a porteur holds one grappe; one without holds as many as its lots can fill."""
        if row.porteur != NONE or row.identity != NONE:
            return 1
        offered = sum(int(self.problem.offers.weight[k]) for k in row.items if int(k) in self.inside)
        return max(0, offered // max(row.low, 1))

    def _add_slot(self, index: int, copy: int) -> None:
        row, model, offers = self.problem.rows[index], self.model, self.problem.offers
        if row.base_lot != NONE and row.base_lot not in self.inside:
            return
        items = [int(k) for k in row.items if int(k) in self.inside]
        slot = _Slot(index, model.new_bool_var(f"y{index}.{copy}"))
        for k in items:
            slot.joined[k] = model.new_bool_var(f"x{k}.{index}.{copy}")
            model.add(slot.joined[k] <= slot.used)  # linear: an implication weakens the relaxation
        weight = sum(int(offers.weight[k]) * x for k, x in slot.joined.items()) + row.base_weight * slot.used
        model.add(weight >= row.low * slot.used)
        if row.high < NO_MAXIMUM:
            model.add(weight <= row.high * slot.used)
        if copy and self.slots:
            model.add_implication(slot.used, self.slots[-1].used)
        self._money(slot, row, weight)
        self._keep_apart(slot, row)
        if row.porteur == NONE and not all(int(offers.flags[k]) & PORTEUR for k in items):
            model.add(sum(x for k, x in slot.joined.items() if int(offers.flags[k]) & PORTEUR) >= slot.used)
        self.slots.append(slot)

    def _money(self, slot: _Slot, row: Row, weight: cp_model.LinearExprT) -> None:
        offers, kind = self.problem.offers, row.type
        slot.funding = [(x, round(float(offers.value[kind, k]))) for k, x in slot.joined.items()]
        slot.funding.append((slot.used, round(row.base_value)))
        projet, marche = (round(a) for a in self.problem.supplement)
        if projet or marche:
            small = self._any(slot, row, SMALL)
            if small is not None:
                slot.funding.append((small, projet))
                trigger = self._any(slot, row, MARCHE) if marche else None
                if trigger is not None:
                    slot.funding.append((self._both(small, trigger), marche))
        full = self.problem.scale.full_rate_members
        if full is not None:
            self._full_rates(slot, row, weight, full)

    def _any(self, slot: _Slot, row: Row, flag: int) -> cp_model.IntVar | None:
        """A 0/1 variable: the grappe has a lot with this flag; None when it cannot."""
        if row.base_flags & flag:
            return slot.used
        holders = [x for k, x in slot.joined.items() if int(self.problem.offers.flags[k]) & flag]
        if not holders:
            return None
        if len(holders) == len(slot.joined) and row.base_weight < max(row.low, 1):
            return slot.used
        flagged = self.model.new_bool_var("")
        self.model.add(sum(holders) >= flagged)
        self.model.add(flagged <= slot.used)
        if self.exact_money:
            for x in holders:
                self.model.add_implication(x, flagged)
        return flagged

    def _both(self, one: cp_model.IntVar, other: cp_model.IntVar) -> cp_model.IntVar:
        if one is other:
            return one
        both = self.model.new_bool_var("")
        self.model.add(both <= one)
        self.model.add(both <= other)
        if self.exact_money:
            self.model.add_bool_or(both, ~one, ~other)
        return both

    def _full_rates(self, slot: _Slot, row: Row, weight: cp_model.LinearExprT, full: int) -> None:
        upper, lower = (round(a) for a in self.problem.offers.levels[row.type])
        slot.funding.append((self._at_most(slot, weight, full), lower))
        if upper > lower:
            counts = {k: int(self.problem.offers.high[row.type, k]) for k in slot.joined}
            high = sum(n * slot.joined[k] for k, n in counts.items()) + row.base_high * slot.used
            slot.funding.append((self._at_most(slot, high, full), upper - lower))

    def _at_most(self, slot: _Slot, count: cp_model.LinearExprT, cap: int) -> cp_model.IntVar:
        """min(count, cap), as an upper estimate unless money must be exact."""
        capped = self.model.new_int_var(0, cap, "")
        if self.exact_money:
            self.model.add_min_equality(capped, [count, cap])
        else:
            self.model.add(capped <= count)
            self.model.add(capped <= cap * slot.used)
        return capped

    def _keep_apart(self, slot: _Slot, row: Row) -> None:
        if not row.relaxed:
            return
        lots = self.problem.lots.lots
        for a, b in self.problem.instance.constraints.apart:
            side_a = [x for k, x in slot.joined.items() if a in lots[k].organismes]
            side_b = [x for k, x in slot.joined.items() if b in lots[k].organismes]
            if side_a and side_b:
                here = self.model.new_bool_var("")
                for x in side_a:
                    self.model.add_implication(x, here)
                for x in side_b:
                    self.model.add_implication(x, ~here)

    def _each_lot_once(self) -> None:
        uses: dict[int, list[cp_model.IntVar]] = {k: [] for k in self.inside}
        for slot in self.slots:
            for k, x in slot.joined.items():
                uses[k].append(x)
            base = self.problem.rows[slot.row].base_lot
            if base != NONE:
                uses[base].append(slot.used)
        for variables in uses.values():
            if len(variables) > 1:
                self.model.add_at_most_one(variables)
        self._no_more_than_fit()

    def _no_more_than_fit(self) -> None:
        """Grappes of at least the smallest size: as many as the lots can fill, rounded down."""
        free = [s for s in self.slots if self.problem.rows[s.row].fixed == NONE]
        lowest = min((self.problem.rows[s.row].low for s in free), default=0)
        if lowest > 1:
            offered = sum(int(self.problem.offers.weight[k]) for k in self.inside)
            self.model.add(sum(s.used for s in free) <= offered // lowest)

    def _shared(self) -> None:
        """Previous ids, fixed grappes, number and budget: what slots share beside lots."""
        by_identity: dict[int, list[cp_model.IntVar]] = {}
        by_fixed: dict[int, list[cp_model.IntVar]] = {}
        for slot in self.slots:
            row = self.problem.rows[slot.row]
            if row.identity != NONE:
                by_identity.setdefault(row.identity, []).append(slot.used)
            if row.fixed != NONE:
                by_fixed.setdefault(row.fixed, []).append(slot.used)
        for g, variables in by_identity.items():
            self.model.add(sum(variables) <= (0 if g in self.question.taken else 1))
        optional: list[cp_model.IntVar] = []
        for k, variables in by_fixed.items():
            if k in self.question.forced:
                self.model.add_exactly_one(variables)
            else:
                self.model.add_at_most_one(variables)
                optional += variables if k in self.question.optional else []
        if self.question.at_least:
            self.model.add(sum(optional) >= self.question.at_least)
        if self.question.grappes is not None:
            self.model.add(sum(s.used for s in self.slots) <= self.question.grappes)
        if self.question.budget is not None:
            self.model.add(sum(a * x for s in self.slots for x, a in s.funding) <= self.question.budget)

    def _objective(self) -> None:
        terms: list[cp_model.LinearExprT] = []
        for slot in self.slots:
            row = self.problem.rows[slot.row]
            if self.problem.covers:
                terms += [int(self.problem.offers.weight[k]) * x for k, x in slot.joined.items()]
                terms.append(row.base_weight * slot.used)
            else:
                terms += [a * x for x, a in slot.funding]
            if row.identity != NONE:
                kept, each = self.problem.reach.kept[row.identity], self.problem.stability
                terms += [each * int(kept[k]) * x for k, x in slot.joined.items() if kept[k]]
                terms.append(each * row.base_kept * slot.used)
        self.model.maximize(sum(terms))

    def add_hint(self) -> None:
        """Start from ``question.hint``; its columns must use rows among the slots."""
        waiting = list(self.question.hint)
        for slot in self.slots:
            found = next((c for c in waiting if c.row == slot.row), None)
            if found is not None:
                waiting.remove(found)
            chosen = set(found.lots) if found is not None else set()
            self.model.add_hint(slot.used, found is not None)
            for k, x in slot.joined.items():
                self.model.add_hint(x, k in chosen)

    def solve(self, limits: Limits, should_stop: Callable[[], bool]) -> Reply:
        """Solve within the limits; ``should_stop`` is asked about ten times a second."""
        solver = cp_model.CpSolver()
        solver.parameters.num_workers = limits.workers
        solver.parameters.random_seed = limits.seed % (2**31 - 1)
        solver.parameters.linearization_level = 2
        solver.parameters.max_time_in_seconds = max(limits.seconds, 0.01)
        solver.parameters.max_deterministic_time = limits.work
        solver.parameters.catch_sigint_signal = False
        if self.question.hint:
            self.add_hint()
        with _Watched(solver, should_stop):
            status = solver.solve(self.model)
        if status == cp_model.INFEASIBLE:
            return Reply(None, float("-inf"), True)
        bound = (
            solver.best_objective_bound if status in (cp_model.OPTIMAL, cp_model.FEASIBLE) else float("inf")
        )
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return Reply(None, bound, False)
        columns = tuple(
            self.problem.column(slot.row, [k for k, x in slot.joined.items() if solver.boolean_value(x)])
            for slot in self.slots
            if solver.boolean_value(slot.used)
        )
        reached = solver.objective_value >= bound - 0.5
        return Reply(columns, bound, status == cp_model.OPTIMAL and reached)


class _Watched:
    """While inside, asks ``should_stop`` and passes it on to CP-SAT, again until the search has ended.

    A stop asked before the search has started is lost (google/or-tools issue 3621), hence the repetition.
    """

    def __init__(self, solver: cp_model.CpSolver, should_stop: Callable[[], bool]) -> None:
        self.solver, self.should_stop = solver, should_stop
        self.ended = threading.Event()
        self.thread = threading.Thread(target=self._watch, daemon=True)

    def _watch(self) -> None:
        stop = False
        while not self.ended.wait(0.1):
            stop = stop or self.should_stop()
            if stop:
                self.solver.stop_search()

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        self.thread.join()


def answer(
    problem: Problem, question: Question, limits: Limits, should_stop: Callable[[], bool] = lambda: False
) -> Reply:
    """Build and solve one question."""
    begun = time.monotonic()
    model = CompactModel(problem, question)
    spent = time.monotonic() - begun
    return model.solve(Limits(limits.seconds - spent, limits.work, limits.seed, limits.workers), should_stop)


def entries(problem: Problem, slots: Sequence[int], lots: Sequence[int]) -> int:
    """Number of (lot, row) variables that the model would have."""
    inside = np.zeros(len(problem.lots.lots), dtype=bool)
    inside[list(lots)] = True
    return int(sum(inside[problem.rows[r].items].sum() for r in slots))
