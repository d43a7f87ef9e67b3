"""The blueprint of grappes and what all its pages need: who looks, at which grappe, as a member or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, abort
from flask.blueprints import BlueprintSetupState
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from matchmaker.accounts import consents
from matchmaker.campaigns import spaces
from matchmaker.campaigns.belonging import belonging
from matchmaker.campaigns.spaces import Space
from matchmaker.grappes import rooms
from matchmaker.grappes.rooms import Room, token_for
from matchmaker.grappes.tables import HandGrappe, HandGrappeMember
from matchmaker.partners.viewing import View, also_known, view_of
from matchmaker.web.access import account_id, guard
from matchmaker.web.people import Belonging
from matchmaker.web.security import secret_key

blueprint = Blueprint("grappes", __name__)
JOIN = "entrer-en-grappe"  # the purpose of the consent of who opens or asks


@blueprint.record
def _install(state: BlueprintSetupState) -> None:
    guard(state.app, "grappes", "grappe_id", _belonging)
    also_known(_members_known_to)


def _belonging(session: Session, grappe_id: int) -> Belonging | None:
    """A grappe offered to the region lies where its campaign does."""
    row = session.get(HandGrappe, grappe_id)
    return None if row is None or row.offered_at is None else belonging(session, row.campaign_id)


def _members_known_to(session: Session, viewer: int) -> frozenset[int]:
    """Organismes accepted in a grappe that accepted the viewer, even if one of them left since."""
    return frozenset(session.scalars(_BESIDE, {"viewer": viewer}))


_STAYED = ("accepted", "left")
_MINE = select(HandGrappeMember.grappe_id).where(
    HandGrappeMember.organisme_id == bindparam("viewer"), HandGrappeMember.state.in_(_STAYED)
)
_BESIDE = select(HandGrappeMember.organisme_id).where(
    HandGrappeMember.grappe_id.in_(_MINE),
    HandGrappeMember.state.in_(_STAYED),
    HandGrappeMember.organisme_id != bindparam("viewer"),
)


@dataclass(frozen=True)
class Looking:
    """Who looks at grappes of its campaign."""

    view: View

    def token(self, number: int) -> str:
        return token_for(self.view.secret_key, self.view.viewer, number)

    def room(self, session: Session, token: str, moment: dt.datetime) -> Room | None:
        """The open grappe of this token; the others are not read."""
        assert self.view.space.campaign is not None
        numbers = rooms.open_numbers(session, self.view.space.campaign.id)
        number = next((number for number in numbers if self.token(number) == token), None)
        return None if number is None else rooms.room_of(session, number, moment)

    def may_see(self, room: Room) -> bool:
        """Whether the viewer is in it, asked, or may ask: it is listed, or they know who holds it."""
        return room.listed or room.seat(self.view.viewer) is not None or room.opener in self.view.met


def looking(session: Session, own: Sequence[Space], moment: dt.datetime) -> Looking | None:
    """Who asks (``own``: their spaces); None when no campaign in use holds their organisme."""
    view = view_of(session, own, secret_key(), moment)
    return None if view is None else Looking(view)


def found(
    session: Session,
    token: str,
    moment: dt.datetime,
    *,
    member: bool,
    own: Sequence[Space] | None = None,
) -> tuple[Looking, Room]:
    """The grappe that a token names on one's own pages; 404 for any other, or, with ``member``, when the
    organisme is not in it. ``own``: spaces of who asks, when they were read already."""
    account_id()
    here = looking(session, own or spaces.of_asking(session), moment)
    room = None if here is None else here.room(session, token, moment)
    if here is None or room is None or here.view.question is None or not here.may_see(room):
        abort(404)
    if member and not room.holds(here.view.viewer):
        abort(404)
    return here, room


def agree_to_join(session: Session, organisme_id: int) -> None:
    """Write down that who asks agrees that members see each other."""
    consents.agree(session, account_id(), JOIN, organisme_id)
