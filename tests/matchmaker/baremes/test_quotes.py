"""What counts as "the quote carries the amount" and "the document says the quote"."""

from __future__ import annotations

import pytest

from matchmaker.baremes.quotes import occurs, says_count, says_euros, says_share


@pytest.mark.parametrize(
    ("quote", "euros"),
    [
        ("à hauteur de 25k€ par ESMS", 25_000),
        ("forfaitaire de 10K€ par ESMS", 10_000),
        ("dont 14,5 k€ pour le logiciel", 14_500),
        ("un montant de 14 500 € par ESMS", 14_500),
        ("financement de 100 K€ par projet", 100_000),
    ],
)
def test_an_amount_is_recognised(quote: str, euros: int) -> None:
    assert says_euros(quote, euros)


@pytest.mark.parametrize(
    ("quote", "euros"),
    [
        ("125k€ par ESMS", 25_000),
        ("24,5 k€ pour le logiciel", 5_000),
        ("1,5 k€", 5_000),
        ("5 ESMS", 5_000),
        ("14 k€", 14_500),
    ],
)
def test_part_of_another_amount_is_not(quote: str, euros: int) -> None:
    assert not says_euros(quote, euros)


def test_numbers_in_figures_and_in_words() -> None:
    assert says_count("atteignant idéalement quinze structures", 15)
    assert says_count("un minimum de 15 ESMS", 15)
    assert says_count("idéalement huit dans les territoires ultramarins", 8)
    assert not says_count("moins de 150 ESMS", 15)
    assert not says_count("15,5 ESMS", 15)
    assert not says_count("huitante", 8)


def test_a_percentage_is_recognised() -> None:
    assert says_share("40% au démarrage", 40)
    assert says_share("cible de 90 %", 90)
    assert not says_share("140% au démarrage", 40)
    assert not says_share("40 ESMS", 40)


def test_a_quote_is_found_whatever_the_marks_of_the_transcription() -> None:
    text = "prévu :\n un **financement forfaitaire\n\nde <b>10K€</b> par ESMS** est prévu, à l’usage"
    assert occurs("un financement forfaitaire de 10K€ par ESMS est prévu, à l'usage", text)
    assert not occurs("un financement forfaitaire de 11K€ par ESMS est prévu", text)
    assert not occurs("financement forfaitaire par ESMS", text)
