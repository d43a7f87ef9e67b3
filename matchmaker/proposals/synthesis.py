"""What an ARS reads of a plan: figures by place and by cause, no name.

When to modify: an ARS may read more of a plan.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from matchmaker.proposals.plan import Plan


@dataclass(frozen=True, slots=True)
class Place:
    """A département in a plan. ``causes``: ESMS left out, by reason; ``aside``: those that ask for nothing.

    ``placed`` + the causes + ``aside`` = ``esms``.
    """

    departement: str
    esms: int
    placed: int
    causes: tuple[int, ...]
    aside: int

    @property
    def left_out(self) -> int:
        return sum(self.causes)


def causes(plan: Plan) -> list[str]:
    """Reasons why ESMS that ask for something are left out, the most frequent first."""
    count = Counter(u.reason for u in plan.left_out)
    return sorted(count, key=lambda reason: (-count[reason], reason))


def by_departement(plan: Plan, reasons: Sequence[str]) -> list[Place]:
    """Every département of the plan, those with the most left out first."""
    left = Counter((u.esms.departement, u.reason) for u in plan.left_out)
    aside = Counter(u.esms.departement for u in plan.aside)
    placed = Counter(e.departement for g in plan.grappes for e in g.members)
    places = [
        Place(code, count, placed[code], tuple(left[code, reason] for reason in reasons), aside[code])
        for code, count in Counter(e.departement for e in plan.esms.values()).items()
    ]
    return sorted(places, key=lambda place: (-place.left_out, place.departement))


def map_of(places: Sequence[Place]) -> bytes:
    """The JSON of a map, as ``points.points``, without a point: ESMS left out by département."""
    counts = {place.departement: place.left_out for place in places if place.left_out}
    body = {"points": [], "grappes": [], "departements": dict(sorted(counts.items()))}
    return json.dumps(body, separators=(",", ":")).encode()
