"""A form that starts a run makes one, however often and however fast it is sent.

When to modify: another page starts runs (its form is a ``StartForm``, its answer is ``launched``).
"""

from __future__ import annotations

from collections.abc import Callable

from flask import Response, abort, current_app, flash, url_for
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.proposals.keeping import PlanNotFoundError
from matchmaker.runs import request
from matchmaker.runs.forms import StartForm
from matchmaker.runs.lifecycle import Asked
from matchmaker.runs.queue import enqueue
from matchmaker.web import sessions
from matchmaker.web.rendering import go_to


def launched(
    form: StartForm, ask: Callable[[Session, Asked, str], int], page: Callable[[int], Response]
) -> Response:
    """What the sending of a form that starts a run answers: the run's page, else the form again.

    Parameters
    ----------
    ask
        Makes the run of what is asked, with the form's token; returns its number.
    page
        The page with this form, at a status: 422 when something in it, or the campaign, must change first.
    """
    if not form.validate():
        return page(422)
    settings = current_app.extensions["settings"]
    gap = 0.0 if form.gap_permille is None else form.gap_permille.data / 1000
    asked, token = Asked(form.budget_s.data, gap, request.SEED, settings.solver_threads), form.token.data
    try:
        run_id = asked_once(token, lambda session: ask(session, asked, token))
    except (NotInCampaignError, PlanNotFoundError):
        abort(404)
    except request.RefusedRunError as problem:
        form.form_errors.append(str(problem))
        return page(422)
    # A message too many does no harm: a worker takes a run once.
    enqueue(settings.queue_url, run_id)
    return go_to(url_for("runs.run", number=run_id))


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
