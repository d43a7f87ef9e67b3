"""Pages of comparisons: asking for several plans, and the chart whose points open them.

When to modify: a page about comparisons is added.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort
from flask.blueprints import BlueprintSetupState
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchmaker.campaigns import campaign
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.campaigns.routes.blueprint import tabs
from matchmaker.runs import reading, sentences
from matchmaker.runs.comparison import asked, asking, chart, keeping, wording
from matchmaker.runs.comparison.forms import CompareForm
from matchmaker.runs.comparison.tables import Comparison
from matchmaker.runs.once import launched
from matchmaker.runs.tables import Run, State
from matchmaker.web import sessions
from matchmaker.web.access import access, actor, guard
from matchmaker.web.rendering import page_or_block, render_page

blueprint = Blueprint("comparisons", __name__)
_LISTED = 20


@blueprint.record
def _guard(state: BlueprintSetupState) -> None:
    guard(state.app, "comparisons", "number", reading.belonging)


@blueprint.get("/campagnes/<int:campaign_id>/comparer")
@access("gestion")
def of_campaign(campaign_id: int) -> Response:
    """Why plans are compared, the button, and the comparisons there were."""
    response = _page(campaign_id, CompareForm(formdata=None))
    response.headers["Cache-Control"] = "no-store"  # Back must bring another token
    return response


@blueprint.post("/campagnes/<int:campaign_id>/comparer")
@access("gestion")
def start(campaign_id: int) -> Response:
    """Ask for a comparison and go to its run; 422 with the form when it cannot be."""
    form = CompareForm()
    return launched(
        form,
        lambda session, wanted, token: asking.ask(
            session, campaign_id, wanted, form.points.data, token=token, actor=actor()
        ),
        lambda status: _page(campaign_id, form, status),
    )


@blueprint.get("/calculs/<int:number>/comparaison")
@access("gestion")
def show(number: int) -> str:
    """The plans of a comparison as a chart and as a table; ``number`` is that of its run."""
    with sessions.reading() as session:
        standing = reading.standing(session, number)
        kept = keeping.read(session, number)
        if standing is None or kept is None:
            abort(404)
        values = campaign.get(session, standing.campaign_id)
    return render_page(
        "comparaisons/comparaison.html",
        campagne=values,
        fictif=values.fictitious,
        onglets=tabs(values.id),
        calcul=standing,
        State=State,
        comparaison=kept,
        large=chart.draw(kept.plans, 720, 380),
        etroit=chart.draw(kept.plans, 350, 320),
        mots=wording,
        phrases=sentences,
    )


def _page(campaign_id: int, form: CompareForm, status: int = 200) -> Response:
    with sessions.reading() as session:
        try:
            values = campaign.get(session, campaign_id)
        except NotInCampaignError:
            abort(404)
        counts = campaign.summary(session, campaign_id)
        runs = _comparisons(session, campaign_id)
        points = asked.among(session, [run.id for run in runs])
    return page_or_block(
        "comparaisons/comparer.html",
        "lancement",
        status,
        campagne=values,
        fictif=values.fictitious,
        onglets=tabs(values.id),
        effectifs=counts,
        form=form,
        calculs=runs,
        plans=points,
        phrases=sentences,
    )


def _comparisons(session: Session, campaign_id: int) -> list[reading.Standing]:
    """The comparisons of a campaign, the newest first."""
    ids = session.scalars(
        select(Comparison.run_id)
        .join(Run, Run.id == Comparison.run_id)
        .where(Run.campaign_id == campaign_id)
        .order_by(Comparison.run_id.desc())
        .limit(_LISTED)
    ).all()
    found = (reading.standing(session, run_id) for run_id in ids)
    return [run for run in found if run is not None]
