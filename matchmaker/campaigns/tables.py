"""Tables of campaigns: a campaign, its organismes, solutions, ESMS with their answers, pairs of organismes.

A campaign keeps its own copy of what it took from the register: a later FINESS import never changes a
campaign under way. ``code`` columns are the ids of the instance document, unique in their campaign.

When to modify: what a campaign asks, or what an ESMS answers, changes.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from matchmaker.database import Base
from matchmaker.database.instants import Instant

_NULLABLE_JSON = JSON(none_as_null=True)


class Campaign(Base):
    """A campaign: where, under which regime, with which parameters and readings.

    ``region`` and ``departement``: INSEE codes; both None for all of France, ``departement`` None for a whole
    région. ``parameters``: those of the instance document without ``readings``. ``readings``: the
    options that somebody took, by contradiction; the others follow the rules (``campaigns.readings``).
    ``envelope_eur``: credits announced by the ARS, whole euros, shown beside totals; what a run may not
    exceed is the parameter ``budget_eur``. ``answers_due``: the last day of the answers that the region
    expects, shown to the OGs; None: it did not say. ``fictitious``: every need in it is drawn.
    ``archived_at``: since when nothing in it changes and no run starts; None for a campaign in use.
    """

    __tablename__ = "campaign"
    __table_args__ = (
        CheckConstraint("envelope_eur IS NULL OR envelope_eur >= 0", name="envelope"),
        CheckConstraint("departement IS NULL OR region IS NOT NULL", name="territory"),
        {"sqlite_autoincrement": True},  # a campaign's number is never given again
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(120), unique=True)
    region: Mapped[str | None] = mapped_column(String(3))
    departement: Mapped[str | None] = mapped_column(String(3))
    regime: Mapped[str] = mapped_column(String(40))
    parameters: Mapped[dict[str, Any]] = mapped_column(JSON)
    readings: Mapped[dict[str, str]] = mapped_column(JSON)
    envelope_eur: Mapped[int | None] = mapped_column(Integer)
    answers_due: Mapped[dt.date | None] = mapped_column(Date)
    fictitious: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
    changed_at: Mapped[dt.datetime] = mapped_column(Instant)
    archived_at: Mapped[dt.datetime | None] = mapped_column(Instant)


class CampaignReading(Base):
    """Somebody looked at a disputed reading and accepted or changed what was proposed: who, when, why.

    The option itself is in ``Campaign.readings`` (K03: in the parameter ``same_hosting``). ``reason``: empty
    when nothing was written.
    """

    __tablename__ = "campaign_reading"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    contradiction: Mapped[str] = mapped_column(String(8), primary_key=True)
    author: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    settled_at: Mapped[dt.datetime] = mapped_column(Instant)


class CampaignOrganisme(Base):
    """An organisme gestionnaire in a campaign. ``esms_total``: all its ESMS, in the campaign or not."""

    __tablename__ = "campaign_organisme"
    __table_args__ = (
        UniqueConstraint("campaign_id", "code"),
        CheckConstraint("esms_total >= 0", name="esms_total"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(200))
    name: Mapped[str] = mapped_column(Text)
    esms_total: Mapped[int]
    fictitious: Mapped[bool] = mapped_column(default=False)


class CampaignSolution(Base):
    """A DUI solution in a campaign. ``segur_status`` ``unknown`` counts as not referenced, and is said."""

    __tablename__ = "campaign_solution"
    __table_args__ = (
        UniqueConstraint("campaign_id", "code"),
        CheckConstraint("segur_status IN ('referenced', 'not_referenced', 'unknown')", name="segur_status"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(80))
    name: Mapped[str] = mapped_column(Text)
    segur_status: Mapped[str] = mapped_column(String(16))
    hosting: Mapped[list[str]] = mapped_column(JSON)
    champs: Mapped[list[str]] = mapped_column(JSON)
    fictitious: Mapped[bool] = mapped_column(default=False)


class CampaignEsms(Base):
    """An ESMS in a campaign and what it answered.

    ``finess_et`` None: entered by hand, not found in the register. ``category``: its label, shown only.
    ``commune``: name shown. ``position_origin``: ``surveyed``, ``address``, ``commune`` (centre of the
    commune) or None when not known.
    ``searched``: code, name, organisme and commune as ``wording.plain`` writes them.
    Answers: None means not answered yet. ``accepted_solutions`` is ``"any"`` or a list of solution codes,
    ``accepted_hosting`` ``"any"`` or a list of modes. ``completeness`` (``missing``, ``partial``,
    ``complete``) is set by ``campaigns.answers`` with every answer; only complete ones enter a run.
    ``version`` grows with every change of the row, so that of two people who write at once one is told.
    """

    __tablename__ = "campaign_esms"
    __table_args__ = (
        UniqueConstraint("campaign_id", "code"),
        Index("ix_campaign_esms_campaign_id_departement", "campaign_id", "departement"),
        Index("ix_campaign_esms_campaign_id_completeness", "campaign_id", "completeness"),
        CheckConstraint("lat BETWEEN -90 AND 90 AND lon BETWEEN -180 AND 180", name="position"),
        CheckConstraint("completeness IN ('missing', 'partial', 'complete')", name="completeness"),
        CheckConstraint(
            "need IS NULL OR need IN ('acquisition', 'renouvellement', 'montee_de_version', 'aucun')",
            name="need",
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    organisme_id: Mapped[int] = mapped_column(ForeignKey("campaign_organisme.id"), index=True)
    code: Mapped[str] = mapped_column(String(80))
    finess_et: Mapped[str | None] = mapped_column(String(9), index=True)
    name: Mapped[str] = mapped_column(Text)
    champ: Mapped[str] = mapped_column(String(3))
    category: Mapped[str] = mapped_column(Text)
    commune: Mapped[str | None] = mapped_column(Text)
    departement: Mapped[str] = mapped_column(String(3))
    region: Mapped[str] = mapped_column(String(3))
    lat: Mapped[float]
    lon: Mapped[float]
    position_origin: Mapped[str | None] = mapped_column(String(10))
    snapshot_date: Mapped[dt.date | None] = mapped_column(Date)
    searched: Mapped[str] = mapped_column(Text)
    fictitious: Mapped[bool] = mapped_column(default=False)

    need: Mapped[str | None] = mapped_column(String(20))
    current_solution_id: Mapped[int | None] = mapped_column(ForeignKey("campaign_solution.id"))
    accepted_solutions: Mapped[str | list[str] | None] = mapped_column(_NULLABLE_JSON)
    accepted_hosting: Mapped[str | list[str] | None] = mapped_column(_NULLABLE_JSON)
    lot: Mapped[str | None] = mapped_column(String(80))
    can_be_porteur: Mapped[bool] = mapped_column(default=True)
    completeness: Mapped[str] = mapped_column(String(10), default="missing")
    answered_at: Mapped[dt.datetime | None] = mapped_column(Instant)

    excluded: Mapped[bool] = mapped_column(default=False)
    excluded_by: Mapped[str | None] = mapped_column(String(120))
    excluded_reason: Mapped[str | None] = mapped_column(Text)
    version: Mapped[int] = mapped_column(default=1, server_default="1")

    organisme: Mapped[CampaignOrganisme] = relationship(lazy="raise")
    current_solution: Mapped[CampaignSolution | None] = relationship(lazy="raise")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012 - SQLAlchemy reads a plain dict


class NeedsUpload(Base):
    """A needs file sent and not yet imported: what was checked is what will be imported."""

    __tablename__ = "needs_upload"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), index=True)
    file_name: Mapped[str] = mapped_column(String(200))
    content: Mapped[bytes] = mapped_column(LargeBinary)
    sent_by: Mapped[str] = mapped_column(String(120))
    sent_at: Mapped[dt.datetime] = mapped_column(Instant)


class CampaignPair(Base):
    """Two organismes kept apart or together, with who asked for it and why (``first`` < ``second``)."""

    __tablename__ = "campaign_pair"
    __table_args__ = (
        UniqueConstraint("campaign_id", "first_id", "second_id"),
        CheckConstraint("kind IN ('apart', 'together')", name="kind"),
        CheckConstraint("first_id < second_id", name="order"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(10))
    first_id: Mapped[int] = mapped_column(ForeignKey("campaign_organisme.id"))
    second_id: Mapped[int] = mapped_column(ForeignKey("campaign_organisme.id"))
    author: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)

    first: Mapped[CampaignOrganisme] = relationship(lazy="raise", foreign_keys=[first_id])
    second: Mapped[CampaignOrganisme] = relationship(lazy="raise", foreign_keys=[second_id])


class CampaignFixedGrappe(Base):
    """A grappe of an earlier plan that every run keeps, with who asked for it and why.

    ``code``: the id it keeps in the proposals, unique in the campaign. ``plan``: the number of the plan it
    was read in. ``hosting`` None: each member has its own. ``extendable``: members may be added.
    """

    __tablename__ = "campaign_fixed_grappe"
    __table_args__ = (UniqueConstraint("campaign_id", "code"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"))
    code: Mapped[str] = mapped_column(String(200))
    plan: Mapped[int]
    solution_id: Mapped[int] = mapped_column(ForeignKey("campaign_solution.id"))
    hosting: Mapped[str | None] = mapped_column(String(16))
    porteur_id: Mapped[int] = mapped_column(ForeignKey("campaign_esms.id"))
    extendable: Mapped[bool]
    author: Mapped[str] = mapped_column(String(120))
    reason: Mapped[str] = mapped_column(Text)
    created_at: Mapped[dt.datetime] = mapped_column(Instant)

    solution: Mapped[CampaignSolution] = relationship(lazy="raise")
    porteur: Mapped[CampaignEsms] = relationship(lazy="raise")
    members: Mapped[list[CampaignEsms]] = relationship(
        lazy="raise", secondary="campaign_fixed_member", order_by=CampaignEsms.code
    )


class CampaignFixedMember(Base):
    """A member of a fixed grappe; an ESMS is in one at the most."""

    __tablename__ = "campaign_fixed_member"

    esms_id: Mapped[int] = mapped_column(ForeignKey("campaign_esms.id"), primary_key=True)
    fixed_id: Mapped[int] = mapped_column(
        ForeignKey("campaign_fixed_grappe.id", ondelete="CASCADE"), index=True
    )


class CampaignReference(Base):
    """The earlier plan that the next runs should stay close to.

    ``grappes``: its grappes as ``previous`` of the instance document, without their figures.
    """

    __tablename__ = "campaign_reference"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True)
    plan: Mapped[int]
    grappes: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    author: Mapped[str] = mapped_column(String(120))
    created_at: Mapped[dt.datetime] = mapped_column(Instant)
