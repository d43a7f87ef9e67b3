"""The cards an organisme sees of the others, in the order it sees them.

A card is named by a token that means nothing to anybody else, and its place depends on what is written on it;
equal ones are in an order drawn for each viewer.

When to modify: what is on a card, or the order of cards, changes.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Collection, Hashable, Mapping
from dataclasses import dataclass
from functools import cached_property

from matchmaker.accounts.tokens import keyed
from matchmaker.campaigns.wording import CHAMPS
from matchmaker.partners.cells import Cell, cells, far_km
from matchmaker.partners.compatibility import Comparer, Comparison, Reason, name_of
from matchmaker.partners.profiles import Profile
from matchmaker.partners.question import Question
from matchmaker.reference import departements, regions
from matchmaker.web.formats import NBSP, capitalize_first

_KEPT = 64  # boards, in each process


@dataclass(frozen=True, slots=True)
class Card:
    """An organisme without its name. ``together``: ESMS of the group with it, from, to (None: no limit).
    ``reached``: whether that meets the minimum, surely (True), maybe (None) or not (False). ``missing``: ESMS
    still to find, from, to. ``solutions``: codes possible together. ``far``: kilometres, from, to."""

    token: str
    who: str
    where: str
    distance: str
    dui: str | None
    adds: str
    band: tuple[int, int | None]
    together: tuple[int, int | None]
    reached: bool | None
    missing: tuple[int, int]
    pour: tuple[Reason, ...]
    discuss: tuple[Reason, ...]
    blocking: tuple[Reason, ...]
    solutions: tuple[str, ...]
    champ: str | None
    far: tuple[int, int]


class Board:
    """What one organisme sees of the others. Cells are made at once; a card when it is first asked for, since
    most pages show none, or that of one organisme.

    ``hidden``: organismes that no cell is large enough for. ``minimum``: ESMS that my own grappe needs.
    """

    def __init__(
        self, question: Question, me: Profile, known: frozenset[int], least: int, secret_key: str
    ) -> None:
        self._question, self._me, self._least, self._secret_key = question, me, least, secret_key
        others = [
            p
            for p in question.profiles.values()
            if p.id != me.id and p.id not in known and frozenset((p.id, me.id)) not in question.apart
        ]
        self._cells = cells(others, least)
        self._ours = me.size + sum(question.profiles[n].size for n in known if n in question.profiles)
        self._faces: dict[int, _Face] = {}
        self._cards: dict[int, Card] = {}
        self._comparer = Comparer(question, me)
        self.hidden = len(others) - len(self._cells)
        self.minimum = me.minimum

    def card_of(self, number: int) -> Card | None:
        """The card of the organisme in this row; None when it is on none."""
        cell = self._cells.get(number)
        if cell is None:
            return None
        made = self._cards.get(number)
        if made is None:
            made = self._cards[number] = self._made(number, cell)
        return made

    @cached_property
    def cards(self) -> tuple[Card, ...]:
        """All of them, in their order."""
        made = [card for number in self._cells if (card := self.card_of(number)) is not None]

        def rank(card: Card) -> tuple[int, int, int, str]:
            return len(card.blocking), -len(card.pour), card.far[1], card.token  # drawn for each viewer

        return tuple(sorted(made, key=rank))

    @cached_property
    def numbers(self) -> Mapping[str, int]:
        """Row of the organisme of each token; stays on the server."""
        return {token_for(self._secret_key, self._me.id, number): number for number in self._cells}

    @cached_property
    def blocked(self) -> int:
        """Cards that something blocks."""
        return sum(1 for card in self.cards if card.blocking)

    @cached_property
    def champs(self) -> frozenset[str]:
        """All those on the cards."""
        return frozenset(cell.champ for cell in self._cells.values() if cell.champ is not None)

    @cached_property
    def solutions(self) -> frozenset[str]:
        """All those on the cards."""
        return frozenset(code for card in self.cards for code in card.solutions)

    @cached_property
    def mine(self) -> str | None:
        """One's own profile as others see it, None when they see none."""
        # Whoever looks is in no cell of its own: one more is needed.
        cell = self._question.cells(self._least + 1).get(self._me.id)
        return None if cell is None else f"{publics(cell)}, {esms_band(cell)}, {place(cell)}"

    def token_of(self, number: int) -> str | None:
        return None if number not in self._cells else token_for(self._secret_key, self._me.id, number)

    def card(self, token: str) -> Card | None:
        number = self.numbers.get(token)
        return None if number is None else self.card_of(number)

    def _made(self, number: int, cell: Cell) -> Card:
        face = self._faces.get(id(cell))
        if face is None:
            far = far_km(cell, self._question.profiles, self._me)
            face = self._faces[id(cell)] = _face(self._question, cell, far)
        token = token_for(self._secret_key, self._me.id, number)
        other = self._question.profiles[number]
        comparison = self._comparer.compare(other, cell, face.far)
        return _card(comparison, cell, face, self._ours, token)


_lock = threading.Lock()
_boards: OrderedDict[Hashable, tuple[Question, Board]] = OrderedDict()


def token_for(secret_key: str, viewer: int, other: int) -> str:
    """The name of one organisme on the pages of another."""
    return keyed(f"partner:{viewer}:{other}", secret_key)[:32]


def board_of(
    question: Question, viewer: int, known: Collection[int], least: int, secret_key: str
) -> Board | None:
    """All cards for one organisme; None when none of its ESMS asks for anything.

    Parameters
    ----------
    known
        Organismes whose name the viewer has: they hide nobody any more, and are on no card.
    least
        Organismes in a cell, at least.
    """
    key = (id(question), viewer, frozenset(known), least, secret_key)
    with _lock:
        held = _boards.get(key)
        if held is not None and held[0] is question:  # an id may be given again once its object is gone
            _boards.move_to_end(key)
            return held[1]
    me = question.profiles.get(viewer)
    if me is None:
        return None
    made = Board(question, me, frozenset(known), least, secret_key)
    with _lock:
        # What was made of an earlier state would keep that whole state in memory.
        for old, (then, _board) in list(_boards.items()):
            if then is not question and then.campaign.id == question.campaign.id:
                del _boards[old]
        _boards[key] = (question, made)
        while len(_boards) > _KEPT:
            _boards.popitem(last=False)
    return made


@dataclass(frozen=True, slots=True)
class _Face:
    """What all cards of a cell say."""

    who: str
    where: str
    distance: str
    dui: str | None
    adds: str
    band: tuple[int, int | None]
    far: tuple[int, int]


def _face(question: Question, cell: Cell, far: tuple[int, int]) -> _Face:
    return _Face(
        who=f"{publics(cell)}, {esms_band(cell)}",
        where=place(cell),
        distance=distance_words(far),
        dui=dui_words(question, cell),
        adds=esms_band(cell),
        band=(cell.least_esms, cell.most_esms),
        far=far,
    )


def _card(comparison: Comparison, cell: Cell, face: _Face, ours: int, token: str) -> Card:
    low = ours + cell.least_esms
    high = None if cell.most_esms is None else ours + cell.most_esms
    minimum = comparison.minimum
    reached = True if low >= minimum else (None if high is None or high >= minimum else False)
    return Card(
        token=token,
        who=face.who,
        where=face.where,
        distance=face.distance,
        dui=face.dui,
        adds=face.adds,
        band=face.band,
        together=(low, high),
        reached=reached,
        missing=(max(0, minimum - (high or minimum)), max(0, minimum - low)),
        pour=comparison.pour,
        discuss=comparison.discuss,
        blocking=comparison.blocking,
        solutions=comparison.solutions,
        champ=cell.champ,
        far=face.far,
    )


def publics(cell: Cell) -> str:
    return "Plusieurs publics" if cell.champ is None else capitalize_first(CHAMPS[cell.champ])


def esms_band(cell: Cell) -> str:
    """« 5 à 9 ESMS »."""
    low, high = cell.least_esms, cell.most_esms
    if high is None:
        return f"{low}{NBSP}ESMS ou plus"
    return f"{low}{NBSP}ESMS" if low == high else f"{low} à {high}{NBSP}ESMS"


def place(cell: Cell) -> str:
    """« Gers », « Gers et Lot », or the région."""
    names = [departements()[code].name for code in cell.departements]
    if not names:
        return regions()[cell.region].name
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} ou {names[-1]}"


def distance_words(far: tuple[int, int]) -> str:
    """« de 30 à 45 km »."""
    return f"à moins de {far[1]}{NBSP}km" if far[0] == 0 else f"de {far[0]} à {far[1]}{NBSP}km"


def dui_words(question: Question, cell: Cell) -> str | None:
    """The DUI that all organismes of a cell have, where a card may say it."""
    if not cell.detailed:
        return None
    return "sans DUI déclaré" if cell.dui is None else f"DUI actuel : {name_of(question, cell.dui)}"
