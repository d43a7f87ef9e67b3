"""List of campaigns, a new one, and the overview of one."""

from __future__ import annotations

from flask import Response, current_app, flash, jsonify, make_response, redirect, request, url_for
from werkzeug import Response as AnyResponse

from matchmaker.baremes import shipped_rules
from matchmaker.campaigns import campaign, from_register, readings
from matchmaker.campaigns.forms.deadline import DeadlineForm
from matchmaker.campaigns.forms.parameters import NewCampaignForm
from matchmaker.campaigns.instance import UnusableGrappesError, instance_of
from matchmaker.campaigns.overview import overview_of
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.routes.blueprint import blueprint, context, parameter_context
from matchmaker.database.instants import now
from matchmaker.web.access import access, actor, covers, ground
from matchmaker.web.formats import day_of, pluriel
from matchmaker.web.people import Belonging
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing


@blueprint.get("/campagnes")
@access("synthese")
def index() -> str:
    """The campaigns in use; ``archives=1`` for those archived."""
    archived = bool(request.args.get("archives"))
    with reading() as session:
        summaries = campaign.summaries(session, ground(), archived=archived)
        others = len(campaign.summaries(session, ground(), archived=not archived))
        whole = {region for region, departement in ground("partie").places if departement is None}
        parts = {region for region, departement in ground("partie").places if departement is not None}
        regional = [] if archived else campaign.of_regions(session, parts - whole)
    regimes = {text.regime.value: text.label for text in shipped_rules().regimes}
    return render_page(
        "campaigns/index.html",
        summaries=summaries,
        regimes=regimes,
        archived=archived,
        others=others,
        regional=regional if "proposals.of_campaign" in current_app.view_functions else [],
    )


@blueprint.route("/campagnes/nouvelle", methods=["GET", "POST"])
@access("gestion")
def new() -> AnyResponse | tuple[str, int] | str:
    """A form, sent back with 422 when a value cannot be kept."""
    form = NewCampaignForm()
    if form.is_submitted():
        try:
            values = form.values() | _own_territory(form)
            with writing() as session:
                number = campaign.create(session, **values, actor=actor())
        except RefusedError as error:
            form.attach(error.problems)
        else:
            flash("La campagne est créée. Il reste à y faire entrer les ESMS et leurs besoins.", "ok")
            return redirect(url_for(".show", campaign_id=number), 303)
    page = render_page("campaigns/new.html", form=form, **parameter_context())
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/campagnes/<int:campaign_id>")
@access("synthese")
def show(campaign_id: int) -> str:
    """Where the campaign stands, what is missing first."""
    return show_page(campaign_id)


def show_page(campaign_id: int, form: DeadlineForm | None = None) -> str:
    """The page, with the form of the day answers are expected by as it was sent, if it was."""
    with reading() as session:
        values = campaign.get(session, campaign_id)
        overview = overview_of(session, campaign_id)
        available = from_register.available(session, campaign_id)
        unread = readings.open_count(session, campaign_id)
    launch = "runs.of_campaign"
    launch_url = url_for(launch, campaign_id=campaign_id) if launch in current_app.view_functions else None
    return render_page(
        "campaigns/show.html",
        **context(
            values,
            overview=overview,
            available=available,
            unread=unread,
            launch_url=launch_url,
            deadline_form=form or DeadlineForm.of(values),
            left=None if values.answers_due is None else (values.answers_due - day_of(now())).days,
        ),
    )


@blueprint.post("/campagnes/<int:campaign_id>/etablissements")
@access("gestion")
def take_from_register(campaign_id: int) -> AnyResponse:
    """Add the territory's open establishments that are not in the campaign yet."""
    with writing() as session:
        added = from_register.take(session, campaign_id, actor=actor())
    if added.esms:
        flash(
            f"{pluriel(added.esms, 'ESMS', 'ESMS')} du registre : ajoutés à la campagne, sans réponse.", "ok"
        )
    else:
        flash("Le registre n’a pas d’autre ESMS ouvert dans ce territoire.", "att")
    return redirect(url_for(".show", campaign_id=campaign_id), 303)


@blueprint.get("/campagnes/<int:campaign_id>/instance.json")
@access("lecture")
def instance(campaign_id: int) -> Response:
    """The question as it would be put to the optimiser now, in the public format."""
    try:
        with reading() as session:
            document = instance_of(session, campaign_id)
    except UnusableGrappesError as error:
        flash(str(error), "err")
        return make_response(redirect(url_for(".settings", campaign_id=campaign_id), 303))
    response = jsonify(document)
    response.headers["Content-Disposition"] = f'attachment; filename="campagne-{campaign_id}-instance.json"'
    return response


def _own_territory(form: NewCampaignForm) -> dict[str, str | None]:
    """The territory asked for, if it is one where who asks runs campaigns."""
    asked = form.territory()
    region = asked["region"]
    if not covers("gestion", Belonging(() if region is None else ((region, asked["departement"]),))):
        raise RefusedError({"place": "Choisissez un territoire où vous conduisez des campagnes."})
    return asked
