"""Pages of plans: the plan, its unplaced ESMS, its map, its grappes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, current_app, make_response, request, url_for
from flask.blueprints import BlueprintSetupState

from matchmaker.campaigns import campaign
from matchmaker.campaigns.belonging import belonging as home_of
from matchmaker.campaigns.routes.blueprint import context as campaign_context
from matchmaker.journal import trail
from matchmaker.proposals import departures, grappe_order, keeping, levers, listing, publishing, wording
from matchmaker.proposals.distances import kilometres_from
from matchmaker.proposals.forms import KeepForm, StayCloseForm
from matchmaker.proposals.funding import book_of
from matchmaker.proposals.held import held_of
from matchmaker.proposals.keeping import Kept, PlanNotFoundError
from matchmaker.proposals.listing import UnknownFilterError, Wanted
from matchmaker.proposals.plan import Grappe, Plan
from matchmaker.proposals.points import points
from matchmaker.proposals.schedule import Dated, ScheduleForm, flow_of, own_parts
from matchmaker.web.access import access, covers, departements_of, ground, guard
from matchmaker.web.people import Belonging
from matchmaker.web.rendering import page_or_block, render_page
from matchmaker.web.sessions import reading

blueprint = Blueprint("proposals", __name__)


@blueprint.record
def _guard(state: BlueprintSetupState) -> None:
    guard(state.app, "proposals", "number", keeping.belonging)
    trail.lies("proposal", keeping.numbers_on)


_OF_CAMPAIGN = 200


@blueprint.get("/plans")
@access("lecture")
def index() -> str:
    """All plans, the newest first."""
    page = request.args.get("page", "1")
    if not page.isdecimal() or not 1 <= int(page) <= 10_000:
        abort(422, f"« {page} » n’est pas un numéro de page.")
    offset = (int(page) - 1) * listing.PAGE
    with reading() as session:
        found = keeping.summaries(session, offset=offset, limit=listing.PAGE + 1, seen=ground("lecture"))
    return render_page(
        "proposals/index.html",
        plans=found[: listing.PAGE],
        page=int(page),
        more=len(found) > listing.PAGE,
        fictif=any(summary.fictitious for summary in found),
    )


@blueprint.get("/campagnes/<int:campaign_id>/plans")
@access("partie")
def of_campaign(campaign_id: int) -> str:
    """The plans of a campaign, the newest first; for who may not read them all, the published one."""
    with reading() as session:
        values = campaign.get(session, campaign_id)
        home = home_of(session, campaign_id)
        reads_all = home is not None and covers("lecture", home)
        public = publishing.published(session, campaign_id)
        number = None if public is None else public.number
        if reads_all:
            found = keeping.summaries(session, campaign_id, limit=_OF_CAMPAIGN)
        else:
            found = [] if number is None else [keeping.kept(session, number).summary]
    return render_page(
        "proposals/of_campaign.html",
        **campaign_context(
            values,
            plans=found,
            most=_OF_CAMPAIGN,
            published=number,
            reads_all=reads_all,
            partial=not reads_all and departements_of("partie", home or Belonging()) is not None,
        ),
    )


@blueprint.get("/plans/<int:number>")
@access("lecture")
def show(number: int) -> Response:
    """A plan: who is left out first, then the totals with their bound, the map, the grappes."""
    return plan_page(kept_or_404(number), StayCloseForm(formdata=None))


def plan_page(kept: Kept, form: StayCloseForm, status: int = 200) -> Response:
    """The page of a plan, with the form that makes it the reference of the next runs."""
    try:
        table = grappe_order.read(kept.plan, request.args)
    except UnknownFilterError as problem:
        abort(422, str(problem))
    context = plan_context(kept) | {
        "levers": levers.levers(kept.plan)[:3],
        "solidity": departures.by_grappe(kept.plan),
        "table": table,
        "orders": {word: label for word, (label, _) in grappe_order.ORDERS.items()},
        "page_url": lambda n: f"{url_for('proposals.show', number=kept.summary.number)}?{table.query(n)}",
        "form": form,
    }
    if status != 200:
        return make_response(render_page("proposals/show.html", **context), status)
    return page_or_block("proposals/show.html", "grappes", **context)


@blueprint.get("/plans/<int:number>/non-places")
@access("lecture")
def unplaced(number: int) -> Response:
    """Each unplaced ESMS with its reason and what would place it."""
    kept = kept_or_404(number)
    wanted = _wanted(kept.plan)
    found = [item for item in listing.items(kept.plan, wanted) if item.unplaced is not None]
    return _list_page("proposals/unplaced.html", kept, wanted, found)


@blueprint.get("/plans/<int:number>/carte")
@access("lecture")
def chart(number: int) -> Response:
    """The map of the whole territory, with the list of what it shows."""
    kept = kept_or_404(number)
    wanted = _wanted(kept.plan)
    return _list_page("proposals/map.html", kept, wanted, listing.items(kept.plan, wanted))


@blueprint.get("/plans/<int:number>/points.json")
@access("lecture")
def points_json(number: int) -> Response:
    """What the map draws for the same query as the list."""
    kept = kept_or_404(number)
    found = listing.items(kept.plan, _wanted(kept.plan))
    response = make_response(points(kept.plan, found, lambda grappe: _grappe_url(number, grappe)))
    response.content_type = "application/json"
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/plans/<int:number>/grappes/<path:grappe_id>")
@access("lecture")
def grappe(number: int, grappe_id: str) -> Response:
    """A grappe: members, porteur, offer, distances, margin, each amount with its rule, when it is paid."""
    kept = kept_or_404(number)
    form = ScheduleForm(request.args)
    dated = form.read()
    status = 422 if dated is None else 200
    found = grappe_or_404(kept, grappe_id)
    return grappe_page(kept, found, KeepForm(formdata=None), status, form, dated or Dated())


def grappe_or_404(kept: Kept, grappe_id: str) -> Grappe:
    found = kept.plan.grappe_by_id.get(grappe_id)
    if found is None:
        abort(404, f"Le plan {kept.summary.number} n’a pas de grappe « {grappe_id} ».")
    return found


def grappe_page(
    kept: Kept,
    found: Grappe,
    form: KeepForm,
    status: int = 200,
    schedule_form: ScheduleForm | None = None,
    dated: Dated | None = None,
) -> Response:
    """The page of a grappe, with the form that keeps it in the next runs and the one that dates its money."""
    kilometres = kilometres_from(found.porteur, found.members)
    members = sorted(zip(found.members, kilometres, strict=True), key=lambda pair: (pair[1], pair[0].id))
    once = sum(line.amount_eur for line in found.lines if line.code in wording.ONCE_PER_GRAPPE)
    solid = departures.solidity(kept.plan, found)
    context = {"grappe": found, "members": members, "once_eur": once, "form": form, "solid": solid}
    context |= _money(kept, found, schedule_form or ScheduleForm(), dated or Dated())
    return make_response(render_page("proposals/grappe.html", **plan_context(kept), **context), status)


def _money(kept: Kept, found: Grappe, form: ScheduleForm, dated: Dated) -> dict[str, Any]:
    """What the page of a grappe says of its amounts and of when they come."""
    book = book_of(kept)
    funding = book.of(found, dated.signature, dated.months)
    return {
        "funding": funding,
        "windows": book.windows(funding),
        "disputed": {c.id: c for c in book.rules.contradictions},
        "other_readings": [(c, option) for c, option in book.taken() if option.id != c.default],
        "organisme_names": {o.id: o.name for o, _ in found.organismes},
        "named": lambda ids: [kept.plan.esms[i] for i in ids],
        "schedule_form": form,
        "dated": dated,
        "parts": own_parts(funding.resultat),
        "flow": flow_of(funding.resultat, dated),
    }


def kept_or_404(number: int) -> Kept:
    with reading() as session:
        try:
            return keeping.kept(session, number)
        except PlanNotFoundError:
            abort(404, f"Il n’y a pas de plan {number}. Un numéro de plan n’est jamais réutilisé.")


def read_or_404(number: int) -> Kept:
    """A plan for who may read all of it; for the others the published one, any other is as none."""
    if not _reads_all(number):
        with reading() as session:
            if not publishing.is_published(session, number):
                abort(404)  # in the words of a plan of elsewhere: nothing tells a draft from no plan
    return kept_or_404(number)


def _reads_all(number: int) -> bool:
    """Whether who asks may read the names of a plan."""
    with reading() as session:
        home = keeping.belonging(session, number)
    # A number that is nobody's: the page says so in its own words to who reads everything.
    return covers("lecture", Belonging() if home is None else home)


def _wanted(plan: Plan) -> Wanted:
    try:
        return listing.read(plan, request.args, request.args.getlist("situation"))
    except UnknownFilterError as problem:
        abort(422, str(problem))


def _list_page(template: str, kept: Kept, wanted: Wanted, found: list[listing.Item]) -> Response:
    shown, page, pages = listing.page_of(found, wanted.page)
    context = plan_context(kept) | {
        "wanted": wanted,
        "choices": listing.choices(kept.plan),
        "items": shown,
        "total": len(found),
        "quiet": sum(1 for item in found if item.situation == "nsp"),
        "page": page,
        "pages": pages,
        "page_url": lambda n: f"{request.path}?{wanted.query(page=n)}",
        "cause_names": {reason: names[0].capitalize() for reason, names in wording.REASONS.items()},
        "departement_names": {
            e.departement: wording.departement(e.departement) for e in kept.plan.esms.values()
        },
        "grappe_sizes": [(g.id, g.size) for g in kept.plan.grappes],
    }
    return page_or_block(template, "liste", **context)


def plan_context(kept: Kept) -> dict[str, Any]:
    """What every page of a plan needs."""
    number = kept.summary.number
    settings = current_app.extensions["settings"]
    held = held_of(kept)
    return {
        "held": held,
        "reads_all": _reads_all(number),
        "plan": kept.plan,
        "summary": kept.summary,
        "number": number,
        "fictif": kept.plan.fictitious,
        "words": wording,
        "leaving": departures,
        "grappe_url": lambda grappe: _grappe_url(number, grappe),
        "rule_url": _rule_url,
        "campaign_url": _campaign_url(kept.summary.campaign_id),
        "tile_url": settings.tile_url,
        "tile_attribution": settings.tile_attribution,
        "outlines": sorted({e.region for e in kept.plan.esms.values()}),
    }


def _grappe_url(number: int, grappe: Grappe | str) -> str:
    grappe_id = grappe if isinstance(grappe, str) else grappe.id
    return url_for("proposals.grappe", number=number, grappe_id=grappe_id)


def _rule_url(rule_id: str) -> str | None:
    """The page of a rule; an imported line may name none."""
    if not rule_id:
        return None
    return url_for("baremes.rule", rule_id=rule_id)


def _campaign_url(campaign_id: int | None) -> str | None:
    if campaign_id is None:
        return None
    return url_for("campaigns.show", campaign_id=campaign_id)
