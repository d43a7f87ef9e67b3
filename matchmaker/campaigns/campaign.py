"""A campaign: created, changed, listed.

When to modify: what a campaign is made of changes.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from matchmaker import journal
from matchmaker.campaigns import parameters as parameter_checks
from matchmaker.campaigns import readings as reading_choices
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.campaigns.tables import Campaign, CampaignEsms
from matchmaker.database.instants import now
from matchmaker.reference.territories import departements, regions
from matchmaker.web.people import EVERYWHERE, Ground

_LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class CampaignValues:
    """A campaign as pages and runs read it; see ``campaigns.tables.Campaign`` for each field.

    ``readings``: the option of every disputed reading, proposed ones included.
    """

    id: int
    name: str
    region: str | None
    departement: str | None
    regime: str
    parameters: Mapping[str, Any]
    readings: Mapping[str, str]
    envelope_eur: int | None
    fictitious: bool
    created_at: dt.datetime
    changed_at: dt.datetime
    archived_at: dt.datetime | None
    answers_due: dt.date | None = None

    @property
    def territory_name(self) -> str:
        """« Lozère », « Occitanie » or « France entière »."""
        if self.departement is not None:
            return departements()[self.departement].name
        return "France entière" if self.region is None else regions()[self.region].name


@dataclass(frozen=True, slots=True)
class CampaignSummary:
    """A line of the list of campaigns, with its counts of ESMS."""

    campaign: CampaignValues
    esms: int
    complete: int
    partial: int

    @property
    def missing(self) -> int:
        return self.esms - self.complete - self.partial


def create(
    session: Session,
    *,
    name: str,
    region: str | None,
    departement: str | None = None,
    regime: str,
    parameters: Mapping[str, Any] | None = None,
    readings: Mapping[str, str] | None = None,
    envelope_eur: int | str | None = None,
    fictitious: bool = False,
    actor: str = journal.LOCAL,
) -> int:
    """Make a campaign without any ESMS; returns its number.

    Raises
    ------
    RefusedError
        A value cannot be kept, or the name is taken.
    """
    values = _checked(session, None, name, region, departement, regime, parameters, readings, envelope_eur)
    moment = now()
    row = Campaign(**values, fictitious=fictitious, created_at=moment, changed_at=moment)
    session.add(row)
    session.flush()
    journal.record(
        session, actor, "campagne.creer", f"campaign:{row.id}", label=row.name, detail={"regime": regime}
    )
    return row.id


def change(
    session: Session,
    campaign_id: int,
    *,
    name: str,
    regime: str,
    parameters: Mapping[str, Any],
    envelope_eur: int | str | None,
    actor: str,
) -> None:
    """Change everything but the territory, which decides which ESMS are in, and the readings
    (``readings.settle``); raises as ``create`` does."""
    row = _row(session, campaign_id)
    values = _checked(
        session, row.id, name, row.region, row.departement, regime, parameters, None, envelope_eur
    )
    del values["readings"]
    changed = [field for field, value in values.items() if getattr(row, field) != value]
    if not changed:
        return
    if values["parameters"]["same_hosting"] != row.parameters["same_hosting"]:
        reading_choices.sign(session, row.id, reading_choices.HOSTING, "", actor=actor)
    for field in changed:
        setattr(row, field, values[field])
    row.changed_at = now()
    detail = {"champs": ", ".join(changed)}
    journal.record(session, actor, "campagne.modifier", f"campaign:{row.id}", label=row.name, detail=detail)


def get(session: Session, campaign_id: int) -> CampaignValues:
    """One campaign; raises ``NotInCampaignError`` when there is none with this number."""
    return values_of(_row(session, campaign_id))


def find(session: Session, name: str) -> CampaignValues | None:
    """The campaign of this exact name."""
    row = session.scalar(select(Campaign).where(Campaign.name == name))
    return None if row is None else values_of(row)


def summaries(
    session: Session, seen: Ground = EVERYWHERE, *, archived: bool = False
) -> list[CampaignSummary]:
    """The campaigns of a ground in use, or those archived, the newest first."""
    kept = Campaign.archived_at.is_not(None) if archived else Campaign.archived_at.is_(None)
    return _summaries(session, kept & seen.condition(Campaign.region, Campaign.departement))


def of_regions(session: Session, codes: Collection[str]) -> list[CampaignValues]:
    """Campaigns in use of these whole régions: who acts in a département of one reads a part of each."""
    wanted = (Campaign.region.in_(codes), Campaign.departement.is_(None), Campaign.archived_at.is_(None))
    rows = session.scalars(select(Campaign).where(*wanted).order_by(Campaign.id.desc()))
    return [values_of(row) for row in rows]


def summary(session: Session, campaign_id: int) -> CampaignSummary:
    """One campaign with its counts; raises ``NotInCampaignError`` when there is none with this number."""
    _row(session, campaign_id)
    return _summaries(session, Campaign.id == campaign_id)[0]


def _summaries(session: Session, wanted: ColumnElement[bool]) -> list[CampaignSummary]:
    def counted(state: str) -> Any:
        return func.count(CampaignEsms.id).filter(CampaignEsms.completeness == state)

    rows = session.execute(
        select(Campaign, func.count(CampaignEsms.id), counted("complete"), counted("partial"))
        .outerjoin(CampaignEsms, CampaignEsms.campaign_id == Campaign.id)
        .where(wanted)
        .group_by(Campaign.id)
        .order_by(Campaign.id.desc())
    )
    return [CampaignSummary(values_of(row), esms, complete, partial) for row, esms, complete, partial in rows]


def _row(session: Session, campaign_id: int) -> Campaign:
    row = session.get(Campaign, campaign_id)
    if row is None:
        raise NotInCampaignError(f"campaign {campaign_id}")
    return row


def values_of(row: Campaign) -> CampaignValues:
    """A row as pages and runs read it."""
    return CampaignValues(
        id=row.id,
        name=row.name,
        region=row.region,
        departement=row.departement,
        regime=row.regime,
        parameters=dict(row.parameters),
        readings=reading_choices.effective(row.parameters, row.readings),
        envelope_eur=row.envelope_eur,
        fictitious=row.fictitious,
        created_at=row.created_at,
        changed_at=row.changed_at,
        archived_at=row.archived_at,
        answers_due=row.answers_due,
    )


def _checked(
    session: Session,
    campaign_id: int | None,
    name: str,
    region: str | None,
    departement: str | None,
    regime: str,
    parameters: Mapping[str, Any] | None,
    readings: Mapping[str, str] | None,
    envelope_eur: int | str | None,
) -> dict[str, Any]:
    problems: dict[str, str] = {}
    kept: dict[str, Any] = {"name": name.strip(), "region": region, "departement": departement}
    problems |= _name_problem(session, campaign_id, kept["name"]) | _territory_problem(region, departement)
    if envelope_eur is not None and (isinstance(envelope_eur, str) or not 0 <= envelope_eur < 2**31):
        problems["envelope_eur"] = (
            f"Un montant entier en euros, de 0 à 2 milliards, est attendu : vous avez saisi "
            f"« {envelope_eur} »."
        )
    try:
        kept |= {"regime": regime, "parameters": parameter_checks.checked(regime, parameters or {})}
    except RefusedError as error:
        problems |= error.problems
    try:
        kept["readings"] = reading_choices.checked(readings or {})
    except RefusedError as error:
        problems |= error.problems
    if problems:
        raise RefusedError(problems)
    return kept | {"envelope_eur": envelope_eur}


def _name_problem(session: Session, campaign_id: int | None, name: str) -> dict[str, str]:
    if not name:
        return {"name": "Donnez un nom à la campagne, par exemple « Occitanie 2022 »."}
    if len(name) > _LONGEST_NAME:
        return {"name": f"Le nom compte au plus {_LONGEST_NAME} caractères : vous en avez saisi {len(name)}."}
    holder = session.scalar(select(Campaign.id).where(Campaign.name == name))
    if holder is not None and holder != campaign_id:
        # Its number is not told: it may be another région's.
        return {"name": f"Une autre campagne porte déjà le nom « {name} »."}
    return {}


def _territory_problem(region: str | None, departement: str | None) -> dict[str, str]:
    if region is not None and region not in regions():
        return {"place": "Choisissez une région de la liste."}
    if departement is not None:
        known = departements().get(departement)
        if known is None or known.region != region:
            return {"place": "Choisissez un département de la région."}
    return {}
