"""Drawn answers: what each organisme asks for, accepts, and how its contracts bind its ESMS.

Even for real establishments: nobody asked them anything. When to modify: the campaign must show other causes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from matchmaker.campaigns.answers import ANY, Accepted, Answer
from matchmaker.campaigns.members import NewSolution
from matchmaker.demo import recipe as rule
from matchmaker.demo.chance import Stream
from solver.vocabulary import Champ, Hosting, Need


@dataclass(frozen=True, slots=True)
class Asked:
    """One ESMS of whom an answer is drawn."""

    code: str
    og: str
    champ: Champ
    departement: str


def draw_solutions(seed: int, region: str) -> tuple[NewSolution, ...]:
    """The solutions « DUI A »… of a campaign, with drawn Ségur status and hosting modes."""
    stream = Stream(seed, f"{region}/solutions")
    statuses = stream.shuffled(rule.SEGUR_STATUSES)
    hosting = [(modes, 1) for modes in rule.OFFERED_HOSTING]
    return tuple(
        NewSolution(
            code=f"dui-{kind.letter.lower()}",
            name=f"DUI {kind.letter}",
            segur_status=status,
            hosting=stream.weighted(hosting),
            champs=kind.champs,
            fictitious=True,
        )
        for kind, status in zip(rule.DUI_KINDS, statuses, strict=True)
    )


def draw_answers(
    asked: Sequence[Asked], solutions: Sequence[NewSolution], seed: int, region: str
) -> dict[str, Answer]:
    """An answer for each ESMS, by its code: the organisme decides, its ESMS of one champ share it.

    ``asked`` must hold the ESMS of an organisme one after another.
    """
    stream = Stream(seed, f"{region}/answers")
    market = _Market(solutions)
    found: dict[str, Answer] = {}
    for _, members in groupby(asked, key=lambda a: (a.og, a.champ)):
        found |= _of_organisme(stream, market, list(members))
    return found


def agreed_answer(solutions: Sequence[NewSolution]) -> Answer:
    """The fixed answer of the small OG: an acquisition, three referenced solutions, SaaS or shared."""
    referenced = [s.code for s in solutions if s.segur_status == "referenced" and Champ.PH in s.champs]
    return Answer(
        need=Need.ACQUISITION,
        accepted_solutions=tuple(referenced[:3]),
        accepted_hosting=(Hosting.SAAS, Hosting.SHARED),
    )


class _Market:
    """Solutions by champ with their market share."""

    def __init__(self, solutions: Sequence[NewSolution]) -> None:
        shares = {f"dui-{kind.letter.lower()}": kind.share for kind in rule.DUI_KINDS}
        self._of: Mapping[Champ, list[tuple[str, int]]] = {
            champ: [(s.code, shares[s.code]) for s in solutions if champ in s.champs] for champ in Champ
        }
        self.referenced = {s.code for s in solutions if s.segur_status == "referenced"}

    def one(self, stream: Stream, champ: Champ) -> str:
        return stream.weighted(self._of[champ])

    def accepted(self, stream: Stream, champ: Champ) -> Accepted:
        """ "any", or a few solutions drawn by share, without replacement."""
        count = stream.weighted(rule.ACCEPTED_COUNT)
        if not count:
            return ANY
        left = list(self._of[champ])
        chosen: list[str] = []
        while left and len(chosen) < count:
            code = stream.weighted(left)
            chosen.append(code)
            left = [(c, share) for c, share in left if c != code]
        return tuple(chosen)


def _of_organisme(stream: Stream, market: _Market, members: Sequence[Asked]) -> dict[str, Answer]:
    shared = _shared_answer(stream, market, members[0])
    unanswered, half = stream.per_cent(rule.UNANSWERED), stream.per_cent(rule.HALF_ANSWERED)
    lots = _lots(stream, members)
    found = {}
    for member in members:
        answer = shared
        if stream.per_cent(rule.NO_NEED_ESMS):
            answer = Answer(need=Need.AUCUN)
        answer = replace(
            answer, lot=lots.get(member.code), can_be_porteur=not stream.per_cent(rule.CANNOT_BE_PORTEUR)
        )
        if half:
            answer = Answer(need=answer.need)
        found[member.code] = Answer() if unanswered else answer
    return found


def _shared_answer(stream: Stream, market: _Market, first: Asked) -> Answer:
    need = stream.weighted(rule.NEEDS)
    current = market.one(stream, first.champ)
    accepted = market.accepted(stream, first.champ)
    hosting = stream.weighted(rule.HOSTING_ISLANDS.get(first.departement, rule.HOSTING))
    leaves, stays = stream.per_cent(rule.LEAVES_CURRENT), stream.per_cent(rule.STAYS_UNREFERENCED)
    if need is Need.MONTEE_DE_VERSION and current not in market.referenced and not stays:
        need = Need.RENOUVELLEMENT
    if need is Need.AUCUN:
        return Answer(need=need)
    if need is Need.MONTEE_DE_VERSION:
        # an upgrade keeps its solution; a few organismes would rather not
        accepted = accepted if leaves else (current,)
    return Answer(
        need=need,
        current_solution=None if need is Need.ACQUISITION else current,
        accepted_solutions=accepted,
        accepted_hosting=ANY if hosting is None else tuple(hosting),
    )


def _lots(stream: Stream, members: Sequence[Asked]) -> dict[str, str]:
    """Lots that bind neighbours on the list of an organisme, « lot 1 »…; the others are free."""
    if len(members) < 2 or not stream.per_cent(rule.IN_LOTS):
        return {}
    lots: dict[str, str] = {}
    left = list(members)
    number = 1
    while len(left) >= 2:
        size = min(stream.weighted(rule.LOT_SIZES), len(left))
        for member in left[:size]:
            lots[member.code] = f"lot {number}"
        left, number = left[size:], number + 1
    return lots
