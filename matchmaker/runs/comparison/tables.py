"""Tables of comparisons: what was asked beside the run, and the plans that it gave."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, Double, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base


class Comparison(Base):
    """A run of which several plans are asked. ``points``: how many at most. ``complete``: none was left out
    by a stop, None before the end. ``beaten``: plans left out, as the frontier's document has them."""

    __tablename__ = "comparison"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    points: Mapped[int]
    complete: Mapped[bool | None]
    beaten: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)


class ComparedPlan(Base):
    """A plan of a comparison, ``position`` from 1 on, most funding first.

    ``axis`` and ``value``: what its question changes (``solver.frontier.Axis``). ``upper_bound`` is in
    the unit of ``objective``. ``slack`` None: no grappe was formed.
    """

    __tablename__ = "compared_plan"

    run_id: Mapped[int] = mapped_column(ForeignKey("comparison.run_id", ondelete="CASCADE"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    axis: Mapped[str] = mapped_column(String(16))
    value: Mapped[float | None] = mapped_column(Double)
    objective: Mapped[str] = mapped_column(String(16))
    objective_value: Mapped[int] = mapped_column(BigInteger)
    upper_bound: Mapped[int] = mapped_column(BigInteger)
    funding_eur: Mapped[int] = mapped_column(BigInteger)
    esms_placed: Mapped[int]
    grappes: Mapped[int]
    slack: Mapped[int | None]
    mean_distance_km: Mapped[float] = mapped_column(Double)
