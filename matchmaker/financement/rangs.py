"""Who is paid in full, who at the reduced rate beyond the 49th, who beyond the cap.

The documents do not say which members sit beyond the 49th. Default: those whose reduction costs least, the
largest total; ``spread_eur`` is what the worst choice would take from it, so that a page can print both.

When to modify: a call ranks its members in another way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from matchmaker.baremes.conventions import Topic
from matchmaker.baremes.needs import FundedNeed
from matchmaker.baremes.rules import Bound, Measure, Rank, Version
from matchmaker.financement.appel import Appel, Rate
from matchmaker.financement.projet import Membre, Projet
from solver.vocabulary import Champ


@dataclass(frozen=True)
class Ranked:
    """``paid``: each member with its forfaits. ``unpaid``: members between full and reduced rate (K08), with
    the bound that says so. ``beyond_cap``: not funded at all. ``assumption``: said on the lines if it
    matters.
    """

    paid: tuple[tuple[Membre, tuple[Rate, ...]], ...]
    unpaid: tuple[tuple[Membre, tuple[Measure, Version]], ...] = ()
    beyond_cap: tuple[Membre, ...] = ()
    assumption: str | None = None
    spread_eur: int = 0
    when: Mapping[str, str] = field(default_factory=dict)
    tail_when: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Candidate:
    membre: Membre
    first: tuple[Rate, ...]
    beyond: tuple[Rate, ...]

    @property
    def first_eur(self) -> int:
        return sum(r.version.value for r in self.first)

    @property
    def beyond_eur(self) -> int:
        return sum(r.version.value for r in self.beyond)

    @property
    def loss_eur(self) -> int:
        return self.first_eur - self.beyond_eur


def rank_members(appel: Appel, projet: Projet, kept: Sequence[Membre]) -> Ranked:
    """Ranks under this call: a cap (regional), a reduced rate (national), or neither."""
    candidates, when = _candidates(appel, projet, kept)
    most = appel.limit(Bound.MAXIMUM_SIZE)
    if most is not None and len(candidates) > most:
        return _capped(candidates, most, when)
    full = appel.limit(Bound.FULL_RATE_MEMBERS)
    if full is None or len(candidates) <= full:
        return Ranked(tuple((c.membre, c.first) for c in candidates), when=when)
    return _reduced(appel, candidates, full, when)


def _candidates(
    appel: Appel, projet: Projet, kept: Sequence[Membre]
) -> tuple[list[_Candidate], Mapping[str, str]]:
    """Each member with its forfaits; under reading K27 a mixed project may be paid at one rate."""
    kinds: dict[tuple[FundedNeed, Champ], tuple[tuple[Rate, ...], tuple[Rate, ...]]] = {}
    found = []
    for membre in kept:
        kind = (membre.need, membre.champ)
        if kind not in kinds:
            rates = appel.rates(membre.need, membre.champ, projet.referenced)
            beyond = tuple(r for r in rates if r.rank is Rank.BEYOND)
            kinds[kind] = (tuple(r for r in rates if r.rank is not Rank.BEYOND), beyond)
        found.append(_Candidate(membre, *kinds[kind]))
    mixed = len({c.first_eur for c in found if c.first}) > 1
    settled = appel.settled(Topic.MIXED_PROJECT)
    if not mixed:
        return found, {}
    if settled.value != "plus-bas":
        return found, settled.when
    lowest = min((c for c in found if c.first), key=lambda c: (c.first_eur, c.membre.id))
    same = [c if not c.first else _Candidate(c.membre, lowest.first, lowest.beyond) for c in found]
    return same, settled.when


def _capped(candidates: list[_Candidate], most: int, when: Mapping[str, str]) -> Ranked:
    by_worth = sorted(candidates, key=lambda c: (-c.first_eur, c.membre.id))
    paid, left = by_worth[:most], by_worth[most:]
    worst = sum(c.first_eur for c in by_worth[-most:])
    spread = sum(c.first_eur for c in paid) - worst
    return Ranked(
        paid=tuple((c.membre, c.first) for c in paid),
        beyond_cap=tuple(c.membre for c in left),
        assumption=_assumption(spread, f"les {most} ESMS financés donnent le total le plus élevé"),
        spread_eur=spread,
        when=when,
    )


def _reduced(appel: Appel, candidates: list[_Candidate], full: int, when: Mapping[str, str]) -> Ranked:
    """The first ``full`` at full rate; the others at the reduced rate, from the rank their bound gives."""
    by_loss = sorted(candidates, key=lambda c: (-c.loss_eur, c.membre.id))
    best, unpaid = _tail(appel, by_loss[full:], full)
    worst_tail, _ = _tail(appel, by_loss[: len(by_loss) - full], full)
    kept_best = sum(c.first_eur for c in by_loss[:full]) + sum(c.beyond_eur for c in best)
    kept_worst = sum(c.first_eur for c in by_loss[len(by_loss) - full :]) + sum(
        c.beyond_eur for c in worst_tail
    )
    spread = kept_best - kept_worst
    readings: dict[str, str] = {}
    for _, version in appel.bounds(Bound.REDUCED_RATE_FROM):
        readings |= dict(version.when)
    return Ranked(
        paid=(
            *((c.membre, c.first) for c in by_loss[:full]),
            *((c.membre, c.beyond) for c in best),
        ),
        unpaid=unpaid,
        assumption=_assumption(
            spread, f"les {full} ESMS payés au plein tarif sont ceux qui donnent le total le plus élevé"
        ),
        spread_eur=spread,
        when=when,
        tail_when=readings,
    )


def _tail(
    appel: Appel, tail: Sequence[_Candidate], full: int
) -> tuple[list[_Candidate], tuple[tuple[Membre, tuple[Measure, Version]], ...]]:
    """Those of the tail that are paid, and those whose rank comes before the reduced rate starts.

    Ranks ``full + 1``… go first to members whose bound allows them, then to those that lose least.
    """
    waiting = sorted(tail, key=lambda c: (_from(appel, c)[0], c.beyond_eur, c.membre.id))
    paid: list[_Candidate] = []
    unpaid: list[tuple[Membre, tuple[Measure, Version]]] = []
    for rank, candidate in enumerate(waiting, full + 1):
        start, bound = _from(appel, candidate)
        if rank >= start or bound is None:
            paid.append(candidate)
        else:
            unpaid.append((candidate.membre, bound))
    return paid, tuple(unpaid)


def _from(appel: Appel, candidate: _Candidate) -> tuple[int, tuple[Measure, Version] | None]:
    """From which rank its need is paid at the reduced rate; 0 when no bound says."""
    for measure, version in appel.bounds(Bound.REDUCED_RATE_FROM):
        if any(candidate.membre.need in a.needs for a in version.applies):
            return version.limit, (measure, version)
    return 0, None


def _assumption(spread: int, words: str) -> str | None:
    return f"hypothèse : {words}" if spread else None
