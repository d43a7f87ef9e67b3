"""Reasons on a card: what speaks for, what is to discuss, what blocks; nothing of what could be looked up."""

from __future__ import annotations

import pytest

from matchmaker.campaigns.answers import Answer
from matchmaker.partners.board import Board, Card, board_of
from matchmaker.partners.cells import Cell
from matchmaker.partners.compatibility import compare
from matchmaker.partners.question import Question
from tests.matchmaker.partners.conftest import SAAS, esms
from tests.matchmaker.partners.questions import question

BOREAL = Answer("acquisition", None, ("boreal",), ("saas",))
ALIZE = Answer("acquisition", None, ("alize",), ("saas",))
PREMISE = Answer("acquisition", None, "any", ("on_premise",))
UPGRADE = Answer("montee_de_version", "alize", ("alize",), "any")


def cards(*answers: Answer, champs: str = "PH PH PH PH", **parameters: object) -> tuple[Question, Board]:
    """What the first organisme sees of the three others, each of one ESMS."""
    some = [
        esms(f"33000000{n}", f"{n}", one, champ=champ, lat=43.6 + n / 100)
        for n, (one, champ) in enumerate(zip(answers, champs.split(), strict=True))
    ]
    asked = question(*some, **parameters)
    board = board_of(asked, 0, (), 3, "k")
    assert board is not None
    return asked, board


def words(board: Board, number: int) -> dict[str, str]:
    token = board.token_of(number)
    card: Card | None = None if token is None else board.card(token)
    assert card is not None
    return {
        name: " / ".join(reason.words for reason in getattr(card, name))
        for name in ("pour", "discuss", "blocking")
    }


def test_what_speaks_for() -> None:
    _asked, board = cards(SAAS, SAAS, SAAS, SAAS, max_radius_km=60.0)
    told = words(board, 1)["pour"].replace("\u00a0", " ")
    for said in (
        "Même solution possible : Alizé, Boréal",
        "Même hébergement possible : SaaS éditeur (HDS)",
        "Même besoin : acquisition",
        "Même public : personnes handicapées",
        "À moins de 60 km",
        "Peut être porteur",
    ):
        assert said in told
    assert words(board, 1)["blocking"] == ""


@pytest.mark.parametrize(
    ("mine", "other", "said"),
    [
        (BOREAL, ALIZE, "Aucune solution acceptée en commun"),
        (SAAS, PREMISE, "Aucun hébergement accepté en commun"),
        (ALIZE, UPGRADE, "Besoin ou public qui ne se mêle pas"),
    ],
)
def test_what_blocks(mine: Answer, other: Answer, said: str) -> None:
    _asked, board = cards(mine, other, mine, mine)
    assert said in words(board, 1)["blocking"]
    assert [board.numbers[card.token] for card in board.cards][-1] == 1, "what blocks comes last"


def test_nothing_of_solutions_where_publics_are_mixed() -> None:
    """Tests that which solutions suit somebody, which tells the public, is not said in a cell of several."""
    _asked, board = cards(SAAS, SAAS, BOREAL, PREMISE, champs="PH PA DOM PDE", mix_champs=False)
    told = [words(board, number) for number in (1, 2, 3)]
    assert {card.champ for card in board.cards} == {None}
    for one in told:
        assert "solution possible" not in one["pour"]
        assert "hébergement possible" not in one["pour"]
        assert one["blocking"] == ""
        assert "une fois les noms connus" in one["discuss"]


def test_too_far_is_said_of_the_cell() -> None:
    some = [esms("330000000", "0", SAAS, lat=43.6)]
    some += [esms(f"33000000{n}", f"{n}", SAAS, lat=45.0 + n / 1000) for n in (1, 2, 3)]
    board = board_of(question(*some, max_radius_km=60.0), 0, (), 3, "k")
    assert board is not None
    assert {card.distance for card in board.cards} == {"de 150 à 165\u00a0km"}
    assert "Trop loin" in words(board, 1)["blocking"]


def test_medicalised_esms_are_told_of_the_services_socles() -> None:
    asked, board = cards(SAAS, SAAS, SAAS, SAAS)
    assert "services socles" not in words(board, 1)["discuss"]
    ids = frozenset(e.id for e in asked.instance.esms)
    cared = question(*(esms(id_, str(n), SAAS) for n, id_ in enumerate(sorted(ids))), medicalised=ids)
    seen = board_of(cared, 0, (), 3, "k")
    assert seen is not None
    (reason,) = [r for r in seen.cards[0].discuss if "services socles" in r.words]
    assert reason.rule == "R39"


def test_same_dui_only_where_the_cell_says_it() -> None:
    have = Answer("renouvellement", "alize", "any", ("saas",))
    asked, board = cards(have, have, have, have)
    assert "Même DUI aujourd’hui : Alizé" in words(board, 1)["pour"]
    wide = Cell("76", ("32",), "PH", 1, 1, False, None, False, frozenset({1, 2, 3}))
    told = compare(asked, asked.profiles[0], asked.profiles[1], wide, (0, 15))
    assert not any("Même DUI" in reason.words for reason in told.pour)
