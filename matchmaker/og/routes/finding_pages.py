"""From a FINESS juridique to one's own pages: the organisme in a few words of the public register."""

from __future__ import annotations

from flask import Response, current_app, make_response, redirect, request, url_for
from werkzeug import Response as AnyResponse

from matchmaker.accounts import organismes
from matchmaker.accounts.organismes import UnknownFinessError
from matchmaker.og.routes.blueprint import blueprint
from matchmaker.register import holdings
from matchmaker.web.access import access, covers
from matchmaker.web.people import Belonging
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading


@blueprint.get("/og/trouver")
@access("public")
def find() -> Response:
    """« Est-ce bien vous ? »: what the public register says of the organisme, and the way on; 422 for a
    number that is none. Nothing here tells whether it answered anything, or who represents it."""
    typed = request.args.get("finess", "")[:40]
    try:
        with reading() as session:
            card = organismes.by_finess(session, typed)
            found = holdings.of_organisme(session, card.id)
    except UnknownFinessError as error:
        page = render_page("og/trouver.html", typed=typed, problem=str(error), card=None)
        return make_response(page, 422)
    page = render_page(
        "og/trouver.html",
        typed=typed,
        problem=None,
        card=card,
        establishments=found,
        next_url=_next(card.finess_ej),
        fictif=card.fictitious,
    )
    return make_response(page)


@blueprint.get("/og/entrer")
@access("compte")
def enter() -> AnyResponse:
    """Once signed in: one's own pages, or the claim for who does not represent this organisme yet."""
    typed = request.args.get("finess", "")[:40]
    try:
        with reading() as session:
            card = organismes.by_finess(session, typed)
    except UnknownFinessError:
        return redirect(url_for(".find", finess=typed), 303)
    if covers("organisme", Belonging(organisme_id=card.id)):
        return redirect(url_for(".index"), 303)
    return redirect(url_for("accounts.claim", finess=card.finess_ej), 303)


def _next(finess_ej: str | None) -> str | None:
    """None on an installation without accounts."""
    if current_app.extensions["settings"].access != "accounts":
        return None
    return url_for(".enter", finess=finess_ej)
