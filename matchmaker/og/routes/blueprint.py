"""The blueprint of an OG's pages and what all of them need."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, make_response, request
from flask.blueprints import BlueprintSetupState

from matchmaker.campaigns import spaces, wording
from matchmaker.campaigns.spaces import NoCampaignError, Space, page_context
from matchmaker.og import support
from matchmaker.web.access import guard
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading

blueprint = Blueprint("og", __name__)


@blueprint.record
def _guard(state: BlueprintSetupState) -> None:
    guard(state.app, "og", "request_id", support.belonging)


@blueprint.errorhandler(NoCampaignError)
def _no_campaign(_error: NoCampaignError) -> Response:
    """A page about a campaign, asked for by an organisme that is in none: when it will open."""
    with reading() as session:
        own = spaces.of_asking(session)
    status = 200 if request.method in ("GET", "HEAD") else 404
    return make_response(render_page("og/sans_campagne.html", **context(own)), status)


def context(own: list[Space], **others: Any) -> dict[str, Any]:
    """What every page of an OG is rendered with; ``own``: the spaces of who asks, the current one first."""
    return page_context(own, **({"wording": wording} | others))
