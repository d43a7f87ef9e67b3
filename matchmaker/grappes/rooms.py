"""A grappe formed by hand as it stands: its offer, who is in, who asked, with which ESMS.

Plain values, read in three queries whatever the number of members.

When to modify: a grappe holds something more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, bindparam, func, select
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
class Outline:
    """An open grappe without who is in it; ``organismes``, ``esms``: how many are accepted."""

    id: int
    opener: int
    solution: str
    solution_name: str
    hosting: str | None
    listed: bool
    organismes: int
    esms: int


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

    @property
    def outline(self) -> Outline:
        return Outline(
            self.id,
            self.opener,
            self.solution,
            self.solution_name,
            self.hosting,
            self.listed,
            len(self.accepted),
            sum(len(seat.esms) for seat in self.accepted),
        )

    def seat(self, organisme: int) -> Seat | None:
        return next((seat for seat in self.seats if seat.organisme == organisme), None)

    def holds(self, organisme: int) -> bool:
        return any(seat.organisme == organisme for seat in self.accepted)


# Written once: making and naming a statement took longer than running it.
_ACCEPTED_IN = (HandGrappeMember.grappe_id == HandGrappe.id) & (HandGrappeMember.state == ACCEPTED)
_OUTLINES = (
    select(
        HandGrappe.id,
        HandGrappe.opener_id,
        CampaignSolution.code,
        CampaignSolution.name,
        HandGrappe.hosting,
        HandGrappe.listed,
        func.count(HandGrappeMember.id.distinct()),
        func.count(HandGrappeEsms.esms_id),
    )
    .join(CampaignSolution, CampaignSolution.id == HandGrappe.solution_id)
    .outerjoin(HandGrappeMember, _ACCEPTED_IN)
    .outerjoin(HandGrappeEsms, HandGrappeEsms.member_id == HandGrappeMember.id)
    .where(HandGrappe.campaign_id == bindparam("campaign"), HandGrappe.closed_at.is_(None))
    .group_by(HandGrappe.id, CampaignSolution.id)
    .order_by(HandGrappe.id)
)
_ROOMS = (
    select(HandGrappe, CampaignSolution.code, CampaignSolution.name)
    .join(CampaignSolution, CampaignSolution.id == HandGrappe.solution_id)
    .order_by(HandGrappe.id)
)
_ONE_ROOM = _ROOMS.where(HandGrappe.id == bindparam("grappe"))
_OPEN_ROOMS = _ROOMS.where(HandGrappe.campaign_id == bindparam("campaign"), HandGrappe.closed_at.is_(None))
_ROOMS_WITH = _OPEN_ROOMS.where(
    HandGrappe.id.in_(
        select(HandGrappeMember.grappe_id).where(
            HandGrappeMember.organisme_id == bindparam("organisme"),
            HandGrappeMember.state.in_((ACCEPTED, PENDING)),
        )
    )
)
_SEATS = (
    select(
        HandGrappeMember.id,
        HandGrappeMember.grappe_id,
        HandGrappeMember.organisme_id,
        HandGrappeMember.state,
        HandGrappeMember.asked_at,
        HandGrappeMember.expires_at,
        HandGrappeMember.declines_porteur,
        CampaignOrganisme.code,
        CampaignOrganisme.name,
        CampaignOrganisme.fictitious,
    )
    .join(CampaignOrganisme, CampaignOrganisme.id == HandGrappeMember.organisme_id)
    .where(
        HandGrappeMember.grappe_id.in_(bindparam("grappes", expanding=True)),
        (HandGrappeMember.state == ACCEPTED)
        | ((HandGrappeMember.state == PENDING) & (HandGrappeMember.expires_at > bindparam("moment"))),
    )
)
_BROUGHT = (
    select(HandGrappeEsms.member_id, CampaignEsms.code)
    .join(CampaignEsms, CampaignEsms.id == HandGrappeEsms.esms_id)
    .where(HandGrappeEsms.member_id.in_(bindparam("members", expanding=True)))
    .order_by(CampaignEsms.code)
)


def token_for(secret_key: str, viewer: int, grappe: int) -> str:
    """The name of a grappe on the pages of one organisme."""
    return keyed(f"grappe:{viewer}:{grappe}", secret_key)[:32]


def open_rooms(session: Session, campaign_id: int, moment: dt.datetime) -> list[Room]:
    """The open grappes of a campaign, the oldest first."""
    return _read(session, moment, _OPEN_ROOMS, campaign=campaign_id)


def outlines(session: Session, campaign_id: int) -> list[Outline]:
    """The open grappes of a campaign, in one query whatever their number and who is in them."""
    rows = session.execute(_OUTLINES, {"campaign": campaign_id})
    return [Outline(*row) for row in rows]


def rooms_with(session: Session, campaign_id: int, organisme: int, moment: dt.datetime) -> list[Room]:
    """The open grappes that an organisme is in, or asked to join and waits for."""
    found = _read(session, moment, _ROOMS_WITH, campaign=campaign_id, organisme=organisme)
    return [room for room in found if room.seat(organisme) is not None]


def open_numbers(session: Session, campaign_id: int) -> list[int]:
    """Numbers of the open grappes of a campaign."""
    wanted = select(HandGrappe.id).where(
        HandGrappe.campaign_id == campaign_id, HandGrappe.closed_at.is_(None)
    )
    return list(session.scalars(wanted))


def room_of(session: Session, grappe_id: int, moment: dt.datetime) -> Room | None:
    """One grappe, closed ones too."""
    found = _read(session, moment, _ONE_ROOM, grappe=grappe_id)
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


def _read(
    session: Session, moment: dt.datetime, wanted: Select[HandGrappe, str, str], **of: int
) -> list[Room]:
    rows = session.execute(wanted, of).all()
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
    if not grappes:
        return {}
    held = session.execute(_SEATS, {"grappes": grappes, "moment": moment}).all()
    brought: dict[int, list[str]] = {}
    rows = session.execute(_BROUGHT, {"members": [member.id for member in held]})
    for member_id, code in rows:
        brought.setdefault(member_id, []).append(code)
    found: dict[int, list[Seat]] = {}
    for member in held:
        seat = Seat(
            member.id,
            member.organisme_id,
            member.code,
            member.name,
            member.fictitious,
            member.state,
            member.asked_at,
            member.expires_at,
            member.declines_porteur,
            tuple(brought.get(member.id, ())),
        )
        found.setdefault(member.grappe_id, []).append(seat)
    return found
