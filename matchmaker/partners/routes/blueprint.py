"""The blueprint of partners and what all its pages need."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort, current_app
from sqlalchemy.orm import Session

from matchmaker.accounts import consents
from matchmaker.campaigns import spaces
from matchmaker.database.instants import now
from matchmaker.partners.viewing import View, view_of
from matchmaker.web import access

blueprint = Blueprint("partners", __name__)


def secret_key() -> str:
    found: str = current_app.extensions["settings"].secret_key
    return found


def account_id() -> int:
    """Who asks; 404 where there are no accounts."""
    asking = access.person()
    if asking is None or asking.account_id is None:
        abort(404)
    return asking.account_id


def view_here(session: Session, moment: dt.datetime | None = None) -> View:
    """What the organisme that one works for sees; 404 when no campaign in use holds it."""
    found = view_of(session, spaces.of_asking(session), secret_key(), moment or now())
    if found is None:
        abort(404)
    return found


def consent(session: Session, purpose: str, organisme_id: int | None) -> None:
    """Write down that who asks agrees, if they had not yet."""
    if not consents.stands(session, account_id(), purpose, organisme_id):
        consents.give(session, account_id(), purpose, organisme_id)
