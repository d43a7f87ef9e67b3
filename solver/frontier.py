"""The frontier: what money, ESMS placed, number of grappes, slack and distance cost one another.

Pure funding forms as many grappes of the minimum size as it can, since some amounts are paid once per grappe.
Each point of the frontier is the answer to the same instance with one parameter tightened (fewer grappes,
more slack, a shorter radius) or with the other objective: a whole valid proposal with a bound of its own.
Points that another point beats in everything are left out.

When to modify: another quantity is traded, or another parameter moves along the frontier.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

from solver.document.parameters import parameters_document
from solver.instance import Grappe, Instance, Parameters
from solver.judge.disagreements import grappe_of
from solver.proposal import Progress
from solver.scale import Scale
from solver.search.known_prices import of_certificate
from solver.solve import solve, versions
from solver.vocabulary import Objective

FRONTIER_FORMAT = "matchmaker-frontier/1"
FEWEST_POINTS, USUAL_POINTS, MOST_POINTS = 2, 8, 24
_FIRST_SHARE = 2.0  # the point as asked has the time of so many others: they start from it
_LAST_SHARE = 1.0  # kept to answer the first question again where a later answer is worth more to it
_SLACKS = (1, 2, 3, 5, 8, 12, 17, 25, 33)
_METRES = 1e-3
_WHOLE_KM = 10.0

Document = Mapping[str, Any]


class Axis(StrEnum):
    """What a point changes in the instance."""

    ASKED = "asked"  # nothing
    GRAPPES = "grappes"  # max_grappes
    SLACK = "slack"  # min_slack
    RADIUS = "radius"  # max_radius_km
    COVERAGE = "coverage"  # the objective


@dataclass(frozen=True, slots=True)
class Criteria:
    """What a plan is weighed by. ``slack``: ESMS beyond its minimum of the tightest grappe formed, None when
    none is; ``mean_distance_km``: from the porteur, over the ESMS placed."""

    funding_eur: int
    esms_placed: int
    grappes: int
    slack: int | None
    mean_distance_km: float

    def dominates(self, other: Criteria) -> bool:
        """Whether this plan is at least as good in everything, and better in something."""
        mine, theirs = self._goods(), other._goods()
        return mine != theirs and all(a >= b for a, b in zip(mine, theirs, strict=True))

    def _goods(self) -> tuple[float, ...]:
        slack = float("inf") if self.slack is None else self.slack
        km = round(self.mean_distance_km / _METRES)
        return self.funding_eur, self.esms_placed, -self.grappes, slack, -km


@dataclass(frozen=True, slots=True)
class Step:
    """One question of the frontier: ``value`` is what the axis is set to; None: nothing to say."""

    axis: Axis
    value: float | None
    parameters: Parameters


@dataclass(frozen=True, slots=True)
class Point:
    """A step answered; ``proposal`` is the document of the answer, accepted by the judge."""

    step: Step
    criteria: Criteria
    proposal: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PointProgress:
    """Progress of the point under way, ``done`` of ``total`` points being over."""

    done: int
    total: int
    step: Step
    search: Progress


def frontier(
    instance: Instance,
    scale: Scale,
    *,
    points: int = USUAL_POINTS,
    time_limit_s: float,
    seed: int = 0,
    threads: int = 1,
    on_progress: Callable[[PointProgress], None] | None = None,
    on_point: Callable[[Point], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    start: Sequence[Grappe] = (),
) -> dict[str, Any]:
    """The frontier of an instance as a document (docs/solver-formats.md), with at most ``points`` points.

    ``time_limit_s`` seconds are shared among the points. ``on_point`` hears of each answer as it comes. Once
    ``should_stop()``, the point under way ends with the best it has, and the others are not begun. ``start``:
    grappes that the first point begins with.
    Raises ``solver.solve.JudgeDisagrees`` as ``solve`` does, ValueError for a number of points out of bounds.
    """
    if not FEWEST_POINTS <= points <= MOST_POINTS:
        raise ValueError(f"{points} points: from {FEWEST_POINTS} to {MOST_POINTS}")
    begun = time.monotonic()
    stop = should_stop or (lambda: False)
    found: list[Point] = []
    steps = [Step(Axis.ASKED, None, instance.parameters)]
    total = points

    def answer(step: Step, begin: Sequence[Grappe], seconds: float, done: int) -> Point:
        return _answer(
            replace(instance, parameters=step.parameters),
            scale,
            step,
            found,
            begin,
            time_limit_s=max(seconds, 0.1),
            seed=seed,
            threads=threads,
            on_progress=_telling(on_progress, done, total, step),
            should_stop=stop,
        )

    while len(found) < len(steps) and not (found and stop()):
        step = steps[len(found)]
        left = time_limit_s - (time.monotonic() - begun)
        weight = 1.0 if found else _FIRST_SHARE
        share = left * weight / (weight + total - len(found) - 1 + _LAST_SHARE)
        point = answer(step, start, share, len(found))
        found.append(point)
        if on_point is not None:
            on_point(point)
        if len(found) == 1:
            steps += next_steps(instance, point, points)
            total = len(steps)
    if _surpassed(instance, found) and not stop():
        found[0] = answer(steps[0], start, time_limit_s - (time.monotonic() - begun), total - 1)
    kept, beaten = undominated(found)
    return {
        "format": FRONTIER_FORMAT,
        "complete": len(found) == len(steps),
        "points": [_point_document(k, point) for k, point in enumerate(kept, 1)],
        "dominated": [_step_document(point) | {"by": f"P{kept.index(by) + 1}"} for point, by in beaten],
        "wall_time_s": round(time.monotonic() - begun, 3),
        "seed": seed,
        "threads": threads,
        "solver": versions(),
    }


def _surpassed(instance: Instance, found: Sequence[Point]) -> bool:
    """Whether a later answer is worth more than the first to the question as asked: it is valid there too."""
    asked = instance.parameters
    if asked.stability_eur_per_esms:
        return False

    def worth(point: Point) -> int:
        covers = asked.objective is Objective.COVERAGE
        return point.criteria.esms_placed if covers else point.criteria.funding_eur

    return any(worth(point) > worth(found[0]) for point in found[1:])


def question_of(instance_document: Document, point_document: Document) -> dict[str, Any]:
    """The instance document that a point of a frontier answers: its proposal is judged against this one."""
    return {**instance_document, "parameters": dict(point_document["parameters"])}


def undominated(points: Sequence[Point]) -> tuple[list[Point], list[tuple[Point, Point]]]:
    """(points that no other beats, the others each with a kept point that is at least as good).

    Of plans that weigh the same the first is kept. Funding falls along the first list.
    """
    kept: list[Point] = []
    for point in points:
        rivals = [p for p in points if p is not point]
        if any(p.criteria.dominates(point.criteria) for p in rivals):
            continue
        if all(p.criteria != point.criteria for p in kept):
            kept.append(point)
    kept.sort(key=lambda p: (-p.criteria.funding_eur, -p.criteria.esms_placed, p.criteria.grappes))
    beaten = []
    for point in points:
        if any(p is point for p in kept):
            continue
        by = next(p for p in kept if p.criteria == point.criteria or p.criteria.dominates(point.criteria))
        beaten.append((point, by))
    return kept, beaten


# which points -----------------------------------------------------------------------------------------


def next_steps(instance: Instance, first: Point, points: int) -> list[Step]:
    """The steps after the first answer, at most ``points - 1``, from the least change of each axis on."""
    asked, wanted = instance.parameters, points - 1
    steps: list[Step] = []
    if wanted >= 3 and asked.objective is Objective.FUNDING and not asked.stability_eur_per_esms:
        steps.append(Step(Axis.COVERAGE, None, replace(asked, objective=Objective.COVERAGE)))
    left = wanted - len(steps)
    fewer = -(-left // 2)
    slacker = -(-(left - fewer) // 2)
    numbers = _numbers(instance, first, fewer)
    slacks = _slacks(instance, first, slacker)
    radii = _radii(asked, first, left - fewer - slacker)
    steps += [Step(Axis.RADIUS, r, replace(asked, max_radius_km=r)) for r in radii]
    steps += [Step(Axis.SLACK, s, replace(asked, min_slack=s)) for s in slacks]
    steps += [Step(Axis.GRAPPES, n, replace(asked, max_grappes=n)) for n in numbers]
    return steps


def _numbers(instance: Instance, first: Point, count: int) -> list[int]:
    """Numbers of grappes from one below those of the first point to the fewest that could hold its ESMS."""
    fixed = len(instance.constraints.fixed_grappes)
    now = first.criteria.grappes
    largest = max((g["size"] for g in first.proposal["grappes"]), default=1)
    most = instance.parameters.max_size or max(largest, 49)
    fewest = max(fixed, 1, -(-first.criteria.esms_placed // most))
    found = [now - round((now - fewest) * k / count) for k in range(1, count + 1)] if count else []
    return sorted({n for n in found if fewest <= n < now}, reverse=True)


def _slacks(instance: Instance, first: Point, count: int) -> list[int]:
    base = first.criteria.slack
    if base is None:
        return []
    return [s for s in _SLACKS if s > max(base, instance.parameters.min_slack)][:count]


def _radii(asked: Parameters, first: Point, count: int) -> list[float]:
    """Shorter radii, in equal parts of the longest distance of the first point: whole km from 10 km on."""
    longest = max((g["radius_km"] for g in first.proposal["grappes"]), default=0.0)
    parts = (longest * (1 - k / (count + 1)) for k in range(1, count + 1))
    found = [float(round(r)) if r >= _WHOLE_KM else round(r, 1) for r in parts]
    bounded = [r for r in found if r > 0 and (asked.max_radius_km is None or r < asked.max_radius_km)]
    return [r for r, after in pairwise([*bounded, 0.0]) if r != after]


# answers ----------------------------------------------------------------------------------------------


def _answer(
    instance: Instance,
    scale: Scale,
    step: Step,
    known: Sequence[Point],
    first: Sequence[Grappe],
    **options: Any,
) -> Point:
    """Solve one step from the best of what the points before have in common with it."""
    starts = [_still_valid(instance, scale, point) for point in known]
    start = max(starts, key=lambda s: s[0], default=(0, tuple(first)))[1]
    near = _nearest(step, known)
    prices = None if near is None else of_certificate(instance, near.proposal["certificate"])
    proposal = solve(instance, scale, start=start, known=prices, **options)
    return Point(step, criteria_of(instance, scale, proposal), proposal)


def _nearest(step: Step, known: Sequence[Point]) -> Point | None:
    """The point whose prices the bound of this one begins with: the last of its axis, else the first of all.

    Prices in ESMS say nothing of euros.
    """
    alike = [p for p in known if p.step.parameters.objective is step.parameters.objective]
    return next((p for p in reversed(alike) if p.step.axis is step.axis), alike[0] if alike else None)


def _still_valid(instance: Instance, scale: Scale, point: Point) -> tuple[int, tuple[Grappe, ...]]:
    """(worth, grappes) of an earlier plan that the tightened parameters allow, the best ones first."""
    asked = instance.parameters
    covers = asked.objective is Objective.COVERAGE
    fixed = {f.members[0] for f in instance.constraints.fixed_grappes}
    found = []
    for document in point.proposal["grappes"]:
        own = not fixed.isdisjoint(document["members"])
        if asked.max_radius_km is not None and document["radius_km"] > asked.max_radius_km:
            continue
        if not own and _slack_of(instance, scale, document) < _due_slack(asked, scale, document):
            continue
        worth = document["size"] if covers else document["funding_eur"]
        found.append((own, worth, grappe_of(document)))
    found.sort(key=lambda one: (not one[0], -one[1], one[2].id))
    found = found[: asked.max_grappes]
    return sum(worth for _, worth, _ in found), tuple(g for _, _, g in found)


def _due_slack(asked: Parameters, scale: Scale, grappe: Document) -> int:
    most = asked.max_size or scale.max_size
    return 0 if most is not None and grappe["size"] >= most else asked.min_slack


def _slack_of(instance: Instance, scale: Scale, grappe: Document) -> int:
    """ESMS of a grappe beyond its minimum."""
    asked, by_id = instance.parameters.min_size, instance.esms_by_id
    lower = scale.min_size_by_region
    least = asked or max(lower.get(by_id[m].region, scale.min_size) for m in grappe["members"])
    return int(grappe["size"]) - least


def criteria_of(instance: Instance, scale: Scale, proposal: Document) -> Criteria:
    """What a proposal of this instance is weighed by; its figures are taken as stated."""
    fixed = {f.members[0] for f in instance.constraints.fixed_grappes}
    grappes = proposal["grappes"]
    formed = [g for g in grappes if fixed.isdisjoint(g["members"])]
    placed = sum(g["size"] for g in grappes)
    km = sum(g["mean_distance_km"] * g["size"] for g in grappes)
    return Criteria(
        funding_eur=proposal["funding_eur"],
        esms_placed=proposal["esms_placed"],
        grappes=len(grappes),
        slack=min((_slack_of(instance, scale, g) for g in formed), default=None),
        mean_distance_km=km / placed if placed else 0.0,
    )


def _telling(
    on_progress: Callable[[PointProgress], None] | None, done: int, total: int, step: Step
) -> Callable[[Progress], None]:
    def tell(progress: Progress) -> None:
        if on_progress is not None:
            on_progress(PointProgress(done, total, step, progress))

    return tell


def _point_document(number: int, point: Point) -> dict[str, Any]:
    return (
        {"id": f"P{number}"}
        | _step_document(point)
        | {"parameters": parameters_document(point.step.parameters), "proposal": point.proposal}
    )


def _step_document(point: Point) -> dict[str, Any]:
    c = point.criteria
    return {
        "axis": point.step.axis.value,
        "value": point.step.value,
        "criteria": {
            "funding_eur": c.funding_eur,
            "esms_placed": c.esms_placed,
            "grappes": c.grappes,
            "slack": c.slack,
            "mean_distance_km": round(c.mean_distance_km, 6),
        },
    }
