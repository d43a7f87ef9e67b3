"""Table of mails: written in the transaction of the act they tell of, sent afterwards.

When to modify: a mail carries something more.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base
from matchmaker.database.instants import Instant


class Mail(Base):
    """One mail to one address, plain text. ``secret``: it holds a link that signs somebody in, so its text is
    dropped once sent. ``next_try_at`` None: sent, or given up after ``failure``. ``unsubscribe``: address
    that stops mails of its kind in one click; None: a mail that nobody can do without."""

    __tablename__ = "mail"
    __table_args__ = (Index("ix_mail_next_try_at", "next_try_at"), {"sqlite_autoincrement": True})

    id: Mapped[int] = mapped_column(primary_key=True)
    recipient: Mapped[str] = mapped_column(String(254), index=True)
    subject: Mapped[str] = mapped_column(String(200))
    text: Mapped[str] = mapped_column(Text)
    secret: Mapped[bool]
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    next_try_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    tries: Mapped[int]
    sent_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    failure: Mapped[str | None] = mapped_column(Text)
    unsubscribe: Mapped[str | None] = mapped_column(Text)
