"""Drawn organismes and ESMS: sizes, places, names, invalid FINESS numbers. Everything here is fictitious.

When to modify: drawn establishments must look different.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from matchmaker.demo import recipe as rule
from matchmaker.demo.chance import Stream, Urn
from matchmaker.reference import Commune, communes, departements
from solver.vocabulary import Champ

# No département has the number 99 in FINESS, so no real number starts with it.
_FINESS_OG = "990{region}{number:04}"
_FINESS_ESMS = "991{region}{number:04}"
_KM_PER_DEGREE = 111.2
_TRIES = 12

_NAMES = (
    "Les Tilleuls",
    "Les Glycines",
    "La Garenne",
    "Le Lavoir",
    "Les Micocouliers",
    "La Passerelle",
    "Le Pré Vert",
    "Les Amandiers",
    "La Source",
    "Les Quatre Vents",
    "Le Moulin Neuf",
    "Les Oliviers",
    "La Clairière",
    "Les Hirondelles",
    "Le Grand Chêne",
    "La Fontaine",
    "Les Coquelicots",
    "L’Estive",
    "La Capelle",
    "Les Genêts",
)


@dataclass(frozen=True, slots=True)
class DrawnOg:
    """A fictitious organisme; ``esms_total`` also counts the ESMS it is said to have elsewhere."""

    finess_ej: str
    name: str
    champ: Champ
    esms_total: int


@dataclass(frozen=True, slots=True)
class DrawnEsms:
    """A fictitious ESMS; ``category``: code of FINESS, ``og``: FINESS juridique of its organisme."""

    finess_et: str
    og: str
    name: str
    champ: Champ
    category: str
    commune: Commune
    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """``closed``: ESMS of these organismes that closed; the register alone knows them."""

    ogs: tuple[DrawnOg, ...]
    esms: tuple[DrawnEsms, ...]
    closed: tuple[DrawnEsms, ...] = ()


def draw_establishments(recipe: rule.Recipe, seed: int) -> Drawn:
    """Organismes of each champ until its number of ESMS is reached, then the small OG of the recipe."""
    stream = Stream(seed, f"{recipe.region}/establishments")
    places = _Places(recipe.region)
    ogs: list[DrawnOg] = []
    esms: list[DrawnEsms] = []
    for champ, wanted in recipe.drawn.items():
        left = wanted
        while left:
            size = min(stream.weighted(rule.SIZES[champ]), left)
            left -= size
            home = stream.pick(places.everywhere)
            og = _organisme(stream, len(ogs), champ, size, home)
            ogs.append(og)
            for place in places.around(stream, home, size):
                esms.append(_esms(stream, len(esms), og, place))
    closed: list[DrawnEsms] = []
    if recipe.small_og is not None:
        og, four = _small_og(recipe.small_og, len(ogs), len(esms))
        ogs.append(og)
        esms += four
        closed.append(_at(len(esms), og, "449", "Foyer", four[0].commune, four[0].lat, four[0].lon))
    return Drawn(tuple(_told_apart(ogs)), tuple(_numbered(esms)), tuple(_numbered(closed)))


class _Places:
    """Communes of a région with at least SMALLEST_COMMUNE inhabitants, drawn by their population."""

    def __init__(self, region: str) -> None:
        inside = [
            c
            for c in communes().values()
            if c.region == region and c.parent is None and c.population >= rule.SMALLEST_COMMUNE
        ]
        self.everywhere = _urn(inside)
        codes = sorted({c.departement for c in inside})
        self._urns = {code: _urn([c for c in inside if c.departement == code]) for code in codes}

    def around(self, stream: Stream, home: Commune, count: int) -> Iterator[Commune]:
        """``count`` communes: ``home``, then others of its département within OG_REACH_KM."""
        yield home
        for _ in range(count - 1):
            tries = (stream.pick(self._urns[home.departement]) for _ in range(_TRIES))
            yield next((c for c in tries if _apart_km(home, c) <= rule.OG_REACH_KM), home)


def _urn(found: Sequence[Commune]) -> Urn[Commune]:
    return Urn.of(found, [c.population for c in found])


def _organisme(stream: Stream, number: int, champ: Champ, size: int, home: Commune) -> DrawnOg:
    elsewhere = stream.between(15, 80) if stream.per_cent(rule.LARGER_THAN_CAMPAIGN) else 0
    words = stream.weighted([(name, 1) for name in _NAMES])
    name = f"{words} – {departements()[home.departement].name} (organisme fictif)"
    return DrawnOg(_FINESS_OG.format(region=home.region, number=number), name, champ, size + elsewhere)


def _esms(stream: Stream, number: int, og: DrawnOg, place: Commune) -> DrawnEsms:
    code, short = stream.weighted([((code, short), w) for code, short, w in rule.CATEGORIES[og.champ]])
    lat, lon = _near(stream, place)
    return _at(number, og, code, short, place, lat, lon)


def _at(number: int, og: DrawnOg, code: str, short: str, place: Commune, lat: float, lon: float) -> DrawnEsms:
    return DrawnEsms(
        finess_et=_FINESS_ESMS.format(region=place.region, number=number),
        og=og.finess_ej,
        name=f"{short} {place.name}",
        champ=og.champ,
        category=code,
        commune=place,
        lat=lat,
        lon=lon,
    )


def _near(stream: Stream, place: Commune) -> tuple[float, float]:
    """A point around the centre of a commune, the wider the more inhabitants (4 km at most)."""
    radius_km = min(4.0, 0.3 * math.sqrt(place.population / 1000)) * math.sqrt(stream.unit())
    angle = 2 * math.pi * stream.unit()
    lat = place.lat + radius_km * math.sin(angle) / _KM_PER_DEGREE
    lon = place.lon + radius_km * math.cos(angle) / (_KM_PER_DEGREE * math.cos(math.radians(place.lat)))
    return round(lat, 5), round(lon, 5)


def _apart_km(one: Commune, other: Commune) -> float:
    """Flat distance, good enough to draw neighbours."""
    east = (one.lon - other.lon) * math.cos(math.radians(one.lat))
    return math.hypot(one.lat - other.lat, east) * _KM_PER_DEGREE


def _small_og(departement: str, og_number: int, first: int) -> tuple[DrawnOg, list[DrawnEsms]]:
    """An organisme of four PH ESMS in the four largest communes of a département."""
    name = f"Les Coteaux – {departements()[departement].name} (organisme fictif)"
    og = DrawnOg(
        _FINESS_OG.format(region=departements()[departement].region, number=og_number), name, Champ.PH, 4
    )
    largest = sorted(
        (c for c in communes().values() if c.departement == departement), key=lambda c: -c.population
    )[:4]
    kinds = (("183", "IME"), ("246", "ESAT"), ("446", "SAVS"), ("448", "EAM"))
    four = [
        _at(first + i, og, code, short, place, place.lat, place.lon)
        for i, ((code, short), place) in enumerate(zip(kinds, largest, strict=True))
    ]
    return og, four


def _told_apart(ogs: Sequence[DrawnOg]) -> Iterator[DrawnOg]:
    """Organismes of one name get a number."""
    seen: Counter[str] = Counter()
    for og in ogs:
        seen[og.name] += 1
        words, rest = og.name.split(" – ")
        yield og if seen[og.name] == 1 else replace(og, name=f"{words} {seen[og.name]} – {rest}")


def _numbered(esms: Sequence[DrawnEsms]) -> Iterator[DrawnEsms]:
    seen: Counter[str] = Counter()
    for one in esms:
        seen[one.name] += 1
        number = f" {seen[one.name]}" if seen[one.name] > 1 else ""
        yield replace(one, name=f"{one.name}{number} (fictif)")
