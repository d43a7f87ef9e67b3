"""The ESMS of an OG as its page shows them: answers, details, the register, what is missing and its price.

When to modify: the page of an OG's ESMS shows something more.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchmaker.campaigns import listing
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.listing import EsmsLine, SolutionValues
from matchmaker.campaigns.spaces import Space
from matchmaker.og import details, money, progress
from matchmaker.og.details import Detail
from matchmaker.og.money import Estimate
from matchmaker.og.progress import Progress
from matchmaker.og.tables import ListConfirmed
from matchmaker.register import holdings
from matchmaker.register.holdings import Establishment
from solver.vocabulary import Need

PAGE = 25


class NotInSpaceError(LookupError):
    """An ESMS that is not the organisme's."""


@dataclass(frozen=True, slots=True)
class Row:
    """``established``: what the register states, None when it does not hold the ESMS. ``moved``: the register
    gives it to another organisme. ``stake_eur``: what it brings in a grappe."""

    line: EsmsLine
    detail: Detail
    established: Establishment | None
    moved: bool
    stake_eur: int

    @property
    def state(self) -> str:
        """A key of the status vocabulary: ``err`` blocks, ``demi`` refines, ``ok`` complete."""
        if self.line.answer.missing:
            return "err"
        return "demi" if self.detail.current_typed else "ok"


@dataclass(frozen=True)
class MyEsms:
    """``rows``: those of the campaign, what blocks first. ``closed``: closed in the register and not in the
    campaign; ``absent``: open in its territory and not in the campaign."""

    space: Space
    rows: tuple[Row, ...]
    closed: tuple[Establishment, ...]
    absent: tuple[Establishment, ...]
    solutions: tuple[SolutionValues, ...]
    progress: Progress
    estimate: Estimate | None
    confirmed: bool

    @property
    def by_code(self) -> Mapping[str, Row]:
        return {row.line.code: row for row in self.rows}

    @property
    def blocked(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state == "err")

    @property
    def to_refine(self) -> tuple[Row, ...]:
        return tuple(row for row in self.rows if row.state == "demi")

    @property
    def blocked_eur(self) -> int:
        """What waits for an answer."""
        return sum(row.stake_eur for row in self.blocked)

    @property
    def together(self) -> bool:
        """Every ESMS that asks for something is in one lot."""
        lots = {row.line.answer.lot for row in self.rows if row.line.answer.need != Need.AUCUN}
        return len(lots) == 1 and lots != {None}


def of_space(session: Session, space: Space) -> MyEsms:
    """Everything of an OG in its campaign; the same number of queries whatever the number of ESMS.

    Raises
    ------
    matchmaker.campaigns.spaces.NoCampaignError
        No campaign in use holds the organisme.
    """
    campaign, own_row = space.in_campaign()
    lines = listing.of_organisme(session, campaign.id, own_row)
    solutions = tuple(listing.solutions(session, campaign.id))
    said = details.of_organisme(session, own_row)
    registered = {e.finess_et: e for e in holdings.of_organisme(session, space.organisme.id)}
    elsewhere = holdings.held_elsewhere(session, space.organisme.id, [line.code for line in lines])
    estimate = money.estimate(campaign, lines, solutions)
    rows = [
        Row(
            line=line,
            detail=said.get(line.code, Detail()),
            established=registered.get(line.code),
            moved=line.code in elsewhere,
            stake_eur=0 if estimate is None else estimate.stake_eur(line.code),
        )
        for line in lines
    ]
    inside = {line.code for line in lines}
    others = [e for e in registered.values() if e.finess_et not in inside]
    return MyEsms(
        space=space,
        rows=tuple(sorted(rows, key=lambda row: ("err", "demi", "ok").index(row.state))),
        closed=tuple(e for e in others if e.closed_on),
        absent=tuple(e for e in others if not e.closed_on and _in_territory(campaign, e)),
        solutions=solutions,
        progress=progress.of(lines),
        estimate=estimate,
        confirmed=session.get(ListConfirmed, own_row) is not None,
    )


def _in_territory(campaign: CampaignValues, one: Establishment) -> bool:
    return campaign.region in (None, one.region) and campaign.departement in (None, one.departement)
