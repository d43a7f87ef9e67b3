"""Positions of establishments: out of the projections that FINESS uses, and are they believable.

When to modify: a source writes its projection in another way, or an unbelievable position gets through.
"""

from __future__ import annotations

import math
import re
from functools import cache

from pyproj import Geod, Transformer

from matchmaker.reference import Commune

_GEOD = Geod(ellps="WGS84")

# Legal projection of each territory; metropolitan France and Corse otherwise.
_LAMBERT_93 = 2154
_BY_DEPARTEMENT = {"971": 5490, "972": 5490, "973": 2972, "974": 2975, "976": 4471}
_BY_UTM_ZONE = {"20": 5490, "21": 4467, "22": 2972, "38": 4471, "40": 2975}
_KNOWN = {_LAMBERT_93, 4559, 4326, 2970, *_BY_DEPARTEMENT.values(), *_BY_UTM_ZONE.values()}

_EPSG = re.compile(r"EPSG:\s*(\d{4,5})", re.I)
_LAMBERT = re.compile(r"\b(?:LAMBERT[ _-]?93|L93)(?![0-9])", re.I)
_UTM = re.compile(r"UTM[ _]*(?:ZONE)?[ _]*[NS]?[ _]*(\d{2})(?!\d)", re.I)
_UTM_OF_2021 = re.compile(r"UTM_N20\b", re.I)

# Farthest that an establishment may be from the centre of its commune, kilometres. Measured on 11,495 real
# positions: 17 are beyond, all wrong but the three of Saint-Laurent-du-Maroni (62 km), in Guyane where
# communes are as large as départements.
_REACH_KM = 25.0
_REACH_KM_GUYANE = 200.0


def projection(source: str, departement: str) -> int:
    """EPSG code of a FINESS position: what ``sourcecoordet`` names, else the legal one of the département.

    The spelling changed with the years: ``LAMBERT_93`` and ``UTM_N20`` (2021), ``L93_METROPOLE`` (2025),
    ``EPSG:5490 RGAF09/UTM Zone 20N (Antilles)`` (2026).
    """
    named = _EPSG.search(source)
    if named and int(named[1]) in _KNOWN:
        return int(named[1])
    if _LAMBERT.search(source):
        return _LAMBERT_93
    if _UTM_OF_2021.search(source):
        return 4559
    zone = _UTM.search(source)
    if zone and zone[1] in _BY_UTM_ZONE:
        return _BY_UTM_ZONE[zone[1]]
    return _BY_DEPARTEMENT.get(departement, _LAMBERT_93)


@cache
def _transformer(epsg: int) -> Transformer:
    return Transformer.from_crs(epsg, 4326, always_xy=True)


def to_degrees(x: float, y: float, epsg: int) -> tuple[float, float] | None:
    """(lat, lon) in decimal degrees of a point in metres; None when it lies outside the projection."""
    if epsg == 4326:
        lon, lat = x, y
    else:
        lon, lat = _transformer(epsg).transform(x, y)
    return on_earth(lat, lon)


def on_earth(lat: float, lon: float) -> tuple[float, float] | None:
    """The pair, rounded to 6 decimals (11 cm), when it is a latitude and a longitude."""
    if not (math.isfinite(lat) and math.isfinite(lon) and abs(lat) <= 90 and abs(lon) <= 180):
        return None
    return round(lat, 6), round(lon, 6)


def distance_km(lat: float, lon: float, commune: Commune) -> float:
    """Geodesic distance to the centre of a commune, kilometres."""
    metres: float = _GEOD.inv(lon, lat, commune.lon, commune.lat)[2]
    return metres / 1000


def is_believable(lat: float, lon: float, commune: Commune) -> bool:
    """Whether an establishment of this commune can be there."""
    reach = _REACH_KM_GUYANE if commune.departement == "973" else _REACH_KM
    return distance_km(lat, lon, commune) <= reach
