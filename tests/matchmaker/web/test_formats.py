"""Numbers, dates and spaces as French readers expect them."""

from __future__ import annotations

import datetime as dt

import pytest

from matchmaker.web import formats

S = "\u00a0"


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (formats.nombre(5277.5, 1), f"5{S}277,5"),
        (formats.nombre(0), "0"),
        (formats.nombre(-1200), f"\u22121{S}200"),
        (formats.nombre(None), "inconnu"),
        (formats.euros(166000), f"166{S}000{S}€"),
        (formats.keuros(5277500), f"5{S}277,5{S}k€"),
        (formats.keuros(1250), f"1,2{S}k€"),
        (formats.ecart_euros(41500), f"+41{S}500{S}€"),
        (formats.ecart_euros(-2000), f"\u22122{S}000{S}€"),
        (formats.ecart_euros(0), f"0{S}€"),
        (formats.km(46.6), f"47{S}km"),
        (formats.km(0.4), f"moins de 1{S}km"),
        (formats.km(0), f"0{S}km"),
        (formats.pourcent(0.019, 1), f"1,9{S}%"),
        (formats.date(dt.date(2022, 6, 10)), "10/06/2022"),
        (formats.date_longue(dt.date(2022, 6, 10)), "vendredi 10/06/2022"),
        (formats.heure(dt.datetime(2022, 6, 10, 7, 10, tzinfo=dt.UTC)), f"9{S}h{S}10"),
        (formats.date(dt.datetime(2022, 6, 9, 23, 30, tzinfo=dt.UTC)), "10/06/2022"),
        (formats.duree(3.21), f"3,2{S}s"),
        (formats.duree(95), f"1{S}min{S}35{S}s"),
        (formats.duree(3720), f"1{S}h{S}02"),
        (formats.finess("320999018"), f"320{S}999{S}018"),
        (formats.finess("E12"), "E12"),
        (formats.pluriel(0, "grappe"), f"0{S}grappe"),
        (formats.pluriel(1, "grappe"), f"1{S}grappe"),
        (formats.pluriel(3, "grappe"), f"3{S}grappes"),
        (formats.pluriel(2, "non placé", "non placés"), f"2{S}non placés"),
    ],
)
def test_formats(written: str, expected: str) -> None:
    """Tests each format on a figure whose expected writing comes from the design (section 11)."""
    assert written == expected


def test_typographie() -> None:
    """Tests the spaces of high signs, and that code in a template is left alone."""
    assert formats.typographie("Qui ? « Vous » : oui ; non !") == (
        f"Qui\u202f? «{S}Vous{S}»{S}: oui\u202f; non\u202f!"
    )
    code = "{% if a != b %}{{ c[1:2] }} { 'a': 1 }"
    assert formats.typographie(code) == code
