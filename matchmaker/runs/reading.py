"""Where runs stand, as pages and the command line read it.

When to modify: a page shows something else of a run.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, or_, select
from sqlalchemy.orm import Session

from matchmaker.campaigns.belonging import belonging as belonging_of_campaign
from matchmaker.campaigns.belonging import numbers_on as campaigns_on
from matchmaker.runs.clock import now_s
from matchmaker.runs.lifecycle import Point
from matchmaker.runs.parts.reading import is_whole
from matchmaker.runs.parts.tables import RunPart
from matchmaker.runs.tables import EventKind, Run, RunDocument, RunEvent, RunPoint, State
from matchmaker.web.people import Belonging, Ground


@dataclass(frozen=True, slots=True)
class Standing:
    """A run at one moment. ``elapsed_s``: seconds worked; ``silent_s``: since its worker's last beat;
    ``waited_s``: since it was asked for.

    ``objective``: ``funding`` (values are euros) or ``coverage`` (values are ESMS).
    """

    id: int
    campaign_id: int
    state: State
    objective: str
    esms_count: int
    budget_s: int
    elapsed_s: float
    attempt: int
    lost: int
    cancel_requested: bool
    phase: str | None
    objective_value: int | None
    upper_bound: int | None
    grappes_count: int | None
    esms_placed: int | None
    proposal_id: int | None
    failure: str | None
    error_reference: str | None
    created_at: dt.datetime
    finished_at: dt.datetime | None
    silent_s: float | None
    waited_s: float

    @property
    def gap(self) -> float | None:
        """``bound / value - 1``; 0 when both are 0, None when not known yet."""
        if self.objective_value is None or self.upper_bound is None:
            return None
        if self.objective_value == 0:
            return 0.0 if self.upper_bound == 0 else None
        return self.upper_bound / self.objective_value - 1

    @property
    def unplaced(self) -> int | None:
        return None if self.esms_placed is None else self.esms_count - self.esms_placed


@dataclass(frozen=True, slots=True)
class Event:
    """A line of a run's journal; ``part``: the number of the part that it tells of, None: of the whole."""

    at: dt.datetime
    kind: EventKind
    attempt: int
    worker: str | None
    part: int | None = None


def standing(session: Session, run_id: int) -> Standing | None:
    """The run, None when there is none of that number."""
    row = session.execute(select(Run, now_s()).where(Run.id == run_id)).one_or_none()
    return _standing(row[0], row[1]) if row else None


def belonging(session: Session, run_id: int) -> Belonging | None:
    """A run is its campaign's. None: no such one."""
    campaign_id = session.scalar(select(Run.campaign_id).where(Run.id == run_id))
    return None if campaign_id is None else belonging_of_campaign(session, campaign_id)


def numbers_on(ground: Ground) -> Select[int]:
    """Numbers of the runs of campaigns of a ground, as a subquery."""
    return select(Run.id).where(Run.campaign_id.in_(campaigns_on(ground)))


def of_campaign(session: Session, campaign_id: int, limit: int = 20) -> list[Standing]:
    """The runs of a campaign, the newest first."""
    rows = session.execute(
        select(Run, now_s())
        .where(Run.campaign_id == campaign_id, is_whole())
        .order_by(Run.id.desc())
        .limit(limit)
    )
    return [_standing(run, now) for run, now in rows]


def waiting_before(session: Session, run_id: int) -> int:
    """Runs that were asked for earlier and are not over."""
    wanted = select(Run.id).where(Run.id < run_id, Run.state.in_((State.QUEUED, State.RUNNING)), is_whole())
    return len(session.scalars(wanted).all())


def points(session: Session, run_id: int) -> list[Point]:
    """How value and bound moved, in order of time."""
    rows = session.scalars(select(RunPoint).where(RunPoint.run_id == run_id).order_by(RunPoint.id))
    return [
        Point(r.elapsed_s, r.objective_value, r.upper_bound, r.grappes_count, r.esms_placed) for r in rows
    ]


def events(session: Session, run_id: int) -> list[Event]:
    """The run's journal, in order, with that of its parts (but that they were made: it says so itself)."""
    rows = session.execute(
        select(RunEvent, RunPart.number)
        .join(RunPart, RunPart.run_id == RunEvent.run_id, isouter=True)
        .where(
            or_(
                RunEvent.run_id == run_id,
                and_(RunPart.parent_id == run_id, RunEvent.kind != EventKind.CREATED),
            )
        )
        .order_by(RunEvent.id)
    )
    return [Event(_moment(r.at), EventKind(r.kind), r.attempt, r.worker, part) for r, part in rows]


def question(session: Session, run_id: int) -> Mapping[str, Any]:
    """What was asked: the frozen instance document without its lists, with their lengths instead."""
    found: Mapping[str, Any] = session.scalars(
        select(RunDocument.question).where(RunDocument.run_id == run_id)
    ).one()
    return found


def _standing(run: Run, now: float) -> Standing:
    return Standing(
        id=run.id,
        campaign_id=run.campaign_id,
        state=State(run.state),
        objective=run.objective,
        esms_count=run.esms_count,
        budget_s=run.budget_s,
        elapsed_s=run.elapsed_s,
        attempt=run.attempt,
        lost=run.lost,
        cancel_requested=run.cancel_requested,
        phase=run.phase,
        objective_value=run.objective_value,
        upper_bound=run.upper_bound,
        grappes_count=run.grappes_count,
        esms_placed=run.esms_placed,
        proposal_id=run.proposal_id,
        failure=run.failure,
        error_reference=run.error_reference,
        created_at=_moment(run.created_at),
        finished_at=None if run.finished_at is None else _moment(run.finished_at),
        silent_s=None if run.heartbeat_at is None else max(0.0, now - run.heartbeat_at),
        waited_s=now - run.created_at,
    )


def _moment(seconds: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(seconds, dt.UTC)
