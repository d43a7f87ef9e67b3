"""The first page: what this is, for whom, and where to start."""

from __future__ import annotations

from flask import Blueprint

from matchmaker.web.access import access
from matchmaker.web.rendering import render_page

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@access("public")
def index() -> str:
    """What Matchmaker is, with a way to the demonstration."""
    return render_page("home/index.html")
