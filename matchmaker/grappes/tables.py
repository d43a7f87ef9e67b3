"""Tables of grappes formed by hand: the grappe, organismes that asked or are in, their ESMS.

When to modify: organismes decide something more together.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base
from matchmaker.database.instants import Instant


class HandGrappe(Base):
    """A grappe that organismes form by themselves. ``hosting`` None: each ESMS keeps its own.

    ``opener_id``: who accepts requests; the oldest member after its departure. ``listed``: organismes that do
    not know the opener see it, without a name. ``offered_at``: since when the region may keep it in its runs.
    ``version`` grows with every change, so that of two people who write at once one is told.
    """

    __tablename__ = "hand_grappe"
    __table_args__ = ({"sqlite_autoincrement": True},)  # a number is never given again

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    opener_id: Mapped[int] = mapped_column(
        ForeignKey("campaign_organisme.id", ondelete="CASCADE"), index=True
    )
    solution_id: Mapped[int] = mapped_column(ForeignKey("campaign_solution.id", ondelete="CASCADE"))
    hosting: Mapped[str | None] = mapped_column(String(16))
    listed: Mapped[bool]
    opened_at: Mapped[dt.datetime] = mapped_column(Instant)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    offered_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads a plain dict


class HandGrappeMember(Base):
    """An organisme that asked to be in a grappe, and what became of it.

    ``state``: ``pending`` until ``expires_at``, ``accepted``, ``refused``, ``withdrawn`` (it took its request
    back), ``left``. ``declines_porteur``: it does not want to be the porteur of this grappe.
    """

    __tablename__ = "hand_grappe_member"
    __table_args__ = (
        UniqueConstraint("grappe_id", "organisme_id"),
        CheckConstraint("state IN ('pending', 'accepted', 'refused', 'withdrawn', 'left')", name="state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    grappe_id: Mapped[int] = mapped_column(ForeignKey("hand_grappe.id", ondelete="CASCADE"))
    organisme_id: Mapped[int] = mapped_column(
        ForeignKey("campaign_organisme.id", ondelete="CASCADE"), index=True
    )
    state: Mapped[str] = mapped_column(String(10))
    asked_at: Mapped[dt.datetime] = mapped_column(Instant)
    expires_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    decided_at: Mapped[dt.datetime | None] = mapped_column(Instant)
    declines_porteur: Mapped[bool] = mapped_column(default=False)
    said_by: Mapped[str] = mapped_column(String(120))


class HandGrappeEsms(Base):
    """An ESMS that an organisme brings to a grappe, or offers to bring."""

    __tablename__ = "hand_grappe_esms"

    member_id: Mapped[int] = mapped_column(
        ForeignKey("hand_grappe_member.id", ondelete="CASCADE"), primary_key=True
    )
    esms_id: Mapped[int] = mapped_column(
        ForeignKey("campaign_esms.id", ondelete="CASCADE"), primary_key=True, index=True
    )
