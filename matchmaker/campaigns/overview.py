"""Where a campaign stands: answers by département, by champ and need, and what is missing first.

When to modify: the overview of a campaign counts something else.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, func, null, or_, select
from sqlalchemy.orm import Session

from matchmaker.baremes import scale_for
from matchmaker.campaigns.answers import NEEDS_WITH_CURRENT_DUI
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme, CampaignSolution
from solver.instance import Readings
from solver.vocabulary import Champ, Need, Regime

_WITH_NEED = and_(CampaignEsms.need.is_not(None), CampaignEsms.need != Need.AUCUN)
# What keeps an ESMS out of a run, or makes its result less sure: key -> condition on campaign_esms.
GAPS: dict[str, ColumnElement[bool]] = {
    "reponse": CampaignEsms.completeness == "missing",
    "besoin": and_(CampaignEsms.completeness == "partial", CampaignEsms.need.is_(None)),
    "hebergement": and_(_WITH_NEED, CampaignEsms.accepted_hosting.is_(null())),
    "solutions": and_(_WITH_NEED, CampaignEsms.accepted_solutions.is_(null())),
    "dui": and_(
        CampaignEsms.need.in_([need.value for need in NEEDS_WITH_CURRENT_DUI]),
        CampaignEsms.current_solution_id.is_(None),
    ),
    "segur": and_(
        _WITH_NEED,
        CampaignEsms.current_solution_id.in_(
            select(CampaignSolution.id).where(CampaignSolution.segur_status == "unknown")
        ),
    ),
    "position": or_(CampaignEsms.position_origin == "commune", CampaignEsms.position_origin.is_(None)),
}
BLOCKING = ("reponse", "besoin", "hebergement", "solutions", "dui")


@dataclass(frozen=True, slots=True)
class Share:
    """Answers of one département: ``answered`` are complete or not, of ``esms`` in the campaign."""

    departement: str
    esms: int
    answered: int

    @property
    def ratio(self) -> float:
        return self.answered / self.esms


@dataclass(frozen=True, slots=True)
class Overview:
    """Counts of ESMS. ``by_champ[champ][need]``: only answered ones; ``gaps``: keys of ``GAPS``."""

    esms: int
    organismes: int
    solutions: int
    complete: int
    partial: int
    to_place: int
    excluded: int
    by_champ: dict[str, dict[str, int]]
    departements: tuple[Share, ...]
    gaps: dict[str, int]
    disputed_organismes: int
    snapshots: tuple[dt.date, ...]

    @property
    def missing(self) -> int:
        return self.esms - self.complete - self.partial

    @property
    def with_known_need(self) -> int:
        return sum(sum(counts.values()) for counts in self.by_champ.values())

    @property
    def left_out(self) -> int:
        """ESMS that do not enter a run for lack of a complete answer."""
        return self.esms - self.complete


def overview_of(session: Session, campaign_id: int) -> Overview:
    """Everything the overview page counts, in a handful of queries whatever the number of ESMS."""
    here = CampaignEsms.campaign_id == campaign_id
    grouped = session.execute(
        select(
            CampaignEsms.departement,
            CampaignEsms.champ,
            CampaignEsms.need,
            CampaignEsms.completeness,
            func.count(),
        )
        .where(here)
        .group_by(CampaignEsms.departement, CampaignEsms.champ, CampaignEsms.need, CampaignEsms.completeness)
    )
    states: Counter[str] = Counter()
    of_departement: Counter[str] = Counter()
    answered_in: Counter[str] = Counter()
    needs: Counter[tuple[str, str]] = Counter()
    to_place = 0
    for departement, champ, need, state, count in grouped:
        states[state] += count
        of_departement[departement] += count
        answered_in[departement] += count if state != "missing" else 0
        if need is not None:
            needs[champ, need] += count
        to_place += count if state == "complete" and need != Need.AUCUN else 0
    shares = [Share(code, esms, answered_in[code]) for code, esms in of_departement.items()]
    return Overview(
        esms=states.total(),
        organismes=_count(session, CampaignOrganisme, CampaignOrganisme.campaign_id == campaign_id),
        solutions=_count(session, CampaignSolution, CampaignSolution.campaign_id == campaign_id),
        complete=states["complete"],
        partial=states["partial"],
        to_place=to_place,
        excluded=_count(session, CampaignEsms, and_(here, CampaignEsms.excluded)),
        by_champ={
            champ: {need.value: needs[champ, need] for need in Need}
            for champ in Champ
            if any(needs[champ, need] for need in Need)
        },
        departements=tuple(sorted(shares, key=lambda share: (share.ratio, share.departement))),
        gaps={key: _count(session, CampaignEsms, and_(here, gap)) for key, gap in GAPS.items()},
        disputed_organismes=_count(
            session,
            CampaignOrganisme,
            and_(
                CampaignOrganisme.campaign_id == campaign_id, CampaignOrganisme.esms_total == disputed_size()
            ),
        ),
        snapshots=tuple(
            day
            for day in session.scalars(
                select(CampaignEsms.snapshot_date).where(here).distinct().order_by(CampaignEsms.snapshot_date)
            )
            if day is not None
        ),
    )


def disputed_size() -> int:
    """The size at which an organisme is small or not according to the reading K01."""
    return scale_for(Regime.GENERALISATION_2022, Readings(K01="le15")).small_og_max_esms


def _count(session: Session, table: Any, condition: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(condition)) or 0
