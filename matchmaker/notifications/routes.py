"""« Notifications »: what one was told, mails on or off, and the link of mails that stops them.

When to modify: people choose something more about how they are told.
"""

from __future__ import annotations

from flask import Blueprint, Response, abort, current_app, flash, request, url_for

from matchmaker.accounts.tables import Account
from matchmaker.campaigns import spaces
from matchmaker.notifications import (
    feed,
    own_data,  # noqa: F401 - loaded, it says what this feature holds about people
)
from matchmaker.notifications.unsubscribing import account_of
from matchmaker.web.access import access, account_id
from matchmaker.web.rendering import go_to, render_page
from matchmaker.web.security import csrf
from matchmaker.web.sessions import reading, writing

blueprint = Blueprint("notifications", __name__)


@blueprint.get("/og/notifications")
@access("organisme")
def index() -> str:
    """Everything one was told, the latest first."""
    with reading() as session:
        own = spaces.of_asking(session)
        told = feed.of_account(session, account_id())
        wants = feed.wants_mails(session, account_id())
        at_once = feed.at_once(feed.choice_of(session, account_id()))
        return render_page(
            "notifications/index.html",
            **spaces.page_context(own, told=told, wants=wants, at_once=at_once, kinds=feed.KINDS),
        )


@blueprint.post("/og/notifications/lues")
@access("organisme")
def read() -> Response:
    """Everything was read."""
    with writing() as session:
        feed.mark_read(session, account_id())
    return go_to(url_for(".index"))


@blueprint.post("/og/notifications/courriels")
@access("organisme")
def mails() -> Response:
    """Mails on, with what does not wait for the daily one, or off."""
    wanted = request.form.get("courriels") == "oui"
    with writing() as session:
        if wanted and "choix" in request.form:
            feed.choose_at_once(session, account_id(), request.form.getlist("sans_attendre"))
        else:
            feed.choose_mails(session, account_id(), wanted)
    words = "Votre choix est enregistré." if wanted else "Vous ne recevrez plus ces courriels."
    flash(words, "ok")
    return go_to(url_for(".index"))


@blueprint.get("/notifications/desabonnement/<token>")
@access("public")
def unsubscribe(token: str) -> str:
    """The page of the link in mails: one button. Opening it changes nothing: scanners open links."""
    _named(token)
    return render_page("notifications/desabonnement.html", token=token, done=False)


@blueprint.post("/notifications/desabonnement/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]  # mail programs post without a page (RFC 8058); the link is the proof
@access("public")
def stop_mails(token: str) -> str:
    """No mails any more for whom the link was written."""
    number = _named(token)
    with writing() as session:
        if session.get(Account, number) is not None:
            feed.choose_mails(session, number, False)
    return render_page("notifications/desabonnement.html", token=token, done=True)


def _named(token: str) -> int:
    found = account_of(token, current_app.extensions["settings"].secret_key)
    if found is None:
        abort(404)
    return found


__all__ = ["blueprint"]
