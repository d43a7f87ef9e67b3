"""Parameters, exclusions, pairs of organismes, and the solutions of a campaign."""

from __future__ import annotations

from flask import abort, flash, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug import Response as AnyResponse
from wtforms import Field

from matchmaker.campaigns import (
    campaign,
    constraints,
    fixed_grappes,
    keeping_grappes,
    listing,
    organismes,
    readings,
)
from matchmaker.campaigns import solutions as solution_statements
from matchmaker.campaigns.forms.constraints import PairForm
from matchmaker.campaigns.forms.parameters import ParametersForm
from matchmaker.campaigns.forms.solution import SolutionForm
from matchmaker.campaigns.instance import faults_of_fixed
from matchmaker.campaigns.listing import SolutionValues
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.routes.blueprint import blueprint, context, parameter_context
from matchmaker.web.access import access, actor
from matchmaker.web.formats import pluriel
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing


@blueprint.route("/campagnes/<int:campaign_id>/contraintes", methods=["GET", "POST"])
@access("gestion")
def settings(campaign_id: int) -> AnyResponse | tuple[str, int] | str:
    """Parameters, with what people asked of the grappes below."""
    with reading() as session:
        form = ParametersForm.of(campaign.get(session, campaign_id))
    if form.is_submitted():
        try:
            with writing() as session:
                campaign.change(session, campaign_id, **form.values(), actor=actor())
        except RefusedError as error:
            form.attach(error.problems)
        else:
            flash("Les paramètres sont enregistrés. Ils vaudront pour le prochain calcul.", "ok")
            return redirect(url_for(".settings", campaign_id=campaign_id), 303)
    page = _settings_page(campaign_id, form, PairForm(formdata=None))
    return (page, 422) if form.is_submitted() else page


@blueprint.post("/campagnes/<int:campaign_id>/contraintes/paires")
@access("gestion")
def add_pair(campaign_id: int) -> AnyResponse | tuple[str, int]:
    """Keep two organismes apart or together."""
    form = PairForm()
    unknown: dict[str, str] = {}
    try:
        with writing() as session:
            one, other = (_named(session, campaign_id, form[name], unknown) for name in ("one", "other"))
            constraints.add_pair(
                session,
                campaign_id,
                form.kind.data or "",
                one,
                other,
                form.reason.data or "",
                actor=actor(),
            )
    except RefusedError as error:
        form.attach(error.problems | unknown)
        with reading() as session:
            parameters = ParametersForm.of(campaign.get(session, campaign_id), typed=False)
        return _settings_page(campaign_id, parameters, form), 422
    flash("Le lien entre les deux organismes est enregistré.", "ok")
    return redirect(url_for(".settings", campaign_id=campaign_id), 303)


@blueprint.post("/campagnes/<int:campaign_id>/contraintes/paires/<int:pair_id>/retirer")
@access("gestion")
def remove_pair(campaign_id: int, pair_id: int) -> AnyResponse:
    """Take a pair away."""
    with writing() as session:
        constraints.remove_pair(session, campaign_id, pair_id, actor=actor())
    flash("Le lien est retiré.", "ok")
    return redirect(url_for(".settings", campaign_id=campaign_id), 303)


@blueprint.post("/campagnes/<int:campaign_id>/contraintes/grappes/<int:fixed_id>/liberer")
@access("gestion")
def release_grappe(campaign_id: int, fixed_id: int) -> AnyResponse:
    """Stop keeping a grappe; back to where the button was (``retour``: a path of this site)."""
    with writing() as session:
        code = keeping_grappes.release(session, campaign_id, fixed_id, actor=actor())
    flash(f"La grappe {code} n’est plus conservée : les prochains calculs peuvent la changer.", "ok")
    back = request.form.get("retour", "")
    # Only a path of ours: anything else would send the person away.
    ours = back.startswith("/plans/") and "\\" not in back
    return redirect(back if ours else url_for(".settings", campaign_id=campaign_id), 303)


@blueprint.post("/campagnes/<int:campaign_id>/contraintes/reference/retirer")
@access("gestion")
def forget_reference(campaign_id: int) -> AnyResponse:
    """The next runs no longer stay close to a plan."""
    with writing() as session:
        campaign.get(session, campaign_id)
        keeping_grappes.forget_reference(session, campaign_id, actor=actor())
    flash("Les prochains calculs ne partent plus d’un plan.", "ok")
    return redirect(url_for(".settings", campaign_id=campaign_id), 303)


@blueprint.route("/campagnes/<int:campaign_id>/solutions", methods=["GET", "POST"])
@access("gestion")
def solutions(campaign_id: int) -> AnyResponse | tuple[str, int] | str:
    """The solutions of a campaign; POST adds one, or all shipped names (``liste=1``)."""
    if request.method == "POST" and request.form.get("liste"):
        with writing() as session:
            count = solution_statements.add_listed(session, campaign_id, actor=actor())
        flash(f"{pluriel(count, 'solution ajoutée', 'solutions ajoutées')} : précisez-les une à une.", "ok")
        return redirect(url_for(".solutions", campaign_id=campaign_id), 303)
    form = SolutionForm()
    if form.is_submitted() and _state(campaign_id, form, ""):
        return redirect(url_for(".solutions", campaign_id=campaign_id), 303)
    with reading() as session:
        values = campaign.get(session, campaign_id)
        known = listing.solutions(session, campaign_id)
    page = render_page("campaigns/solutions.html", **context(values, form=form, solutions=known))
    return (page, 422) if form.is_submitted() else page


@blueprint.route("/campagnes/<int:campaign_id>/solutions/<code>", methods=["GET", "POST"])
@access("gestion")
def solution(campaign_id: int, code: str) -> AnyResponse | tuple[str, int] | str:
    """What is said of one solution."""
    with reading() as session:
        values = campaign.get(session, campaign_id)
        found = [s for s in listing.solutions(session, campaign_id) if s.code == code]
    if not found:
        abort(404)
    form = _solution_form(found[0])
    if form.is_submitted() and _state(campaign_id, form, code):
        return redirect(url_for(".solutions", campaign_id=campaign_id), 303)
    page = render_page("campaigns/solution.html", **context(values, form=form, solution=found[0]))
    return (page, 422) if form.is_submitted() else page


def _state(campaign_id: int, form: SolutionForm, code: str) -> bool:
    """Keep what was said; False, with messages at the fields, when it cannot be."""
    try:
        with writing() as session:
            solution_statements.state(
                session, campaign_id, form.solution(code, fictitious=False), actor=actor()
            )
    except RefusedError as error:
        form.attach(error.problems)
        return False
    flash(f"« {form.name.data} » est enregistrée.", "ok")
    return True


def _solution_form(known: SolutionValues) -> SolutionForm:
    return SolutionForm(
        name=known.name,
        segur_status=known.segur_status,
        hosting=list(known.hosting),
        champs=list(known.champs),
    )


def _named(session: Session, campaign_id: int, field: Field, unknown: dict[str, str]) -> str:
    """The code of the organisme named in a field; empty, and why in ``unknown``, when it names none."""
    try:
        return organismes.named(session, campaign_id, field.data or "")
    except RefusedError as error:
        unknown[field.name] = " ".join(error.problems.values())
        return ""


def _settings_page(campaign_id: int, form: ParametersForm, pair_form: PairForm) -> str:
    with reading() as session:
        values = campaign.get(session, campaign_id)
        excluded = constraints.exclusions(session, campaign_id)
        pairs = constraints.pairs(session, campaign_id)
        fixed = fixed_grappes.kept(session, campaign_id)
        broken = faults_of_fixed(session, campaign_id)
        reference = keeping_grappes.reference(session, campaign_id)
        taken = readings.taken(session, campaign_id)
    return render_page(
        "campaigns/settings.html",
        **context(
            values,
            form=form,
            pair_form=pair_form,
            excluded=excluded,
            pairs=pairs,
            fixed=fixed,
            broken=broken,
            reference=reference,
            taken=taken,
            **parameter_context(),
        ),
    )
