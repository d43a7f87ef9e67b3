"""How many organismes would fit other answers than one's own: cards counted, nothing kept.

Only what cards show is counted, by the comparison that writes them: trying an answer tells nothing that
giving it would not show.

When to modify: trying an answer shows something more of partners.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from matchmaker.baremes import scale_for
from matchmaker.campaigns.answers import Accepted, Answer
from matchmaker.campaigns.tables import CampaignEsms
from matchmaker.partners.board import Board
from matchmaker.partners.profiles import Profiler
from matchmaker.partners.viewing import View
from matchmaker.reference.limits import limit
from solver.instance import Esms
from solver.judge import Judge
from solver.vocabulary import Champ, Hosting, Need


@dataclass(frozen=True, slots=True)
class Opening:
    """Organismes with which nothing blocks, and the ESMS they have, from, to (None: no limit)."""

    organismes: int
    least: int
    most: int | None


def opening(board: Board | None) -> Opening:
    """What a board opens."""
    cards = [] if board is None else [card for card in board.cards if not card.blocking]
    highs = [card.band[1] for card in cards]
    return Opening(
        organismes=len(cards),
        least=sum(card.band[0] for card in cards),
        most=None if None in highs else sum(high for high in highs if high is not None),
    )


def opening_with(session: Session, view: View, answers: Mapping[str, Answer], moment: dt.datetime) -> Opening:
    """What the board would open if one's ESMS (codes) answered so; nothing is written, nor remembered."""
    question = view.question
    if question is None:
        return opening(None)
    frame = question.frame
    profiler = Profiler(Judge(frame, scale_for(frame.regime, frame.parameters.readings)))
    esms = list(_esms(session, view.viewer, answers))
    me = profiler.profile(view.viewer, esms[0].organisme, esms, (), ()) if esms else None
    if me is None:
        return opening(None)
    least = limit("organismes_per_cell", moment.date()).value
    return opening(Board(question, me, view.known, least, view.secret_key))


def _esms(session: Session, viewer: int, answers: Mapping[str, Answer]) -> Iterator[Esms]:
    """Own ESMS that would enter a run, with these answers."""
    rows = session.scalars(
        select(CampaignEsms)
        .where(CampaignEsms.organisme_id == viewer, CampaignEsms.code.in_(answers))
        .options(joinedload(CampaignEsms.organisme))
        .order_by(CampaignEsms.code)
    )
    for row in rows:
        answer = answers[row.code]
        if row.excluded or answer.missing or answer.need == Need.AUCUN:
            continue
        assert answer.need is not None
        hosting = _set(answer.accepted_hosting)
        yield Esms(
            id=row.code,
            name=row.name,
            organisme=row.organisme.code,
            champ=Champ(row.champ),
            category=row.category,
            lat=row.lat,
            lon=row.lon,
            departement=row.departement,
            region=row.region,
            need=Need(answer.need),
            current_solution=answer.current_solution,
            accepted_solutions=_set(answer.accepted_solutions),
            accepted_hosting=None if hosting is None else frozenset(Hosting(mode) for mode in hosting),
            lot=answer.lot,
            can_be_porteur=answer.can_be_porteur,
        )


def _set(accepted: Accepted) -> frozenset[str] | None:
    return frozenset(accepted) if isinstance(accepted, tuple) else None
