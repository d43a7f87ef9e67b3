"""Answers already received: read in one question, written in one go.

When to modify: what is kept of an answer changes.
"""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.geocoding.tables import GeocodedAddress


def answers(session: Session, keys: Collection[str]) -> dict[str, GeocodedAddress]:
    """The kept answers among these keys (at most some thousands of keys)."""
    found = session.scalars(select(GeocodedAddress).where(GeocodedAddress.key.in_(keys)))
    return {answer.key: answer for answer in found}


def positions(session: Session, keys: Collection[str]) -> dict[str, tuple[float, float]]:
    """Key -> (lat, lon), for the addresses that were found."""
    query = select(GeocodedAddress.key, GeocodedAddress.lat, GeocodedAddress.lon).where(
        GeocodedAddress.key.in_(keys), GeocodedAddress.outcome == "found"
    )
    return {
        key: (lat, lon) for key, lat, lon in session.execute(query) if lat is not None and lon is not None
    }
