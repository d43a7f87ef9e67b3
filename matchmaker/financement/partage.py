"""Who pays and who receives which part: régions, organismes; always whole euros that add up.

When to modify: a text shares a funding in another way.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matchmaker.baremes.citations import Citation
from matchmaker.baremes.conventions import Topic
from matchmaker.financement.appel import Appel
from matchmaker.financement.montants import Montants
from matchmaker.financement.projet import Membre


@dataclass(frozen=True, slots=True)
class RegionShare:
    """``by_number``: pro rata of the ESMS, as the text says; ``by_place``: where amounts arise."""

    region: str
    esms: int
    by_number_eur: int
    by_place_eur: int


@dataclass(frozen=True, slots=True)
class Partage:
    """Shares of the régions that the members are in; ``silent``: what is said where the text says nothing."""

    rule: str
    shares: tuple[RegionShare, ...]
    silent: str | None
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class OrganismeShare:
    """What an organisme's own ESMS bring; the aids of the whole project are in nobody's share."""

    organisme: str
    esms: int
    small: bool
    own_eur: int


def whole_shares(total_eur: int, weights: Mapping[str, int | Fraction]) -> dict[str, int]:
    """``total_eur`` shared by weights: rounded down, then one euro each to the largest remainders.

    Equal remainders go to the lower key; the parts add up to the total, and no part is a euro away from
    exact.
    """
    whole = sum(weights.values())
    if not whole:
        return {}
    exact = {key: Fraction(total_eur * weight) / whole for key, weight in sorted(weights.items())}
    shares = {key: part.numerator // part.denominator for key, part in exact.items()}
    left = total_eur - sum(shares.values())
    for key in sorted(exact, key=lambda k: (shares[k] - exact[k], k))[:left]:
        shares[key] += 1
    return shares


def by_region(appel: Appel, montants: Montants, kept: Sequence[Membre]) -> Partage:
    """Rule R10: literal (number of ESMS), and by real place beside it; common aids by number in both."""
    settled = appel.settled(Topic.REGION_SHARE)
    members = Counter(m.region for m in kept)
    number = whole_shares(montants.total_eur, members)
    common = Fraction(montants.common_eur, len(kept) or 1)
    places: dict[str, int | Fraction] = {region: common * count for region, count in members.items()}
    for membre in kept:
        places[membre.region] += montants.by_member[membre.id]
    place = whole_shares(montants.total_eur, places)
    rule = next(c.rule for c in appel.rules.conventions if c.topic is Topic.REGION_SHARE)
    shares = tuple(RegionShare(r, members[r], number.get(r, 0), place.get(r, 0)) for r in sorted(members))
    return Partage(rule, shares, settled.silent, settled.citations)


def by_organisme(montants: Montants, kept: Sequence[Membre]) -> tuple[OrganismeShare, ...]:
    """What each organisme's ESMS bring, by id."""
    members: dict[str, list[str]] = {}
    for membre in kept:
        members.setdefault(membre.organisme, []).append(membre.id)
    return tuple(
        OrganismeShare(og, len(ids), og in montants.small, sum(montants.by_member[i] for i in ids))
        for og, ids in sorted(members.items())
    )
