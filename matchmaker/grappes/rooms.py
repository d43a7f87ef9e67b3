"""A grappe formed by hand as it stands: its offer, who is in, who asked, with which ESMS.

Plain values, read in four queries whatever the number of members.

When to modify: a grappe holds something more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from matchmaker.accounts.tokens import keyed
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme, CampaignSolution
from matchmaker.grappes.tables import HandGrappe, HandGrappeEsms, HandGrappeMember

PENDING, ACCEPTED = "pending", "accepted"


@dataclass(frozen=True, slots=True)
class Seat:
    """An organisme and what it brings. ``esms``: codes. ``code``, ``name``: shown to the accepted only."""

    id: int
    organisme: int
    code: str
    name: str
    fictitious: bool
    state: str
    asked_at: dt.datetime
    expires_at: dt.datetime | None
    declines_porteur: bool
    esms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Room:
    """``solution``: its code. ``seats``: accepted ones, then those that wait, as they came."""

    id: int
    campaign_id: int
    opener: int
    solution: str
    solution_name: str
    hosting: str | None
    listed: bool
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    offered_at: dt.datetime | None
    version: int
    seats: tuple[Seat, ...]

    @property
    def accepted(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if seat.state == ACCEPTED)

    @property
    def pending(self) -> tuple[Seat, ...]:
        return tuple(seat for seat in self.seats if seat.state == PENDING)

    @property
    def members(self) -> tuple[str, ...]:
        """Codes of the ESMS accepted."""
        return tuple(sorted(code for seat in self.accepted for code in seat.esms))

    @property
    def declined(self) -> frozenset[str]:
        """Organismes (codes) that do not want to carry it."""
        return frozenset(seat.code for seat in self.accepted if seat.declines_porteur)

    def seat(self, organisme: int) -> Seat | None:
        return next((seat for seat in self.seats if seat.organisme == organisme), None)

    def holds(self, organisme: int) -> bool:
        return any(seat.organisme == organisme for seat in self.accepted)


def token_for(secret_key: str, viewer: int, grappe: int) -> str:
    """The name of a grappe on the pages of one organisme."""
    return keyed(f"grappe:{viewer}:{grappe}", secret_key)[:32]


def open_rooms(session: Session, campaign_id: int, moment: dt.datetime) -> list[Room]:
    """The open grappes of a campaign, the oldest first."""
    return _read(session, moment, HandGrappe.campaign_id == campaign_id, HandGrappe.closed_at.is_(None))


def room_of(session: Session, grappe_id: int, moment: dt.datetime) -> Room | None:
    """One grappe, closed ones too."""
    found = _read(session, moment, HandGrappe.id == grappe_id)
    return found[0] if found else None


def taken(session: Session, organisme: int, but: int | None = None) -> frozenset[str]:
    """Codes of an organisme's ESMS that are accepted in an open grappe, ``but`` one."""
    wanted = (
        select(CampaignEsms.code)
        .join(HandGrappeEsms, HandGrappeEsms.esms_id == CampaignEsms.id)
        .join(HandGrappeMember, HandGrappeMember.id == HandGrappeEsms.member_id)
        .join(HandGrappe, HandGrappe.id == HandGrappeMember.grappe_id)
        .where(
            CampaignEsms.organisme_id == organisme,
            HandGrappeMember.state == ACCEPTED,
            HandGrappe.closed_at.is_(None),
            HandGrappe.id != (but or 0),
        )
    )
    return frozenset(session.scalars(wanted))


def together_with(rooms: Collection[Room], organisme: int) -> frozenset[int]:
    """Organismes accepted in a grappe that also accepted this one: they know each other's name."""
    return frozenset(
        seat.organisme
        for room in rooms
        if room.holds(organisme)
        for seat in room.accepted
        if seat.organisme != organisme
    )


def _read(session: Session, moment: dt.datetime, *conditions: ColumnElement[bool]) -> list[Room]:
    rows = session.execute(
        select(HandGrappe, CampaignSolution.code, CampaignSolution.name)
        .join(CampaignSolution, CampaignSolution.id == HandGrappe.solution_id)
        .where(*conditions)
        .order_by(HandGrappe.id)
    ).all()
    seats = _seats(session, [row.id for row, _code, _name in rows], moment)
    return [
        Room(
            id=row.id,
            campaign_id=row.campaign_id,
            opener=row.opener_id,
            solution=code,
            solution_name=name,
            hosting=row.hosting,
            listed=row.listed,
            opened_at=row.opened_at,
            closed_at=row.closed_at,
            offered_at=row.offered_at,
            version=row.version,
            seats=tuple(sorted(seats.get(row.id, ()), key=lambda s: (s.state != ACCEPTED, s.id))),
        )
        for row, code, name in rows
    ]


def _seats(session: Session, grappes: Sequence[int], moment: dt.datetime) -> dict[int, list[Seat]]:
    held = session.execute(
        select(HandGrappeMember, CampaignOrganisme.code, CampaignOrganisme.name, CampaignOrganisme.fictitious)
        .join(CampaignOrganisme, CampaignOrganisme.id == HandGrappeMember.organisme_id)
        .where(
            HandGrappeMember.grappe_id.in_(grappes),
            (HandGrappeMember.state == ACCEPTED)
            | ((HandGrappeMember.state == PENDING) & (HandGrappeMember.expires_at > moment)),
        )
    ).all()
    brought: dict[int, list[str]] = {}
    rows = session.execute(
        select(HandGrappeEsms.member_id, CampaignEsms.code)
        .join(CampaignEsms, CampaignEsms.id == HandGrappeEsms.esms_id)
        .where(HandGrappeEsms.member_id.in_([member.id for member, *_others in held]))
        .order_by(CampaignEsms.code)
    )
    for member_id, code in rows:
        brought.setdefault(member_id, []).append(code)
    found: dict[int, list[Seat]] = {}
    for member, code, name, fictitious in held:
        seat = Seat(
            member.id,
            member.organisme_id,
            code,
            name,
            fictitious,
            member.state,
            member.asked_at,
            member.expires_at,
            member.declines_porteur,
            tuple(brought.get(member.id, ())),
        )
        found.setdefault(member.grappe_id, []).append(seat)
    return found
