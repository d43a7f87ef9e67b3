"""Which pairs lie within a radius: straight lines through the Earth settle it, at the edge geodesics.

A geodesic of WGS 84 bends with a radius of curvature between that of the meridian at the equator and that at
the pole, so its length lies between the two arcs over the same chord (Schur's comparison theorem). At 60 km
the two arcs differ by 5 mm: all but a few pairs in a million are settled without a geodesic.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from solver.distances import geodesic_km, millimetres

_EQUATORIAL_KM = 6378.137
_FLATTENING = 1 / 298.257223563
_ECCENTRICITY2 = _FLATTENING * (2 - _FLATTENING)
_SHARPEST_BEND_KM = _EQUATORIAL_KM * (1 - _ECCENTRICITY2)  # meridian at the equator
_FLATTEST_BEND_KM = _EQUATORIAL_KM / (1 - _FLATTENING)  # at the pole
_MARGIN_KM = 1e-5  # the millimetre of the comparison, generously
_NOISE_KM2 = 1e-6  # floating point of the squares below

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


def cartesian_km(coordinates: Floats) -> Floats:
    """(n, 2) degrees -> (n, 3) kilometres from the centre of the Earth, on the ellipsoid."""
    lat, lon = np.radians(coordinates[:, 0]), np.radians(coordinates[:, 1])
    normal = _EQUATORIAL_KM / np.sqrt(1 - _ECCENTRICITY2 * np.sin(lat) ** 2)
    return np.stack(
        [
            normal * np.cos(lat) * np.cos(lon),
            normal * np.cos(lat) * np.sin(lon),
            normal * (1 - _ECCENTRICITY2) * np.sin(lat),
        ],
        axis=1,
    )


@dataclass(frozen=True)
class Places:
    """Positions, (n, 2) degrees, with their place in space."""

    coordinates: Floats

    @cached_property
    def points(self) -> Floats:
        return cartesian_km(self.coordinates)

    def __getitem__(self, which: NDArray[np.int64]) -> Places:
        some = Places(self.coordinates[which])
        some.__dict__["points"] = self.points[which]  # fills the cached property
        return some

    def __len__(self) -> int:
        return len(self.coordinates)


def within_radius(here: Places, there: Places, radius_km: float) -> Bools:
    """(n, m): is the geodesic, to the millimetre, at most ``radius_km``?"""
    if not np.isfinite(radius_km) or not len(here) or not len(there):
        return np.ones((len(here), len(there)), dtype=bool)
    # seen from one of them: the squares then lose no digit that matters
    centre = here.points[0]
    a, b = here.points - centre, there.points - centre
    own, other = (a**2).sum(axis=1), (b**2).sum(axis=1)
    # |a|^2 - 2ab + |b|^2 as one product
    squared = np.column_stack([-2 * a, own, np.ones_like(own)]) @ np.vstack([b.T, np.ones_like(other), other])
    surely: Bools = squared <= _chord_km(radius_km - _MARGIN_KM, _SHARPEST_BEND_KM) ** 2 - _NOISE_KM2
    perhaps = squared <= _chord_km(radius_km + _MARGIN_KM, _FLATTEST_BEND_KM) ** 2 + _NOISE_KM2
    if np.count_nonzero(perhaps) > np.count_nonzero(surely):
        i, j = np.divmod(np.flatnonzero(perhaps ^ surely), len(there))
        (lat1, lon1), (lat2, lon2) = here.coordinates[i].T, there.coordinates[j].T
        surely[i, j] = millimetres(geodesic_km(lat1, lon1, lat2, lon2)) <= millimetres(radius_km)
    return surely


def _chord_km(arc_km: float, bend_km: float) -> float:
    """Length of the chord under an arc; a longer arc than half a turn reaches everything."""
    if arc_km <= 0:
        return 0.0
    return 2 * bend_km * float(np.sin(min(arc_km / (2 * bend_km), np.pi / 2)))
