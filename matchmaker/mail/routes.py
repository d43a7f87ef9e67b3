"""The outbox in development: every mail as it would be received. Where mails are sent, it does not exist.

When to modify: the outbox shows something else.
"""

from __future__ import annotations

from flask import Blueprint, abort, current_app

from matchmaker.mail import outbox
from matchmaker.web.access import access
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading

blueprint = Blueprint("mail", __name__)


@blueprint.get("/courriels")
@access("public")
def index() -> str:
    """The latest mails; 404 unless this is a development installation on this machine."""
    if not current_app.extensions["settings"].mails_on_a_page:
        abort(404)
    with reading() as session:
        return render_page("courriels/index.html", mails=outbox.latest(session))
