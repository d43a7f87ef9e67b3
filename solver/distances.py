"""Geodesic distances of the search (WGS 84, by pyproj); the judge has its own.

Positions are decimal degrees, distances kilometres. Limits are compared to the millimetre, inclusive.
Most pairs are decided on the sphere: its distances are within 0.6 % of the geodesic, so only the pairs in
a thin ring round the limit are measured on the ellipsoid.

When to modify: another ellipsoid, or another way to find who is near whom.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
from pyproj import Geod

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

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


def neighbours(lat: Floats, lon: Floats, radius_km: float, group: Ints) -> tuple[Ints, npt.NDArray[np.int32]]:
    """Who is within ``radius_km`` of whom inside each group, itself included: ``(indptr, indices)``.

    ``indices[indptr[i]:indptr[i + 1]]`` are the neighbours of ``i`` in increasing order. Memory grows with
    the number of pairs in reach, never with the square of the number of points (unless all are in reach).
    """
    count = len(lat)
    vectors = unit_vectors(lat, lon)
    keys = [np.arange(count, dtype=np.int64) * (count + 1)]
    for first, second in _candidate_pairs(vectors, radius_km, group):
        keep = _within(lat, lon, vectors, first, second, radius_km)
        first, second = first[keep], second[keep]
        keys += [first * count + second, second * count + first]
    key = np.concatenate(keys)
    key.sort()
    indptr = np.zeros(count + 1, dtype=np.int64)
    np.cumsum(np.bincount(key // count, minlength=count), out=indptr[1:])
    return indptr, (key % count).astype(np.int32)


def _within(
    lat: Floats, lon: Floats, vectors: Floats, first: Ints, second: Ints, radius_km: float
) -> npt.NDArray[np.bool_]:
    difference = vectors[first] - vectors[second]
    chord2 = np.einsum("ij,ij->i", difference, difference)
    inside = chord2 <= _chord2(radius_km * (1.0 - SPHERE_ERROR))
    ring = np.flatnonzero(~inside & (chord2 <= _chord2(radius_km * (1.0 + SPHERE_ERROR) + 1e-5)))
    exact = geodesic_km(lat[first[ring]], lon[first[ring]], lat[second[ring]], lon[second[ring]])
    inside[ring] = millimetres(exact) <= millimetres(radius_km)
    return np.asarray(inside, dtype=np.bool_)


def _chord2(km: float) -> float:
    """Squared chord, on the unit sphere, of an arc of ``km``."""
    return float(4.0 * np.sin(min(km / EARTH_RADIUS_KM, np.pi) / 2.0) ** 2)


def _candidate_pairs(vectors: Floats, radius_km: float, group: Ints) -> Iterator[tuple[Ints, Ints]]:
    """Pairs (i, j) of one group in the same or adjacent cells of a cubic grid, each pair once."""
    edge = 2.0 * np.sin(min(radius_km * (1.0 + SPHERE_ERROR) / EARTH_RADIUS_KM, np.pi) / 2.0) + 1e-9
    cell = np.floor((vectors + 1.0) / edge).astype(np.int64) + 1
    side = int(cell.max(initial=0)) + 2
    key = ((group * side + cell[:, 0]) * side + cell[:, 1]) * side + cell[:, 2]
    order = np.argsort(key, kind="stable")
    cells, start = np.unique(key[order], return_index=True)
    stop = np.append(start[1:], len(key))
    for dx, dy, dz in np.ndindex(3, 3, 3):
        shift = ((dx - 1) * side + (dy - 1)) * side + (dz - 1)
        if shift < 0:
            continue
        at = np.searchsorted(cells, cells + shift)
        found = np.flatnonzero((at < len(cells)) & (cells[np.minimum(at, len(cells) - 1)] == cells + shift))
        yield from _cell_products(order, start, stop, found, at[found], same=shift == 0)


def _cell_products(
    order: Ints, start: Ints, stop: Ints, ours: Ints, theirs: Ints, *, same: bool
) -> Iterator[tuple[Ints, Ints]]:
    """All pairs of points between cells ``ours[k]`` and ``theirs[k]``, a bounded number at a time."""
    point = _ranges(start[ours], stop[ours] - start[ours])
    begin = np.repeat(start[theirs], stop[ours] - start[ours])
    end = np.repeat(stop[theirs], stop[ours] - start[ours])
    if same:
        begin = point + 1
    length = end - begin
    done = np.cumsum(length)
    cut = 0
    while cut < len(length):
        before = done[cut - 1] if cut else 0
        upto = max(cut + 1, int(np.searchsorted(done, before + _PAIRS_AT_ONCE)))
        part = slice(cut, upto)
        yield order[np.repeat(point[part], length[part])], order[_ranges(begin[part], length[part])]
        cut = upto


def _ranges(begin: Ints, length: Ints) -> Ints:
    """The concatenation of ``begin[k], begin[k] + 1, ...`` (``length[k]`` numbers each)."""
    before = np.cumsum(length) - length
    return np.asarray(np.arange(int(length.sum())) + np.repeat(begin - before, length), dtype=np.int64)


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
