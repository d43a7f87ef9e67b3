"""Distances of verification against geopy: everywhere on Earth, and to the millimetre at the limit."""

from __future__ import annotations

import numpy as np
from geopy.distance import geodesic

from solver.verify.distances import places, vincenty_km, within


def test_vincenty_agrees_with_karney() -> None:
    drawn = np.random.default_rng(1)
    lat, lon = drawn.uniform(-89, 89, (2, 300)), drawn.uniform(-180, 180, (2, 300))
    lat[1, :150], lon[1, :150] = (
        lat[0, :150] + drawn.normal(0, 0.5, 150),
        lon[0, :150] + drawn.normal(0, 0.5, 150),
    )
    lat[1, :10], lon[1, :10] = lat[0, :10], lon[0, :10]
    lat = np.clip(lat, -90, 90)
    km = vincenty_km(*np.radians([lat[0], lon[0], lat[1], lon[1]]))
    for k in range(300):
        due = geodesic((lat[0, k], lon[0, k]), (lat[1, k], ((lon[1, k] + 180) % 360) - 180)).kilometers
        assert np.isnan(km[k]) or abs(km[k] - due) < 1e-6


def test_the_limit_is_inclusive_to_the_millimetre() -> None:
    drawn = np.random.default_rng(2)
    lat, lon = 45 + drawn.normal(0, 0.3, 12), 3 + drawn.normal(0, 0.3, 12)
    where = places(lat, lon)
    for i, j in ((0, 1), (2, 3), (4, 5), (6, 7)):
        km = geodesic((lat[i], lon[i]), (lat[j], lon[j])).kilometers
        for limit, due in ((round(km, 6), True), (round(km, 6) - 1e-6, False), (round(km, 6) + 1e-6, True)):
            assert bool(within(where, where, limit)[i, j]) is due


def test_every_pair_is_decided_as_geopy_does() -> None:
    drawn = np.random.default_rng(3)
    lat, lon = 45 + drawn.normal(0, 1.0, 40), 3 + drawn.normal(0, 1.0, 40)
    where = places(lat, lon)
    for limit in (0.0, 5.0, 60.0, 119.5, 250.0, 15_000.0):
        near = within(where, where, limit)
        at = list(zip(lat, lon, strict=True))
        due = [[geodesic(one, other).kilometers <= limit for other in at] for one in at]
        assert (near == np.array(due)).all()


def test_antipodes_do_not_break_it() -> None:
    where = places(np.array([0.0, 0.3]), np.array([0.0, 179.7]))
    km = geodesic((0.0, 0.0), (0.3, 179.7)).kilometers
    assert bool(within(where, where, km + 0.001)[0, 1])
    assert not bool(within(where, where, km - 0.001)[0, 1])
