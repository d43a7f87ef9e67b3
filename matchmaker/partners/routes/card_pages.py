"""« Partenaires possibles »: the cards, their filters, and what one says of each."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, abort, flash, request, url_for
from sqlalchemy.orm import Session

from matchmaker.accounts import consents
from matchmaker.campaigns import spaces
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.wording import CHAMPS
from matchmaker.database.instants import now
from matchmaker.partners import interests
from matchmaker.partners.board import Card
from matchmaker.partners.routes.blueprint import blueprint, view_here
from matchmaker.partners.viewing import View, view_of
from matchmaker.reference.limits import limit
from matchmaker.web.access import access, account_id, actor
from matchmaker.web.rendering import go_to, page_or_block
from matchmaker.web.security import secret_key
from matchmaker.web.sessions import reading, writing

DISTANCES = (30, 60, 90, 150)
PER_PAGE = 10


@dataclass(frozen=True, slots=True)
class Filters:
    """What a person chose; only what is written on cards is ever filtered by."""

    distance: int | None
    champ: str
    solution: str
    blocked: bool
    aside: bool
    shown: int


@blueprint.get("/og/partenaires")
@access("organisme")
def index() -> Response:
    """The cards, from the most compatible on."""
    moment = now()
    with reading() as session:
        own = spaces.of_asking(session)
        view = view_of(session, own, secret_key(), moment)
        others = {} if view is None else _page(session, view)
    return page_or_block(
        "partners/index.html", "partenaires", **spaces.page_context(own, view=view, token_of=None, **others)
    )


def _page(session: Session, view: View) -> dict[str, object]:
    moment, filters = now(), _filters()
    board = view.board
    cards = () if board is None else board.cards
    said = {view.token(number): one for number, one in view.said.items()}
    states = {token: one.state for token, one in said.items()}
    kept = [card for card in cards if _kept(card, states.get(card.token, ""), filters)]
    solutions = {} if view.question is None else view.question.frame.solution_by_id
    return {
        "filters": filters,
        "cards": kept[: filters.shown],
        "total": len(kept),
        "all": len(cards),
        "blocked": 0 if board is None else board.blocked,
        "states": states,
        "said": said,
        "left": interests.left_of(view.said.values(), moment),
        "least": limit("organismes_per_cell", moment.date()),
        "days": limit("interest_days", moment.date()),
        "champs": {} if board is None else {code: CHAMPS[code] for code in board.champs},
        "solutions": {} if board is None else {code: solutions[code].name for code in board.solutions},
        "distances": DISTANCES,
        "mine": None if board is None else board.mine,
        "words": consents.PURPOSES["mise-en-relation"],
        "per_page": PER_PAGE,
    }


def _filters() -> Filters:
    asked = request.args
    distance = asked.get("distance", "")
    shown = asked.get("n", "")
    return Filters(
        distance=int(distance) if distance in {str(one) for one in DISTANCES} else None,
        champ=asked.get("public", "")[:3],
        solution=asked.get("solution", "")[:80],
        blocked=asked.get("bloques") == "1",
        aside=asked.get("ecartes") == "1",
        shown=min(int(shown), 1000) if shown.isascii() and shown.isdecimal() and len(shown) < 5 else PER_PAGE,
    )


def _kept(card: Card, state: str, filters: Filters) -> bool:
    if state == "aside" and not filters.aside:
        return False
    if card.blocking and not filters.blocked and state != "waiting":
        return False
    if filters.distance is not None and card.far[1] > filters.distance:
        return False
    if filters.champ and card.champ != filters.champ:
        return False
    return not filters.solution or filters.solution in card.solutions


@blueprint.post("/og/partenaires/<token>/interet")
@access("organisme")
def interested(token: str) -> Response:
    """Say one's interest. The same is done and answered whatever the other said."""
    moment = now()
    try:
        with writing() as session:
            view, other = _other(session, token)
            organisme = view.space.organisme.id
            consents.agree(session, account_id(), "mise-en-relation", organisme)
            campaign = view.space.campaign
            assert campaign is not None
            interests.interested(session, campaign.id, view.viewer, other, actor=actor(), moment=moment)
    except RefusedError as error:
        flash(" ".join(error.problems.values()), "att")
    else:
        flash(
            "Votre intérêt est enregistré, sans que l’autre organisme en soit prévenu. S’il signale aussi "
            "le sien, vos noms apparaîtront à tous deux dans « Mises en relation ».",
            "ok",
        )
    return _back(token)


@blueprint.post("/og/partenaires/<token>/retirer")
@access("organisme")
def withdraw(token: str) -> Response:
    """Take one's interest back."""
    with writing() as session:
        view, other = _other(session, token)
        interests.withdraw(session, view.viewer, other, actor=actor())
    flash("Votre intérêt est retiré. Personne n’en a été prévenu.", "ok")
    return _back(token)


@blueprint.post("/og/partenaires/<token>/ecarter")
@access("organisme")
def put_aside(token: str) -> Response:
    """Show this card no more, without a reason."""
    with writing() as session:
        view, other = _other(session, token)
        assert view.space.campaign is not None
        interests.put_aside(session, view.space.campaign.id, view.viewer, other, actor=actor())
    flash("Ce profil est écarté. « Les organismes écartés » le montre de nouveau.", "ok")
    return go_to(url_for(".index"))


@blueprint.post("/og/partenaires/<token>/reprendre")
@access("organisme")
def take_back(token: str) -> Response:
    """Show it again."""
    with writing() as session:
        view, other = _other(session, token)
        interests.take_back(session, view.viewer, other, actor=actor())
    flash("Ce profil est de nouveau affiché.", "ok")
    return _back(token)


def _other(session: Session, token: str) -> tuple[View, int]:
    """Whom a token of one's own pages names; 404 for anybody else's, or none."""
    account_id()
    view = view_here(session)
    other = view.other(token)
    if other is None:
        abort(404)
    return view, other


def _back(token: str) -> Response:
    return go_to(url_for(".index", _anchor=f"carte-{token[:32]}"))
