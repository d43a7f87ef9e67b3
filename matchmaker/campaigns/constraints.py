"""What people ask of the grappes: ESMS left out, organismes kept apart or together, with author and reason.

When to modify: the instance format gains a constraint that people set by hand.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from matchmaker import journal
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import (
    CampaignEsms,
    CampaignFixedGrappe,
    CampaignOrganisme,
    CampaignPair,
)
from matchmaker.database.instants import now

KINDS = ("apart", "together")
_REASON_NEEDED = "Dites pourquoi en quelques mots : la raison accompagnera le résultat."
_LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Exclusion:
    code: str
    name: str
    author: str
    reason: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two organismes, in the order of their rows; ``kind``: ``apart`` or ``together``."""

    id: int
    kind: str
    first: str
    second: str
    author: str
    reason: str
    created_at: dt.datetime


def exclude(session: Session, campaign_id: int, code: str, reason: str, *, actor: str) -> None:
    """Leave one ESMS out of every run; raises ``RefusedError`` without a reason."""
    check_reason(reason)
    row = _esms(session, campaign_id, code)
    row.excluded, row.excluded_by, row.excluded_reason = True, actor, reason.strip()
    journal.record(
        session, actor, "esms.exclure", f"campaign:{campaign_id}", label=row.name, detail={"esms": code}
    )


def take_back(session: Session, campaign_id: int, code: str, *, actor: str) -> None:
    """Let an excluded ESMS in again."""
    row = _esms(session, campaign_id, code)
    if not row.excluded:
        return
    row.excluded, row.excluded_by, row.excluded_reason = False, None, None
    journal.record(
        session, actor, "esms.reintegrer", f"campaign:{campaign_id}", label=row.name, detail={"esms": code}
    )


def add_pair(
    session: Session, campaign_id: int, kind: str, one: str, other: str, reason: str, *, actor: str
) -> None:
    """Keep two organismes (codes) apart or together.

    Raises
    ------
    RefusedError
        Not two different organismes of the campaign, no reason, or they already are a pair.
    """
    problems = {}
    keys = {code: _organisme(session, campaign_id, code) for code in (one, other)}
    if kind not in KINDS:
        problems["kind"] = "Choisissez « séparés » ou « ensemble »."
    for field, code in (("one", one), ("other", other)):
        if keys[code] is None:
            problems[field] = "Choisissez un organisme de la liste."
    if one == other and not problems:
        problems["other"] = "Choisissez deux organismes différents."
    if not reason.strip():
        problems["reason"] = _REASON_NEEDED
    if problems:
        raise RefusedError(problems)
    check_reason(reason)
    first, second = sorted(key for key in keys.values() if key is not None)
    if _existing(session, campaign_id, first, second) is not None:
        raise RefusedError(
            {"other": "Ces deux organismes sont déjà liés : retirez d’abord le lien ci-dessous."}
        )
    session.add(
        CampaignPair(
            campaign_id=campaign_id,
            kind=kind,
            first_id=first,
            second_id=second,
            author=actor,
            reason=reason.strip(),
            created_at=now(),
        )
    )
    detail = {"organismes": f"{one}, {other}", "lien": kind}
    journal.record(session, actor, "paire.ajouter", f"campaign:{campaign_id}", detail=detail)


def remove_pair(session: Session, campaign_id: int, pair_id: int, *, actor: str) -> None:
    """Take a pair away; raises ``NotInCampaignError`` when it is not there."""
    row = session.get(CampaignPair, pair_id)
    if row is None or row.campaign_id != campaign_id:
        raise NotInCampaignError(f"pair {pair_id}")
    session.delete(row)
    journal.record(session, actor, "paire.retirer", f"campaign:{campaign_id}", detail={"lien": row.kind})


def exclusions(session: Session, campaign_id: int) -> list[Exclusion]:
    """ESMS left out, by name."""
    rows = session.scalars(
        select(CampaignEsms)
        .where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.excluded)
        .order_by(CampaignEsms.name, CampaignEsms.code)
    )
    return [Exclusion(r.code, r.name, r.excluded_by or "", r.excluded_reason or "") for r in rows]


def pairs(session: Session, campaign_id: int) -> list[Pair]:
    """Pairs of organismes, in the order in which they were asked for."""
    rows = session.scalars(
        select(CampaignPair)
        .where(CampaignPair.campaign_id == campaign_id)
        .options(joinedload(CampaignPair.first), joinedload(CampaignPair.second))
        .order_by(CampaignPair.id)
    )
    return [Pair(r.id, r.kind, r.first.name, r.second.name, r.author, r.reason, r.created_at) for r in rows]


def counts(session: Session, campaign_id: int) -> dict[str, int]:
    """How many constraints of each kind of the instance document the next run would have."""

    def of(table: type[Any], *conditions: Any) -> int:
        here = (table.campaign_id == campaign_id, *conditions)
        return session.scalar(select(func.count()).select_from(table).where(*here)) or 0

    return {
        "excluded": of(CampaignEsms, CampaignEsms.excluded, CampaignEsms.completeness == "complete"),
        "apart": of(CampaignPair, CampaignPair.kind == "apart"),
        "together": of(CampaignPair, CampaignPair.kind == "together"),
        "fixed_grappes": of(CampaignFixedGrappe),
    }


def check_reason(reason: str) -> None:
    """Refuse a constraint that nobody explains."""
    if not reason.strip():
        raise RefusedError({"reason": _REASON_NEEDED})
    if len(reason) > _LONGEST_REASON:
        raise RefusedError(
            {"reason": f"{_LONGEST_REASON} caractères au plus : vous en avez saisi {len(reason)}."}
        )


def _esms(session: Session, campaign_id: int, code: str) -> CampaignEsms:
    row = session.scalar(
        select(CampaignEsms).where(CampaignEsms.campaign_id == campaign_id, CampaignEsms.code == code)
    )
    if row is None:
        raise NotInCampaignError(f"ESMS {code}")
    return row


def _organisme(session: Session, campaign_id: int, code: str) -> int | None:
    return session.scalar(
        select(CampaignOrganisme.id).where(
            CampaignOrganisme.campaign_id == campaign_id, CampaignOrganisme.code == code
        )
    )


def _existing(session: Session, campaign_id: int, first: int, second: int) -> int | None:
    return session.scalar(
        select(CampaignPair.id).where(
            CampaignPair.campaign_id == campaign_id,
            CampaignPair.first_id == first,
            CampaignPair.second_id == second,
        )
    )
