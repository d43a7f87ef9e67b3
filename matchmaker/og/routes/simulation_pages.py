"""« Ce que je pourrais obtenir »: the engine on the organisme's own answers, alone and in a grappe."""

from __future__ import annotations

from flask import Response, make_response

from matchmaker.baremes import shipped_rules
from matchmaker.campaigns import listing, spaces
from matchmaker.financement.trace import Standing
from matchmaker.og import money
from matchmaker.og.routes.blueprint import blueprint, context
from matchmaker.web.access import access
from matchmaker.web.rendering import render_page
from matchmaker.web.sessions import reading


@blueprint.get("/og/simulation")
@access("organisme")
def simulation() -> Response:
    """The distance to the threshold, the own amount, the shared one; each line opens its rule."""
    with reading() as session:
        own = spaces.of_asking(session)
        campaign, own_row = own[0].in_campaign()
        lines = listing.of_organisme(session, campaign.id, own_row)
        solutions = listing.solutions(session, campaign.id)
    estimate = money.estimate(campaign, lines, solutions)
    found = [] if estimate is None else list(estimate.alone.trace())
    text = render_page(
        "og/simulation.html",
        **context(own),
        estimate=estimate,
        rules=shipped_rules(),
        disputed={c.id: c for c in shipped_rules().contradictions},
        possible=[line for line in found if line.standing is Standing.POSSIBLE],
        not_counted=[
            line for line in found if line.standing is Standing.NOT_COUNTED and line.unit != "grappe"
        ],
        orders=[]
        if estimate is None
        else [o for o in estimate.alone.sons.orders if o.organisme == money.OWN],
        incomplete=sum(1 for line in lines if line.answer.missing),
    )
    return make_response(text)
