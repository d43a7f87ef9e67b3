"""How far members are from their porteur, for readers; the judge has its own, which decides."""

from __future__ import annotations

from collections.abc import Iterable

from geopy.distance import geodesic

from matchmaker.proposals.plan import Esms


def kilometres_from(porteur: Esms, members: Iterable[Esms]) -> list[float]:
    """Geodesic kilometres (WGS 84) from the porteur to each member, in their order."""
    here = (porteur.lat, porteur.lon)
    return [geodesic(here, (e.lat, e.lon)).km for e in members]
