"""The journal's page: every act, the newest first."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for

from matchmaker.journal import trail, wording
from matchmaker.web.access import access
from matchmaker.web.numbers import asked_page
from matchmaker.web.rendering import page_or_block
from matchmaker.web.sessions import reading

blueprint = Blueprint("journal", __name__)
PAGE = 50


@blueprint.get("/journal")
@access("gestion")
def index() -> Response:
    """Acts by pages of 50; ``objet=campaign:7`` for those of one object."""
    object_ = request.args.get("objet", "").strip() or None
    page = asked_page()
    with reading() as session:
        found, total = trail.entries(session, object_=object_, offset=(page - 1) * PAGE, limit=PAGE)
    pages = max(1, -(-total // PAGE))

    def page_url(number: int) -> str:
        return url_for(".index", objet=object_, page=number)

    return page_or_block(
        "journal/index.html",
        "liste",
        entries=found,
        total=total,
        page=page,
        pages=pages,
        page_url=page_url,
        object_=object_,
        wording=wording,
    )
