"""The first page: what this is, for whom, and where to start."""

from __future__ import annotations

from flask import Blueprint, url_for

from matchmaker.campaigns import campaign
from matchmaker.proposals import keeping
from matchmaker.web.access import access, ground, may_manage
from matchmaker.web.navigation import has_page
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
@access("public")
def index() -> str:
    """What Matchmaker is, with a way to the demonstration or to the last plan."""
    if not may_manage():
        return render_page("home/index.html", demo=None, demo_url=None, last=None)
    with reading() as session:
        drawn = [s.campaign for s in campaign.summaries(session, ground("gestion")) if s.campaign.fictitious]
        last = next(iter(keeping.summaries(session, limit=1, seen=ground("gestion"))), None)
    demo = min(drawn, key=lambda values: values.id, default=None)
    demo_url = None
    if demo is not None and has_page("campaigns.show"):
        demo_url = url_for("campaigns.show", campaign_id=demo.id)
    return render_page("home/index.html", demo=demo, demo_url=demo_url, last=last)
