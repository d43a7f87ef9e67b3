"""The blueprint of partners and what all its pages need."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, abort
from sqlalchemy.orm import Session

from matchmaker.campaigns import spaces
from matchmaker.database.instants import now
from matchmaker.partners.viewing import View, view_of
from matchmaker.web.security import secret_key

blueprint = Blueprint("partners", __name__)


def view_here(session: Session, moment: dt.datetime | None = None) -> View:
    """What the organisme that one works for sees; 404 when no campaign in use holds it."""
    found = view_of(session, spaces.of_asking(session), secret_key(), moment or now())
    if found is None:
        abort(404)
    return found
