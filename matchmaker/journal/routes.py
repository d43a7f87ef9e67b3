"""The journal's page: every act, the newest first."""

from __future__ import annotations

from flask import Blueprint, Response, g, request, url_for
from sqlalchemy import ColumnElement

from matchmaker.journal import trail, wording
from matchmaker.web.access import access, actor, ground
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
        found, total = trail.entries(
            session, object_=object_, seen=_seen(), offset=(page - 1) * PAGE, limit=PAGE
        )
        names = trail.names_of(session, {entry.actor for entry in found})
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
        names=names,
    )


def _seen() -> ColumnElement[bool] | None:
    """Acts on what lies where who asks runs campaigns, and their own; None: all of them."""
    held = ground("gestion")
    return None if held.everywhere else trail.on_ground(held, actor())


@blueprint.app_template_filter("acteur")
def actor_name(actor: str) -> str:
    """Who an actor of the trail is, on a page that names few of them."""
    known: dict[str, str] = g.setdefault("names_of_actors", {})
    if actor not in known:
        with reading() as session:
            known |= {actor: wording.ACTORS.get(actor, actor)} | trail.names_of(session, {actor})
    return known[actor]
