"""An organisme as others are compared with it: what its ESMS are, and could be in a grappe of.

Never shown as it is: see ``cells``.

When to modify: partners are compared by something more.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from geopy.distance import EARTH_RADIUS

from solver.instance import Esms
from solver.judge import Judge
from solver.judge.grappe_rules import minimum_size
from solver.judge.reasons import Offer, ReasonCheck
from solver.vocabulary import Need

# An offer, and what may not be mixed with anything else in a grappe of this campaign.
Kind = tuple[Offer, Hashable]
Direction = tuple[float, float, float]  # on the sphere of radius 1


@dataclass(frozen=True)
class Profile:
    """An organisme with an ESMS that asks for something.

    ``champ``, ``departement``, ``region``: those of most of its ESMS. ``dui``: code of the solution that most
    of them have now. ``kinds``: how many of its ESMS could be in a grappe of each kind. ``position``: mean of
    its ESMS, degrees. ``minimum``: ESMS that a grappe of its own must count.
    """

    id: int
    code: str
    champ: str
    departement: str
    region: str
    dui: str | None
    medicalised: bool
    needs: frozenset[str]
    can_be_porteur: bool
    position: tuple[float, float]
    esms: tuple[Esms, ...]
    kinds: Mapping[Kind, int]
    minimum: int

    @cached_property
    def offered(self) -> frozenset[Kind]:
        """All kinds that one of its ESMS at least could be in a grappe of."""
        return frozenset(self.kinds)

    @cached_property
    def direction(self) -> Direction:
        """Where ``position`` lies, seen from the centre of the Earth."""
        lat, lon = math.radians(self.position[0]), math.radians(self.position[1])
        return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)

    @property
    def size(self) -> int:
        return len(self.esms)


def arc_km(one: Direction, other: Direction) -> float:
    """Kilometres along the great circle, on geopy's sphere; a page measures a thousand of them."""
    radius: float = EARTH_RADIUS
    return 2.0 * radius * math.asin(min(1.0, math.dist(one, other) / 2.0))


class Profiler:
    """Makes profiles under the rules of one campaign; thousands of ESMS answer the same."""

    def __init__(self, judge: Judge) -> None:
        """``judge``: of the campaign, with or without its ESMS."""
        self._judge = judge
        self._checks = ReasonCheck(judge)
        self._taken: dict[Hashable, tuple[Kind, ...]] = {}

    def kinds(self, e: Esms) -> tuple[Kind, ...]:
        """What an ESMS that the campaign does not leave out could be in a grappe of."""
        answer = (e.champ, e.need, e.current_solution, e.accepted_solutions, e.accepted_hosting)
        found = self._taken.get(answer)
        if found is None:
            class_ = self._checks.kind(e)
            found = self._taken[answer] = tuple((offer, class_) for offer in self._checks.offers(e))
        return found

    def profile(
        self, number: int, code: str, esms: Iterable[Esms], excluded: Collection[str], cared: Collection[str]
    ) -> Profile | None:
        """The profile of the organisme in this row; None when none of its ESMS asks for anything.

        Parameters
        ----------
        excluded, cared
            Codes of the ESMS that the campaign leaves out, and of those that are medicalised.
        """
        some = tuple(e for e in esms if e.need is not Need.AUCUN and e.id not in excluded)
        if not some:
            return None
        have = [e.current_solution for e in some if e.current_solution is not None]
        return Profile(
            id=number,
            code=code,
            champ=_most([e.champ.value for e in some]),
            departement=_most([e.departement for e in some]),
            region=_most([e.region for e in some]),
            dui=_most(have) if have else None,
            medicalised=any(e.id in cared for e in some),
            needs=frozenset([e.need.value for e in some]),
            can_be_porteur=any(e.can_be_porteur for e in some),
            position=(sum([e.lat for e in some]) / len(some), sum([e.lon for e in some]) / len(some)),
            esms=some,
            kinds=self._counted(some),
            minimum=minimum_size(self._judge.bench, list(some)),
        )

    def _counted(self, some: Sequence[Esms]) -> Mapping[Kind, int]:
        found: dict[Kind, int] = {}
        for kinds, number in Counter([self.kinds(e) for e in some]).items():
            for kind in kinds:
                found[kind] = found.get(kind, 0) + number
        return found


def _most(words: Sequence[str]) -> str:
    """The most frequent, the first in the order of words when several are."""
    counted = Counter(words)
    return min(counted, key=lambda word: (-counted[word], word))
