"""Pages of runs: what a campaign asks of the optimiser, and a run under way.

When to modify: a page about runs is added.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, current_app, flash, make_response, redirect, url_for
from flask.blueprints import BlueprintSetupState
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from matchmaker import journal
from matchmaker.baremes import scale_for
from matchmaker.campaigns import campaign, constraints, keeping_grappes, readings
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.instance import faults_of_fixed
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.campaigns.routes.blueprint import tabs
from matchmaker.runs import chart, lifecycle, reading, request, sentences
from matchmaker.runs.comparison import asked as comparison
from matchmaker.runs.forms import StartForm
from matchmaker.runs.once import launched
from matchmaker.runs.parts import reading as part_reading
from matchmaker.runs.parts import whole
from matchmaker.runs.prices import asked as pricing
from matchmaker.runs.queue import enqueue
from matchmaker.runs.reading import Standing
from matchmaker.runs.tables import State
from matchmaker.web import sessions
from matchmaker.web.access import access, actor, guard
from matchmaker.web.rendering import page_or_block, wants_block
from solver.instance import Readings
from solver.scale import Scale
from solver.vocabulary import Regime

blueprint = Blueprint("runs", __name__)


@blueprint.record
def _guard(state: BlueprintSetupState) -> None:
    guard(state.app, "runs", "number", reading.belonging)
    journal.trail.lies("run", reading.numbers_on)


_LAST = 6
_TABLE_ROWS = 50
_ANNOUNCE_S = 15
_POLL_S = 2


@blueprint.get("/campagnes/<int:campaign_id>/optimiser")
@access("gestion")
def of_campaign(campaign_id: int) -> Response:
    """What a run of this campaign would be asked, the button, and the runs there were."""
    response = _optimiser(campaign_id, StartForm(formdata=None))
    response.headers["Cache-Control"] = "no-store"  # Back must bring another token
    return response


@blueprint.post("/campagnes/<int:campaign_id>/optimiser")
@access("gestion")
def start(campaign_id: int) -> AnyResponse:
    """Ask for a run and go to its page; 422 with the form when it cannot be."""
    form = StartForm()
    return launched(
        form,
        lambda session, asked, token: request.ask(session, campaign_id, asked, token=token, actor=actor()),
        lambda status: _optimiser(campaign_id, form, status),
    )


@blueprint.get("/calculs/<int:number>")
@blueprint.get("/calculs/<int:number>/tableau", endpoint="table", defaults={"as_table": True})
@access("gestion")
def run(number: int, as_table: bool = False) -> Response:
    """A run under way or over; htmx asks for the block again until there is nothing more to wait for."""
    with sessions.reading() as session:
        standing = reading.standing(session, number)
        if standing is None:
            abort(404)
        parent = whole.parent_of(session, number)
        if parent is not None:
            return make_response(redirect(url_for("runs.run", number=parent)))
        context = _live(session, standing, as_table)
    response = page_or_block("calculs/calcul.html", "calcul", **context)
    if wants_block() and standing.state.is_final:
        # The block that goes out polls no more; the browser goes on to where the result is read.
        if context["prix"] is not None and standing.state is not State.FAILED:
            response.headers["HX-Redirect"] = url_for("prices.of_plan", number=context["prix"])
        elif standing.proposal_id is not None and context["comparaison"]:
            response.headers["HX-Redirect"] = url_for("comparisons.show", number=standing.id)
        elif standing.proposal_id is not None:
            response.headers["HX-Redirect"] = url_for("proposals.show", number=standing.proposal_id)
        else:
            response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/calculs/<int:number>/arreter")
@access("gestion")
def stop(number: int) -> AnyResponse:
    """« Arrêter et garder ce plan »: the worker ends within seconds and stores the best it has."""
    with sessions.writing() as session:
        number = whole.parent_of(session, number) or number
        before = reading.standing(session, number)
        state = lifecycle.request_stop(session, number)
        if before is not None and not before.cancel_requested and not before.state.is_final:
            label = campaign.get(session, before.campaign_id).name
            journal.record(session, actor(), "calcul.arreter", f"run:{number}", label=label)
    if state is None:
        abort(404)
    if before is not None and before.state.is_final:
        flash("Ce calcul était déjà terminé : rien n’a changé.", "neutre")
    return redirect(url_for("runs.run", number=number), 303)


@blueprint.post("/calculs/<int:number>/relancer")
@access("gestion")
def again(number: int) -> AnyResponse:
    """Do a failed run again: the same question, from the best plan that was found."""
    with sessions.writing() as session:
        number = whole.parent_of(session, number) or number
        known = reading.standing(session, number)
        new_id = request.ask_again(session, number, actor=actor())
    if known is None:
        abort(404)
    if new_id is None:
        flash("Seul un calcul échoué se relance : rien n’a changé.", "neutre")
        return redirect(url_for("runs.run", number=number), 303)
    enqueue(current_app.extensions["settings"].queue_url, new_id)
    return redirect(url_for("runs.run", number=new_id), 303)


def _optimiser(campaign_id: int, form: StartForm, status: int = 200) -> Response:
    with sessions.reading() as session:
        values = _campaign(session, campaign_id)
        counts = campaign.summary(session, campaign_id)
        runs = reading.of_campaign(session, campaign_id)
        asked = constraints.counts(session, campaign_id)
        reference = keeping_grappes.reference(session, campaign_id)
        broken = faults_of_fixed(session, campaign_id)
        unread = readings.open_count(session, campaign_id)
        priced = pricing.among(session, [run.id for run in runs])
    question = {
        "title": values.name,
        "regime": values.regime,
        "parameters": readings.parameters_of(values.regime, values.parameters, values.readings),
        "engine_readings": readings.engine_readings(values.regime, values.readings),
        "esms": counts.complete,
        "constraints": asked,
        "previous": reference.grappes if reference else 0,
    }
    return page_or_block(
        "calculs/optimiser.html",
        "lancement",
        status,
        campagne=values,
        fictif=values.fictitious,
        onglets=tabs(values.id),
        effectifs=counts,
        demande=sentences.asked_lines(question, _scale(question)),
        calculs=runs,
        prix=priced,
        en_cours=next((r for r in runs if not r.state.is_final), None),
        form=form,
        phrases=sentences,
        reference=reference,
        broken=len(broken),
        unread=unread,
    )


def _live(session: Session, standing: Standing, as_table: bool) -> dict[str, Any]:
    points = reading.points(session, standing.id)
    question = reading.question(session, standing.id)
    values = _campaign(session, standing.campaign_id)
    parts = part_reading.parts(session, standing.id, question["parameters"].get("territory", "region"))
    improvements = [
        p for i, p in enumerate(points) if not i or p.objective_value != points[i - 1].objective_value
    ]
    return {
        "campagne": values,
        "onglets": tabs(values.id),
        "fictif": values.fictitious,
        "calcul": standing,
        "comparaison": comparison.wanted(session, standing.id),
        "prix": pricing.wanted(session, standing.id),
        "phrases": sentences,
        "State": State,
        "unite": sentences.unit_sentence(standing.objective),
        "titre": sentences.headline(standing),
        "reste": sentences.left_to_gain(standing),
        "large": chart.draw(standing, points, 720, 330),
        "etroit": chart.draw(standing, points, 350, 280),
        "en_tableau": as_table,
        "points": points[:: max(1, -(-len(points) // _TABLE_ROWS))],
        "progres": [p for p in improvements if p.objective_value is not None][: -_LAST - 1 : -1],
        "dernier_progres_s": standing.elapsed_s - improvements[-1].elapsed_s if improvements else None,
        "etapes": sentences.steps(
            standing, next((p.elapsed_s for p in points if p.upper_bound is not None), None), parts
        ),
        "parties": parts,
        "demande": sentences.asked_lines(question, _scale(question)),
        "journal": reading.events(session, standing.id),
        "devant": reading.waiting_before(session, standing.id) if standing.state is State.QUEUED else 0,
        "annoncer": int(standing.elapsed_s) // _ANNOUNCE_S
        != int(max(0.0, standing.elapsed_s - _POLL_S)) // _ANNOUNCE_S,
    }


def _campaign(session: Session, number: int) -> CampaignValues:
    try:
        return campaign.get(session, number)
    except NotInCampaignError:
        abort(404)


def _scale(question: Mapping[str, Any]) -> Scale:
    chosen = question["parameters"].get("readings") or {}
    return scale_for(Regime(question["regime"]), Readings(**chosen))
