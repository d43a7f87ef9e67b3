"""The blueprint of an OG's pages and what all of them need."""

from __future__ import annotations

from typing import Any

from flask import Blueprint
from flask.blueprints import BlueprintSetupState

from matchmaker.campaigns import wording
from matchmaker.campaigns.spaces import Space, page_context
from matchmaker.og import support
from matchmaker.web.access import guard

blueprint = Blueprint("og", __name__)


@blueprint.record
def _guard(state: BlueprintSetupState) -> None:
    guard(state.app, "og", "request_id", support.belonging)


def context(spaces: list[Space], **others: Any) -> dict[str, Any]:
    """What every page of an OG is rendered with; ``spaces``: those of who asks, the current one first."""
    return page_context(spaces, **({"wording": wording} | others))
