"""The blueprint of campaigns and what all its pages need."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, current_app, flash, request, url_for
from flask.blueprints import BlueprintSetupState
from werkzeug.exceptions import NotFound

from matchmaker.baremes import scale_for, shipped_rules
from matchmaker.campaigns import campaign as campaigns
from matchmaker.campaigns import wording
from matchmaker.campaigns.belonging import belonging, numbers_on
from matchmaker.campaigns.campaign import CampaignValues
from matchmaker.campaigns.problems import NotInCampaignError
from matchmaker.journal import trail
from matchmaker.reference.territories import departements
from matchmaker.web.access import guard, may_open, unowned
from matchmaker.web.rendering import go_to
from matchmaker.web.sessions import reading
from solver.instance import Readings

blueprint = Blueprint("campaigns", __name__)


@blueprint.record
def _guard(state: BlueprintSetupState) -> None:
    """A campaign is its territory's, whatever page names it; uploads and pairs are looked for inside it."""
    guard(state.app, "*", "campaign_id", belonging)
    unowned(state.app, "campaigns", "upload_id")
    unowned(state.app, "campaigns", "pair_id")
    unowned(state.app, "campaigns", "fixed_id")
    trail.lies("campaign", numbers_on)


# Level 2, same order on every page: label, endpoint. Those of features that are not installed are left out.
TABS = (
    ("Vue d’ensemble", "campaigns.show"),
    ("Données", "campaigns.data"),
    ("Solutions", "campaigns.solutions"),
    ("Besoins", "campaigns.needs"),
    ("Contraintes", "campaigns.settings"),
    ("Voisinages", "campaigns.neighbourhoods"),
    ("Optimiser", "runs.of_campaign"),
    ("Plans", "proposals.of_campaign"),
)


def tabs(campaign_id: int) -> list[tuple[str, str, bool]]:
    """(label, address, whether it is this page) of each step of a campaign."""
    found = []
    for label, endpoint in TABS:
        if endpoint in current_app.view_functions and may_open(endpoint):
            url = url_for(endpoint, campaign_id=campaign_id)
            here = request.endpoint == endpoint or (
                endpoint != "campaigns.show" and request.path.startswith(url + "/")
            )
            found.append((label, url, here))
    return found


def context(campaign: CampaignValues, **others: Any) -> dict[str, Any]:
    """What every page of one campaign is rendered with."""
    regimes = {text.regime.value: text.label for text in shipped_rules().regimes}
    return {
        "campaign": campaign,
        "fictif": campaign.fictitious,
        "regime": regimes[campaign.regime],
        "tabs": tabs(campaign.id),
        "wording": wording,
        "departement_names": {code: place.name for code, place in departements().items()},
        **others,
    }


@dataclass(frozen=True, slots=True)
class RegimeSizes:
    """Sizes of a grappe in a regime, in ESMS; ``lower``: where a région has a lower minimum."""

    label: str
    minimum: int
    lower: int | None
    maximum: int | None


def parameter_context() -> dict[str, Any]:
    """What the fields of parameters are explained with, from the rules."""
    rules = shipped_rules()
    sizes = []
    for text in rules.regimes:
        scale = scale_for(text.regime, Readings())
        lower = min(scale.min_size_by_region.values(), default=None)
        sizes.append(RegimeSizes(text.label, scale.min_size, lower, scale.max_size))
    return {"sizes": sizes}


# What may still be asked of an archived campaign.
_OPEN_WHEN_ARCHIVED = frozenset({"runs.reopen", "runs.delete", "runs.archive", "runs.stop"})


@blueprint.before_app_request
def _refuse_when_archived() -> Response | None:
    """Nothing of an archived campaign changes, whatever page was left open."""
    campaign_id = (request.view_args or {}).get("campaign_id")
    if request.method != "POST" or campaign_id is None or request.endpoint in _OPEN_WHEN_ARCHIVED:
        return None
    with reading() as session:
        archived = campaigns.get(session, campaign_id).archived_at is not None
    if not archived:
        return None
    flash("Cette campagne est archivée : rien n’a changé. Rouvrez-la pour la modifier.", "att")
    return go_to(url_for("campaigns.show", campaign_id=campaign_id))


@blueprint.app_errorhandler(NotInCampaignError)
def _not_in_campaign(_error: NotInCampaignError) -> Any:
    return current_app.handle_http_exception(NotFound())
