"""Keep the plans of a comparison, and read them back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.proposals.keeping import store_proposal
from matchmaker.runs.comparison import wording
from matchmaker.runs.comparison.tables import ComparedPlan, Comparison
from solver.vocabulary import Objective

Document = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan of a comparison, as pages show it. ``number`` is that of the kept plan."""

    position: int
    number: int
    axis: str
    value: float | None
    objective: str
    objective_value: int
    upper_bound: int
    funding_eur: int
    esms_placed: int
    grappes: int
    slack: int | None
    mean_distance_km: float

    @property
    def bound_eur(self) -> int | None:
        """No plan under the same conditions brings more; None where ESMS are maximised, not euros."""
        return self.upper_bound if self.objective == Objective.FUNDING else None


@dataclass(frozen=True, slots=True)
class Kept:
    """A comparison read back; ``plans`` is empty before its end. ``beaten``: plans computed and left out."""

    run_id: int
    points: int
    complete: bool | None
    plans: tuple[Plan, ...]
    beaten: tuple[Document, ...]


def store(session: Session, campaign_id: int, run_id: int, instance: Document, frontier: Document) -> int:
    """Keep every plan of a frontier with its own question; returns the number of the run's own plan.

    The run's plan is the one of the question as asked, or the first where another beats it. Called again for
    the same run, it keeps nothing twice.
    """
    row = session.get_one(Comparison, run_id)
    if row.complete is not None:
        return store_proposal(session, campaign_id, run_id, instance, frontier["points"][0]["proposal"])
    points = frontier["points"]
    own = next((p for p in points if p["axis"] == "asked"), points[0])
    number_of_own = 0
    for position, point in enumerate(points, 1):
        question = {**instance, "parameters": point["parameters"]}
        if point is not own:
            question["title"] = wording.title(str(instance.get("title") or ""), point["axis"], point["value"])
        number = store_proposal(
            session, campaign_id, run_id if point is own else None, question, point["proposal"]
        )
        number_of_own = number if point is own else number_of_own
        session.add(_row(run_id, position, number, point))
    row.complete = bool(frontier["complete"])
    row.beaten = [dict(one) for one in frontier["dominated"]]
    session.flush()
    return number_of_own


def _row(run_id: int, position: int, number: int, point: Document) -> ComparedPlan:
    proposal = point["proposal"]
    return ComparedPlan(
        run_id=run_id,
        position=position,
        proposal_id=number,
        axis=point["axis"],
        value=point["value"],
        objective=point["parameters"]["objective"],
        objective_value=proposal["objective_value"],
        upper_bound=proposal["upper_bound"],
        **point["criteria"],
    )


def read(session: Session, run_id: int) -> Kept | None:
    """The comparison that this run is; None when it is none."""
    row = session.get(Comparison, run_id)
    if row is None:
        return None
    rows = session.scalars(
        select(ComparedPlan).where(ComparedPlan.run_id == run_id).order_by(ComparedPlan.position)
    )
    return Kept(
        run_id=run_id,
        points=row.points,
        complete=row.complete,
        plans=tuple(_plan(one) for one in rows),
        beaten=tuple(row.beaten or ()),
    )


def _plan(row: ComparedPlan) -> Plan:
    return Plan(
        position=row.position,
        number=row.proposal_id,
        axis=row.axis,
        value=row.value,
        objective=row.objective,
        objective_value=row.objective_value,
        upper_bound=row.upper_bound,
        funding_eur=row.funding_eur,
        esms_placed=row.esms_placed,
        grappes=row.grappes,
        slack=row.slack,
        mean_distance_km=row.mean_distance_km,
    )
