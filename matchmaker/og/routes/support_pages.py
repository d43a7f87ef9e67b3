"""Ask the support cell for help; read and follow the requests of one's région."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Response, flash, make_response, redirect, request, url_for
from werkzeug import Response as AnyResponse

from matchmaker.campaigns import spaces
from matchmaker.og import support
from matchmaker.og.routes.blueprint import blueprint, context
from matchmaker.og.support import LONGEST, STATES, SUBJECTS, RequestRefusedError
from matchmaker.web.access import access, actor, ground, person
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading, writing


@blueprint.route("/og/appui", methods=["GET", "POST"])
@access("organisme")
def ask_support() -> AnyResponse:
    """Ask for help; the requests made before, with what became of them."""
    problems: Mapping[str, str] = {}
    if request.method == "POST":
        with reading() as session:
            space = spaces.current(session)
        asking = person()
        try:
            if space.campaign is None:
                raise RequestRefusedError({"": "Vos ESMS ne sont dans aucune campagne en cours."})
            with writing() as session:
                support.ask(
                    session,
                    space,
                    asking.account_id if asking else None,
                    request.form.get("objet", ""),
                    request.form.get("texte", ""),
                )
        except RequestRefusedError as error:
            problems = error.problems
        else:
            flash("Votre demande est transmise à la cellule d’appui régionale.", "ok")
            return redirect(url_for(".ask_support"), 303)
    with reading() as session:
        own = spaces.of_asking(session)
        asked = support.of_organisme(session, own[0].organisme.id)
    text = render_page(
        "og/appui.html",
        **context(own),
        asked=asked,
        subjects=SUBJECTS,
        chosen=request.values.get("objet", ""),
        typed=request.form.get("texte", ""),
        longest=LONGEST,
        problems=problems,
    )
    return make_response(text, 422 if problems else 200)


@blueprint.get("/appui/demandes")
@access("lecture")
def support_requests() -> Response:
    """What the organismes of one's région ask, and the DUI that no catalogue holds."""
    return _requests_page({}, 200)


@blueprint.post("/appui/demandes/<int:request_id>")
@access("lecture")
def follow_request(request_id: int) -> AnyResponse:
    """Say where a request stands, with an answer that the organisme reads."""
    try:
        with writing() as session:
            support.follow(
                session,
                request_id,
                request.form.get("etat", ""),
                request.form.get("reponse", ""),
                actor=actor(),
            )
    except RequestRefusedError as error:
        return _requests_page({request_id: " ".join(error.problems.values())}, 422)
    flash("C’est enregistré : l’organisme le lit sur sa page.", "ok")
    return redirect(url_for(".support_requests"), 303)


def _requests_page(problems: Mapping[int, str], status: int) -> Response:
    with reading() as session:
        found = support.on_ground(session, ground("lecture"))
        unknown = support.unknown_duis(session, ground("lecture"))
    text = render_page(
        "og/demandes.html",
        requests=found,
        unknown=unknown,
        states=STATES,
        problems=problems,
        typed=request.form,
        longest=LONGEST,
    )
    return make_response(text, status)
