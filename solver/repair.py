"""Repair: an answer near an earlier one, and a proof of how few moves anyone needs.

A *move* is an ESMS that must be told something new: one of ``previous`` that leaves, or whose grappe carries
another id, and one that enters without having been in ``previous``. Each move is priced at ``weight`` euros
(``stability_eur_per_esms`` pays those who stay, which is the same but for those who enter).

For a weight w >= 0, let B(w) bound funding + w * kept - w * entered over all valid proposals, where kept and
entered count ESMS. A proposal of funding V or more with m moves has kept = earlier - (m - entered), hence

    V - w * m <= B(w) - w * earlier        so        m >= earlier - (B(w) - V) / w

This is a Lagrangian bound: every w gives a valid one. B(w) comes from prices, priced exactly, like any other
bound of the search; who enters costs w in the pricing.

When to modify: what counts as a move changes.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from solver.document.parameters import parameters_document
from solver.instance import Grappe, Instance
from solver.judge.disagreements import grappe_of
from solver.proposal import Progress
from solver.scale import Scale
from solver.search.bound import ABSOLUTE_MARGIN, RELATIVE_MARGIN
from solver.search.compact import Limits
from solver.search.components import split
from solver.search.fixed import must_appear
from solver.search.generation import Generation
from solver.search.outside import outside
from solver.search.plan import grappes_of, objective_of
from solver.search.pricing import Pricer, Prices
from solver.search.problem import Column, Problem, state
from solver.solve import solve
from solver.vocabulary import Need, Objective

REPAIR_FORMAT = "matchmaker-repair/1"
USUAL_WEIGHT_EUR = 5_000
_SOLVING = 0.7  # of the time; the rest proves how few moves anyone needs
_WEIGHTS = (1.0, 2.0, 0.5)  # times the weight: what is tried for the proof

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Moves:
    """ESMS of ``previous`` that ``left`` or ``changed`` grappe, and those that ``entered``."""

    left: int
    changed: int
    entered: int

    @property
    def total(self) -> int:
        return self.left + self.changed + self.entered


def moves_of(instance: Instance, grappes: Sequence[Grappe]) -> Moves:
    """The moves from ``instance.previous`` to these grappes."""
    home = {m: g.id for g in instance.previous for m in g.members}
    now = {m: g.id for g in grappes for m in g.members}
    return Moves(
        left=sum(m not in now for m in home),
        changed=sum(m in now and now[m] != id_ for m, id_ in home.items()),
        entered=sum(m not in home for m in now),
    )


def question_of(instance: Instance, weight_eur: int | None = None) -> tuple[Instance, int]:
    """(the instance with its stability set, the weight): as given, else its own, else the usual one.

    Raises ValueError where nothing can be repaired: no previous grappe, or ESMS are counted and not money.
    """
    if not instance.previous:
        raise ValueError("previous: nothing to repair, there is no earlier proposal")
    if instance.parameters.objective is Objective.COVERAGE:
        raise ValueError("parameters.objective: a move is weighed in euros, coverage has none")
    own = instance.parameters.stability_eur_per_esms
    weight = weight_eur if weight_eur is not None else own or USUAL_WEIGHT_EUR
    if weight < 1:
        raise ValueError("the weight of a move is 1 euro or more")
    return replace(instance, parameters=replace(instance.parameters, stability_eur_per_esms=weight)), weight


def repair(
    instance: Instance,
    scale: Scale,
    *,
    weight_eur: int | None = None,
    time_limit_s: float,
    seed: int = 0,
    threads: int = 1,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> dict[str, Any]:
    """The repaired proposal with its moves and their lower bound, as a document (docs/solver-formats.md).

    ``time_limit_s``: seconds for all. Raises ValueError as ``question_of``, JudgeDisagrees as ``solve``.
    """
    begun = time.monotonic()
    stop = should_stop or (lambda: False)
    question, weight = question_of(instance, weight_eur)
    proposal = solve(
        question,
        scale,
        time_limit_s=_SOLVING * time_limit_s,
        seed=seed,
        threads=threads,
        on_progress=on_progress,
        should_stop=stop,
        start=question.previous,
    )
    moves = moves_of(question, [grappe_of(g) for g in proposal["grappes"]])
    least, proofs = least_moves(
        question,
        scale,
        proposal["funding_eur"],
        weight,
        begun + time_limit_s,
        known=proposal["upper_bound"],
        should_stop=stop,
        seed=seed,
    )
    return {
        "format": REPAIR_FORMAT,
        "weight_eur": weight,
        "funding_eur": proposal["funding_eur"],
        "moves": {
            "total": moves.total,
            "left": moves.left,
            "changed": moves.changed,
            "entered": moves.entered,
        },
        "moves_at_least": least,
        "proofs": [{"weight_eur": w, "bound": bound} for w, bound in proofs],
        "parameters": parameters_document(question.parameters),
        "proposal": proposal,
        "wall_time_s": round(time.monotonic() - begun, 3),
    }


def least_moves(
    instance: Instance,
    scale: Scale,
    value_eur: int,
    weight_eur: int,
    deadline: float,
    *,
    known: int | None = None,
    should_stop: Callable[[], bool] = lambda: False,
    seed: int = 0,
) -> tuple[int, list[tuple[int, int]]]:
    """How many moves every valid proposal of funding ``value_eur`` or more needs, and the (w, B(w)) tried.

    ``deadline``: a value of ``time.monotonic()``; the first weight is tried at least roughly, whatever it is,
    unless ``known`` says something already: a bound of funding + ``weight_eur`` * kept that the caller has
    (those who enter only lower it).
    """
    earlier = len({m for g in instance.previous for m in g.members})
    least, proofs = _gone(instance), []
    for k, factor in enumerate(_WEIGHTS):
        late = should_stop() or time.monotonic() >= deadline
        if k and late:
            break
        w = max(1, round(factor * weight_eur))
        if late and known is not None:
            bound = known
        else:
            asked = replace(instance, parameters=replace(instance.parameters, stability_eur_per_esms=w))
            until = time.monotonic() + (deadline - time.monotonic()) / (len(_WEIGHTS) - k)
            bound = bound_of(asked, scale, until, should_stop=should_stop, seed=seed)
            if w == weight_eur and known is not None:
                bound = min(bound, known)
        proofs.append((w, bound))
        least = max(least, math.ceil(earlier - (bound - value_eur) / w))
    return least, proofs


def _gone(instance: Instance) -> int:
    """ESMS of ``previous`` that nobody can place any more: every proposal has these moves."""
    never = instance.constraints.excluded | {e.id for e in instance.esms if e.need is Need.AUCUN}
    return len(never.intersection(m for g in instance.previous for m in g.members))


def bound_of(
    instance: Instance,
    scale: Scale,
    deadline: float,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    seed: int = 0,
) -> int:
    """B(w) of the module's text, w the instance's stability: whole euros, rounded up."""
    problem = state(instance, scale)
    entering = _entering(problem)
    w = problem.stability
    at_least, _ = must_appear(problem, Limits(max(1.0, deadline - time.monotonic()), 60.0, seed))
    total = float(objective_of(instance, scale, grappes_of(problem, [])) - w * _entered_anyway(problem))
    components = split(problem, at_least)
    weight = [len(c.rows) for c in components]
    for k, component in enumerate(components):
        pricer = _EntryPricer(Pricer(problem, component.rows.tolist()), w, entering)
        anyway = np.maximum(outside(problem, component).worth - w * entering, 0.0)[component.lots]
        generation = Generation(problem, component, pricer, anyway=anyway)
        pool, bound = generation.start([])
        left = deadline - time.monotonic()
        until = time.monotonic() + left * weight[k] / sum(weight[k:])
        if left > 0 and not should_stop():
            bound = generation.run(pool, bound, should_stop, until, lambda better: None).bound
        total += bound.value
    return math.ceil(total + abs(total) * RELATIVE_MARGIN + ABSOLUTE_MARGIN)


def _entering(problem: Problem) -> Ints:
    """Per lot, its ESMS that were in no previous grappe."""
    known = {m for g in problem.instance.previous for m in g.members}
    esms = problem.lots.esms
    return np.array(
        [sum(esms[i].id not in known for i in lot.members) for lot in problem.lots.lots], np.int64
    )


def _entered_anyway(problem: Problem) -> int:
    """ESMS of fixed grappes that appear in every proposal and were in no previous grappe."""
    known = {m for g in problem.instance.previous for m in g.members}
    fixed = problem.instance.constraints.fixed_grappes
    present = [*problem.reach.settled, *(f.index for f in problem.reach.fixed if f.forced)]
    return sum(m not in known for k in present for m in fixed[k].members)


class _EntryPricer(Pricer):
    """A pricer for which each ESMS that enters costs ``w``: as if its lot's price were that much higher."""

    def __init__(self, inner: Pricer, w: int, entering: Ints) -> None:
        self.__dict__.update(inner.__dict__)
        self._cost = w * entering

    def _dearer(self, prices: Prices) -> Prices:
        return replace(prices, lots=prices.lots + self._cost)

    def best(self, prices: Prices) -> npt.NDArray[np.float64]:
        return super().best(self._dearer(prices))

    def columns(self, prices: Prices, rows: Sequence[int], ends_per_row: int = 1) -> list[Column]:
        found = super().columns(self._dearer(prices), rows, ends_per_row)
        return [replace(c, value=c.value - int(self._cost[list(c.lots)].sum())) for c in found]
