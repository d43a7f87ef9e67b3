"""The region's page of grappes that organismes formed and offer."""

from __future__ import annotations

from flask import Response, flash, url_for

from matchmaker.campaigns import campaign as campaigns
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.routes.blueprint import context
from matchmaker.campaigns.wording import HOSTING
from matchmaker.database.instants import now
from matchmaker.grappes import offering
from matchmaker.grappes.routes.blueprint import blueprint
from matchmaker.web.access import access, actor
from matchmaker.web.rendering import go_to, render_page
from matchmaker.web.sessions import reading, writing


@blueprint.get("/campagnes/<int:campaign_id>/grappes-proposees")
@access("gestion")
def offered(campaign_id: int) -> str:
    """Grappes that their members offer, with names: they agreed to it by offering."""
    with reading() as session:
        campaign = campaigns.get(session, campaign_id)
        found = offering.offered(session, campaign_id, now())
    return render_page("grappes/proposees.html", **context(campaign, offered=found, hosting=HOSTING))


@blueprint.post("/campagnes/<int:campaign_id>/grappes-proposees/<int:grappe_id>/conserver")
@access("gestion")
def keep(campaign_id: int, grappe_id: int) -> Response:
    """Keep one in the next runs."""
    try:
        with writing() as session:
            code = offering.keep(session, campaign_id, grappe_id, actor=actor(), moment=now())
    except RefusedError as error:
        flash(" ".join(error.problems.values()), "att")
        return go_to(url_for(".offered", campaign_id=campaign_id))
    flash(f"La grappe {code} est conservée dans les prochains calculs.", "ok")
    return go_to(url_for("campaigns.settings", campaign_id=campaign_id, _anchor="grappes-conservees"))
