"""Distances of the judge: geodesics on WGS 84 by geopy, each pair measured once.

Kilometres. A geodesic costs 0.2 ms, so comparisons that need no exact value use limits on it drawn from the
straight lines through the Earth, many at once: any curve on the ellipsoid bends between the two radii below.

When to modify: another ellipsoid.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
import numpy.typing as npt
from geopy.distance import geodesic

from solver.instance import Esms

TIE_KM = 1e-6  # a porteur within a millimetre of the smallest sum is not refused for the difference
NOISE_KM = 1e-10  # sums closer than this are equal
# WGS 84: normal curvature radii lie between b^2/a = 6335.44 km and a^2/b = 6399.59 km.
_SHORT_RADIUS_KM, _LONG_RADIUS_KM = 6335.0, 6400.0
_EQUATOR_KM, _FLATTENING = 6378.137, 1 / 298.257223563
_SLACK = 1e-7  # relative: torsion of the geodesic and rounding, with room to spare

_PAIRS_AT_ONCE = 400_000
_KEPT_MEMBERS = 64  # answers about at most so many are kept: grappes, which are asked about again and again
_ROUNDS = 40  # of Vincenty's iteration: three or four but for points nearly opposite

_UNKNOWN: tuple[Mapping[str, int], None] = ({}, None)

Position = tuple[float, float]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def millimetres(km: float) -> int:
    """Whole millimetres, what limits are compared in."""
    return round(km * 1e6)


class Distances:
    """Distances between the ESMS of one instance.

    The same grappe is asked about when its porteur is elected, when it is judged, and when the document that
    holds it is: what was answered about positions alone is kept.
    """

    def __init__(self, esms: Iterable[Esms]) -> None:
        self._position: Mapping[str, Position] = {e.id: (e.lat, e.lon) for e in esms}
        self._place = {id_: place for place, id_ in enumerate(self._position)}
        degrees = np.array(list(self._position.values()), dtype=float).reshape(-1, 2)
        self._radians = np.radians(degrees)
        self._points = _geocentric_km(degrees)
        self._km: dict[tuple[Position, Position], float] = {}
        self._within: dict[object, list[bool]] = {}
        self._reaching: dict[object, list[str]] = {}
        self._excess: dict[object, Mapping[str, float]] = {}
        self._among: dict[tuple[str, ...], tuple[Mapping[str, int], Floats]] = {}
        self._around: dict[tuple[str, tuple[str, ...]], list[float]] = {}

    def learn(self, grappes: Iterable[tuple[str, Sequence[str]]]) -> None:
        """Measure at once what is about to be asked about many grappes (porteur, members) one by one.

        What was learnt before is forgotten; ids that do not exist are for others to refuse.
        """
        known = [
            (porteur, tuple(members))
            for porteur, members in grappes
            if 0 < len(members) <= _KEPT_MEMBERS and self._place.keys() >= {porteur, *members}
        ]
        place = np.array([self._place[m] for _, members in known for m in members], dtype=np.int64)
        size = np.array([len(members) for _, members in known], dtype=np.int64)
        start = np.concatenate(([0], np.cumsum(size)))
        mine = np.repeat(np.arange(len(known)), size**2)  # of each pair of members, its grappe
        pair = np.arange(len(mine)) - np.repeat(np.cumsum(size**2) - size**2, size**2)
        one, other = np.divmod(pair, size[mine])
        between = self._points[place[start[mine] + one]] - self._points[place[start[mine] + other]]
        chords = np.sqrt(np.einsum("ij,ij->i", between, between))
        at = np.array([self._place[porteur] for porteur, _ in known], dtype=np.int64)
        km = _vincenty_km(self._radians[np.repeat(at, size)], self._radians[place])
        self._among, self._around, cut = {}, {}, 0
        for k, (porteur, members) in enumerate(known):
            n = len(members)
            order = {id_: i for i, id_ in enumerate(members)}
            self._among[members] = order, chords[cut : cut + n * n].reshape(n, n)
            self._around[porteur, members] = self._completed(porteur, members, km[start[k] : start[k + 1]])
            cut += n * n

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

    def from_one(self, one: str, others: Sequence[str]) -> list[float]:
        """The distances of some from one, many at once: Vincenty's formula, which differs from the geodesic
        by far less than the millimetre; geopy's where it does not converge."""
        known = self._around.get((one, tuple(others)))
        if known is not None:
            return list(known)
        there = self._radians[[self._place[id_] for id_ in others]]
        here = np.broadcast_to(self._radians[self._place[one]], there.shape)
        return self._completed(one, others, _vincenty_km(here, there))

    def _completed(self, one: str, others: Sequence[str], km: Floats) -> list[float]:
        return [
            self.km(one, id_) if math.isnan(found) else found
            for id_, found in zip(others, km.tolist(), strict=True)
        ]

    def within(self, one: str, others: Sequence[str], limits_km: Sequence[float]) -> list[bool]:
        """Whether each of the others is at most its limit away, to the millimetre."""
        if len(others) > _KEPT_MEMBERS:
            return self._is_within(one, others, limits_km)
        key = (one, tuple(others), tuple(limits_km))
        if key not in self._within:
            self._within[key] = self._is_within(one, others, limits_km)
        return self._within[key]

    def _is_within(self, one: str, others: Sequence[str], limits_km: Sequence[float]) -> list[bool]:
        (chords,) = self._chords([one], others)
        inside, beyond = _settled(chords, np.array(limits_km, dtype=float))
        found: list[bool] = inside.tolist()
        for place in np.flatnonzero(~inside & ~beyond).tolist():
            km = self.km(one, others[place])
            found[place] = millimetres(km) <= millimetres(limits_km[place])
        return found

    def reaching(
        self, candidates: Sequence[str], members: Sequence[str], limits_km: Sequence[float]
    ) -> list[str]:
        """The candidates from which each member is at most its limit away, to the millimetre."""
        if max(len(candidates), len(members)) > _KEPT_MEMBERS:
            return self._reach_all(candidates, members, limits_km)
        key = (tuple(candidates), tuple(members), tuple(limits_km))
        if key not in self._reaching:
            self._reaching[key] = self._reach_all(candidates, members, limits_km)
        return self._reaching[key]

    def _reach_all(
        self, candidates: Sequence[str], members: Sequence[str], limits_km: Sequence[float]
    ) -> list[str]:
        limits = np.array(limits_km, dtype=float)
        found = []
        for some, chords in self._blocks(candidates, members):
            inside, beyond = _settled(chords, limits)
            for row in np.flatnonzero(~beyond.any(axis=1)).tolist():
                doubtful = np.flatnonzero(~inside[row]).tolist()
                if all(
                    millimetres(self.km(some[row], members[place])) <= millimetres(limits_km[place])
                    for place in doubtful
                ):
                    found.append(some[row])
        return found

    def excess_km(self, candidates: Sequence[str], members: Sequence[str]) -> Mapping[str, float]:
        """How much the sum of distances to ``members`` exceeds the smallest one.

        Only of candidates that may have the smallest, which include all those within a millimetre of it;
        empty when there is no candidate. A candidate that limits show to be alone is not measured.
        """
        if max(len(candidates), len(members)) > _KEPT_MEMBERS:
            return self._excess_of(candidates, members)
        key = (tuple(candidates), tuple(members))
        if key not in self._excess:
            self._excess[key] = self._excess_of(candidates, members)
        return self._excess[key]

    def _excess_of(self, candidates: Sequence[str], members: Sequence[str]) -> Mapping[str, float]:
        left = list(candidates)
        for limits in (_coarse_limits, _fine_limits):
            sums = [limits(chords) for _, chords in self._blocks(left, members)]
            low = np.concatenate([s[0] for s in sums] or [np.zeros(0)])
            high = np.concatenate([s[1] for s in sums] or [np.zeros(0)])
            most = float(high.min(initial=math.inf)) + 2 * TIE_KM
            left = [c for c, least in zip(left, low.tolist(), strict=True) if least <= most]
        if len(left) == 1:
            return {left[0]: 0.0}
        exact = {c: math.fsum(self.km(c, m) for m in members) for c in left}
        smallest = min(exact.values(), default=0.0)
        return {c: km - smallest for c, km in exact.items()}

    def _blocks(self, here: Sequence[str], there: Sequence[str]) -> Iterator[tuple[Sequence[str], Floats]]:
        """Some of ``here`` at a time, with their chords to all of ``there``."""
        step = max(1, _PAIRS_AT_ONCE // max(1, len(there)))
        for first in range(0, len(here), step):
            some = here[first : first + step]
            yield some, self._chords(some, there)

    def _chords(self, here: Sequence[str], there: Sequence[str]) -> Floats:
        """(here, there) lengths of the straight lines through the Earth, km."""
        if len(there) <= _KEPT_MEMBERS:
            order, known = self._among.get(tuple(there), _UNKNOWN)
            if known is not None and order.keys() >= set(here):
                return known[[order[id_] for id_ in here]]
        a = self._points[[self._place[id_] for id_ in here]]
        b = self._points[[self._place[id_] for id_ in there]]
        between = a[:, None, :] - b[None, :, :]
        lengths: Floats = np.sqrt(np.einsum("ijk,ijk->ij", between, between))
        return lengths


def _geocentric_km(positions: Floats) -> Floats:
    """(n, 2) degrees -> (n, 3) positions on the ellipsoid."""
    lat, lon = np.radians(positions[:, 0]), np.radians(positions[:, 1])
    e2 = _FLATTENING * (2 - _FLATTENING)
    n = _EQUATOR_KM / np.sqrt(1 - e2 * np.sin(lat) ** 2)
    x, y = n * np.cos(lat) * np.cos(lon), n * np.cos(lat) * np.sin(lon)
    points: Floats = np.stack([x, y, n * (1 - e2) * np.sin(lat)], axis=1)
    return points


def _vincenty_km(here: Floats, there: Floats) -> Floats:
    """(n, 2) radians each -> (n,) kilometres; NaN where the iteration does not converge.

    Inverse formula of Vincenty, Survey Review 23, 1975.
    """
    f, b_km = _FLATTENING, _EQUATOR_KM * (1 - _FLATTENING)
    reduced = np.arctan((1 - f) * np.tan(there[:, 0]))
    own = np.arctan((1 - f) * np.tan(here[:, 0]))
    s1, c1, s2, c2 = np.sin(own), np.cos(own), np.sin(reduced), np.cos(reduced)
    far = there[:, 1] - here[:, 1]
    lam, moved = far, np.full(far.shape, math.inf)
    with np.errstate(invalid="ignore", divide="ignore"):
        for _ in range(_ROUNDS):
            sine = np.hypot(c2 * np.sin(lam), c1 * s2 - s1 * c2 * np.cos(lam))
            cosine = s1 * s2 + c1 * c2 * np.cos(lam)
            sigma = np.arctan2(sine, cosine)
            azimuth = np.where(sine > 0, c1 * c2 * np.sin(lam) / sine, 0.0)
            square = 1 - azimuth**2
            middle = np.where(square > 0, cosine - 2 * s1 * s2 / square, 0.0)
            c = f / 16 * square * (4 + f * (4 - 3 * square))
            bent = sigma + c * sine * (middle + c * cosine * (2 * middle**2 - 1))
            before, lam = lam, far + (1 - c) * f * azimuth * bent
            moved = np.abs(lam - before)
            if not (moved > 1e-13).any():
                break
        u = square * (_EQUATOR_KM**2 - b_km**2) / b_km**2
        a = 1 + u / 16384 * (4096 + u * (-768 + u * (320 - 175 * u)))
        b = u / 1024 * (256 + u * (-128 + u * (74 - 47 * u)))
        inner = cosine * (2 * middle**2 - 1) - b / 6 * middle * (4 * sine**2 - 3) * (4 * middle**2 - 3)
        km = b_km * a * (sigma - b * sine * (middle + b / 4 * inner))
    found: Floats = np.where((moved <= 1e-13) & np.isfinite(km), km, math.nan)
    return found


def _settled(chords: Floats, limits_km: Floats) -> tuple[Bools, Bools]:
    """Which chords belong to distances surely within the limits, and surely beyond; between them: measure."""
    angle = np.minimum(limits_km / (2 * _SHORT_RADIUS_KM), math.pi / 2)
    inside = 2 * _SHORT_RADIUS_KM * np.sin(angle) * (1 - _SLACK) - 1e-6
    return chords < inside, chords > limits_km + 1e-5


def distance_limits(chords: Floats) -> tuple[Floats, Floats]:
    """Two kilometres between which the distance of two points with each chord lies."""
    at_least = 2 * _LONG_RADIUS_KM * np.arcsin(chords / (2 * _LONG_RADIUS_KM)) * (1 - _SLACK)
    angle = chords / (2 * _SHORT_RADIUS_KM)
    arcs = 2 * _SHORT_RADIUS_KM * np.arcsin(np.minimum(angle, 1.0)) * (1 + _SLACK)
    return at_least, np.where(angle < 1.0, arcs, math.inf)


def _coarse_limits(chords: Floats) -> tuple[Floats, Floats]:
    """Limits of each row's sum: no arc is under its chord, the longest stretches it most."""
    longest, total = chords.max(axis=1), chords.sum(axis=1)
    stretch = distance_limits(longest)[1] / np.where(longest > 0.0, longest, 1.0)
    return total * (1 - _SLACK), total * np.where(longest > 0.0, stretch, 1.0)


def _fine_limits(chords: Floats) -> tuple[Floats, Floats]:
    low, high = distance_limits(chords)
    return low.sum(axis=1), high.sum(axis=1)
