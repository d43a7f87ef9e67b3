"""« Voisinages »: who can be with whom, read before any run."""

from __future__ import annotations

from flask.testing import FlaskClient

from matchmaker.campaigns import campaign, members
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.members import NewEsms
from matchmaker.database import Database
from tests.matchmaker.campaigns.conftest import ORGANISMES, SOLUTIONS, esms
from tests.matchmaker.pages import soup, text

OPEN = Answer("acquisition", None, "any", "any")


def lozere(database: Database, count: int, *, far: bool = False) -> int:
    """``count`` ESMS of two organismes that could all be together; ``far``: one more, of a third, too far."""
    with database.writing() as session:
        number = campaign.create(
            session,
            name="Lozère 2022",
            region="76",
            regime="generalisation-2022",
            parameters={"max_radius_km": 60.0},
        )
        some = [_at(k, ORGANISMES[k % 2].code, 44.5) for k in range(count)]
        some += [_at(count, ORGANISMES[2].code, 42.6)] if far else []
        members.add(session, number, organismes=ORGANISMES, solutions=SOLUTIONS, esms=some)
    return number


def _at(number: int, organisme: str, lat: float) -> NewEsms:
    code = f"4800002{number:02d}"
    return esms(1, organisme, OPEN, code=code, finess_et=code, lat=lat + number / 1000)


def test_who_stays_alone_is_said_first(client: FlaskClient, database: Database) -> None:
    number = lozere(database, 16, far=True)
    page = client.get(f"/campagnes/{number}/voisinages")
    assert "1 ESMS ne pourra entrer dans aucune grappe" in text(page)
    assert "2 groupes séparés" in text(page)
    rows = [" ".join(row.get_text().split()) for row in soup(page).select("#organismes tbody tr")]
    assert rows[0].startswith("Fondation des Monts")
    assert "1 ESMS sur 15" in rows[0]
    assert len(rows) == 3
    assert all("16 ESMS" in row for row in rows[1:])


def test_one_organisme_and_those_it_can_be_with(client: FlaskClient, database: Database) -> None:
    number = lozere(database, 16, far=True)
    here = f"/campagnes/{number}/voisinages/"
    near = client.get(here + ORGANISMES[0].code)
    assert [a.get_text() for a in soup(near).select("#joignables tbody a")] == [ORGANISMES[1].name]
    assert "Aucun autre organisme ne peut être avec lui" in text(client.get(here + ORGANISMES[2].code))
    assert client.get(here + "000000000").status_code == 404


def test_the_list_is_searched(client: FlaskClient, database: Database) -> None:
    number = lozere(database, 16)
    answer = client.get(f"/campagnes/{number}/voisinages?texte=ccas", headers={"HX-Request": "true"})
    assert [a.get_text() for a in soup(answer).select("tbody a")] == ["CCAS de Mende"]
    assert "Chaque ESMS à placer a assez de partenaires" in text(
        client.get(f"/campagnes/{number}/voisinages")
    )
    assert "Aucun organisme ne répond" in text(client.get(f"/campagnes/{number}/voisinages?texte=zzz"))


def test_an_answer_that_changes_is_seen_at_once(client: FlaskClient, database: Database) -> None:
    """Tests that the graph kept in memory is never that of an older campaign."""
    number = lozere(database, 15)
    address = f"/campagnes/{number}/voisinages"
    assert "Chaque ESMS à placer a assez" in text(client.get(address))
    with database.writing() as session:
        members.add(session, number, organismes=(), solutions=(), esms=[_at(40, ORGANISMES[2].code, 42.6)])
    assert "1 ESMS ne pourra entrer" in text(client.get(address))


def test_nobody_to_place(client: FlaskClient, database: Database) -> None:
    number = lozere(database, 0)
    assert "Aucun ESMS à placer pour l’instant" in text(client.get(f"/campagnes/{number}/voisinages"))
    page = client.get(f"/campagnes/{number}/voisinages/{ORGANISMES[0].code}")
    assert "n’a pas d’ESMS à placer" in text(page)
