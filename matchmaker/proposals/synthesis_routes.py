"""A plan as the ARS reads it once it is published: counts and amounts, no name of an ESMS.

When to modify: an ARS may read more of a plan.
"""

from __future__ import annotations

from flask import Response, make_response, request

from matchmaker.proposals import departures, synthesis, wording
from matchmaker.proposals.routes import blueprint, plan_context, read_or_404
from matchmaker.web.access import access
from matchmaker.web.rendering import render_page


@blueprint.get("/plans/<int:number>/synthese", endpoint="synthesis")
@access("synthese")
def synthesis_page(number: int) -> Response:
    """Who is left out, by département and by cause; the grappes without their members."""
    kept = read_or_404(number)
    reasons = synthesis.causes(kept.plan)
    return make_response(
        render_page(
            "proposals/synthesis.html",
            **plan_context(kept),
            solidity=departures.by_grappe(kept.plan),
            reasons=reasons,
            places=synthesis.by_departement(kept.plan, reasons),
            departement=wording.departement,
        )
    )


@blueprint.get("/plans/<int:number>/departements.json")
@access("synthese")
def departements_json(number: int) -> Response:
    """What the map of the synthesis draws: a number by département, no point."""
    plan = read_or_404(number).plan
    response = make_response(synthesis.map_of(synthesis.by_departement(plan, synthesis.causes(plan))))
    response.content_type = "application/json"
    response.add_etag()
    response.make_conditional(request)
    return response
