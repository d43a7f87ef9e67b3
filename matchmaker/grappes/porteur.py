"""Who could carry a grappe: each organisme by the criteria that the judge elects by, the suggestion first.

When to modify: a porteur is suggested by another criterion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matchmaker.grappes.checks import Verdict
from matchmaker.partners.question import Question


@dataclass(frozen=True, slots=True)
class Candidate:
    """An organisme that could carry. ``organisme``: code; ``esms``: name of its most central ESMS that may be
    porteur, None when it said that none may. ``farthest_km``, ``mean_km``: from that one to all members."""

    organisme: str
    esms: str | None
    count: int
    declined: bool
    suggested: bool
    farthest_km: float | None
    mean_km: float | None


def candidates(
    question: Question, verdict: Verdict, members: Sequence[str], declined: frozenset[str]
) -> list[Candidate]:
    """One line per organisme: the suggested one, then the others by mean distance."""
    instance, distances = question.instance, question.judge.distances
    here = [instance.esms_by_id[id_] for id_ in members if id_ in instance.esms_by_id]
    suggested = None if verdict.porteur is None else instance.esms_by_id[verdict.porteur].organisme
    found = []
    for code in sorted({e.organisme for e in here}):
        own = [e for e in here if e.organisme == code]
        means: Mapping[str, float] = {
            e.id: math.fsum(distances.km(e.id, other.id) for other in here) / len(here)
            for e in own
            if e.can_be_porteur
        }
        chosen = min(means, key=lambda id_: (means[id_], id_), default=None)
        if code == suggested:
            chosen = verdict.porteur
        found.append(
            Candidate(
                organisme=code,
                esms=None if chosen is None else instance.esms_by_id[chosen].name,
                count=len(own),
                declined=code in declined,
                suggested=code == suggested,
                farthest_km=None if chosen is None else max(distances.km(chosen, e.id) for e in here),
                mean_km=None if chosen is None else means.get(chosen),
            )
        )
    return sorted(
        found, key=lambda c: (not c.suggested, c.declined, math.inf if c.mean_km is None else c.mean_km)
    )
