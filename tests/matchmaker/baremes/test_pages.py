"""The pages of the rules, as a browser receives them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from matchmaker.app import create_app
from matchmaker.baremes import scale_for, shipped_rules
from matchmaker.baremes.sheets import notes
from matchmaker.settings import from_environment
from solver.instance import Readings
from solver.vocabulary import Regime


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A client of the application; the pages of the rules read no database."""
    home: Path = tmp_path_factory.mktemp("home")
    app: Flask = create_app(from_environment({"MATCHMAKER_HOME": str(home), "MATCHMAKER_SECRET_KEY": "k"}))
    app.testing = True
    yield app.test_client()
    app.extensions["database"].dispose()


def soup(pages: FlaskClient, path: str, status: int = 200, **headers: str) -> BeautifulSoup:
    response = pages.get(path, headers=headers)
    assert response.status_code == status, response.text
    return BeautifulSoup(response.text, "html.parser")


def text(node: Tag) -> str:
    return " ".join(node.get_text(" ").split())


def test_the_list_gives_every_amount_of_every_regime(pages: FlaskClient) -> None:
    page = soup(pages, "/regles")
    for regime in Regime:
        table = page.find(id=regime.value)
        assert isinstance(table, Tag)
        scale = scale_for(regime, Readings())
        paid = {f.unit_eur for rate in scale.rates.values() for f in rate.first + rate.beyond}
        paid |= {f.unit_eur for f in (scale.equipement, scale.amoa_projet, scale.amoa_marche) if f}
        shown = {text(cell) for cell in table.select("td.nb")}
        assert {f"{amount:,} €".replace(",", " ") for amount in paid} <= shown
    assert "moins de 15 ESMS" in text(page)


def test_every_link_of_the_list_leads_to_its_place(pages: FlaskClient) -> None:
    links = {str(a["href"]) for a in soup(pages, "/regles").select("#resultats a[href]")}
    assert len(links) > 25
    for link in links:
        path, _, anchor = link.partition("#")
        page = soup(pages, path)
        if anchor:
            assert page.find(id=anchor), link


def test_every_line_of_a_scale_has_a_page_with_its_words(pages: FlaskClient) -> None:
    for regime in Regime:
        scale = scale_for(regime, Readings())
        paid = {f for rate in scale.rates.values() for f in rate.first + rate.beyond}
        paid |= {f for f in (scale.equipement, scale.amoa_projet, scale.amoa_marche) if f}
        for forfait in paid:
            page = soup(pages, f"/regles/{forfait.reference.rule}")
            quotes = [text(q) for q in page.select("blockquote")]
            assert f"« {' '.join(forfait.reference.quote.split())} »" in quotes
            assert f"{forfait.unit_eur:,} €".replace(",", " ") in text(page)


def test_a_rule_shows_its_caveats_documents_and_disputed_readings(pages: FlaskClient) -> None:
    page = soup(pages, "/regles/R57")
    words = text(page)
    assert "À confirmer par l’ARS pour les champs PDS, PDE, AHI et PJM." in words
    assert "Webinaire « Programme ESMS numérique" in words
    disputed = page.find(id="K10")
    assert isinstance(disputed, Tag)
    assert len(disputed.select("blockquote")) == 2
    assert "15 000 € par grappe dont toutes les acquisitions" in text(disputed)


def test_a_possible_amount_is_told_apart(pages: FlaskClient) -> None:
    assert "Possible, dans aucun total." in text(soup(pages, "/regles/R55"))


def test_a_search_finds_whatever_the_accents_and_the_case(pages: FlaskClient) -> None:
    page = soup(pages, "/regles?q=EQUIPEMENTS+infrastructures&regime=amorcage-2021")
    assert text(page.select("tbody th a")[0]).startswith("Équipements et infrastructures")
    assert page.find(id="amorcage-2021")
    assert not page.find(id="generalisation-2022")
    field = page.find(id="q")
    assert isinstance(field, Tag)
    assert field["value"] == "EQUIPEMENTS infrastructures"


def test_an_amount_can_be_searched(pages: FlaskClient) -> None:
    assert "Logiciel, solution référencée Ségur" in text(soup(pages, "/regles?q=14500"))


def test_a_search_without_answer_says_so_and_shows_the_words(pages: FlaskClient) -> None:
    page = soup(pages, "/regles?q=<b>licorne</b>")
    assert "Aucune règle ne contient « <b>licorne</b> »" in text(page)


def test_an_unknown_regime_is_said_and_hides_nothing(pages: FlaskClient) -> None:
    page = soup(pages, "/regles?regime=2023")
    assert "Le régime « 2023 » n’existe pas." in text(page)
    assert all(page.find(id=regime.value) for regime in Regime)


def test_htmx_receives_the_block_that_the_page_holds(pages: FlaskClient) -> None:
    path = "/regles?q=conformité"
    block = pages.get(path, headers={"HX-Request": "true"})
    assert "HX-Request" in block.headers["Vary"]
    whole = soup(pages, path).find(id="resultats")
    assert BeautifulSoup(block.text, "html.parser").find(id="resultats") == whole
    assert "<html" not in block.text


def test_an_unknown_rule_is_a_page_not_found(pages: FlaskClient) -> None:
    page = soup(pages, "/regles/R999", status=404)
    assert "Aucune règle « R999 » n’est connue ici." in text(page)


def test_every_rule_of_the_register_has_something_to_say(pages: FlaskClient) -> None:
    for rule in shipped_rules().register:
        page = soup(pages, f"/regles/{rule.id}")
        assert page.select("blockquote") or (rule.uncited and rule.uncited in text(page)), rule.id
        ids = [str(node["id"]) for node in page.select("[id]")]
        assert len(ids) == len(set(ids)), rule.id


def test_what_has_no_amount_is_shown_with_its_words(pages: FlaskClient) -> None:
    refused = text(soup(pages, "/regles/R46"))
    assert "Non retenu : cet ESMS a déjà été financé pour son DUI." in refused
    window = text(soup(pages, "/regles/R11"))
    assert "Du 01/09/2021 au 15/10/2021." in window
    scale = soup(pages, "/regles/P04").find(id="tranches")
    assert isinstance(scale, Tag)
    assert [text(cell) for cell in scale.select("td.nb")][:2] == ["4 000 €", "2 920 €"]
    assert "Prédice" in text(soup(pages, "/regles/R40"))
    assert "4 186 783 €" in text(soup(pages, "/regles/P02"))
    assert "exigé" in text(soup(pages, "/regles/R01"))


def test_the_search_reads_refusals_windows_and_targets(pages: FlaskClient) -> None:
    for words, rule in (
        ("déjà été financé", "R46"),
        ("extra régionaux", "R11"),
        ("taux d’utilisation de MSSanté", "P03"),
        ("marché national", "R42"),
    ):
        page = soup(pages, f"/regles?q={words}")
        assert page.select(f'a[href="/regles/{rule}"]'), words


def test_payments_are_shares_of_the_funding(pages: FlaskClient) -> None:
    table = soup(pages, "/regles").find(id="amorcage-2021")
    assert isinstance(table, Tag)
    rows = [[text(cell) for cell in row.select("td")][:2] for row in table.select("tbody tr")]
    assert sorted(row[0] for row in rows if row[1] == "du financement de la grappe") == [
        "20 %",
        "40 %",
        "40 %",
    ]


def test_a_funding_line_has_its_caveats_and_disputed_readings() -> None:
    marche = notes(shipped_rules(), Regime.GENERALISATION_2022, "amoa_marche", 15_000)
    assert [c.id for c in marche.contradictions] == ["K10", "K11", "K12", "K26"]
    assert any("À confirmer par l’ARS" in caveat for caveat in marche.caveats)
    national = notes(shipped_rules(), Regime.GENERALISATION_2022_NATIONAL, "logiciel", 12_000)
    assert [c.id for c in national.contradictions] == ["K08", "K09"]
    regional = notes(shipped_rules(), Regime.GENERALISATION_2022, "logiciel", 12_000)
    assert regional.contradictions == ()
    assert notes(shipped_rules(), Regime.GENERALISATION_2022, "logiciel", 12_001).caveats == ()


def test_the_notes_are_written_under_a_line(pages: FlaskClient) -> None:
    app = pages.application
    with app.test_request_context():
        template = app.jinja_env.from_string(
            "{% with notes = notes_de_ligne('amorcage-2021', 'dui', 25000) %}"
            "{% include 'regles/_notes.html' %}{% endwith %}"
        )
        words = text(BeautifulSoup(template.render(), "html.parser"))
    assert "Seuls les Hauts-de-France écrivent" in words
    assert "Lecture discutée K07 : En 2021, remplacer un DUI" in words
    assert "15 000 € par DUI remplacé" in words
