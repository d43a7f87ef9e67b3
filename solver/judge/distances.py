"""Distances of the judge: geodesics on WGS 84 by geopy, each pair measured once.

Kilometres. A geodesic costs 0.2 ms, so comparisons that need no exact value use limits on it drawn from the
straight line through the Earth: any curve on the ellipsoid bends between the two radii below.

When to modify: another ellipsoid.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from geopy.distance import geodesic

from solver.instance import Esms

TIE_KM = 1e-6  # a porteur within a millimetre of the smallest sum is not refused for the difference
NOISE_KM = 1e-10  # sums closer than this are equal
# WGS 84: normal curvature radii lie between b^2/a = 6335.44 km and a^2/b = 6399.59 km.
_SHORT_RADIUS_KM, _LONG_RADIUS_KM = 6335.0, 6400.0
_EQUATOR_KM, _FLATTENING = 6378.137, 1 / 298.257223563
_SLACK = 1e-7  # relative: torsion of the geodesic and rounding, with room to spare

Position = tuple[float, float]
Point = tuple[float, float, float]  # geocentric, km


def millimetres(km: float) -> int:
    """Whole millimetres, what limits are compared in."""
    return round(km * 1e6)


class Distances:
    """Distances between the ESMS of one instance."""

    def __init__(self, esms: Iterable[Esms]) -> None:
        self._position: Mapping[str, Position] = {e.id: (e.lat, e.lon) for e in esms}
        self._point: dict[Position, Point] = {}
        self._km: dict[tuple[Position, Position], float] = {}

    def km(self, one: str, other: str) -> float:
        """The geodesic distance; the same to the last bit in both directions and for equal positions."""
        a, b = self._position[one], self._position[other]
        if a == b:
            return 0.0
        key = (a, b) if a < b else (b, a)
        found = self._km.get(key)
        if found is None:
            found = self._km[key] = float(geodesic(key[0], key[1]).kilometers)
        return found

    def within(self, one: str, other: str, limit_km: float) -> bool:
        """Whether the distance is at most ``limit_km``, to the millimetre."""
        chord = math.dist(self._at(one), self._at(other))
        if chord > limit_km + 1e-5:
            return False
        if chord < _chord_inside(limit_km):
            return True
        return millimetres(self.km(one, other)) <= millimetres(limit_km)

    def central(self, candidates: Iterable[str], members: Iterable[str]) -> dict[str, float]:
        """Sums of distances to ``members``, of every candidate that may have the smallest one."""
        everyone = list(members)
        points = [self._at(m) for m in everyone]
        for limits in (_coarse_limits, _fine_limits):
            ranges = {c: limits(self._at(c), points) for c in candidates}
            least = min((high for _, high in ranges.values()), default=0.0)
            candidates = [c for c, (low, _) in ranges.items() if low <= least + 2 * TIE_KM]
        return {c: math.fsum(self.km(c, m) for m in everyone) for c in candidates}

    def _at(self, esms_id: str) -> Point:
        """Geocentric position on the ellipsoid, km."""
        position = self._position[esms_id]
        found = self._point.get(position)
        if found is None:
            lat, lon = math.radians(position[0]), math.radians(position[1])
            e2 = _FLATTENING * (2 - _FLATTENING)
            n = _EQUATOR_KM / math.sqrt(1 - e2 * math.sin(lat) ** 2)
            found = self._point[position] = (
                n * math.cos(lat) * math.cos(lon),
                n * math.cos(lat) * math.sin(lon),
                n * (1 - e2) * math.sin(lat),
            )
        return found


@cache
def _chord_inside(limit_km: float) -> float:
    """A chord below which the distance is below ``limit_km``."""
    angle = limit_km / (2 * _SHORT_RADIUS_KM)
    return 2 * _SHORT_RADIUS_KM * math.sin(min(angle, math.pi / 2)) * (1 - _SLACK) - 1e-6


def distance_limits(chord: float) -> tuple[float, float]:
    """Two kilometres between which the distance of two points with this chord lies."""
    at_least = 2 * _LONG_RADIUS_KM * math.asin(chord / (2 * _LONG_RADIUS_KM)) * (1 - _SLACK)
    angle = chord / (2 * _SHORT_RADIUS_KM)
    return at_least, 2 * _SHORT_RADIUS_KM * math.asin(angle) * (1 + _SLACK) if angle < 1 else math.inf


def _coarse_limits(point: Point, others: Sequence[Point]) -> tuple[float, float]:
    """Limits of a sum of distances: no arc is under its chord, the longest stretches it most."""
    chords = [math.dist(point, other) for other in others]
    longest = max(chords)
    if longest == 0.0:
        return 0.0, 0.0
    total = math.fsum(chords)
    return total, total * (distance_limits(longest)[1] / longest)


def _fine_limits(point: Point, others: Sequence[Point]) -> tuple[float, float]:
    limits = [distance_limits(math.dist(point, other)) for other in others]
    return math.fsum(low for low, _ in limits), math.fsum(high for _, high in limits)
