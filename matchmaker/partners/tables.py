"""Tables of partners: what an organisme says of another, pairs that both said yes, their messages.

When to modify: organismes may say something more of one another.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base
from matchmaker.database.instants import Instant


class PartnerInterest(Base):
    """What one organisme of a campaign says of another; told to nobody until the other says yes too.

    ``state``: ``interested`` (until ``expires_at``), ``withdrawn``, or ``aside`` (not shown any more, no
    reason asked). ``said_at``: when the interest was last said; it stays after a withdrawal, which gives no
    new try within the week. ``said_by``: the actor, by number.
    """

    __tablename__ = "partner_interest"
    __table_args__ = (
        UniqueConstraint("from_id", "to_id"),
        CheckConstraint("state IN ('interested', 'withdrawn', 'aside')", name="state"),
        CheckConstraint("from_id <> to_id", name="two"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("campaign_organisme.id", ondelete="CASCADE"))
    to_id: Mapped[int] = mapped_column(ForeignKey("campaign_organisme.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(10))
    said_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    said_by: Mapped[str] = mapped_column(String(120))


class PartnerMeeting(Base):
    """Two organismes that both said yes (``first`` < ``second``), once that was noticed.

    Written by ``notify``, which writes to both, or by the first message: never by the request that says yes.
    ``closed_by_id``: who ended it, without a reason; names that were shown are known, nothing more is sent.
    """

    __tablename__ = "partner_meeting"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id"),
        CheckConstraint("first_id < second_id", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("campaign_organisme.id", ondelete="CASCADE"))
    second_id: Mapped[int] = mapped_column(
        ForeignKey("campaign_organisme.id", ondelete="CASCADE"), index=True
    )
    met_at: Mapped[dt.datetime] = mapped_column(Instant)
    told_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_organisme.id", ondelete="SET NULL"))


class PartnerMessage(Base):
    """One message of a thread. ``text`` empty: its author's account was erased, or its time is over."""

    __tablename__ = "partner_message"
    __table_args__ = (Index("ix_partner_message_meeting_id", "meeting_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meeting_id: Mapped[int] = mapped_column(ForeignKey("partner_meeting.id", ondelete="CASCADE"))
    from_id: Mapped[int] = mapped_column(ForeignKey("campaign_organisme.id", ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey("account.id", ondelete="SET NULL"), index=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[dt.datetime] = mapped_column(Instant, index=True)


class PartnerSeen(Base):
    """A partner that an organisme was already told of: nobody is alerted twice of the same one. An organisme
    with itself: it was looked at once, whether somebody fitted or not."""

    __tablename__ = "partner_seen"

    viewer_id: Mapped[int] = mapped_column(
        ForeignKey("campaign_organisme.id", ondelete="CASCADE"), primary_key=True
    )
    other_id: Mapped[int] = mapped_column(
        ForeignKey("campaign_organisme.id", ondelete="CASCADE"), primary_key=True, index=True
    )
