"""Tables of an OG's pages: what an ESMS says besides its answer, and that the list of ESMS is right.

When to modify: the page of an OG's ESMS asks something that no run needs.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.accounts.tables import Account
from matchmaker.campaigns.tables import Campaign, CampaignEsms, CampaignOrganisme
from matchmaker.database import Base
from matchmaker.database.instants import Instant
from matchmaker.register.tables import Organisme


class EsmsDetail(Base):
    """What an ESMS says besides its answer; no run reads it. No row: nothing said yet.

    ``current_typed``: its DUI in its own words when the campaign's catalogue does not hold it. ``users``:
    people who will use the DUI; ``devices``: workstations and other devices to buy; ``trainees``: people to
    train.
    """

    __tablename__ = "esms_detail"
    __table_args__ = (CheckConstraint("users >= 0 AND devices >= 0 AND trainees >= 0", name="counts"),)

    esms_id: Mapped[int] = mapped_column(ForeignKey(CampaignEsms.id, ondelete="CASCADE"), primary_key=True)
    current_typed: Mapped[str] = mapped_column(String(120), default="")
    users: Mapped[int | None]
    devices: Mapped[int | None]
    trainees: Mapped[int | None]
    remark: Mapped[str] = mapped_column(Text, default="")
    changed_at: Mapped[dt.datetime] = mapped_column(Instant)


class ListConfirmed(Base):
    """Somebody of the organisme said that the list of its ESMS in a campaign is right."""

    __tablename__ = "og_list_confirmed"

    campaign_organisme_id: Mapped[int] = mapped_column(
        ForeignKey(CampaignOrganisme.id, ondelete="CASCADE"), primary_key=True
    )
    confirmed_by: Mapped[str] = mapped_column(String(120))
    confirmed_at: Mapped[dt.datetime] = mapped_column(Instant)


class PlanTold(Base):
    """What an organisme was last told of a published plan: ``sha256`` of what it read there of its own ESMS.

    A plan published later is told to the organismes for which it reads otherwise.
    """

    __tablename__ = "og_plan_told"

    campaign_organisme_id: Mapped[int] = mapped_column(
        ForeignKey(CampaignOrganisme.id, ondelete="CASCADE"), primary_key=True
    )
    plan: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    told_at: Mapped[dt.datetime] = mapped_column(Instant)


class SupportRequest(Base):
    """An organisme asks its region's support cell for help. ``state``: waiting, taken, closed.

    ``text`` is the person's words, ``answer`` those of the cell; ``account_id`` None: erased since.
    """

    __tablename__ = "support_request"
    __table_args__ = (
        CheckConstraint("state IN ('waiting', 'taken', 'closed')", name="state"),
        {"sqlite_autoincrement": True},
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey(Campaign.id, ondelete="CASCADE"), index=True)
    organisme_id: Mapped[int] = mapped_column(ForeignKey(Organisme.id, ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id, ondelete="SET NULL"), index=True)
    subject: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[dt.datetime] = mapped_column(Instant)
    state: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str] = mapped_column(Text)
    answered_by: Mapped[str | None] = mapped_column(String(120))
    answered_at: Mapped[dt.datetime | None] = mapped_column(Instant)
