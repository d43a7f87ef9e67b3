"""The works of the benchmarks: draws that never change, at the size asked for, in the places asked for."""

from __future__ import annotations

import hashlib
import json

import pytest

from benchmarks.regions import all_regions, draw_region
from benchmarks.works import WORKS


def digest(document: object) -> str:
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("regions", "size", "seed", "expected"),
    [(["76"], 400, 1, "a202b18e492dc8c9"), (["04", "06"], 150, 2, "979ebc05b0d874f0")],
)
def test_a_draw_of_a_given_seed_never_changes(
    regions: list[str], size: int, seed: int, expected: str
) -> None:
    assert digest(draw_region(regions, size, seed, max_radius_km=60.0)) == expected


def test_france_has_eighteen_regions() -> None:
    assert len(all_regions()) == 18


@pytest.mark.parametrize(
    ("name", "size", "regions"),
    [("overseas", 100, 1), ("region-1700", 1_700, 1), ("two-regions", 6_000, 2)],
)
def test_a_work_has_its_size_and_its_regions(name: str, size: int, regions: int) -> None:
    document = WORKS[name].draw(1)
    assert len(document["esms"]) == size
    assert len({e["region"] for e in document["esms"]}) == regions
    real = [e for e in document["esms"] if e["id"].startswith("pa-")]
    assert 0 < len(real) < size
    assert all(not e["fictitious"] for e in real)
