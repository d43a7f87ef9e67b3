"""Who counts: the members that bring something, and the reason of each other.

When to modify: an exclusion looks at a new condition.
"""

from __future__ import annotations

from dataclasses import dataclass

from matchmaker.baremes.exclusions import Covers, Exclusion
from matchmaker.financement.appel import Appel
from matchmaker.financement.projet import Membre, Projet
from matchmaker.financement.trace import TraceLine, refused


@dataclass(frozen=True, slots=True)
class Screened:
    """``kept`` in the project's order; ``lines``: one « non retenu » per exclusion met."""

    kept: tuple[Membre, ...]
    lines: tuple[TraceLine, ...]


def screen(appel: Appel, projet: Projet) -> Screened:
    """Sort the members into those that count and those that do not (rules R20 to R47)."""
    kept: list[Membre] = []
    by_exclusion: dict[str, list[str]] = {}
    alike: dict[tuple[object, ...], Exclusion | None] = {}
    for membre in projet.members:
        # all that an exclusion looks at: members alike in it share the answer
        kind = (membre.need, membre.champ, membre.region, membre.prior, membre.traits, membre.socles)
        if kind not in alike:
            alike[kind] = exclusion_of(appel, projet, membre, Covers.ESMS)
        exclusion = alike[kind]
        if exclusion is None:
            kept.append(membre)
        else:
            by_exclusion.setdefault(exclusion.id, []).append(membre.id)
    lines = [
        refused(appel.rules, exclusion, by_exclusion[exclusion.id], appel.readings)
        for exclusion in appel.rules.exclusions
        if exclusion.id in by_exclusion
    ]
    return Screened(tuple(kept), tuple(lines))


def exclusion_of(appel: Appel, projet: Projet, membre: Membre, covers: Covers) -> Exclusion | None:
    """The first exclusion that holds for this member, in the order of the file."""
    found = (
        e
        for e in appel.exclusions
        if e.covers is covers and (projet.later_rules or not e.optional) and _meets(e, projet, membre)
    )
    return next(found, None)


def _meets(exclusion: Exclusion, projet: Projet, membre: Membre) -> bool:
    if exclusion.regions and membre.region not in exclusion.regions:
        return False
    if exclusion.prior and not exclusion.prior & membre.prior:
        return False
    if exclusion.fewer_socles_than is not None and (
        membre.socles is None or membre.socles >= exclusion.fewer_socles_than
    ):
        return False
    return (
        membre.need in exclusion.needs
        and membre.champ in exclusion.champs
        and projet.referenced in exclusion.referenced
        and exclusion.traits <= membre.traits
    )
