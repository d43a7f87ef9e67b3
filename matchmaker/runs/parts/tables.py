"""Tables of divided runs: which run is a part of which, and who is there to do them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import JSON, Double, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base


class RunPart(Base):
    """A run that is part ``number`` (from 1 on, largest first) of the run ``parent_id``.

    ``places``: its départements, INSEE codes, those with most ESMS first. ``due_at``: when all searches of
    the whole are to be over, by the database's clock; ``of_what_is_left``: this part's share of the time from
    its beginning to then. ``answer``: what it found, for the one that joins the parts
    (``solver.parts.Answer`` as JSON); None before, and once they are joined.
    """

    __tablename__ = "run_part"
    __table_args__ = (UniqueConstraint("parent_id", "number"),)

    run_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"), primary_key=True)
    parent_id: Mapped[int] = mapped_column(ForeignKey("run.id", ondelete="CASCADE"))
    number: Mapped[int]
    places: Mapped[list[Any]] = mapped_column(JSON)
    due_at: Mapped[float | None] = mapped_column(Double)
    of_what_is_left: Mapped[float | None] = mapped_column(Double)
    answer: Mapped[str | None] = mapped_column(Text)


class WorkPlace(Base):
    """A ``matchmaker worker`` that lives: how many processes it has, and when it last said so."""

    __tablename__ = "work_place"

    name: Mapped[str] = mapped_column(String(200), primary_key=True)
    processes: Mapped[int]
    seen_at: Mapped[float] = mapped_column(Double)
