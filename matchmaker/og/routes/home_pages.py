"""The first page of an OG: the four steps, where each stands, and what to do next."""

from __future__ import annotations

from flask import Response, flash, request, url_for

from matchmaker.campaigns import listing, spaces
from matchmaker.notifications import feed
from matchmaker.og import progress
from matchmaker.og.routes.blueprint import blueprint, context
from matchmaker.web.access import access, person
from matchmaker.web.rendering import go_to, render_page
from matchmaker.web.sessions import reading


@blueprint.get("/og")
@access("organisme")
def index() -> str:
    """Where the organisme stands, and the one thing to do now."""
    with reading() as session:
        own = spaces.of_asking(session)
        lines = (
            []
            if own[0].campaign is None or own[0].campaign_organisme_id is None
            else listing.of_organisme(session, own[0].campaign.id, own[0].campaign_organisme_id)
        )
        asking = person()
        told = (
            [] if asking is None or asking.account_id is None else feed.of_account(session, asking.account_id)
        )
        waiting = [(one.text, one.path, one.at) for one in told if one.read_at is None]
    return render_page("og/index.html", **context(own, progress=progress.of(lines), waiting=waiting))


@blueprint.post("/og/espace")
@access("organisme")
def choose_space() -> Response:
    """Work for another of one's organismes, or in another campaign."""
    with reading() as session:
        space = spaces.choose(session, request.form.get("espace", ""))
    flash(f"Vous travaillez pour {space.organisme.name}.", "ok")
    return go_to(url_for(".index"))
