"""What is decided in a grappe: ask, answer, change the offer, carry or not, leave, offer it to the region."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import abort, flash, request, url_for
from sqlalchemy.orm import Session

from matchmaker.campaigns import spaces
from matchmaker.campaigns.problems import RefusedError
from matchmaker.database.instants import now
from matchmaker.grappes import checks, joining, leaving
from matchmaker.grappes.forms import OpenForm
from matchmaker.grappes.rooms import Room
from matchmaker.grappes.routes.blueprint import Looking, agree_to_join, blueprint, found, looking
from matchmaker.partners.question import question_of
from matchmaker.web.access import access, actor
from matchmaker.web.rendering import go_to, render_page
from matchmaker.web.sessions import reading, writing

Act = Callable[[Session, Looking, Room], None]


@blueprint.post("/og/grappe/<token>/demander")
@access("organisme")
def ask(token: str) -> Any:
    """Ask to join with some of one's ESMS."""
    moment = now()

    def act(session: Session, here: Looking, room: Room) -> None:
        agree_to_join(session, here.view.space.organisme.id)
        wanted = request.form.getlist("esms")
        joining.ask(session, room.id, here.view.viewer, wanted, actor=actor(), moment=moment)

    return _done(
        token, act, "Votre demande est transmise, sans votre nom. La réponse arrivera dans vos notifications."
    )


@blueprint.post("/og/grappe/<token>/retirer")
@access("organisme")
def withdraw(token: str) -> Any:
    """Take one's request back."""

    def act(session: Session, here: Looking, room: Room) -> None:
        joining.withdraw(session, room.id, here.view.viewer, actor=actor())

    return _done(token, act, "Votre demande est retirée.")


@blueprint.post("/og/grappe/<token>/demandes/<asking>/<answer>")
@access("organisme")
def decide(token: str, asking: str, answer: str) -> Any:
    """Accept or refuse who asks, named by a token of one's own pages."""
    if answer not in ("accepter", "refuser"):
        abort(404)
    moment = now()

    def act(session: Session, here: Looking, room: Room) -> None:
        waiting = {here.view.token(seat.organisme): seat.organisme for seat in room.pending}
        if asking not in waiting:
            raise RefusedError(
                {"": "Cette demande n’attend plus de réponse : la page montre où elle en est."}
            )
        joining.decide(
            session,
            room.id,
            here.view.viewer,
            waiting[asking],
            accept=answer == "accepter",
            actor=actor(),
            moment=moment,
        )

    words = (
        "La demande est acceptée : vos noms sont visibles entre membres."
        if answer == "accepter"
        else "La demande reste sans suite."
    )
    return _done(token, act, words, member=True)


@blueprint.post("/og/grappe/<token>/offre")
@access("organisme")
def change_offer(token: str) -> Any:
    """Change the solution, the hosting, or whether the grappe is listed."""
    form, moment = OpenForm(), now()

    def act(session: Session, here: Looking, room: Room) -> None:
        assert here.view.question is not None
        version = form.version.data or ""
        joining.change_offer(
            session,
            room.id,
            here.view.viewer,
            solution=form.solution.data or "",
            hosting=form.hosting.data or None,
            listed=bool(form.listed.data),
            version=int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else 0,
            same_hosting=here.view.question.frame.parameters.same_hosting,
            actor=actor(),
            moment=moment,
        )

    return _done(token, act, "L’offre de la grappe est enregistrée.", member=True)


@blueprint.post("/og/grappe/<token>/porteur")
@access("organisme")
def carry(token: str) -> Any:
    """Decline to be porteur, or take that back."""

    def act(session: Session, here: Looking, room: Room) -> None:
        willing = request.form.get("porteur") == "oui"
        joining.choose_to_carry(session, room.id, here.view.viewer, willing, actor=actor())

    return _done(token, act, "C’est noté. La suggestion de porteur en tient compte.", member=True)


@blueprint.post("/og/grappe/<token>/proposer")
@access("organisme")
def offer(token: str) -> Any:
    """Offer a constituted grappe to the region."""
    moment = now()

    def act(session: Session, here: Looking, room: Room) -> None:
        exact = question_of(session, room.campaign_id)
        verdict = (
            None
            if exact is None
            else checks.judged(
                exact, room.solution, room.hosting, room.members, room.declined, remedies=False
            )
        )
        if verdict is None or not verdict.constituted:
            raise RefusedError(
                {"": "La grappe ne peut pas encore être proposée : la page dit ce qui manque."}
            )
        joining.offer(session, room.id, here.view.viewer, actor=actor(), moment=moment)

    return _done(
        token, act, "La grappe est proposée à l’équipe régionale, avec les noms de ses membres.", member=True
    )


@blueprint.get("/og/grappe/<token>/quitter")
@access("organisme")
def leaving_page(token: str) -> str:
    """What leaving would cost, before anything is done."""
    moment = now()
    with reading() as session:
        own = spaces.of_asking(session)
        here, room = found(session, token, moment, member=True)
    assert here.view.question is not None
    cost = leaving.departure(here.view.question, room, here.view.viewer)
    return render_page("grappes/quitter.html", **spaces.page_context(own, token=token, room=room, cost=cost))


@blueprint.post("/og/grappe/<token>/quitter")
@access("organisme")
def leave(token: str) -> Any:
    """Leave the grappe."""
    moment = now()

    def act(session: Session, here: Looking, room: Room) -> None:
        joining.leave(session, room.id, here.view.viewer, actor=actor(), moment=moment)

    return _done(token, act, "Votre organisme a quitté la grappe. Ses membres en sont avertis.", member=True)


def _done(token: str, act: Act, words: str, *, member: bool = False) -> Any:
    """Do one act in one transaction, say how it went, and show the grappe, or the list when it is no more."""
    moment = now()
    try:
        with writing() as session:
            here, room = found(session, token, moment, member=member)
            act(session, here, room)
    except RefusedError as error:
        flash(" ".join(error.problems.values()), "att")
    else:
        flash(words, "ok")
    with reading() as session:
        after = looking(session, spaces.of_asking(session), moment)
        left = None if after is None else after.room(session, token, moment)
        seen = after is not None and left is not None and after.may_see(left)
    return go_to(url_for(".show", token=token) if seen else url_for(".index"))
