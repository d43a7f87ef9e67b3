"""The page that archives, opens again or deletes a campaign, with what each would do said first."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, url_for

from matchmaker.campaigns import campaign, leaving
from matchmaker.campaigns.routes.blueprint import context
from matchmaker.runs import ending
from matchmaker.runs.forms import DeletionForm
from matchmaker.runs.routes import blueprint
from matchmaker.web.access import access, actor
from matchmaker.web.formats import typographie
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing

_UNDER_WAY = "Un calcul est en cours : arrêtez-le d’abord, ou attendez qu’il se termine."


@blueprint.get("/campagnes/<int:campaign_id>/fin")
@access("gestion")
def end(campaign_id: int) -> Response:
    """What archiving and deleting would do."""
    return _page(campaign_id, DeletionForm(formdata=None))


@blueprint.post("/campagnes/<int:campaign_id>/fin/archiver")
@access("gestion")
def archive(campaign_id: int) -> Response:
    """Close the campaign; refused while a run is under way."""
    with writing() as session:
        under_way = ending.consequences(session, campaign_id).under_way
        if not under_way:
            leaving.archive(session, campaign_id, actor=actor())
    if under_way:
        return _refused(campaign_id)
    flash("La campagne est archivée. Ses plans restent lisibles.", "ok")
    return make_response(redirect(url_for("campaigns.index"), 303))


@blueprint.post("/campagnes/<int:campaign_id>/fin/rouvrir")
@access("gestion")
def reopen(campaign_id: int) -> Response:
    """Take the campaign up again."""
    with writing() as session:
        leaving.reopen(session, campaign_id, actor=actor())
    flash("La campagne est rouverte.", "ok")
    return make_response(redirect(url_for("campaigns.show", campaign_id=campaign_id), 303))


@blueprint.post("/campagnes/<int:campaign_id>/fin/supprimer")
@access("gestion")
def delete(campaign_id: int) -> Response:
    """Delete the campaign once its name has been typed; its plans are kept."""
    form = DeletionForm()
    with writing() as session:
        name = campaign.get(session, campaign_id).name
        under_way = ending.consequences(session, campaign_id).under_way
        agreed = " ".join((form.name.data or "").split()) == " ".join(name.split())
        if agreed and not under_way:
            leaving.delete_campaign(session, campaign_id, actor=actor())
    if under_way:
        return _refused(campaign_id)
    if not agreed:
        form.name.errors = [typographie(f"Le nom attendu est « {name} » : rien n’a été supprimé.")]
        return _page(campaign_id, form, 422)
    flash(f"La campagne « {name} » est supprimée. Ses plans restent dans la liste des plans.", "ok")
    return make_response(redirect(url_for("campaigns.index"), 303))


def _refused(campaign_id: int) -> Response:
    flash(_UNDER_WAY, "err")
    return make_response(redirect(url_for("runs.end", campaign_id=campaign_id), 303))


def _page(campaign_id: int, form: DeletionForm, status: int = 200) -> Response:
    with reading() as session:
        counts = campaign.summary(session, campaign_id)
        left = ending.consequences(session, campaign_id)
    page = render_page("calculs/fin.html", **context(counts.campaign, counts=counts, left=left, form=form))
    return make_response(page, status)
