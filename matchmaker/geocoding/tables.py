"""The cache of geocoded addresses: an address is asked once.

When to modify: the service states something more that we keep.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from matchmaker.database import Base
from matchmaker.database.instants import Instant


class GeocodedAddress(Base):
    """The service's answer for one normalised address in one commune.

    ``outcome``: ``found``, ``nothing``, ``low_score`` or ``wrong_commune``; ``lat`` and ``lon`` (decimal
    degrees WGS 84) are filled only when found. Errors of the service are never stored: they are asked again.
    """

    __tablename__ = "geocoded_address"
    __table_args__ = (
        CheckConstraint("(outcome = 'found') = (lat IS NOT NULL AND lon IS NOT NULL)", name="found"),
    )

    key: Mapped[str] = mapped_column(String(300), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(20))
    lat: Mapped[float | None]
    lon: Mapped[float | None]
    score: Mapped[float | None]
    precision: Mapped[str] = mapped_column(String(20))
    label: Mapped[str] = mapped_column(Text)
    citycode: Mapped[str] = mapped_column(String(5))
    service: Mapped[str] = mapped_column(Text)
    asked_at: Mapped[dt.datetime] = mapped_column(Instant)
