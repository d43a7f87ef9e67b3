"""Who is within the radius of whom, measured a third time (neither pyproj's nor the judge's code).

Most pairs are decided by the straight line through the Earth. The others are measured with Vincenty's inverse
formula (Survey Review 23, 1975), whose error is far below the centimetre where it converges; what is within a
centimetre of the limit, or does not converge, is measured with geopy (Karney 2013).

When to modify: another ellipsoid.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from geopy.distance import geodesic

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

A_KM, FLATTENING = 6378.137, 1 / 298.257223563  # WGS 84
B_KM = A_KM * (1 - FLATTENING)
LONGEST_KM = 20_100.0  # above every geodesic of the ellipsoid (20,003.9 km): no limit at all
# A geodesic bends at most as a circle of the smallest radius of curvature, b^2 / a = 6335.4 km.
_TIGHTEST_KM = 6335.0
_DOUBT_KM = 1e-5  # a centimetre
_ROUNDS = 60


class Places(NamedTuple):
    """Positions: radians, and geocentric kilometres (n, 3)."""

    lat: Floats
    lon: Floats
    point: Floats


def places(lat: Floats, lon: Floats) -> Places:
    """From decimal degrees, WGS 84."""
    phi, lam = np.radians(lat), np.radians(lon)
    e2 = FLATTENING * (2 - FLATTENING)
    n = A_KM / np.sqrt(1 - e2 * np.sin(phi) ** 2)
    point = np.stack(
        [n * np.cos(phi) * np.cos(lam), n * np.cos(phi) * np.sin(lam), n * (1 - e2) * np.sin(phi)], axis=-1
    )
    return Places(phi, lam, point)


def within(here: Places, there: Places, limit_km: float) -> Bools:
    """(n, m): whether the distance is at most ``limit_km``, to the millimetre."""
    chord2 = np.zeros((len(here.lat), len(there.lat)))
    for axis in range(3):
        chord2 += (here.point[:, axis][:, None] - there.point[:, axis][None, :]) ** 2
    angle = min(limit_km / (2 * _TIGHTEST_KM), np.pi / 2)
    surely = 2 * _TIGHTEST_KM * np.sin(angle) * (1 - 1e-6) - 1e-6
    near: Bools = np.asarray(chord2 <= surely**2 if surely > 0 else np.zeros(chord2.shape, dtype=bool))
    i, j = np.nonzero(~near & (chord2 <= (limit_km + _DOUBT_KM) ** 2))
    if len(i):
        near[i, j] = _measured(here, there, i, j, limit_km)
    return near


def _measured(here: Places, there: Places, i: Ints, j: Ints, limit_km: float) -> Bools:
    km = vincenty_km(here.lat[i], here.lon[i], there.lat[j], there.lon[j])
    for k in np.flatnonzero(~(np.abs(km - limit_km) > _DOUBT_KM)):
        one, other = (
            (float(np.degrees(p.lat[at[k]])), float(np.degrees(p.lon[at[k]])))
            for p, at in ((here, i), (there, j))
        )
        km[k] = geodesic(one, other).kilometers
    return np.asarray(np.rint(km * 1e6) <= np.rint(limit_km * 1e6), dtype=bool)


def vincenty_km(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Geodesic distances (radians in, kilometres out), NaN where the iteration does not converge."""
    f = FLATTENING
    u1, u2, far = np.arctan((1 - f) * np.tan(lat1)), np.arctan((1 - f) * np.tan(lat2)), lon2 - lon1
    sin1, cos1, sin2, cos2 = np.sin(u1), np.cos(u1), np.sin(u2), np.cos(u2)
    lam, moved = far.copy(), np.full(far.shape, np.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(_ROUNDS):
            sin_s = np.hypot(cos2 * np.sin(lam), cos1 * sin2 - sin1 * cos2 * np.cos(lam))
            cos_s = sin1 * sin2 + cos1 * cos2 * np.cos(lam)
            sigma = np.arctan2(sin_s, cos_s)
            sin_a = np.where(sin_s > 0, cos1 * cos2 * np.sin(lam) / sin_s, 0.0)
            cos2_a = 1 - sin_a**2
            mid = np.where(cos2_a > 0, cos_s - 2 * sin1 * sin2 / cos2_a, 0.0)
            c = f / 16 * cos2_a * (4 + f * (4 - 3 * cos2_a))
            new = far + (1 - c) * f * sin_a * (sigma + c * sin_s * (mid + c * cos_s * (2 * mid**2 - 1)))
            moved, lam = np.abs(new - lam), new
            if not (moved > 1e-12).any():
                break
        u = cos2_a * (A_KM**2 - B_KM**2) / B_KM**2
        a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
        b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
        inner = cos_s * (2 * mid**2 - 1) - b / 6 * mid * (4 * sin_s**2 - 3) * (4 * mid**2 - 3)
        km = B_KM * a * (sigma - b * sin_s * (mid + b / 4 * inner))
    return np.asarray(np.where(moved <= 1e-12, km, np.nan), dtype=np.float64)
