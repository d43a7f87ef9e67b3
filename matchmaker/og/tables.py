"""Tables of an OG's pages: what an ESMS says besides its answer, and that the list of ESMS is right.

When to modify: the page of an OG's ESMS asks something that no run needs.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme
from matchmaker.database import Base
from matchmaker.database.instants import Instant


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
