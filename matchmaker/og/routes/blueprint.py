"""The blueprint of an OG's pages and what all of them need."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from matchmaker.campaigns import wording
from matchmaker.campaigns.spaces import Space
from matchmaker.reference.territories import departements

blueprint = Blueprint("og", __name__)


def context(spaces: list[Space], **others: Any) -> dict[str, Any]:
    """What every page of an OG is rendered with; ``spaces``: those of who asks, the current one first."""
    space = spaces[0]
    return {
        "space": space,
        "spaces": spaces,
        "organisme": space.organisme,
        "campaign": space.campaign,
        "fictif": space.organisme.fictitious or (space.campaign is not None and space.campaign.fictitious),
        "wording": wording,
        "departement_names": {code: place.name for code, place in departements().items()},
        **others,
    }
