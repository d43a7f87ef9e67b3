"""Distances of the search against the ellipsoid, pair by pair."""

from __future__ import annotations

import numpy as np
import pytest

from solver import distances


def every_pair_km(lat: distances.Floats, lon: distances.Floats) -> distances.Floats:
    i, j = (a.ravel() for a in np.indices((len(lat), len(lat))))
    return distances.geodesic_km(lat[i], lon[i], lat[j], lon[j]).reshape(len(lat), len(lat))


@pytest.mark.parametrize("radius_km", [0.001, 60.0, 500.0, 3000.0, 15000.0, 20003.0])
def test_neighbours_on_the_whole_globe(radius_km: float) -> None:
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(-90, 90, 250), rng.uniform(-180, 180, 250)
    lat[:120], lon[:120] = rng.uniform(43, 45, 120), rng.uniform(0, 3, 120)
    lat[120:124], lon[120:124] = [90, -90, 0, 0], [0, 0, 180, -180]
    indptr, near = distances.neighbours(lat, lon, radius_km)
    found = np.zeros((250, 250), dtype=bool)
    for i in range(250):
        found[i, near[indptr[i] : indptr[i + 1]]] = True
    expected = distances.millimetres(every_pair_km(lat, lon)) <= distances.millimetres(radius_km)
    assert (found == expected).all()


def test_the_limit_is_inclusive_to_the_millimetre() -> None:
    lat, lon = np.array([44.0, 44.0, 44.0]), np.array([2.0, 2.5, 2.5])
    km = float(distances.geodesic_km(lat[:1], lon[:1], lat[1:2], lon[1:2])[0])
    exact = round(km, 6)
    indptr, near = distances.neighbours(lat, lon, exact)
    assert near[indptr[0] : indptr[1]].tolist() == [0, 1, 2]
    indptr, near = distances.neighbours(lat, lon, exact - 1e-6)
    assert near[indptr[0] : indptr[1]].tolist() == [0]


def test_most_central_takes_the_first_of_those_tied() -> None:
    lat, lon = np.array([44.0, 44.0, 44.0, 44.0]), np.array([2.0, 2.0, 3.0, 3.0])
    assert distances.most_central(lat, lon, [1, 0, 2]) == 1
    assert distances.most_central(np.array([44.0, 44.1, 44.3]), np.array([2.0] * 3), [0, 1, 2]) == 1


@pytest.mark.parametrize("radius_km", [0.5, 40.0, 90.0, 15000.0])
def test_who_reaches_all_is_who_is_within_the_radius_of_each(radius_km: float) -> None:
    rng = np.random.default_rng(5)
    for _ in range(40):
        spread = float(rng.choice([0.002, 0.4, 40.0]))
        lat, lon = rng.uniform(44, 44 + spread, 9), rng.uniform(2, 2 + spread, 9)
        near = distances.millimetres(every_pair_km(lat, lon)) <= distances.millimetres(radius_km)
        chosen = [0, 3, 4, 8]
        assert distances.reaching(lat, lon, chosen, radius_km) == near[chosen].all(axis=1).tolist()
