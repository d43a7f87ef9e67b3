"""A plan as the ARS reads it once it is published: counts and amounts, no name of an ESMS.

When to modify: an ARS may read more of a plan.
"""

from __future__ import annotations

from flask import Response, abort, make_response, request, url_for

from matchmaker.proposals import departures, keeping, synthesis, wording
from matchmaker.proposals.listing import UnknownFilterError
from matchmaker.proposals.routes import blueprint, plan_context, read_or_404
from matchmaker.proposals.synthesis import Part, Wanted
from matchmaker.reference import limits
from matchmaker.web.access import access, departements_of
from matchmaker.web.people import Belonging
from matchmaker.web.rendering import page_or_block
from matchmaker.web.sessions import reading


@blueprint.get("/plans/<int:number>/synthese", endpoint="synthesis")
@access("partie")
def synthesis_page(number: int) -> Response:
    """Who is left out, by département and by cause, and what would place them; the grappes without their
    members. Who acts in a département reads what lies there."""
    kept = read_or_404(number)
    within = _limits(number)
    part, wanted = _asked(number)
    reasons = [reason for reason, _count in synthesis.causes(part)]
    query = wanted.query()
    return page_or_block(
        "proposals/synthesis.html",
        "isoles",
        **plan_context(kept),
        part=part,
        limits=within,
        where=within and wording.listed(map(wording.departement, sorted(within)), "et"),
        wanted=wanted,
        choices=synthesis.choices(part),
        solidity=departures.by_grappe(kept.plan),
        reasons=reasons,
        causes=synthesis.causes(part),
        places=synthesis.by_departement(kept.plan, part, wanted, reasons),
        ways=synthesis.ways(kept.plan, part, wanted),
        least=limits.per_cell(),
        points_url=url_for("proposals.departements_json", number=number) + (f"?{query}" if query else ""),
        departement=wording.departement,
        departement_names={e.departement: wording.departement(e.departement) for e in part.esms},
        cause_names={reason: names[0].capitalize() for reason, names in wording.REASONS.items()},
    )


@blueprint.get("/plans/<int:number>/departements.json")
@access("partie")
def departements_json(number: int) -> Response:
    """What the map of the synthesis draws for the same query: a number by département, no point."""
    read_or_404(number)
    response = make_response(synthesis.map_of(*_asked(number)))
    response.content_type = "application/json"
    response.add_etag()
    response.make_conditional(request)
    return response


def _limits(number: int) -> frozenset[str] | None:
    """The départements that who asks may read of a plan; None: all of them."""
    with reading() as session:
        home = keeping.belonging(session, number)
    return departements_of("partie", home or Belonging())


def _asked(number: int) -> tuple[Part, Wanted]:
    part = synthesis.part_of(read_or_404(number).plan, _limits(number))
    try:
        return part, synthesis.read(part, request.args)
    except UnknownFilterError as problem:
        abort(422, str(problem))
