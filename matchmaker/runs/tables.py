"""Tables of a run. Every ``*_at`` is in seconds since 1970 UTC by the database's clock (``clock.now_s``)."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, CheckConstraint, Double, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base


class State(StrEnum):
    """QUEUED -> RUNNING -> DONE, STOPPED or FAILED; RUNNING -> QUEUED when its worker leaves or dies."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"

    @property
    def is_final(self) -> bool:
        return self not in (State.QUEUED, State.RUNNING)


class EventKind(StrEnum):
    """What the journal of a run can say."""

    CREATED = "created"
    CLAIMED = "claimed"
    RELEASED = "released"
    LOST = "lost"
    REQUEUED = "requeued"
    DIVIDED = "divided"
    GATHERED = "gathered"
    STOP_REQUESTED = "stop_requested"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"


class Run(Base):
    """One run: what was asked, where it stands, what it gave.

    ``attempt`` counts the claims and is the fencing token; ``lost`` counts the workers that died on it.
    ``elapsed_s`` is the time worked, over all attempts. ``objective`` is ``funding`` (values are euros) or
    ``coverage`` (values are ESMS); ``esms_count`` counts the ESMS of the instance. ``request_token``: of the
    form that asked for it, so that a form sent twice is one run; None when asked for otherwise.
    """

    __tablename__ = "run"
    __table_args__ = (
        CheckConstraint("state IN ('queued', 'running', 'done', 'stopped', 'failed')", name="state"),
        Index("ix_run_state_heartbeat_at", "state", "heartbeat_at"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    objective: Mapped[str] = mapped_column(String(16))
    esms_count: Mapped[int]
    budget_s: Mapped[int]
    gap: Mapped[float] = mapped_column(Double)
    seed: Mapped[int]
    threads: Mapped[int]
    created_at: Mapped[float] = mapped_column(Double)
    enqueued_at: Mapped[float] = mapped_column(Double)
    started_at: Mapped[float | None] = mapped_column(Double)
    finished_at: Mapped[float | None] = mapped_column(Double)
    attempt: Mapped[int]
    lost: Mapped[int]
    worker: Mapped[str | None] = mapped_column(String(200))
    heartbeat_at: Mapped[float | None] = mapped_column(Double)
    cancel_requested: Mapped[bool]
    elapsed_s: Mapped[float] = mapped_column(Double)
    phase: Mapped[str | None] = mapped_column(String(100))
    objective_value: Mapped[int | None] = mapped_column(BigInteger)
    upper_bound: Mapped[int | None] = mapped_column(BigInteger)
    grappes_count: Mapped[int | None]
    esms_placed: Mapped[int | None]
    proposal_id: Mapped[int | None] = mapped_column(unique=True)
    failure: Mapped[str | None] = mapped_column(Text)
    error_reference: Mapped[str | None] = mapped_column(String(16))
    request_token: Mapped[str | None] = mapped_column(String(40), unique=True, index=True)


class RunDocument(Base):
    """The heavy part of a run, apart so that lists stay light.

    ``instance``: the frozen question (``matchmaker-instance/1``). ``question``: the same without its lists,
    with their lengths, for pages that are asked for every two seconds. ``incumbent``: JSON list of the best
    grappes found so far, from which a run that is taken up again starts.
    """

    __tablename__ = "run_document"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    instance: Mapped[str] = mapped_column(Text)
    question: Mapped[dict[str, Any]] = mapped_column(JSON)
    incumbent: Mapped[str | None] = mapped_column(Text)


class RunPoint(Base):
    """A moment at which the best value or the bound of a run changed: the live chart."""

    __tablename__ = "run_point"
    __table_args__ = (Index("ix_run_point_run_id_id", "run_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    elapsed_s: Mapped[float] = mapped_column(Double)
    objective_value: Mapped[int | None] = mapped_column(BigInteger)
    upper_bound: Mapped[int | None] = mapped_column(BigInteger)
    grappes_count: Mapped[int | None]
    esms_placed: Mapped[int | None]


class RunEvent(Base):
    """A line of the run's journal."""

    __tablename__ = "run_event"
    __table_args__ = (Index("ix_run_event_run_id_id", "run_id", "id"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    at: Mapped[float] = mapped_column(Double)
    kind: Mapped[str] = mapped_column(String(32))
    attempt: Mapped[int]
    worker: Mapped[str | None] = mapped_column(String(200))
