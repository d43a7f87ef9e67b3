"""What the register holds of one FINESS number, for a form or a program that asks with nothing else.

Public data only: what an organisme declares of itself stays in its campaigns.

When to modify: a prefilled question needs something more of the register.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from matchmaker.register.directory import SOURCE_LABELS
from matchmaker.register.records import FINESS
from matchmaker.register.tables import Etablissement, Import, Organisme
from solver.vocabulary import Champ


@dataclass(frozen=True, slots=True)
class Holding:
    """``juridique``: an organisme, else one ESMS. ``region``: where most of its ESMS are (the lower code when
    equal); ``counts``: its open ESMS there by champ, ``elsewhere``: those of other régions.

    ``esms_total``: open ESMS of the organisme that the register holds. ``closed_on``: the ESMS asked for is
    closed since that day; nothing is counted then. ``snapshot_date``: the oldest of what is counted, None for
    drawn data.
    """

    finess: str
    juridique: bool
    name: str
    organisme: str
    organisme_finess: str | None
    region: str
    counts: Mapping[Champ, int]
    elsewhere: int
    esms_total: int
    source: str
    snapshot_date: dt.date | None
    fictitious: bool
    closed_on: dt.date | None


def compact(typed: str) -> str:
    """A number as it is kept: « 320 999 018 » -> « 320999018 »."""
    return "".join(typed.split()).upper()


def is_finess(number: str) -> bool:
    return FINESS.fullmatch(number) is not None


def latest_snapshot(session: Session) -> dt.date | None:
    """The day of the newest extraction in the register; None when nothing was imported."""
    return session.scalar(select(func.max(Import.snapshot_date)))


def holding(session: Session, number: str) -> Holding | None:
    """What the register holds of a number, juridique or géographique; None when it does not know it."""
    one = session.get(Etablissement, number, options=[joinedload(Etablissement.organisme)])
    if one is not None:
        return _holding(session, number, one.organisme, one)
    organisme = session.scalar(select(Organisme).where(Organisme.finess_ej == number))
    return None if organisme is None else _holding(session, number, organisme, None)


def _holding(session: Session, number: str, organisme: Organisme, one: Etablissement | None) -> Holding:
    still_open = list(
        session.scalars(
            select(Etablissement)
            .where(Etablissement.organisme_id == organisme.id, Etablissement.closed_on.is_(None))
            .order_by(Etablissement.finess_et)
        )
    )
    asked = still_open if one is None else [e for e in still_open if e.finess_et == one.finess_et]
    by_region = Counter(e.region for e in asked)
    region = min(by_region, key=lambda r: (-by_region[r], r), default="" if one is None else one.region)
    here = [e for e in asked if e.region == region]
    sources = Counter(e.source for e in here)
    return Holding(
        finess=number,
        juridique=one is None,
        name=organisme.name if one is None else one.name,
        organisme=organisme.name,
        organisme_finess=organisme.finess_ej,
        region=region,
        counts=Counter(Champ(e.champ) for e in here),
        elsewhere=sum(e.region != region for e in still_open),
        esms_total=len(still_open),
        source=SOURCE_LABELS[min(sources, key=lambda s: (-sources[s], s))] if sources else "",
        snapshot_date=min((e.snapshot_date for e in here if e.snapshot_date is not None), default=None),
        fictitious=any(e.fictitious for e in here),
        closed_on=None if one is None else one.closed_on,
    )
