"""What one organisme may see of the others, put together for a request; and who a token of its pages names.

When to modify: a page of partners shows something more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from matchmaker.campaigns.spaces import Space
from matchmaker.partners import interests
from matchmaker.partners.board import Board, Card, board_of, token_for
from matchmaker.partners.interests import Met, Said
from matchmaker.partners.profiles import Profile
from matchmaker.partners.question import Question, question_for
from matchmaker.reference.limits import limit


@dataclass(frozen=True)
class View:
    """``question``, ``board`` None: there is nothing to compare with yet. ``met``: organismes that
    both said yes, by number; ``known``: all those whose name the viewer has."""

    space: Space
    viewer: int
    question: Question | None
    board: Board | None
    met: Mapping[int, Met | None]
    known: frozenset[int]
    said: Mapping[int, Said]
    secret_key: str

    @property
    def me(self) -> Profile | None:
        return None if self.question is None else self.question.profiles.get(self.viewer)

    @property
    def gathered(self) -> int:
        """ESMS of the organismes that both said yes."""
        profiles = {} if self.question is None else self.question.profiles
        return sum(profiles[number].size for number in self.met if number in profiles)

    def token(self, other: int) -> str:
        return token_for(self.secret_key, self.viewer, other)

    def card(self, other: int) -> Card | None:
        """The card of an organisme, where the viewer has one of it."""
        return None if self.board is None else self.board.card_of(other)

    def other(self, token: str) -> int | None:
        """Whom a token of this viewer's pages names; None: nobody that it may see."""
        if self.board is not None and token in self.board.numbers:
            return self.board.numbers[token]
        # Also those it spoke of before: their card may be gone since, what was said of them is not.
        spoken = {*self.met, *self.said}
        return next((number for number in spoken if self.token(number) == token), None)

    def partner(self, token: str) -> int | None:
        """The same, of those that both said yes."""
        found = self.other(token)
        return found if found in self.met else None


def view_of(session: Session, own: Sequence[Space], secret_key: str, moment: dt.datetime) -> View | None:
    """What an organisme sees in its campaign; None when no campaign in use holds it.

    ``own``: spaces of who looks, the current one first. Somebody who works for several organismes of a
    campaign knows them all.
    """
    space = own[0]
    viewer = space.campaign_organisme_id
    if space.campaign is None or viewer is None:
        return None
    question = question_for(session, space.campaign, viewer)
    met = interests.met(session, viewer)
    mine = [one.campaign_organisme_id for one in own[1:] if one.campaign == space.campaign]
    known = known_to(session, viewer, met).union(number for number in mine if number is not None)
    least = limit("organismes_per_cell", moment.date()).value
    board = None if question is None else board_of(question, viewer, known, least, secret_key)
    said = interests.said_by(session, viewer, moment)
    return View(space, viewer, question, board, met, known, said, secret_key)


# Features above that tell organismes one another's name: whom one knows is no company to hide in.
_TELLING: list[Callable[[Session, int], Collection[int]]] = []


def also_known(names: Callable[[Session, int], Collection[int]]) -> None:
    """Say whose names an organisme has learned elsewhere."""
    if names not in _TELLING:
        _TELLING.append(names)


def known_to(session: Session, viewer: int, met: Collection[int]) -> frozenset[int]:
    """All organismes whose name a viewer has."""
    return frozenset(met).union(*(names(session, viewer) for names in _TELLING))
