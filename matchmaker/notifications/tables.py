"""Tables of notifications: what people were told, and who wants no mail of it.

When to modify: people choose something more about how they are told.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base
from matchmaker.database.instants import Instant


class Notification(Base):
    """One thing one person should know. ``key``: the same thing is told once. ``path``: the page of it.
    ``mailed_at`` None: in no mail yet."""

    __tablename__ = "notification"
    __table_args__ = (
        UniqueConstraint("account_id", "key"),
        Index("ix_notification_mailed_at", "mailed_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    path: Mapped[str] = mapped_column(String(200))
    key: Mapped[str] = mapped_column(String(120))
    at: Mapped[dt.datetime] = mapped_column(Instant)
    read_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    mailed_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class NotificationChoice(Base):
    """How a person wants mails; no row: they do (notifications are on by default).

    ``at_once``: kinds that wait for no daily mail; None: those of ``feed.AT_ONCE``. ``last_mail_at``: when
    the last mail was written, so that there is one a day at most of everything else.
    """

    __tablename__ = "notification_choice"

    account_id: Mapped[int] = mapped_column(ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    mails: Mapped[bool] = mapped_column(default=True)
    at_once: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    last_mail_at: Mapped[dt.datetime | None] = mapped_column(Instant)
