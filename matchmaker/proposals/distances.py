"""How far members are from their porteur, for readers; the judge has its own, which decides."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from pyproj import Geod

from matchmaker.proposals.plan import Esms

_WGS84 = Geod(ellps="WGS84")


def kilometres_from(porteur: Esms, members: Sequence[Esms]) -> list[float]:
    """Geodesic kilometres (WGS 84) from the porteur to each member, in their order."""
    lats, lons = np.array([e.lat for e in members]), np.array([e.lon for e in members])
    return kilometres_between(porteur.lat, porteur.lon, lats, lons)


def kilometres_between(
    lat: float, lon: float, lats: NDArray[np.float64], lons: NDArray[np.float64]
) -> list[float]:
    """The same from one place to others, in degrees."""
    _, _, metres = _WGS84.inv(np.full_like(lons, lon), np.full_like(lats, lat), lons, lats)
    return [float(m) / 1000 for m in metres]
