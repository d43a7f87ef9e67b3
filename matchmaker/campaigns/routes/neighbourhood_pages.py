"""Who could be with whom, before any run: the whole campaign, and one organisme."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, request, url_for

from matchmaker.campaigns import campaign, neighbourhood, organismes
from matchmaker.campaigns.instance import UnusableGrappesError
from matchmaker.campaigns.routes.blueprint import blueprint, context
from matchmaker.web.access import access
from matchmaker.web.rendering import page_or_block, render_page
from matchmaker.web.sessions import reading


@blueprint.get("/campagnes/<int:campaign_id>/voisinages")
@access("gestion")
def neighbourhoods(campaign_id: int) -> Response:
    """Organismes with ESMS to place, those that nobody can join first."""
    text = request.args.get("texte", "").strip()
    try:
        with reading() as session:
            values = campaign.get(session, campaign_id)
            found = neighbourhood.neighbourhood(session, campaign_id)
    except UnusableGrappesError as error:
        return _unusable(campaign_id, error)
    places, page, pages = found.page(text, request.args.get("page", 1, int))

    def page_url(number: int) -> str:
        return url_for(".neighbourhoods", campaign_id=campaign_id, texte=text or None, page=number)

    return page_or_block(
        "campaigns/neighbourhoods.html",
        "liste",
        **context(values, found=found, places=places, page=page, pages=pages, page_url=page_url, sought=text),
    )


@blueprint.get("/campagnes/<int:campaign_id>/voisinages/<path:code>")
@access("gestion")
def neighbours(campaign_id: int, code: str) -> Response:
    """One organisme and all those it could be in a grappe with."""
    try:
        with reading() as session:
            values = campaign.get(session, campaign_id)
            known = organismes.get(session, campaign_id, code)
            found = neighbourhood.of_organisme(session, campaign_id, code)
    except UnusableGrappesError as error:
        return _unusable(campaign_id, error)
    own, others = found or (None, [])
    page = render_page(
        "campaigns/neighbours.html", **context(values, organisme=known, own=own, others=others)
    )
    return make_response(page)


def _unusable(campaign_id: int, error: UnusableGrappesError) -> Response:
    flash(str(error), "err")
    return make_response(redirect(url_for(".settings", campaign_id=campaign_id), 303))
