"""The ESMS of a campaign, filtered and by pages; one ESMS with its answer.

When to modify: the table of data shows or filters by something else.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.sql import Select

from matchmaker.campaigns import answers
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.overview import GAPS
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.campaigns.tables import CampaignEsms, CampaignSolution
from matchmaker.campaigns.wording import plain

PAGE = 50


@dataclass(frozen=True, slots=True)
class Filters:
    """What is wanted; empty strings want everything. ``manque``: a key of ``overview.GAPS``."""

    texte: str = ""
    etat: str = ""
    besoin: str = ""
    champ: str = ""
    departement: str = ""
    manque: str = ""

    @property
    def active(self) -> bool:
        return self != Filters()

    def query(self) -> dict[str, Any]:
        """As parameters of an address, empty ones left out."""
        found = {
            name: getattr(self, name)
            for name in ("texte", "etat", "besoin", "champ", "departement", "manque")
        }
        return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, slots=True)
class EsmsLine:
    """An ESMS of a campaign with its answer; ``solutions``: code -> name, of those the answer names."""

    code: str
    finess_et: str | None
    name: str
    organisme: str
    organisme_code: str
    organisme_total: int
    organisme_fictitious: bool
    champ: str
    category: str
    commune: str | None
    departement: str
    region: str
    position_origin: str | None
    snapshot_date: dt.date | None
    fictitious: bool
    answer: Answer
    answered_at: dt.datetime | None
    excluded: bool
    excluded_by: str | None
    excluded_reason: str | None
    current_is_unknown_to_segur: bool


@dataclass(frozen=True, slots=True)
class EsmsPage:
    lines: tuple[EsmsLine, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class SolutionValues:
    """A solution of a campaign as pages show it."""

    code: str
    name: str
    segur_status: str
    hosting: tuple[str, ...]
    champs: tuple[str, ...]
    fictitious: bool


def esms_page(session: Session, campaign_id: int, filters: Filters, page: int, size: int = PAGE) -> EsmsPage:
    """The ESMS wanted, by name, ``size`` a page; a page past the end gives the last one."""
    wanted = _filtered(select(CampaignEsms).where(CampaignEsms.campaign_id == campaign_id), filters)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    pages = max(1, -(-total // size))
    page = min(max(page, 1), pages)
    rows = session.scalars(
        wanted.options(joinedload(CampaignEsms.organisme), joinedload(CampaignEsms.current_solution))
        .order_by(CampaignEsms.name, CampaignEsms.code)
        .offset((page - 1) * size)
        .limit(size)
    )
    codes = solution_codes(session, campaign_id)
    return EsmsPage(tuple(_line(row, codes) for row in rows), total, page, pages)


def esms(session: Session, campaign_id: int, code: str) -> EsmsLine:
    """One ESMS; raises ``NotInCampaignError`` when it is not in the campaign."""
    row = session.scalar(
        select(CampaignEsms)
        .where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.code == code)
        .options(joinedload(CampaignEsms.organisme), joinedload(CampaignEsms.current_solution))
    )
    if row is None:
        raise NotInCampaignError(f"ESMS {code}")
    return _line(row, solution_codes(session, campaign_id))


# Written once: each of the pages of an organisme asks for them.
_OF_ORGANISME = (
    select(CampaignEsms)
    .where(
        CampaignEsms.campaign_id == bindparam("campaign"), CampaignEsms.organisme_id == bindparam("organisme")
    )
    .options(joinedload(CampaignEsms.organisme), joinedload(CampaignEsms.current_solution))
    .order_by(CampaignEsms.name, CampaignEsms.code)
)
_SOLUTIONS = (
    select(
        CampaignSolution.code,
        CampaignSolution.name,
        CampaignSolution.segur_status,
        CampaignSolution.hosting,
        CampaignSolution.champs,
        CampaignSolution.fictitious,
    )
    .where(CampaignSolution.campaign_id == bindparam("campaign"))
    .order_by(CampaignSolution.name, CampaignSolution.code)
)


def of_organisme(session: Session, campaign_id: int, campaign_organisme_id: int) -> list[EsmsLine]:
    """The ESMS of one organisme in a campaign, by name; two queries whatever their number."""
    rows = session.scalars(_OF_ORGANISME, {"campaign": campaign_id, "organisme": campaign_organisme_id})
    codes = solution_codes(session, campaign_id)
    return [_line(row, codes) for row in rows]


def solutions(session: Session, campaign_id: int) -> list[SolutionValues]:
    """The solutions of a campaign, by name."""
    rows = session.execute(_SOLUTIONS, {"campaign": campaign_id})
    return [
        SolutionValues(
            r.code, r.name, r.segur_status, tuple(r.hosting), tuple(r.champs), fictitious=r.fictitious
        )
        for r in rows
    ]


def departements(session: Session, campaign_id: int) -> list[str]:
    """Codes of the départements that have an ESMS in the campaign."""
    wanted = select(CampaignEsms.departement).where(CampaignEsms.campaign_id == campaign_id).distinct()
    return sorted(session.scalars(wanted))


def solution_codes(session: Session, campaign_id: int) -> dict[int, str]:
    return {key: code for code, key in answers.solution_ids(session, campaign_id).items()}


def _filtered(wanted: Select[CampaignEsms], filters: Filters) -> Select[CampaignEsms]:
    for word in plain(filters.texte).split():
        wanted = wanted.where(CampaignEsms.searched.contains(word, autoescape=True))
    if filters.etat == "excluded":
        wanted = wanted.where(CampaignEsms.excluded)
    elif filters.etat:
        wanted = wanted.where(CampaignEsms.completeness == filters.etat)
    if filters.besoin:
        wanted = wanted.where(CampaignEsms.need == filters.besoin)
    if filters.champ:
        wanted = wanted.where(CampaignEsms.champ == filters.champ)
    if filters.departement:
        wanted = wanted.where(CampaignEsms.departement == filters.departement)
    if filters.manque in GAPS:
        wanted = wanted.where(GAPS[filters.manque])
    return wanted


def _line(row: CampaignEsms, codes: Mapping[int, str]) -> EsmsLine:
    current = row.current_solution
    return EsmsLine(
        code=row.code,
        finess_et=row.finess_et,
        name=row.name,
        organisme=row.organisme.name,
        organisme_code=row.organisme.code,
        organisme_total=row.organisme.esms_total,
        organisme_fictitious=row.organisme.fictitious,
        champ=row.champ,
        category=row.category,
        commune=row.commune,
        departement=row.departement,
        region=row.region,
        position_origin=row.position_origin,
        snapshot_date=row.snapshot_date,
        fictitious=row.fictitious,
        answer=answers.of_row(row, codes),
        answered_at=row.answered_at,
        excluded=row.excluded,
        excluded_by=row.excluded_by,
        excluded_reason=row.excluded_reason,
        current_is_unknown_to_segur=current is not None and current.segur_status == "unknown",
    )
