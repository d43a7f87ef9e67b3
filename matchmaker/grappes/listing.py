"""Open grappes as an organisme that is in none of them may see them: no name, counts in bands, a wide place.

When to modify: a listed grappe shows something more.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from matchmaker.campaigns.wording import HOSTING
from matchmaker.grappes.rooms import Outline, token_for
from matchmaker.partners.cells import band
from matchmaker.partners.viewing import View
from matchmaker.reference import limits, regions
from matchmaker.web.formats import NBSP
from solver.vocabulary import Hosting


@dataclass(frozen=True, slots=True)
class Listed:
    """An open grappe. ``fitting``: how many of my ESMS accept its offer. ``together``: ESMS with them, from,
    to (None: no limit). ``known``: one of its members is known to me, so it is named."""

    token: str
    solution: str
    hosting: str | None
    where: str
    size: str
    organismes: str
    fitting: int
    together: tuple[int, int | None]
    minimum: int
    known: str | None

    @property
    def reached(self) -> bool | None:
        """Whether the minimum would be met: surely, maybe (None), not."""
        if self.together[0] >= self.minimum:
            return True
        high = self.together[1]
        return None if high is None or high >= self.minimum else False


def listed(
    view: View, rooms: Sequence[Outline], names: dict[int, str], friends: Collection[int]
) -> list[Listed]:
    """Grappes that one may see (``rooms``: those that one is not in and has not asked for), those that take
    most of one's ESMS first.

    ``names``: of organismes whose name the viewer has; ``friends``: those that both said yes.
    """
    found = []
    for room in rooms:
        opener_known = room.opener in friends
        if not (room.listed or opener_known):
            continue
        found.append(_listed(view, room, names.get(room.opener) if opener_known else None))
    return sorted(found, key=lambda one: (-one.fitting, one.token))


def fitting(view: View, room: Outline) -> list[str]:
    """Codes of my ESMS that accept the offer of a grappe, each by itself."""
    me, question = view.me, view.question
    if me is None or question is None:
        return []
    hosting = None if room.hosting is None else Hosting(room.hosting)
    return [e.id for e in me.esms if (room.solution, hosting) in question.checks.offers(e)]


def _listed(view: View, room: Outline, known: str | None) -> Listed:
    assert view.question is not None
    assert view.me is not None
    low, high = band(max(1, room.esms))
    card = view.card(room.opener)
    least = limits.per_cell()
    few = room.organismes < least
    if few:
        # Finer than the card of who holds it, the size would tell who that is.
        low, high = _wider((low, high), (1, None) if card is None else card.band)
    mine = len(fitting(view, room))
    return Listed(
        token=token_for(view.secret_key, view.viewer, room.id),
        solution=room.solution_name,
        hosting=None if room.hosting is None else HOSTING[room.hosting],
        where=regions()[view.me.region].name if card is None else card.where,
        size=_words(low, high) if not few or card is not None else "taille non affichée",
        organismes=f"moins de {least} organismes" if few else f"{least} organismes ou plus",
        fitting=mine,
        together=(low + mine, None if high is None else high + mine),
        minimum=view.me.minimum,
        known=known,
    )


def _wider(one: tuple[int, int | None], other: tuple[int, int | None]) -> tuple[int, int | None]:
    highs = (one[1], other[1])
    return min(one[0], other[0]), None if None in highs else max(high for high in highs if high is not None)


def _words(low: int, high: int | None) -> str:
    if high is None:
        return f"{low}{NBSP}ESMS acceptés ou plus"
    return f"{low}{NBSP}ESMS accepté" if high == 1 else f"{low} à {high}{NBSP}ESMS acceptés"
