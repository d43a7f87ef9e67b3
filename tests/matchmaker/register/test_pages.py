"""The pages of the register on real imports: counts, origins of positions, refusals."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from click.testing import CliRunner
from flask.testing import FlaskClient

from matchmaker.register.commands import import_finess
from tests.matchmaker.register.writing import historical, point, structure


@pytest.fixture
def imported(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MATCHMAKER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MATCHMAKER_DATABASE_URL", database_url)
    bad = historical(tmp_path / "mauvais.csv", "=1+1;<script>")
    with bad.open("a", encoding="utf-8") as file:
        file.write(structure("310000001", departement="31", commune="555") + "\n")
    good = historical(
        tmp_path / "bon.csv",
        *(structure(f"31000010{n}", departement="31", commune="555", rs="EHPAD DU MIDI") for n in range(5)),
        *(point(f"31000010{n}", x="574000", y="6279000") for n in range(5)),
        structure("970100001", departement="9A", commune="105"),
    )
    for path in (good, bad):
        assert CliRunner().invoke(import_finess, [str(path)]).exit_code == 0


def _page(client: FlaskClient, url: str) -> BeautifulSoup:
    response = client.get(url)
    assert response.status_code == 200
    return BeautifulSoup(response.text, "html.parser")


def _text(page: BeautifulSoup) -> str:
    return " ".join(page.get_text(" ").split())


def test_an_empty_register_says_how_to_fill_it(client: FlaskClient) -> None:
    assert "matchmaker import-finess" in _text(_page(client, "/registre"))


def test_counts_by_region_and_imports(client: FlaskClient, imported: None) -> None:
    page = _page(client, "/registre")
    rows = page.select("#regions tbody tr")
    assert [row.select_one("th").get_text(strip=True) for row in rows] == ["Guadeloupe", "Occitanie"]
    numbers = [[int(cell.get_text().replace("\u00a0", "")) for cell in row.select("td")] for row in rows]
    assert sum(row[0] for row in numbers) == 7
    assert [sum(row[n] for row in numbers) for n in (1, 2, 3)] == [5, 0, 2]
    files = [row.select_one("th").get_text(strip=True) for row in page.select("#imports tbody tr")]
    assert files == ["mauvais.csv", "bon.csv"]


def test_the_establishments_of_a_region(client: FlaskClient, imported: None) -> None:
    every = _page(client, "/registre/regions/76")
    centres = _page(client, "/registre/regions/76?origine=commune")
    shown = centres.select("#etablissements tbody tr")
    assert (len(shown), len(every.select("#etablissements tbody tr"))) == (1, 6)
    assert all("Centre de la commune" in row.get_text() for row in shown)
    assert "EHPAD LES LILAS" in _text(centres)
    block = client.get("/registre/regions/76?origine=surveyed", headers={"HX-Request": "true"})
    assert block.text.lstrip().startswith('<div id="liste">')
    assert "EHPAD DU MIDI" in block.text
    assert "EHPAD LES LILAS" not in block.text


@pytest.mark.parametrize(
    "url",
    ["/registre/regions/99", "/registre/imports/99", "/registre/imports/99/refus.csv"],
)
def test_what_does_not_exist_is_a_french_404(client: FlaskClient, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 404
    assert "<h1" in response.text


@pytest.mark.parametrize("query", ["page=0", "page=999", "page=x", "origine=zz", "origine=' OR 1"])
def test_odd_addresses_are_answered(client: FlaskClient, imported: None, query: str) -> None:
    assert client.get(f"/registre/regions/11?{query}").status_code == 200


def test_refusals_on_the_page_and_as_a_file(client: FlaskClient, imported: None) -> None:
    link = _page(client, "/registre").select_one("#imports a")
    assert link is not None
    page = _page(client, str(link["href"]))
    assert "ligne 2" in _text(page)
    assert "=1+1;<script>" in _text(page)
    assert page.select("main script") == []
    response = client.get(f"{link['href']}/refus.csv")
    assert response.mimetype == "text/csv"
    rows = list(csv.reader(io.StringIO(response.get_data(as_text=True).lstrip("\ufeff")), delimiter=";"))
    assert rows[0] == ["emplacement", "champ", "valeur", "attendu"]
    assert rows[1][:3] == ["ligne 2", "section", "'=1+1;<script>"]


def test_a_closed_installation_shows_nothing(client: FlaskClient) -> None:
    settings = client.application.extensions["settings"]
    object.__setattr__(settings, "access", "closed")
    assert client.get("/registre").status_code == 403
