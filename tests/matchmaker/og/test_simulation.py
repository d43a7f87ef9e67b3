"""What an OG could get: the amounts of the design's page, from the answers that it really gave."""

from __future__ import annotations

import re

from matchmaker.campaigns import answers
from matchmaker.campaigns.answers import Answer
from tests.matchmaker.accounts.conftest import plain
from tests.matchmaker.og.amounts import without_a_rule
from tests.matchmaker.og.conftest import Held, Visitor


def answer_all(visitor: Visitor, held: Held, answer: Answer) -> None:
    with visitor.database.writing() as session:
        for number in range(4):
            answers.keep(session, held.campaign_id, f"32099902{number}", answer, actor="local")


def page_of(visitor: Visitor) -> str:
    return plain(visitor.get("/og/simulation").text)


def test_four_acquisitions_with_a_referenced_solution(director: Visitor, held: Held) -> None:
    """Tests the figures of rule files for journey D.1: 166 000 € for four ESMS, 115 000 € shared."""
    answer_all(director, held, Answer("acquisition", None, ("dui-a",), ("saas",)))
    page = page_of(director)
    assert "il vous manque 11 ESMS" in page
    assert "166 000 €" in page
    assert "115 000 €" in page
    own = page.split("Le détail, ligne par ligne")[1].split("Total pour vos 4 ESMS")[0]
    amounts = [int(found.replace(" ", "")) for found in re.findall(r'class="montant">([\d ]+) €', own)]
    assert sum(amounts) == 166_000
    assert own.count("<blockquote>") == len(amounts)  # each opens its rule and the words of the text
    assert "au lieu de" not in page


def test_both_kinds_of_solution_give_two_amounts(director: Visitor, held: Held) -> None:
    answer_all(director, held, Answer("acquisition", None, "any", "any"))
    page = page_of(director)
    assert "156 000 € au lieu de 166 000 €" in page
    assert without_a_rule(page) == []


def test_what_is_not_answered_is_said(director: Visitor, held: Held) -> None:
    page = page_of(director)
    assert "4 ESMS n’ont pas dit leur besoin" in page
    assert "166 000 €" in page
    answer_all(director, held, Answer("aucun"))
    assert "Aucun de vos ESMS ne demande de financement" in page_of(director)
