"""The work of one claim: a plan, several to compare, what the rules of one cost, a run to divide, a part of
one, or parts to join.

Everything here runs in the helper thread, without a database.

When to modify: a worker can be asked for something else.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.proposals.keeping import documents
from matchmaker.runs import lifecycle
from matchmaker.runs.comparison import asked
from matchmaker.runs.lifecycle import Claim
from matchmaker.runs.parts import sharing, whole
from matchmaker.runs.parts.sharing import Share
from matchmaker.runs.parts.whole import NewPart
from matchmaker.runs.prices import asked as pricing
from matchmaker.runs.request import question_of
from matchmaker.runs.tables import Run
from matchmaker.runs.toolbox import PartTools, Tools
from matchmaker.runs.watch import Watch
from solver.instance import Grappe, Instance
from solver.vocabulary import Hosting

KEEPING_S = 0.0002  # an ESMS: to keep the plan, packed, once it is found


@dataclass(frozen=True, slots=True)
class Division:
    """When runs are divided: from how many ESMS on, and how many runs can be done at once."""

    least_esms: int
    processes: Callable[[Session], int]


@dataclass(frozen=True, slots=True)
class Job:
    """What a claim is about. ``points``: plans to compare; ``parent_id``: of the run that it is a part of;
    ``answers``: of the parts to join; ``processes``: among which the run may be divided, 0: it may not;
    ``plan``: the proposal whose rules are to be priced; ``time_s``: of this part, None for its budget;
    ``late_s``: how long after their time the parts to join have ended."""

    instance: str
    incumbent: str | None
    points: int | None
    parent_id: int | None
    answers: tuple[str, ...]
    processes: int
    plan: str | None = None
    time_s: float | None = None
    late_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Planned:
    """``proposal``: a plan for the whole question."""

    proposal: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Compared:
    """``frontier``: several plans, as ``solver.frontier`` has them."""

    frontier: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Priced:
    """``prices``: of the rules of a plan, as ``solver.prices`` has them."""

    prices: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answered:
    """``answer``: what was found for a part."""

    answer: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Divided:
    """``parts``: what the run is cut into, each with its ``shares``."""

    parts: tuple[NewPart, ...]
    shares: tuple[Share, ...]


Outcome = Planned | Compared | Priced | Answered | Divided


def job_of(session: Session, held: Claim, division: Division | None) -> Job:
    """What a claimed run is about."""
    instance, incumbent = lifecycle.documents(session, held.run_id)
    points = asked.wanted(session, held.run_id)
    parent_id = whole.parent_of(session, held.run_id)
    answers = tuple(whole.answers(session, held.run_id))
    priced = pricing.wanted(session, held.run_id)
    if priced is not None:
        _, plan = documents(session, priced)
        return Job(instance, incumbent, None, None, (), 0, plan.decode())
    processes = 0
    if division is not None and points is None and parent_id is None and not answers:
        esms = session.scalars(select(Run.esms_count).where(Run.id == held.run_id)).one()
        processes = division.processes(session) if esms >= division.least_esms else 0
    time_s = whole.time_of_part_s(session, held.run_id)
    late_s = whole.late_s(session, held.run_id) if answers else 0.0
    return Job(instance, incumbent, points, parent_id, answers, processes, None, time_s, late_s)


def do(tools: Tools, job: Job, held: Claim, watch: Watch) -> Outcome:
    """The search itself, or what comes before and after it in a divided run."""
    instance = tools.read_instance(job.instance.encode())
    scale = tools.scale_of(instance)
    callbacks: dict[str, Any] = {"should_stop": watch.should_stop, "on_progress": watch.on_progress}
    how: dict[str, Any] = {"seed": held.asked.seed, "threads": held.asked.threads}
    start = grappes_from(job.incumbent)
    if job.plan is not None:
        return Priced(_priced(tools, instance, json.loads(job.plan), held, watch, how))
    if job.points is not None:
        assert tools.compare is not None
        callbacks["on_progress"] = watch.on_point
        limit = time_left_s(held, watch, len(instance.esms))
        return Compared(
            tools.compare(
                instance, scale, points=job.points, time_limit_s=limit, start=start, **how, **callbacks
            )
        )
    if job.answers:
        return Planned(_joined(_of(tools), job, instance, scale, held, watch, how | callbacks))
    how["gap"] = held.asked.gap
    if job.parent_id is not None:
        limit = time_left_s(held, watch)
        if job.time_s is not None:
            limit = max(job.time_s - _spent_s(held, watch), 0.1)
        found = _of(tools).answer(instance, scale, time_limit_s=limit, start=start, **how, **callbacks)
        return Answered(found)
    if tools.parts is not None and job.processes >= sharing.FEWEST_PROCESSES and not watch.stop:
        divided = _divided(tools.parts, instance, scale, start, held, watch, job.processes)
        if divided is not None:
            return divided
    limit = time_left_s(held, watch, len(instance.esms))
    return Planned(tools.solve(instance, scale, time_limit_s=limit, start=start, **how, **callbacks))


def _priced(
    tools: Tools,
    instance: Instance,
    plan: dict[str, Any],
    held: Claim,
    watch: Watch,
    how: Mapping[str, Any],
) -> dict[str, Any]:
    assert tools.prices is not None
    watch.begin_from(plan)
    return tools.prices(
        instance,
        tools.scale_of,
        known=plan,
        time_limit_s=time_left_s(held, watch, len(instance.esms)),
        on_progress=watch.on_price,
        should_stop=watch.should_stop,
        **how,
    )


def time_left_s(held: Claim, watch: Watch, esms: int = 0) -> float:
    """Seconds for a search that begins now: what is left of the budget, at least a third: the bound starts
    anew. Reading the question has taken some of it, keeping a plan of ``esms`` will take some more.
    """
    left = held.asked.budget_s - watch.elapsed_s() - KEEPING_S * esms
    return max(left, held.asked.budget_s / 3)


def _spent_s(held: Claim, watch: Watch) -> float:
    """Seconds since the claim: a large instance takes some to be read."""
    return watch.elapsed_s() - held.worked_s


def _of(tools: Tools) -> PartTools:
    assert tools.parts is not None
    return tools.parts


def _divided(
    tools: PartTools,
    instance: Instance,
    scale: Any,
    start: Sequence[Grappe],
    held: Claim,
    watch: Watch,
    processes: int,
) -> Divided | None:
    """The parts of a run with their time; None when dividing it would help nobody."""
    parts = tools.split(instance, scale)
    sizes = [len(part.esms) for part in parts]
    if not sharing.worth(sizes):
        return None
    new = tuple(_part(tools, part, scale, start) for part in parts)
    budget = held.asked.budget_s
    left = budget - tools.reserve_s(budget, len(instance.esms)) - watch.elapsed_s()
    return Divided(new, tuple(sharing.shares(sizes, processes, max(left, budget / 3))))


def _part(tools: PartTools, part: Instance, scale: Any, start: Sequence[Grappe]) -> NewPart:
    document = tools.document(part)
    places = Counter(e.departement for e in part.esms)
    begun = tuple(g for g in start if g.porteur in part.esms_by_id)
    return NewPart(
        json.dumps(document, ensure_ascii=False),
        question_of(document),
        [code for code, _ in sorted(places.items(), key=lambda one: (-one[1], one[0]))],
        tools.first_bound(part, scale),
        grappes_text(begun) if begun else None,
    )


def _joined(
    tools: PartTools,
    job: Job,
    instance: Instance,
    scale: Any,
    held: Claim,
    watch: Watch,
    options: Mapping[str, Any],
) -> dict[str, Any]:
    # Parts that ended late leave the explanations less, not the person who waits more.
    reserve = tools.reserve_s(held.asked.budget_s, len(instance.esms))
    spent = _spent_s(held, watch) + KEEPING_S * len(instance.esms)
    limit = max(reserve / 2, reserve - job.late_s) - spent
    answers = [json.loads(answer) for answer in job.answers]
    proposal = tools.join(instance, scale, answers, time_limit_s=limit, **options)
    proposal["wall_time_s"] = round(watch.elapsed_s(), 3)
    return proposal


def grappes_text(grappes: Sequence[Grappe]) -> str:
    """Grappes as the JSON text that a run keeps."""
    return json.dumps([asdict(grappe) for grappe in grappes])


def grappes_from(text: str | None) -> tuple[Grappe, ...]:
    """The grappes kept by ``grappes_text``, none when nothing was kept."""
    if text is None:
        return ()
    return tuple(_grappe(fields) for fields in json.loads(text))


def _grappe(fields: Mapping[str, Any]) -> Grappe:
    return Grappe(
        id=fields["id"],
        solution=fields["solution"],
        hosting=Hosting(fields["hosting"]) if fields["hosting"] is not None else None,
        porteur=fields["porteur"],
        members=tuple(fields["members"]),
    )
