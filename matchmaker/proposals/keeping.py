"""Keep a proposal with its instance, and find it again.

A kept proposal never changes, so what is read from it is remembered by its digest.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import json
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, null, or_, select, true
from sqlalchemy.orm import Session

from matchmaker.campaigns.belonging import belonging as of_campaign
from matchmaker.campaigns.tables import Campaign
from matchmaker.database.instants import now
from matchmaker.proposals import plan_documents
from matchmaker.proposals.plan import Plan
from matchmaker.proposals.tables import Proposal
from matchmaker.web.people import EVERYWHERE, Belonging, Ground

Document = Mapping[str, Any]
_REMEMBERED = 4


class PlanNotFoundError(LookupError):
    """There is no plan of that number."""


@dataclass(frozen=True, slots=True)
class Summary:
    """A line of a list of plans."""

    number: int
    title: str
    created_at: dt.datetime
    campaign_id: int | None
    run_id: int | None
    fictitious: bool
    objective: str
    status: str
    funding_eur: int
    upper_bound: int
    esms_count: int
    esms_placed: int
    grappes_count: int


@dataclass(frozen=True, slots=True)
class Kept:
    """A plan read back: what pages show, and where it came from."""

    summary: Summary
    sha256: str
    plan: Plan


def text_of(document: Document) -> bytes:
    """A document as it is exported: the same values always give the same bytes."""
    return (json.dumps(document, ensure_ascii=False, allow_nan=False, indent=1) + "\n").encode()


def store_proposal(
    session: Session,
    campaign_id: int | None,
    run_id: int | None,
    instance_document: Document,
    proposal_document: Document,
) -> int:
    """Keep a proposal that the judge accepted, with its question; returns the number of the plan.

    A run stores one proposal: called again for the same run, it returns the number already given.
    """
    if run_id is not None:
        known = session.scalar(select(Proposal.id).where(Proposal.run_id == run_id))
        if known is not None:
            return known
    # Its campaign may be deleted one day; the plan stays its région's.
    region = session.scalar(select(Campaign.region).where(Campaign.id == campaign_id))
    return _add(session, campaign_id, run_id, instance_document, proposal_document, region)


def keep_imported(
    session: Session,
    instance_document: Document,
    proposal_document: Document,
    region: str | None = None,
) -> int:
    """Keep an imported pair for the team of a région; the same pair imported twice is the same plan."""
    digest = _digest(text_of(instance_document), text_of(proposal_document))
    same = select(Proposal.id).where(Proposal.sha256 == digest, Proposal.run_id.is_(None))
    known = session.scalar(
        same.where(Proposal.region.is_(None) if region is None else Proposal.region == region)
    )
    if known is not None:
        return known
    return _add(session, None, None, instance_document, proposal_document, region)


def _add(
    session: Session,
    campaign_id: int | None,
    run_id: int | None,
    instance_document: Document,
    proposal_document: Document,
    region: str | None = None,
) -> int:
    # The plan is not read here: what it leaves unsaid of departures is worked out for who opens it, and this
    # is one transaction, that others may wait for.
    instance, proposal = text_of(instance_document), text_of(proposal_document)
    grappes = proposal_document["grappes"]
    row = Proposal(
        campaign_id=campaign_id,
        run_id=run_id,
        region=region,
        title=plan_documents.title_of(instance_document),
        sha256=_digest(instance, proposal),
        created_at=now(),
        fictitious=plan_documents.is_fictitious(instance_document),
        regime=instance_document["regime"],
        objective=proposal_document["parameters"]["objective"],
        status=proposal_document["status"],
        funding_eur=proposal_document["funding_eur"],
        upper_bound=proposal_document["upper_bound"],
        esms_count=len(instance_document["esms"]),
        esms_placed=sum(len(g["members"]) for g in grappes),
        grappes_count=len(grappes),
        # mtime 0: the same text is the same bytes, on every day
        instance_gz=gzip.compress(instance, mtime=0),
        proposal_gz=gzip.compress(proposal, mtime=0),
    )
    session.add(row)
    session.flush()
    return row.id


def summaries(
    session: Session,
    campaign_id: int | None = None,
    offset: int = 0,
    limit: int = 50,
    seen: Ground = EVERYWHERE,
) -> list[Summary]:
    """Plans of a ground from the newest on; of one campaign when its id is given."""
    wanted = select(Proposal).order_by(Proposal.id.desc()).offset(offset).limit(limit).where(_lies_on(seen))
    if campaign_id is not None:
        wanted = wanted.where(Proposal.campaign_id == campaign_id)
    return [_summary(row) for row in session.scalars(wanted)]


def kept(session: Session, number: int) -> Kept:
    """The plan of that number.

    Raises
    ------
    PlanNotFoundError
        There is none.
    """
    row = session.get(Proposal, number)
    if row is None:
        raise PlanNotFoundError(number)
    read = _memory.get(row.sha256)
    if read is None:
        instance, proposal = documents(session, number)
        read = plan_documents.read(json.loads(instance), json.loads(proposal))
        _memory.put(row.sha256, read)
    return Kept(_summary(row), row.sha256, read)


def forget() -> None:
    """Read every plan anew (measures of first views)."""
    _memory.clear()


def belonging(session: Session, number: int) -> Belonging | None:
    """A plan is its campaign's, or its région's once that is gone or when imported. None: no such one."""
    row = session.execute(
        select(Proposal.campaign_id, Proposal.region).where(Proposal.id == number)
    ).one_or_none()
    if row is None:
        return None
    if row.campaign_id is not None:
        return of_campaign(session, row.campaign_id)
    return Belonging(() if row.region is None else ((row.region, None),))


def documents(session: Session, number: int) -> tuple[bytes, bytes]:
    """The texts of the instance and of the proposal, as kept. Raises ``PlanNotFoundError``."""
    row = session.get(Proposal, number)
    if row is None:
        raise PlanNotFoundError(number)
    return gzip.decompress(row.instance_gz), gzip.decompress(row.proposal_gz)


def numbers_on(ground: Ground) -> Select[int]:
    """Numbers of the plans of a ground, as a subquery."""
    return select(Proposal.id).where(_lies_on(ground))


def _lies_on(ground: Ground) -> ColumnElement[bool]:
    """As ``belonging`` says, in SQL."""
    if ground.everywhere:
        return true()
    campaigns = select(Campaign.id).where(ground.condition(Campaign.region, Campaign.departement))
    imported = and_(Proposal.campaign_id.is_(None), ground.condition(Proposal.region, null()))
    return or_(Proposal.campaign_id.in_(campaigns), imported)


def _summary(row: Proposal) -> Summary:
    return Summary(
        number=row.id,
        title=row.title,
        created_at=row.created_at,
        campaign_id=row.campaign_id,
        run_id=row.run_id,
        fictitious=row.fictitious,
        objective=row.objective,
        status=row.status,
        funding_eur=row.funding_eur,
        upper_bound=row.upper_bound,
        esms_count=row.esms_count,
        esms_placed=row.esms_placed,
        grappes_count=row.grappes_count,
    )


def _digest(instance: bytes, proposal: bytes) -> str:
    return hashlib.sha256(instance + proposal).hexdigest()


class _Memory:
    """The last few plans read, by digest; safe between the threads of the server."""

    def __init__(self) -> None:
        self._plans: OrderedDict[str, Plan] = OrderedDict()
        self._lock = Lock()

    def get(self, digest: str) -> Plan | None:
        with self._lock:
            found = self._plans.get(digest)
            if found is not None:
                self._plans.move_to_end(digest)
            return found

    def put(self, digest: str, read: Plan) -> None:
        with self._lock:
            self._plans[digest] = read
            while len(self._plans) > _REMEMBERED:
                self._plans.popitem(last=False)

    def clear(self) -> None:
        with self._lock:
            self._plans.clear()


_memory = _Memory()
