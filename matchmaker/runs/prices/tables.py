"""The table of prices: of which plan they were asked, beside the run, and what was found."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base


class Pricing(Base):
    """A run that prices the rules of a plan. ``complete``: none was left out by a stop, None before the end.

    ``upper_bound``: of the plan's question, lowered where a wider question proves it. ``prices``: as the
    document of ``solver.prices`` has them, each with the figures of its proposal in the proposal's place.
    ``again``: the figures of what the same search found under the same rules; None in older rows.
    """

    __tablename__ = "pricing"

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposal.id", ondelete="CASCADE"), index=True)
    complete: Mapped[bool | None]
    upper_bound: Mapped[int | None] = mapped_column(BigInteger)
    again: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    prices: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON)
