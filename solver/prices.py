"""The price of each rule: how much more the best plan would be worth without it, checked by solving again.

Of a question and of the same question with one rule relaxed only values V, V' and bounds B, B' are known,
with V <= optimum <= B. So the price, the difference of the two optima, lies between V' - B and B' - V; where
every plan of the question is a plan of the relaxed one, it is never negative, and every B' bounds the
question too. What lies within the gaps is said to be undecided.

A longer search finds more under any rules. So the question itself is searched once more first, as long as
each relaxed one and from the same plan: what it finds is what no rule has cost.

When to modify: a price is stated otherwise. Which rules there are: ``solver.explain.relaxations``.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from solver.explain.relaxations import Relaxation, Rule, relaxations
from solver.instance import Grappe, Instance
from solver.judge.disagreements import grappe_of
from solver.proposal import Progress
from solver.scale import Scale
from solver.search import KnownPrices
from solver.search.known_prices import of_certificate
from solver.solve import solve, versions
from solver.vocabulary import Objective

PRICES_FORMAT = "matchmaker-prices/1"
_FIRST_SHARE = 3.0  # the question has the time of so many relaxations: every price counts on its bound

Document = Mapping[str, Any]
_FIGURES = ("objective_value", "upper_bound", "funding_eur", "esms_placed")


@dataclass(frozen=True, slots=True)
class PriceProgress:
    """Progress of the solve under way, ``done`` of ``total`` being over.

    ``relaxation`` None: the question itself."""

    done: int
    total: int
    relaxation: Relaxation | None
    search: Progress


@dataclass(frozen=True, slots=True)
class Solved:
    """A relaxation with its proposal, accepted by the judge."""

    relaxation: Relaxation
    proposal: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Price:
    """Between what and what the price lies; ``gained``: what the relaxed plan found is worth more than the
    plan of the question (less, when negative), be it the rule's doing or the longer search's."""

    at_least: int
    at_most: int
    gained: int


def prices(
    instance: Instance,
    scale_of: Callable[[Instance], Scale],
    *,
    time_limit_s: float,
    seed: int = 0,
    threads: int = 1,
    known: Document | None = None,
    on_progress: Callable[[PriceProgress], None] | None = None,
    on_solved: Callable[[Solved], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    start: Sequence[Grappe] = (),
) -> dict[str, Any]:
    """The prices of the rules of an instance as a document (docs/solver-formats.md).

    ``known``: a proposal of the instance whose bound is trusted, so that it is not solved again. ``start``:
    grappes to begin with otherwise. ``time_limit_s`` seconds are shared among the solves; once
    ``should_stop()``, the one under way ends with the best it has and the others are not begun.
    Raises ``solver.solve.JudgeDisagrees`` as ``solve`` does.
    """
    begun = time.monotonic()
    stop = should_stop or (lambda: False)
    total, done = 1, 0

    def answer(
        relaxation: Relaxation | None,
        begin: Sequence[Grappe],
        seconds: float,
        known: KnownPrices | None = None,
    ) -> dict[str, Any]:
        asked = instance if relaxation is None else relaxation.instance

        def tell(progress: Progress) -> None:
            if on_progress is not None:
                on_progress(PriceProgress(done, total, relaxation, progress))

        return solve(
            asked,
            scale_of(asked),
            time_limit_s=max(seconds, 0.1),
            seed=seed,
            threads=threads,
            on_progress=tell,
            should_stop=stop,
            start=begin,
            known=known,
            brief=relaxation is not None or known is not None,
        )

    def left() -> float:
        return time_limit_s - (time.monotonic() - begun)

    # how many rules there are hardly depends on the plan: enough to share the time
    total = 2 + len(relaxations(instance, scale_of, ()))
    base = dict(known) if known is not None else None
    if base is None:
        base = answer(None, start, left() * _FIRST_SHARE / (_FIRST_SHARE + total - 1))
    done = 1
    found: list[Solved] = []
    wanted = relaxations(instance, scale_of, _grappes(base))
    total = 2 + len(wanted)
    best = again = base
    if base["upper_bound"] > base["objective_value"] and not stop():
        near = of_certificate(instance, base["certificate"])
        again = answer(None, _grappes(base), left() / (total - done), near)
        best = max(base, again, key=lambda p: int(p["objective_value"]))
    near = of_certificate(instance, min(again, base, key=lambda p: int(p["certified_bound"]))["certificate"])
    done = 2
    for relaxation in wanted:
        if stop():
            break
        begin = _start(relaxation, best, found)
        found.append(Solved(relaxation, answer(relaxation, begin, left() / (total - done), near)))
        done += 1
        if on_solved is not None:
            on_solved(found[-1])
    question = Question(base, again, _bound([base, again], found))
    return {
        "format": PRICES_FORMAT,
        "complete": len(found) == len(wanted),
        "unit": "esms" if instance.parameters.objective is Objective.COVERAGE else "eur",
        "asked": {
            "value": base["objective_value"],
            "upper_bound": question.bound,
            "again": {key: again[key] for key in _FIGURES} | {"grappes": len(again["grappes"])},
            "proposal": base,
        },
        "prices": [_document(question, one) for one in found],
        "wall_time_s": round(time.monotonic() - begun, 3),
        "seed": seed,
        "threads": threads,
        "solver": versions(),
    }


def _grappes(proposal: Document) -> tuple[Grappe, ...]:
    return tuple(grappe_of(g) for g in proposal["grappes"])


def _start(relaxation: Relaxation, base: Document, found: Sequence[Solved]) -> tuple[Grappe, ...]:
    """The best plan known that the relaxed question allows: the present one, or that of a smaller step."""
    steps = [one for one in found if one.relaxation.rule is relaxation.rule and _is_step(one, relaxation)]
    best = max((one.proposal for one in steps), key=lambda p: int(p["objective_value"]), default=base)
    return relaxation.start_from(_grappes(best))


def _is_step(solved: Solved, relaxation: Relaxation) -> bool:
    """Whether a plan of the one is surely a plan of the other: both wider, the second given up wholly."""
    smaller = solved.relaxation
    if not (smaller.wider and relaxation.wider):
        return False
    if relaxation.rule in (Rule.TOGETHER, Rule.APART):
        return all(pair in relaxation.value for pair in smaller.value)
    return relaxation.value is None or relaxation.value == "none"


def _bound(own: Sequence[Document], found: Sequence[Solved]) -> int:
    """No plan of the question is worth more: its own bounds, or that of a wider question."""
    wider = [one.proposal for one in found if one.relaxation.wider]
    return min(int(proposal["upper_bound"]) for proposal in (*own, *wider))


@dataclass(frozen=True, slots=True)
class Question:
    """What is known of the question: the plan at hand, what a search as long as the others found from there
    under the same rules (the plan itself where it is proven best), the best bound of all."""

    plan: Document
    again: Document
    bound: int

    @property
    def best(self) -> int:
        """What the question is worth at least."""
        return max(int(self.plan["objective_value"]), int(self.again["objective_value"]))


def price_of(question: Question, solved: Solved) -> Price:
    """Between what and what the price of one rule lies, given every solve there was.

    Without stability the objective is another: what the plan gives up for it is told, in funding.
    """
    proposal, relaxation = solved.proposal, solved.relaxation
    value, bound = int(proposal["objective_value"]), int(proposal["upper_bound"])
    if relaxation.rule is Rule.STABILITY:
        present = int(question.plan["funding_eur"])
        return Price(max(0, value - present), bound - present, value - present)
    at_least = value - question.bound
    if relaxation.wider:
        at_least, bound = max(0, at_least), max(bound, question.best)
    return Price(at_least, bound - question.best, value - int(question.plan["objective_value"]))


def _document(question: Question, solved: Solved) -> dict[str, Any]:
    price = price_of(question, solved)
    return {
        "rule": solved.relaxation.rule.value,
        "value": solved.relaxation.value,
        "wider": solved.relaxation.wider,
        "at_least": price.at_least,
        "at_most": price.at_most,
        "gained": price.gained,
        "proposal": solved.proposal,
    }
