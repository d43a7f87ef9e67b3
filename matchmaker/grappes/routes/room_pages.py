"""« Ma grappe »: the grappes one is in or may join, opening one, and the page of one of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import flash, request, url_for
from sqlalchemy.orm import Session

from matchmaker.accounts import consents
from matchmaker.campaigns import spaces
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.wording import HOSTING
from matchmaker.database.instants import now
from matchmaker.grappes import checks, joining, listing, money, porteur, rooms
from matchmaker.grappes.forms import OpenForm
from matchmaker.grappes.rooms import Room, Seat
from matchmaker.grappes.routes.blueprint import JOIN, Looking, agree_to_join, blueprint, found, looking
from matchmaker.partners import meetings
from matchmaker.partners.viewing import View, view_of
from matchmaker.proposals.wording import LINES
from matchmaker.web.access import access, actor
from matchmaker.web.rendering import go_to, render_page
from matchmaker.web.security import secret_key
from matchmaker.web.sessions import reading, writing

PER_PAGE = 20  # open grappes of others


@blueprint.get("/og/grappe")
@access("organisme")
def index() -> str:
    """The grappes one is in, those one asked to join, those that are open."""
    moment = now()
    with reading() as session:
        own = spaces.of_asking(session)
        here = looking(session, own, moment)
        others: dict[str, Any] = {}
        if here is not None and here.view.me is not None and here.view.question is not None:
            others = _lists(session, here, moment)
    return render_page("grappes/index.html", **spaces.page_context(own, here=here, **others))


def _lists(session: Session, here: Looking, moment: dt.datetime) -> dict[str, Any]:
    view = here.view
    assert view.question is not None
    number = view.question.campaign.id
    own = rooms.rooms_with(session, number, view.viewer, moment)
    inside = [room for room in own if room.holds(view.viewer)]
    seated = {room.id for room in own}
    others = [one for one in rooms.outlines(session, number) if one.id not in seated]
    names = meetings.names_of(session, sorted(view.met))
    verdicts = {
        room.id: checks.judged(
            view.question, room.solution, room.hosting, room.members, room.declined, remedies=False
        )
        for room in inside
    }
    listed = listing.listed(view, others, names, view.met)
    asked = request.args.get("n", "")
    shown = min(int(asked), 1000) if asked.isascii() and asked.isdecimal() and len(asked) < 5 else PER_PAGE
    return {
        "mine": [(here.token(room.id), room, verdicts[room.id]) for room in inside],
        "asked": [
            (here.token(room.id), room, seat)
            for room in own
            if (seat := room.seat(view.viewer)) is not None and seat.state == rooms.PENDING
        ],
        "listed": listed[:shown],
        "more": shown + PER_PAGE if len(listed) > shown else None,
        "total": len(listed),
        "hosting": HOSTING,
    }


@blueprint.route("/og/grappe/ouvrir", methods=["GET", "POST"])
@access("organisme")
def open_one() -> Any:
    """Open a grappe with one's own ESMS."""
    form, moment = OpenForm(), now()
    with reading() as session:
        own = spaces.of_asking(session)
        view = view_of(session, own, secret_key(), moment)
        away = frozenset() if view is None else rooms.taken(session, view.viewer)
    if view is None or view.me is None or view.question is None:
        return go_to(url_for(".index"))
    form.choices(view, away)
    if form.is_submitted():
        try:
            with writing() as session:
                agree_to_join(session, own[0].organisme.id)
                joining.open_grappe(
                    session,
                    view.question.campaign.id,
                    view.viewer,
                    solution=form.solution.data or "",
                    hosting=form.hosting.data or None,
                    esms=form.esms.data or (),
                    listed=bool(form.listed.data),
                    same_hosting=view.question.frame.parameters.same_hosting,
                    actor=actor(),
                    moment=moment,
                )
        except RefusedError as error:
            form.attach(error.problems)
        else:
            flash("Votre grappe est ouverte. Les organismes qui la rejoignent demandent votre accord.", "ok")
            return go_to(url_for(".index"))
    page = render_page(
        "grappes/ouvrir.html", **spaces.page_context(own, form=form, words=consents.PURPOSES[JOIN])
    )
    return (page, 422) if form.is_submitted() else page


@blueprint.get("/og/grappe/<token>")
@access("organisme")
def show(token: str) -> str:
    """A grappe: its members and what it is worth to who is in it, an anonymous summary to who is not."""
    moment = now()
    with reading() as session:
        own = spaces.of_asking(session)
        here, room = found(session, token, moment, member=False, own=own)
        if room.holds(here.view.viewer):
            return _room(session, own, here, room, token, moment)
        return _outside(session, own, here, room, token)


def _room(
    session: Session, own: list[spaces.Space], here: Looking, room: Room, token: str, moment: dt.datetime
) -> str:
    view = here.view
    question, seat = view.question, room.seat(view.viewer)
    assert question is not None
    assert seat is not None
    verdict = checks.judged(question, room.solution, room.hosting, room.members, room.declined)
    mine = [code for code in seat.esms if code in question.instance.esms_by_id]
    members = [code for code in room.members if code in question.instance.esms_by_id]
    holds = room.opener == view.viewer
    return render_page(
        "grappes/grappe.html",
        **spaces.page_context(
            own,
            token=token,
            room=room,
            seat=seat,
            holds=holds,
            verdict=verdict,
            money=money.money_of(question, room.solution, members, mine),
            candidates=porteur.candidates(question, verdict, members, room.declined),
            names={s.code: s.name for s in room.accepted},
            contacts=meetings.contacts(session, [s.organisme for s in room.accepted if s != seat]),
            pending=[_asking(view, room, one, holds, verdict) for one in room.pending],
            counted=_counted(view, room),
            hosting=HOSTING,
            lines=LINES,
            form=OpenForm.of_room(view, room),
            moment=moment,
        ),
    )


def _asking(view: View, room: Room, seat: Seat, holds: bool, alone: checks.Verdict) -> dict[str, Any]:
    """A request as a member reads it: a card, or a name that it has anyway; how it would fit, without a word
    on which ESMS. ``alone``: the verdict on the grappe without it."""
    question = view.question
    assert question is not None
    card = view.card(seat.organisme)
    known = seat.organisme in view.known
    joined = checks.judged(
        question, room.solution, room.hosting, (*room.members, *seat.esms), room.declined, remedies=False
    )
    new = {fault.rule for fault in joined.faults} - {fault.rule for fault in alone.faults}
    return {
        "token": view.token(seat.organisme),
        "who": seat.name
        if known
        else ("Organisme au profil trop rare pour être décrit" if card is None else card.who),
        "where": None if known or card is None else f"{card.where}, {card.distance}",
        "esms": len(seat.esms) if known else None,
        "band": None if known else (card.adds if card is not None else None),
        "rules": sorted(said for rule, said in (RULES if known else ANSWERED).items() if rule in new),
        "known": known,
        "asked_at": seat.asked_at,
        "expires_at": seat.expires_at,
        "decides": holds,
    }


# What a member is told of a request: of who asks without a name, only what it answered counts; the rest
# (distance, public, number) can be looked up, and is judged once the names are known.
ANSWERED = {
    "solution": "la solution",
    "current_solution": "la solution (montée de version)",
    "hosting": "l’hébergement",
    "fundable": "le financement avec cette solution",
    "mix_needs": "le mélange des besoins",
}
RULES = ANSWERED | {
    "champ": "la solution, pour son public",
    "size": "le nombre maximal d’ESMS",
    "radius": "la distance",
    "territory": "le territoire",
    "porteur": "la distance ou le porteur",
    "mix_champs": "le mélange des publics",
    "apart": "une séparation demandée par l’équipe régionale",
    "lot": "un lot à garder ensemble",
    "together": "des organismes à garder ensemble",
}


def _counted(view: View, room: Room) -> tuple[int, int | None]:
    """ESMS that wait for an answer: exact for organismes that one knows, else from, to by their cards."""
    low, high = 0, 0
    open_ended = False
    for seat in room.pending:
        card = view.card(seat.organisme)
        if seat.organisme in view.known:
            low, high = low + len(seat.esms), high + len(seat.esms)
        elif card is None or card.band[1] is None:
            low, open_ended = low + (1 if card is None else card.band[0]), True
        else:
            low, high = low + card.band[0], high + card.band[1]
    return low, None if open_ended else high


def _outside(session: Session, own: list[spaces.Space], here: Looking, room: Room, token: str) -> str:
    view = here.view
    seat = room.seat(view.viewer)
    names = meetings.names_of(session, sorted(view.met))
    shown = listing.listed(view, [] if seat else [room.outline], names, view.met)
    fitting = listing.fitting(view, room.outline)
    away = rooms.taken(session, view.viewer)
    return render_page(
        "grappes/entrer.html",
        **spaces.page_context(
            own,
            token=token,
            listed=shown[0] if shown else None,
            solution=room.solution_name,
            hosting=None if room.hosting is None else HOSTING[room.hosting],
            seat=seat,
            esms=[] if view.me is None else [e for e in view.me.esms if e.id not in away],
            fitting=fitting,
            chosen=set(request.args.getlist("esms")) or set(fitting),
            words=consents.PURPOSES[JOIN],
        ),
    )
