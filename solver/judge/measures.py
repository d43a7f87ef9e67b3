"""Distances of the judge: geopy's geodesic on WGS 84, one pair at a time, remembered.

Nothing here is shared with the search, which measures with another library.
"""

from __future__ import annotations

from collections.abc import Iterable

from geopy.distance import geodesic

from solver.instance import Esms

# Two sums of distances closer than this are not told apart by their noise (kilometres: one millimetre).
SAME_SUM_KM = 1e-6
# Noise of a sum between two implementations of the same geodesic, with a wide margin.
NOISE_KM = 1e-9


class Measures:
    """Kilometres between ESMS, by id."""

    def __init__(self, esms: Iterable[Esms]) -> None:
        self._position = {e.id: (e.lat, e.lon) for e in esms}
        self._known: dict[tuple[str, str], float] = {}

    def km(self, one: str, other: str) -> float:
        """The geodesic distance in kilometres."""
        if one == other:
            return 0.0
        pair = (one, other) if one < other else (other, one)
        found = self._known.get(pair)
        if found is None:
            found = float(geodesic(self._position[pair[0]], self._position[pair[1]]).km)
            self._known[pair] = found
        return found

    def within(self, one: str, other: str, limit_km: float | None) -> bool:
        """Whether the distance, rounded to the millimetre, is at most the limit (None: no limit)."""
        return limit_km is None or round(self.km(one, other), 6) <= limit_km

    def sum_km(self, centre: str, members: Iterable[str]) -> float:
        return sum(self.km(centre, member) for member in members)
