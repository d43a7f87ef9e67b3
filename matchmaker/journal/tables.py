"""Table of the journal."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base
from matchmaker.database.instants import Instant


class JournalEntry(Base):
    """One act. ``object`` names its object as ``kind:id`` (``campaign:7``); ``detail`` is small and flat."""

    __tablename__ = "journal_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(Instant, index=True)
    actor: Mapped[str] = mapped_column(String(120))
    action: Mapped[str] = mapped_column(String(60))
    object: Mapped[str] = mapped_column(String(120), index=True)
    label: Mapped[str] = mapped_column(Text)
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)
