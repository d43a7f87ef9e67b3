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

from matchmaker.accounts.tokens import keyed
from matchmaker.campaigns.wording import CHAMPS
from matchmaker.partners.cells import Cell, cells, far_km
from matchmaker.partners.compatibility import Reason, compare, name_of
from matchmaker.partners.profiles import Profile, Question
from matchmaker.reference import departements, regions
from matchmaker.web.formats import NBSP, capitalize_first
from solver.judge.grappe_rules import minimum_size

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


@dataclass(frozen=True)
class Board:
    """``cards``: in their order. ``numbers``: row of the organisme of each token; stays on the server.
    ``hidden``: organismes that no cell is large enough for. ``minimum``: ESMS that my own grappe needs.
    ``champs``, ``solutions``: all those on the cards. ``mine``: one's own profile as others see it, None when
    they see none."""

    cards: tuple[Card, ...]
    numbers: Mapping[str, int]
    hidden: int
    minimum: int
    champs: frozenset[str]
    solutions: frozenset[str]
    mine: str | None

    def token_of(self, number: int) -> str | None:
        return next((token for token, held in self.numbers.items() if held == number), None)

    def card(self, token: str) -> Card | None:
        return next((card for card in self.cards if card.token == token), None)


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
    made = _made(question, me, frozenset(known), least, secret_key)
    with _lock:
        _boards[key] = (question, made)
        while len(_boards) > _KEPT:
            _boards.popitem(last=False)
    return made


def _made(question: Question, me: Profile, known: frozenset[int], least: int, secret_key: str) -> Board:
    others = [
        p
        for p in question.profiles.values()
        if p.id != me.id and p.id not in known and frozenset((p.id, me.id)) not in question.apart
    ]
    placed = cells(others, least)
    ours = me.size + sum(question.profiles[n].size for n in known if n in question.profiles)
    far: dict[Cell, tuple[int, int]] = {
        cell: far_km(cell, question.profiles, me) for cell in set(placed.values())
    }
    cards: dict[str, Card] = {}
    numbers: dict[str, int] = {}
    for other in others:
        cell = placed.get(other.id)
        if cell is not None:
            token = token_for(secret_key, me.id, other.id)
            cards[token] = _card(question, me, other, cell, far[cell], ours, token)
            numbers[token] = other.id
    ordered = sorted(
        cards.values(),
        key=lambda c: (len(c.blocking), -len(c.pour), c.far[1], keyed(f"order:{c.token}", secret_key)),
    )
    return Board(
        cards=tuple(ordered),
        numbers=numbers,
        hidden=len(others) - len(cards),
        minimum=minimum_size(question.judge.bench, list(me.esms)),
        champs=frozenset(card.champ for card in ordered if card.champ is not None),
        solutions=frozenset(code for card in ordered for code in card.solutions),
        mine=_as_others_see(question, me, least),
    )


def _as_others_see(question: Question, me: Profile, least: int) -> str | None:
    # Whoever looks is in no cell of its own: one more is needed.
    cell = cells(question.profiles.values(), least + 1).get(me.id)
    return None if cell is None else f"{publics(cell)}, {esms_band(cell)}, {place(cell)}"


def _card(
    question: Question, me: Profile, other: Profile, cell: Cell, far: tuple[int, int], ours: int, token: str
) -> Card:
    comparison = compare(question, me, other, cell, far)
    low = ours + cell.least_esms
    high = None if cell.most_esms is None else ours + cell.most_esms
    minimum = comparison.minimum
    reached = True if low >= minimum else (None if high is None or high >= minimum else False)
    return Card(
        token=token,
        who=f"{publics(cell)}, {esms_band(cell)}",
        where=place(cell),
        distance=distance_words(far),
        dui=dui_words(question, cell),
        adds=esms_band(cell),
        band=(cell.least_esms, cell.most_esms),
        together=(low, high),
        reached=reached,
        missing=(max(0, minimum - (high or minimum)), max(0, minimum - low)),
        pour=comparison.pour,
        discuss=comparison.discuss,
        blocking=comparison.blocking,
        solutions=comparison.solutions,
        champ=cell.champ,
        far=far,
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
