"""The ESMS of a campaign: the table with its filters, and one ESMS with its answer."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from werkzeug import Response as AnyResponse

from matchmaker.campaigns import (
    by_hand,
    campaign,
    constraints,
    leaving,
    listing,
    organismes,
)
from matchmaker.campaigns.forms.constraints import ExclusionForm
from matchmaker.campaigns.forms.hand_entry import HandEntryForm
from matchmaker.campaigns.forms.numbers import whole_number
from matchmaker.campaigns.forms.organisme import TotalForm
from matchmaker.campaigns.listing import Filters
from matchmaker.campaigns.overview import overview_of
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.routes.answer_pages import answer_form, esms_page
from matchmaker.campaigns.routes.blueprint import blueprint, context
from matchmaker.web.access import access, actor
from matchmaker.web.rendering import page_or_block, render_page
from matchmaker.web.sessions import reading, writing

_EVERYTHING = 100_000


@blueprint.get("/campagnes/<int:campaign_id>/donnees")
@access("lecture")
def data(campaign_id: int) -> Response:
    """The ESMS of a campaign, 50 a page; ``tout=1`` for printing."""
    filters = Filters(**{name: request.args.get(name, "").strip() for name in Filters.__dataclass_fields__})
    size = _EVERYTHING if request.args.get("tout") else listing.PAGE
    with reading() as session:
        values = campaign.get(session, campaign_id)
        found = listing.esms_page(session, campaign_id, filters, request.args.get("page", 1, int), size)
        overview = overview_of(session, campaign_id)
        departements = listing.departements(session, campaign_id)
        names = {solution.code: solution.name for solution in listing.solutions(session, campaign_id)}

    def page_url(number: int) -> str:
        return url_for(".data", campaign_id=campaign_id, **filters.query(), page=number)

    return page_or_block(
        "campaigns/data.html",
        "liste",
        **context(
            values,
            found=found,
            filters=filters,
            overview=overview,
            departements=departements,
            solution_names=names,
            page_url=page_url,
        ),
    )


@blueprint.route("/campagnes/<int:campaign_id>/donnees/saisir", methods=["GET", "POST"])
@access("gestion")
def enter(campaign_id: int) -> AnyResponse | tuple[str, int] | str:
    """An ESMS that the register does not hold, then its answer."""
    with reading() as session:
        values = campaign.get(session, campaign_id)
        form = HandEntryForm()
    if form.is_submitted():
        try:
            with writing() as session:
                code = by_hand.enter(session, campaign_id, form.entry(), actor=actor())
        except RefusedError as error:
            form.attach(error.problems)
        else:
            flash("L’ESMS est dans la campagne. Vous pouvez saisir sa réponse.", "ok")
            return redirect(url_for(".esms", campaign_id=campaign_id, code=code), 303)
    page = render_page("campaigns/enter.html", **context(values, form=form))
    return (page, 422) if form.is_submitted() else page


@blueprint.post("/campagnes/<int:campaign_id>/donnees/<code>/exclusion")
@access("gestion")
def exclusion(campaign_id: int, code: str) -> AnyResponse:
    """Leave an ESMS out, with a reason, or take it back (``retour=1``)."""
    form = ExclusionForm()
    try:
        with writing() as session:
            if request.form.get("retour"):
                constraints.take_back(session, campaign_id, code, actor=actor())
            else:
                constraints.exclude(session, campaign_id, code, form.reason.data or "", actor=actor())
    except RefusedError as error:
        form.attach(error.problems)
        return esms_page(campaign_id, code, answer_form(campaign_id, code, typed=False), form, status=422)
    flash("L’ESMS est réintégré." if request.form.get("retour") else "L’ESMS est exclu des calculs.", "ok")
    if request.form.get("depuis") == "contraintes":
        return redirect(url_for(".settings", campaign_id=campaign_id), 303)
    return redirect(url_for(".esms", campaign_id=campaign_id, code=code), 303)


@blueprint.route("/campagnes/<int:campaign_id>/donnees/<code>/retirer", methods=["GET", "POST"])
@access("gestion")
def remove(campaign_id: int, code: str) -> AnyResponse | str:
    """Take an ESMS out of the campaign; GET says what that does."""
    with reading() as session:
        values = campaign.get(session, campaign_id)
        line = listing.esms(session, campaign_id, code)
        holder = leaving.fixed_in(session, campaign_id, code)
    if request.method == "GET":
        return render_page("campaigns/remove_esms.html", **context(values, esms=line, holder=holder))
    try:
        with writing() as session:
            name = leaving.remove_esms(session, campaign_id, code, actor=actor())
    except RefusedError as error:
        flash(" ".join(error.problems.values()), "err")
        return redirect(url_for(".remove", campaign_id=campaign_id, code=code), 303)
    flash(f"« {name} » n’est plus dans la campagne.", "ok")
    return redirect(url_for(".data", campaign_id=campaign_id), 303)


@blueprint.get("/campagnes/<int:campaign_id>/organismes-proposes")
@access("gestion")
def organismes_offered(campaign_id: int) -> str:
    """Options of a datalist: organismes that answer to what is being typed in a field that names one."""
    typed = next((request.args[name] for name in ("organisme", "one", "other") if name in request.args), "")
    with reading() as session:
        found = organismes.search(session, campaign_id, typed) if typed.strip() else []
    options = [organismes.shown(code, name) for code, name in found]
    return render_page("campaigns/organismes_offered.html", options=options)


@blueprint.route("/campagnes/<int:campaign_id>/organismes/<path:code>", methods=["GET", "POST"])
@access("gestion")
def organisme(campaign_id: int, code: str) -> AnyResponse | tuple[str, int] | str:
    """An organisme, whose number of ESMS can be corrected."""
    with reading() as session:
        values = campaign.get(session, campaign_id)
        known = organismes.get(session, campaign_id, code)
    form = TotalForm(total=str(known.esms_total))
    if form.is_submitted():
        try:
            with writing() as session:
                total = whole_number(form.total.data)
                organismes.correct_total(session, campaign_id, code, total, actor=actor())
        except RefusedError as error:
            form.attach(error.problems)
        else:
            flash("Le nombre d’ESMS de l’organisme est enregistré.", "ok")
            return redirect(url_for(".organisme", campaign_id=campaign_id, code=code), 303)
    page = render_page("campaigns/organisme.html", **context(values, form=form, organisme=known))
    return (page, 422) if form.is_submitted() else page
