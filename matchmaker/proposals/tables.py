"""The table of proposals: the two documents as they are, and the few figures that lists show.

When to modify: a list of plans needs one more figure.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.campaigns.tables import Campaign
from matchmaker.database import Base
from matchmaker.database.instants import Instant


class Proposal(Base):
    """A proposal kept. ``id`` is the number of the plan, never used twice.

    ``instance_gz`` and ``proposal_gz``: the two documents, UTF-8 JSON, gzip. ``sha256``: of the two texts,
    one after the other. ``campaign_id`` and ``run_id`` None: imported, for the team of ``region``
    (None: for the national administration). ``upper_bound`` is in the unit of
    ``objective``: euros for ``funding``, ESMS for ``coverage``.
    """

    __tablename__ = "proposal"
    __table_args__ = {"sqlite_autoincrement": True}  # noqa: RUF012 - SQLAlchemy reads a plain dict

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int | None] = mapped_column(ForeignKey(Campaign.id, ondelete="SET NULL"), index=True)
    run_id: Mapped[int | None] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(Text)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    fictitious: Mapped[bool]
    regime: Mapped[str] = mapped_column(String(40))
    objective: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16))
    funding_eur: Mapped[int] = mapped_column(BigInteger)
    upper_bound: Mapped[int] = mapped_column(BigInteger)
    esms_count: Mapped[int]
    esms_placed: Mapped[int]
    grappes_count: Mapped[int]
    region: Mapped[str | None] = mapped_column(String(3))
    instance_gz: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)
    proposal_gz: Mapped[bytes] = mapped_column(LargeBinary, deferred=True)


class PlanPublication(Base):
    """The plan that the OGs of a campaign may read, each for its own ESMS. ``announced_at`` None: nobody was
    told of it yet."""

    __tablename__ = "plan_publication"

    campaign_id: Mapped[int] = mapped_column(ForeignKey(Campaign.id, ondelete="CASCADE"), primary_key=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey(Proposal.id, ondelete="CASCADE"), unique=True)
    published_by: Mapped[str] = mapped_column(String(120))
    published_at: Mapped[dt.datetime] = mapped_column(Instant)
    announced_at: Mapped[dt.datetime | None] = mapped_column(Instant)
