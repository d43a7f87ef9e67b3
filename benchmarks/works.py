"""The works that the optimiser is measured on: each a drawn instance of a given seed, with a time limit.

Regions are drawn at real positions (``benchmarks.regions``): the elderly-care list as it is, other publics on
communes by population, operators' sizes as published. A work of a given name and seed never changes.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from scipy.spatial import cKDTree

from benchmarks.regions import all_regions, draw_region
from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.solve import solve

OVERSEAS = ("01", "02", "03", "04", "06")
LARGE = "76"  # Occitanie: 999 elderly-care establishments, mountains and plains
BASE_S = 60.0  # for the plan that a repair begins with
REFUSING = 0.05
STABILITY_EUR = 1_000
_EARTH_KM = 6371.0


@dataclass(frozen=True)
class Work:
    """``seconds``: the limit it is measured at; ``floor``, ``goal``: gaps asked for, in per cent."""

    seconds: float
    floor: float
    goal: float
    draw: Callable[[int], dict[str, Any]]


def _region(size: int, radius_km: float) -> Callable[[int], dict[str, Any]]:
    return lambda seed: draw_region([LARGE], size, seed, max_radius_km=radius_km)


def _overseas(seed: int) -> dict[str, Any]:
    return draw_region([OVERSEAS[seed % len(OVERSEAS)]], 100, seed, max_radius_km=60.0)


def _two_regions(seed: int) -> dict[str, Any]:
    return draw_region([LARGE, "75"], 6_000, seed, max_radius_km=60.0, territory="none")


def _france(seed: int) -> dict[str, Any]:
    return draw_region(all_regions(), 33_000, seed, max_radius_km=60.0)


def _repair(seed: int) -> dict[str, Any]:
    """A plan of 3,200 ESMS of which 5 % then refuse: whole grappes are fixed, the others are ``previous``."""
    document = draw_region([LARGE], 3_200, seed, max_radius_km=60.0)
    instance = read_instance(document)
    scale = scale_for(instance.regime, instance.parameters.readings)
    grappes = solve(instance, scale, time_limit_s=BASE_S, seed=seed, threads=2)["grappes"]
    placed = sorted(m for g in grappes for m in g["members"])
    refusing = set(random.Random(seed).sample(placed, round(REFUSING * len(placed))))
    whole = [g for g in grappes if not refusing.intersection(g["members"])]
    keys = ("id", "solution", "hosting", "porteur", "members")
    document["parameters"]["stability_eur_per_esms"] = STABILITY_EUR
    document["constraints"] = {
        "excluded": sorted(refusing),
        "fixed_grappes": [{**{k: g[k] for k in keys}, "extendable": True} for g in whole],
    }
    document["previous"] = [g for g in grappes if g not in whole]
    return document


WORKS = {
    "overseas": Work(30.0, 0.0, 0.0, _overseas),
    "region-1700": Work(60.0, 0.7, 0.2, _region(1_700, 60.0)),
    "region-3200-30s": Work(30.0, 2.0, 2.0, _region(3_200, 60.0)),
    "region-3200": Work(120.0, 0.8, 0.2, _region(3_200, 60.0)),
    "region-3200-120km": Work(90.0, 0.4, 0.1, _region(3_200, 120.0)),
    "two-regions": Work(180.0, 1.2, 0.4, _two_regions),
    "france": Work(600.0, 1.0, 0.3, _france),
    "repair": Work(30.0, 0.8, 0.2, _repair),
}


CURVE = (500, 1_000, 2_000, 4_000, 8_000, 16_000, 33_000)
_CURVE_S = 0.03  # seconds an ESMS, at most
_ALL = 33_000
_PLACES = 100


def around(size: int, seed: int) -> dict[str, Any]:
    """The ``size`` ESMS nearest to a place of metropolitan France, out of 33,000.

    Of some places drawn, the one about which their number grows most evenly with the area: the density is
    about the same at every size.
    """
    document = draw_region(all_regions(), _ALL, seed, max_radius_km=60.0)
    if size >= _ALL:
        return document
    vectors = _unit_vectors(document)

    def uneven(order: Any) -> float:
        """Spread of the logarithm of the density of the sizes of the curve."""
        area = [1.0 - float(vectors[order[n - 1]] @ vectors[order[0]]) for n in CURVE[:-1]]
        return float(np.std([math.log(n / a) for n, a in zip(CURVE[:-1], area, strict=True)]))

    inland = [k for k, e in enumerate(document["esms"]) if e["region"] not in (*OVERSEAS, "94")]
    drawn = random.Random(f"around {seed}").sample(inland, _PLACES)
    nearest = min((np.argsort(-(vectors @ vectors[k]), kind="stable") for k in drawn), key=uneven)[:size]
    document["esms"] = [document["esms"][k] for k in sorted(nearest.tolist())]
    held = {e["organisme"] for e in document["esms"]}
    document["organismes"] = [o for o in document["organismes"] if o["id"] in held]
    document["title"] = f"France tirée, {size} ESMS autour d’un lieu, graine {seed}"
    return document


def curve_works() -> dict[str, Work]:
    """``around`` at growing sizes, by name."""
    return {f"curve-{n}": Work(_CURVE_S * n, 1.0, 0.3, partial(around, n)) for n in CURVE}


def neighbours(document: dict[str, Any], radius_km: float = 60.0) -> float:
    """How many other ESMS an ESMS has within ``radius_km``, on average: how dense an instance is."""
    tree = cKDTree(_unit_vectors(document))
    near = tree.query_ball_point(tree.data, 2 * math.sin(radius_km / (2 * _EARTH_KM)), return_length=True)
    return round(float(np.mean(near)) - 1, 1)


def _unit_vectors(document: dict[str, Any]) -> Any:
    lat, lon = (np.radians([e[axis] for e in document["esms"]]) for axis in ("lat", "lon"))
    return np.stack([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)], axis=1)
