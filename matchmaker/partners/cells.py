"""Cells: what may be shown of an organisme without saying which it is.

What in a cell somebody could look up (where it is, whom it serves, how many ESMS, which DUI, how far)
is the same for all its organismes, and they are at least ``least``. Who knows the whole register and this
program still has that many candidates for each card. Finer cells first; an organisme in too small a company
is shown in a coarser one, then not at all (decision 0124).

When to modify: a card shows something more that could be looked up: it goes into ``Cell`` and ``_STEPS``.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from geopy.distance import great_circle

from matchmaker.partners.profiles import Profile, arc_km

BANDS: tuple[tuple[int, int | None], ...] = ((1, 1), (2, 4), (5, 9), (10, 14), (15, 29), (30, None))
STEP_KM = 15


@dataclass(frozen=True, slots=True)
class Cell:
    """What at least ``least`` organismes have in common.

    ``departements``: where they are, by code; empty: somewhere in ``region``. ``champ`` None: several.
    ``least_esms``, ``most_esms`` (None: no limit): how many ESMS. ``detailed``: ``dui`` (None: none) and
    ``medicalised`` are those of all of them; otherwise neither is known.
    """

    region: str
    departements: tuple[str, ...]
    champ: str | None
    least_esms: int
    most_esms: int | None
    detailed: bool
    dui: str | None
    medicalised: bool
    members: frozenset[int]


@lru_cache(maxsize=1024)
def band(size: int) -> tuple[int, int | None]:
    """The band of a number of ESMS."""
    return next(one for one in BANDS if one[1] is None or size <= one[1])


Key = Callable[[Profile], Hashable]
_STEPS: tuple[Key, ...] = (
    lambda p: (p.region, p.departement, p.champ, band(p.size), p.dui, p.medicalised),
    lambda p: (p.region, p.departement, p.champ, band(p.size)),
    lambda p: (p.region, p.departement, p.champ),
)


def cells(profiles: Collection[Profile], least: int) -> dict[int, Cell]:
    """The cell of each organisme that may be shown; those that may not are absent."""
    left = sorted(profiles, key=lambda p: p.id)
    found: dict[int, Cell] = {}
    for number, key in enumerate(_STEPS):
        left = _take(found, _grouped(left, key), least, detailed=number == 0)
    neighbours = [
        chunk
        for _place, some in sorted(_grouped(left, lambda p: (p.region, p.champ)).items(), key=str)
        for chunk in _neighbours(some, least)
    ]
    left = _take(found, dict(enumerate(neighbours)), least)
    left = _take(found, _grouped(left, lambda p: p.region), least, anywhere=True)
    _widen(found, left, {p.id: p for p in profiles})
    return found


def far_km(cell: Cell, profiles: Mapping[int, Profile], seen_from: Profile) -> tuple[int, int]:
    """Kilometres as the crow flies between which all organismes of a cell are, in steps of ``STEP_KM``."""
    here = seen_from.direction
    km = [arc_km(here, profiles[number].direction) for number in cell.members]
    return int(min(km) // STEP_KM) * STEP_KM, (int(max(km) // STEP_KM) + 1) * STEP_KM


def _grouped(profiles: Iterable[Profile], key: Key) -> dict[Hashable, list[Profile]]:
    groups: dict[Hashable, list[Profile]] = {}
    for profile in profiles:
        groups.setdefault(key(profile), []).append(profile)
    return groups


def _take(
    found: dict[int, Cell],
    groups: Mapping[Hashable, list[Profile]],
    least: int,
    *,
    detailed: bool = False,
    anywhere: bool = False,
) -> list[Profile]:
    """Make cells of the groups that are large enough; returns who is left."""
    left = []
    for some in groups.values():
        if len(some) < least:
            left += some
            continue
        cell = _cell(some, detailed, anywhere)
        found |= dict.fromkeys(cell.members, cell)
    return left


def _widen(found: dict[int, Cell], left: Sequence[Profile], profiles: Mapping[int, Profile]) -> None:
    """Let who is left into the smallest cell of their public, in their département if there is one.

    It then says less of all its members. Without a cell of their public they stay out.
    """
    joining: dict[Cell, list[Profile]] = {}
    for profile in left:
        near = [c for c in set(found.values()) if (c.region, c.champ) == (profile.region, profile.champ)]
        if near:
            chosen = min(
                near,
                key=lambda c: (profile.departement not in c.departements, len(c.members), min(c.members)),
            )
            joining.setdefault(chosen, []).append(profile)
    for cell, some in joining.items():
        wider = _cell(
            [*(profiles[number] for number in sorted(cell.members)), *some],
            detailed=False,
            anywhere=not cell.departements,
        )
        found |= dict.fromkeys(wider.members, wider)


def _cell(some: Sequence[Profile], detailed: bool, anywhere: bool) -> Cell:
    bands = [band(p.size) for p in some]
    highs = [high for _low, high in bands]
    champs = {p.champ for p in some}
    return Cell(
        region=some[0].region,
        departements=() if anywhere else tuple(sorted({p.departement for p in some})),
        champ=champs.pop() if len(champs) == 1 else None,
        least_esms=min(low for low, _high in bands),
        most_esms=None if None in highs else max(high for high in highs if high is not None),
        detailed=detailed,
        dui=some[0].dui if detailed else None,
        medicalised=detailed and some[0].medicalised,
        members=frozenset(p.id for p in some),
    )


def _neighbours(some: Sequence[Profile], least: int) -> list[list[Profile]]:
    """Organismes of one public and région, whole départements put together from neighbour to neighbour until
    each part is large enough; what remains at the end joins the last part."""
    places = _grouped(some, lambda p: p.departement)
    middles = {place: _middle(inside) for place, inside in places.items()}
    parts: list[list[Profile]] = []
    part: list[Profile] = []
    here = min(middles, key=lambda place: (middles[place][1], str(place)), default=None)
    while here is not None:
        part += places[here]
        at = middles.pop(here)
        if len(part) >= least:
            parts.append(part)
            part = []
        here = min(middles, key=lambda p: (great_circle(at, middles[p]).kilometers, str(p)), default=None)
    if parts:
        parts[-1] += part
        return parts
    return [part]


def _middle(some: Sequence[Profile]) -> tuple[float, float]:
    lats, lons = [p.position[0] for p in some], [p.position[1] for p in some]
    return sum(lats) / len(lats), sum(lons) / len(lons)
