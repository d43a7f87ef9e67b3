"""Geodesic distances of the search (WGS 84, by pyproj); the judge has its own.

Positions are decimal degrees, distances kilometres. Limits are compared to the millimetre, inclusive.
Most pairs are decided on the sphere: its distances are within 0.6 % of the geodesic, so only the pairs in
a thin ring round the limit are measured on the ellipsoid.

When to modify: another ellipsoid, or another way to find who is near whom.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from pyproj import Geod
from scipy.spatial import cKDTree

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.integer]

EARTH_RADIUS_KM = 6371.0088  # mean radius, IUGG
SPHERE_ERROR = 0.008  # bound on |sphere / geodesic - 1|, above the 0.56 % of WGS 84's flattening
TIE_KM = 1e-9  # sums closer than a micrometre are equal: below the noise of either geodesic library
UNLIMITED_KM = 20_100.0  # above the longest geodesic on Earth (20,003.9 km)
_PAIRS_AT_ONCE = 2_000_000
_GEOD = Geod(ellps="WGS84")


def geodesic_km(lat1: Floats, lon1: Floats, lat2: Floats, lon2: Floats) -> Floats:
    """Geodesic distances, element by element; all four arrays have the same shape."""
    if lat1.size == 0:
        return np.zeros(lat1.shape)
    return np.asarray(_GEOD.inv(lon1, lat1, lon2, lat2)[2]) / 1000.0


def millimetres(km: Floats | float) -> Ints:
    """Whole millimetres: what limits are compared in."""
    return np.rint(np.asarray(km, dtype=np.float64) * 1e6).astype(np.int64)


def unit_vectors(lat: Floats, lon: Floats) -> Floats:
    """Points of the unit sphere, shape (n, 3)."""
    phi, lam = np.radians(lat), np.radians(lon)
    return np.stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)], axis=1)


def neighbours(lat: Floats, lon: Floats, radius_km: float) -> tuple[Ints, Ints]:
    """Who is within ``radius_km`` of whom, itself included: ``(indptr, indices)``.

    ``indices[indptr[i]:indptr[i + 1]]`` are the neighbours of ``i`` in increasing order. A tree of straight
    lines finds the candidates. Memory grows with the number of pairs in reach.
    """
    count = len(lat)
    vectors = unit_vectors(lat, lon)
    reach = np.sqrt(_chord2(radius_km * (1.0 + SPHERE_ERROR) + 1e-5)) * (1.0 + 1e-12)
    pairs = cKDTree(vectors).query_pairs(reach, output_type="ndarray")
    # Half as wide keys are sorted and taken apart twice as fast.
    wide = np.int32 if count * count < 2**31 else np.int64
    keys = [np.arange(count, dtype=wide) * (count + 1)]
    for cut in range(0, len(pairs), _PAIRS_AT_ONCE):
        first, second = pairs[cut : cut + _PAIRS_AT_ONCE].T.astype(wide)
        keep = _within(lat, lon, vectors, first, second, radius_km)
        first, second = first[keep], second[keep]
        keys += [first * count + second, second * count + first]
    del pairs
    key = np.concatenate(keys)
    del keys
    key.sort()
    point, near = np.divmod(key, wide(max(count, 1)))
    indptr = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(point, minlength=count), out=indptr[1:])
    return indptr, near


def reaching(lat: Floats, lon: Floats, candidates: Sequence[int], radius_km: float) -> list[bool]:
    """Per candidate (a position in ``lat``): whether all points are within ``radius_km`` of it.

    The sphere decides all but those near the limit.
    """
    vectors = unit_vectors(lat, lon)
    chord2 = ((vectors[list(candidates)][:, None, :] - vectors[None, :, :]) ** 2).sum(axis=2).max(axis=1)
    sure = chord2 <= _chord2(radius_km * (1.0 - SPHERE_ERROR))
    out = chord2 > _chord2(radius_km * (1.0 + SPHERE_ERROR) + 1e-5)
    found = []
    for place, i in enumerate(candidates):
        if not sure[place] and not out[place]:
            km = geodesic_km(np.full_like(lat, lat[i]), np.full_like(lon, lon[i]), lat, lon)
            found.append(bool((millimetres(km) <= millimetres(radius_km)).all()))
        else:
            found.append(bool(sure[place]))
    return found


def _within(
    lat: Floats,
    lon: Floats,
    vectors: Floats,
    first: npt.NDArray[np.integer],
    second: npt.NDArray[np.integer],
    radius_km: float,
) -> npt.NDArray[np.bool_]:
    chord2 = np.zeros(len(first))
    for axis in vectors.T:
        chord2 += (axis[first] - axis[second]) ** 2
    inside = chord2 <= _chord2(radius_km * (1.0 - SPHERE_ERROR))
    ring = np.flatnonzero(~inside)
    exact = geodesic_km(lat[first[ring]], lon[first[ring]], lat[second[ring]], lon[second[ring]])
    inside[ring] = millimetres(exact) <= millimetres(radius_km)
    return np.asarray(inside, dtype=np.bool_)


def _chord2(km: float) -> float:
    """Squared chord, on the unit sphere, of an arc of ``km``."""
    return float(4.0 * np.sin(min(km / EARTH_RADIUS_KM, np.pi) / 2.0) ** 2)


def sums_of_distances(lat: Floats, lon: Floats, candidates: Sequence[int]) -> Floats:
    """For each candidate (a position in ``lat``) the sum of its distances to all points, kilometres."""
    sums = np.zeros(len(candidates))
    for k, i in enumerate(candidates):
        sums[k] = geodesic_km(np.full(len(lat), lat[i]), np.full(len(lon), lon[i]), lat, lon).sum()
    return sums


def most_central(lat: Floats, lon: Floats, candidates: Sequence[int]) -> int:
    """The candidate with the smallest sum of distances to all points; the first of those tied.

    Candidates that the sphere already shows to be worse are not measured on the ellipsoid.
    """
    vectors = unit_vectors(lat, lon)
    rough = np.array([np.arccos(np.clip(vectors @ vectors[i], -1.0, 1.0)).sum() for i in candidates])
    slack = 1e-6 * len(lat)  # arccos loses half the digits between close points
    good = np.flatnonzero(rough <= rough.min() * (1.0 + 2.5 * SPHERE_ERROR) + slack).tolist()
    sums = sums_of_distances(lat, lon, [candidates[k] for k in good])
    return candidates[good[int(np.flatnonzero(sums <= sums.min() + TIE_KM)[0])]]
