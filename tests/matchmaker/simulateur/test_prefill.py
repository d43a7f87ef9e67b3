"""A FINESS number fills the form; one that gives nothing says why at its field."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from tests.matchmaker.simulateur.conftest import EJ, ET, FOUR, NAME, PAGE, ask, text


def test_a_number_fills_the_form_from_the_register(pages: FlaskClient) -> None:
    """Tests both ways: the button, and a number that comes alone; then the source and its day are told."""
    for asked in ({"finess": "320 999 018"}, {**FOUR, "finess": EJ, "preremplir": "oui", "total": "9"}):
        answer = pages.get(PAGE, query_string=asked)
        assert answer.status_code == 303
        filled = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
        assert {
            "PA_acquisition": "1",
            "PH_acquisition": "1",
            "total": "2",
            "region": "76",
        }.items() <= filled.items()
        page = BeautifulSoup(pages.get(answer.headers["Location"]).text, "html.parser")
        source = text(page.find(id="finess-source"))
        assert source == f"« {NAME} » : 2 ESMS ouverts dans le registre (FINESS, extraction du 03/01/2022)."
        assert "2 ESMS : personnes âgées, premier DUI (1), personnes handicapées" in text(
            page.find(id="resultat")
        )
    told = pages.get(PAGE, query_string={"finess": EJ, "preremplir": "oui"}, headers={"HX-Request": "true"})
    assert (told.status_code, told.headers["HX-Redirect"][:12]) == (204, "/simulateur?")


def test_one_ESMS_fills_its_line_and_leads_to_its_organisme(pages: FlaskClient) -> None:
    page = BeautifulSoup(
        pages.get(PAGE, query_string={"finess": ET}, follow_redirects=True).text, "html.parser"
    )
    assert "1 ESMS : personnes âgées, premier DUI (1) ; organisme de 2 ESMS en tout" in text(
        page.find(id="resultat")
    )
    assert f"1 ESMS de « {NAME} », qui en compte 2 ouverts dans le registre" in text(
        page.find(id="finess-source")
    )
    link = page.select_one("#finess-source a[href]")
    assert link is not None
    all_of_it = pages.get(str(link["href"]))
    assert "PH_acquisition=1" in all_of_it.headers["Location"]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("320999999", "FINESS 320 999 999 : inconnu du registre de ce service (extraction du "),
        ("3209990", "Un numéro FINESS compte 9 caractères : vous en avez saisi 7."),
        ("ABCDEFGHI", "« ABCDEFGHI » n’est pas un numéro FINESS"),
        ("320999026", "Le registre ne connaît aucun ESMS ouvert de « Association fermée »."),
        ("320999021", "est fermé depuis le 31/12/2021"),
    ],
)
def test_a_number_that_gives_nothing_says_why_and_what_is_typed_by_hand_still_counts(
    pages: FlaskClient, typed: str, sentence: str
) -> None:
    alone = pages.get(PAGE, query_string={"finess": typed})
    assert alone.status_code == 422
    assert sentence in text(BeautifulSoup(alone.text, "html.parser").find(id="finess-erreur"))
    page = ask(pages, finess=typed)
    assert sentence in text(page.find(id="finess-erreur"))
    assert "Il vous manque 11 ESMS" in text(page.find(id="resultat"))
