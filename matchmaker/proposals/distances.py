"""How far members are from their porteur, for readers; the judge has its own, which decides."""

from __future__ import annotations

from collections.abc import Sequence

from pyproj import Geod

from matchmaker.proposals.plan import Esms

_WGS84 = Geod(ellps="WGS84")


def kilometres_from(porteur: Esms, members: Sequence[Esms]) -> list[float]:
    """Geodesic kilometres (WGS 84) from the porteur to each member, in their order."""
    count = len(members)
    _, _, metres = _WGS84.inv(
        [porteur.lon] * count, [porteur.lat] * count, [e.lon for e in members], [e.lat for e in members]
    )
    return [float(m) / 1000 for m in metres]
