"""The page « Ce que coûte chaque règle » of a plan: the prices, and the button that asks for them.

When to modify: a page about prices is added.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask.blueprints import BlueprintSetupState

from matchmaker.proposals import keeping as plans
from matchmaker.proposals.keeping import PlanNotFoundError
from matchmaker.proposals.pages import plan_context
from matchmaker.runs import reading, sentences
from matchmaker.runs.forms import SharedTimeForm
from matchmaker.runs.once import launched
from matchmaker.runs.prices import asking, keeping, wording
from matchmaker.web import sessions
from matchmaker.web.access import access, actor, guard
from matchmaker.web.rendering import page_or_block

blueprint = Blueprint("prices", __name__)


@blueprint.record
def _guard(state: BlueprintSetupState) -> None:
    guard(state.app, "prices", "number", plans.belonging)


@blueprint.get("/plans/<int:number>/regles")
@access("gestion")
def of_plan(number: int) -> Response:
    """What each rule of the plan costs, and how to ask it."""
    response = _page(number, SharedTimeForm(formdata=None))
    response.headers["Cache-Control"] = "no-store"  # Back must bring another token
    return response


@blueprint.post("/plans/<int:number>/regles")
@access("gestion")
def start(number: int) -> Response:
    """Ask for the prices and go to their run; 422 with the form when they cannot be asked."""
    form = SharedTimeForm()
    return launched(
        form,
        lambda session, wanted, token: asking.ask(session, number, wanted, token=token, actor=actor()),
        lambda status: _page(number, form, status),
    )


def _page(number: int, form: SharedTimeForm, status: int = 200) -> Response:
    with sessions.reading() as session:
        try:
            kept = plans.kept(session, number)
        except PlanNotFoundError:
            abort(404)
        asked = keeping.of_plan(session, number)
        runs = {one.run_id: reading.standing(session, one.run_id) for one in asked}
    done = next((one for one in asked if one.prices is not None), None)
    waiting = [runs[one.run_id] for one in asked if one.prices is None]
    return page_or_block(
        "prix/prix.html",
        "lancement",
        status,
        **plan_context(kept),
        form=form,
        prices=done,
        priced=runs[done.run_id] if done is not None else None,
        rows=sorted(done.prices or (), key=wording.order) if done is not None else [],
        under_way=[run for run in waiting if run is not None and not run.state.is_final],
        mots=wording,
        phrases=sentences,
    )
