"""A form that starts a run makes one, however often and however fast it is sent.

When to modify: another page starts runs (give it a ``token`` field and call ``asked_once``).
"""

from __future__ import annotations

from collections.abc import Callable

from flask import flash
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchmaker.runs import request
from matchmaker.web import sessions


def asked_once(token: str, ask: Callable[[Session], int]) -> int:
    """The run of the form with this token: ``ask`` makes it, unless it was made; then a message says so."""
    known = _made(token)
    if known is None:
        try:
            with sessions.writing() as session:
                return ask(session)
        except IntegrityError:  # sent twice at the very same moment: the other one made it
            known = _made(token)
            if known is None:
                raise
    flash("Ce formulaire avait déjà lancé ce calcul : il n’y en a pas de second.", "neutre")
    return known


def _made(token: str) -> int | None:
    with sessions.reading() as session:
        return request.run_of_token(session, token)
