"""The grappes of a plan as columns: what a page compares a few ESMS with thousands of grappes by.

Made once for a plan, which never changes; a page then works on arrays.

When to modify: ESMS are kept out of a grappe by something more than its offer, place and size.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from math import pi, sin
from operator import attrgetter

import numpy as np
from numpy.typing import NDArray

from matchmaker.proposals.distances import kilometres_between
from matchmaker.proposals.plan import Esms, Grappe, Plan
from solver.vocabulary import Territory

_RADIUS_KM = 6371.0088
# Arcs on that sphere and geodesics of the ellipsoid are 0.6 % apart at most: only between these is one drawn.
_SURELY, _MAYBE = 0.99, 1.01
_BEYOND = 5.0  # the longest line in the sphere of radius 1 has 4 for its square

# What a porteur and its members share.
PLACES: Mapping[str, Callable[[Esms], str]] = {
    Territory.REGION.value: attrgetter("region"),
    Territory.DEPARTEMENT.value: attrgetter("departement"),
}


@dataclass(frozen=True)
class Columns:
    """A row for each grappe, in the plan's order.

    ``offer``: number of its offer; ``offering``: the first grappe of each offer. ``rank``: place in the order
    of ids. ``organismes``: how many are in it; ``rows_of``: organisme -> rows of the grappes it is in.
    ``lat``, ``lon``, ``direction``: of the porteur, degrees and from the centre of the Earth, sphere of
    radius 1. ``place``: number of its territory; ``places``: these numbers (empty: any territory will do).
    """

    offer: NDArray[np.intp]
    offering: tuple[Grappe, ...]
    rank: NDArray[np.intp]
    size: NDArray[np.int64]
    organismes: NDArray[np.int64]
    rows_of: Mapping[str, NDArray[np.intp]]
    lat: NDArray[np.float64]
    lon: NDArray[np.float64]
    direction: NDArray[np.float64]
    place: NDArray[np.intp]
    places: Mapping[str, int]

    def within(self, e: Esms, territory: str, limit_km: float | None) -> NDArray[np.bool_]:
        """Of each grappe, whether this ESMS is in its territory and within the limit of its porteur."""
        near = np.ones(len(self.size), dtype=np.bool_)
        if territory in PLACES:
            near &= self.place == self.places.get(PLACES[territory](e), -1)
        if limit_km is not None:
            here = _directions(np.array([e.lat]), np.array([e.lon]))
            chord = ((self.direction - here) ** 2).sum(axis=1)
            near &= chord <= _chord(limit_km * _MAYBE)
            doubtful = np.flatnonzero(near & (chord > _chord(limit_km * _SURELY)))
            if doubtful.size:
                away = kilometres_between(e.lat, e.lon, self.lat[doubtful], self.lon[doubtful])
                near[doubtful] = [round(km, 6) <= limit_km for km in away]
        return near


def columns(plan: Plan) -> Columns:
    """Those of a plan, made when they are first asked for."""
    made: Columns = plan.derived("columns of grappes", lambda: _made(plan))
    return made


def _made(plan: Plan) -> Columns:
    grappes, porteurs = plan.grappes, [g.porteur for g in plan.grappes]
    offers: dict[Hashable, int] = {}
    offer = [offers.setdefault(g.offer, len(offers)) for g in grappes]
    first = dict(zip(reversed(offer), reversed(grappes), strict=True))
    rows: dict[str, list[int]] = {}
    for row, grappe in enumerate(grappes):
        for organisme, _esms in grappe.organismes:
            rows.setdefault(organisme.id, []).append(row)
    rank = np.empty(len(grappes), dtype=np.intp)
    rank[sorted(range(len(grappes)), key=lambda row: grappes[row].id)] = np.arange(len(grappes))
    lat, lon = np.array([p.lat for p in porteurs]), np.array([p.lon for p in porteurs])
    territory = PLACES.get(plan.parameters["territory"])
    place, places = _numbered([] if territory is None else [territory(p) for p in porteurs])
    return Columns(
        offer=np.array(offer, dtype=np.intp),
        offering=tuple(first[number] for number in range(len(offers))),
        rank=rank,
        size=np.array([g.size for g in grappes], dtype=np.int64),
        organismes=np.array([len(g.organismes) for g in grappes], dtype=np.int64),
        rows_of={id_: np.array(some, dtype=np.intp) for id_, some in rows.items()},
        lat=lat,
        lon=lon,
        direction=_directions(lat, lon),
        place=place,
        places=places,
    )


def _numbered(words: Sequence[str]) -> tuple[NDArray[np.intp], Mapping[str, int]]:
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(word, len(numbers)) for word in words], dtype=np.intp), numbers


def _directions(lat: NDArray[np.float64], lon: NDArray[np.float64]) -> NDArray[np.float64]:
    north, east = np.radians(lat), np.radians(lon)
    return np.column_stack((np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)))


def _chord(km: float) -> float:
    """The square of the straight line under an arc, on the sphere of radius 1."""
    return 4.0 * sin(km / (2.0 * _RADIUS_KM)) ** 2 if km < pi * _RADIUS_KM else _BEYOND
