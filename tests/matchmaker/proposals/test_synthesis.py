"""What an ARS reads of a plan: nothing before it is published, then counts that add up and no name."""

from __future__ import annotations

import io
import re
from collections import Counter
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from matchmaker.campaigns import campaign
from matchmaker.database import Database
from matchmaker.proposals import publishing, store_proposal, synthesis
from matchmaker.proposals.plan import Plan
from matchmaker.web.people import Grant, Person, Role
from tests.matchmaker.pages import send
from tests.matchmaker.proposals.pair import pair

REGION = Grant(Role.ARS, region="76")
DELEGATION = Grant(Role.ARS, region="76", departement="48")
PAGES = (
    "synthese",
    "synthese?departement=48",
    "synthese?cause=too_few_partners",
    "synthese?champ=PH",
    "departements.json",
    "departements.json?champ=PH&departement=48",
    "lectures",
    "lectures.csv",
    "lectures.xlsx",
    "ce-qui-change?appel=amorcage-2021",
)


def planned(database: Database, name: str, departement: str | None = None) -> tuple[int, int]:
    """A campaign of Occitanie, or of a département of it, and its plan, not published."""
    with database.writing() as session:
        home = campaign.create(
            session, name=name, region="76", departement=departement, regime="generalisation-2022"
        )
        return home, store_proposal(session, home, None, *pair())


def as_ars(app: Flask, monkeypatch: pytest.MonkeyPatch, grant: Grant = REGION) -> FlaskClient:
    """The same site, asked by somebody of an ARS."""
    monkeypatch.setattr("matchmaker.web.access.LOCAL", Person(account_id=1, name="ARS", grants=(grant,)))
    return app.test_client()


def text_of(body: bytes, page: str) -> str:
    """What somebody reads of a page or of a file."""
    if not page.endswith("xlsx"):
        return body.decode()
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    return str([book.get_sheet_by_name(name).to_python() for name in book.sheet_names])


def words_of(page: str) -> str:
    """What somebody reads of an error, its number apart."""
    return re.sub(r"\b[0-9A-F]{6}\b", "", BeautifulSoup(page, "html.parser").get_text())


def counts_of(page: BeautifulSoup, table: str) -> list[list[str]]:
    rows = page.select(f"#{table} tbody tr, #{table} tfoot tr")
    return [[re.sub(r"\s", "", cell.get_text()) for cell in row.select("td")] for row in rows]


def test_nobody_is_named(
    client: FlaskClient, app: Flask, database: Database, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests 404 until the plan is published and after, the pages of the ARS between, no page that names."""
    home, number = planned(database, "Publiée")
    _, draft = planned(database, "Brouillon")
    ars = as_ars(app, monkeypatch)
    for page in PAGES:
        refused, absent = (ars.get(f"/plans/{n}/{page}") for n in (number, draft + 1))
        assert refused.status_code == absent.status_code == 404
        assert words_of(refused.text) == words_of(absent.text)  # nothing tells a draft from no plan
    assert "Aucun plan n’est publié" in ars.get(f"/campagnes/{home}/plans").text
    monkeypatch.undo()
    send(client, f"/plans/{number}", f"/plans/{number}/publication")
    assert "à l’ARS" in client.get(f"/plans/{number}").text
    ars = as_ars(app, monkeypatch)
    names = {name for e in plan.esms.values() for name in (e.name, e.organisme.name) if name[-1].isdigit()}
    known = names | set(plan.esms) | {e.organisme.id for e in plan.esms.values()}
    assert len(names) == 40
    for page in PAGES:
        answer = ars.get(f"/plans/{number}/{page}")
        text = text_of(answer.data, page)
        assert (answer.status_code, [name for name in known if name in text]) == (200, [])
        assert f"/plans/{number}/grappes/" not in text
        assert ars.get(f"/plans/{draft}/{page}").status_code == 404
    for page in ("", "/non-places", "/carte", "/points.json", "/grappes/G1", "/export/xlsx"):
        assert ars.get(f"/plans/{number}{page}").status_code == 404  # with accounts, 403: test_authorisation
    monkeypatch.undo()
    send(client, f"/plans/{number}", f"/plans/{number}/publication", retirer="1")
    assert as_ars(app, monkeypatch).get(f"/plans/{number}/synthese").status_code == 404


def test_counts_add_up(client: FlaskClient, database: Database) -> None:
    """Tests each row and the total of the table by département."""
    number = planned(database, "Essai")[1]
    soup = BeautifulSoup(client.get(f"/plans/{number}/synthese").text, "html.parser")
    *rows, total = [[int(cell) for cell in row] for row in counts_of(soup, "departements")]
    assert [sum(column) for column in zip(*rows, strict=True)] == total
    for esms, placed, left, *causes, aside in [*rows, total]:
        assert (placed + left + aside, sum(causes)) == (esms, left)
    assert total[:3] == [42, 31, 9]
    drawn = client.get(f"/plans/{number}/departements.json").get_json()
    assert drawn == {"points": [], "grappes": [], "departements": {"48": 9}}


def test_filters_and_what_would_place_them(
    client: FlaskClient, database: Database, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests each filter against the plan, what too few organismes answered, and a public with a cause."""
    number = planned(database, "Essai")[1]
    page = f"/plans/{number}/synthese"

    def text(query: str = "") -> str:
        soup = BeautifulSoup(client.get(f"{page}{query}").text, "html.parser")
        return re.sub(r"\s+", " ", soup.select_one("#isoles").get_text())  # type: ignore[union-attr]

    assert "9 ESMS non placés" in text()
    wanted = Counter(u.reason for u in plan.left_out)["too_few_partners"]
    found = text("?cause=too_few_partners")
    assert found.startswith(f" {wanted} ESMS non placé")
    assert "Moins de 3 organismes sont concernés" in found
    assert "Accepter" not in found, "an answer of one organisme"
    assert "désigneraient parfois un seul ESMS" in text("?champ=PH&cause=too_few_partners")
    drawn = client.get(f"/plans/{number}/departements.json?cause=too_few_partners").get_json()
    assert drawn["departements"] == {"48": wanted}
    alone = counts_of(BeautifulSoup(client.get(f"{page}?champ=PH").text, "html.parser"), "departements")
    assert {len(row) for row in alone} == {4}, "no cause beside a public"
    assert client.get(f"{page}?cause=inconnue").status_code == 422
    assert client.get(f"/plans/{number}/departements.json?departement=75").status_code == 422
    monkeypatch.setattr("matchmaker.reference.limits.per_cell", lambda: 1)
    told = text("?cause=too_few_partners")
    assert "Accepter la solution DUI B" in told
    whole = synthesis.ways(plan, synthesis.part_of(plan, None), synthesis.Wanted())
    assert whole.levers
    assert whole.none == sum(1 for u in plan.left_out if not u.changes)
    assert whole.untold == 0


def test_no_subtraction_tells_an_answer(plan: Plan) -> None:
    """Tests a concession of four organismes, one of which alone in its département, then two by two."""
    one = next(u for u in plan.unplaced if u.reason == "outcompeted" and u.changes)
    none = replace(one, changes=())

    def told(homes: str, only: str | None = None, **asked: str) -> tuple[int, bool]:
        """Levers, and whether « none » is said, where organisme n is in the département homes[n]; ``only``:
        to the delegation of this one."""
        left = [
            replace(kind, esms=replace(one.esms, id=f"{name}{n}", organisme=organisme, departement=home))
            for name, kind in (("a", one), ("b", none))
            for n, home in enumerate(homes.split())
            for organisme in [replace(one.esms.organisme, id=f"og {n}")]
        ]
        held = replace(plan, unplaced=tuple(left), esms={u.esms.id: u.esms for u in left})
        part = synthesis.part_of(held, {only} if only else None)
        found = synthesis.ways(held, part, synthesis.Wanted(**asked))
        return len(found.levers), found.none_told

    assert told("48 48 48 30") == (1, True)
    assert told("48 48 48 30", departement="48") == (0, False), "the other would be known by subtraction"
    assert told("48 48 48", departement="48") == (1, True)
    assert told("48 48 48 30 30 30", departement="48") == (1, True)
    assert told("48 48 48 30 30 30 34", departement="48") != told("48 48 48 30 30 30 34", departement="30")
    assert told("48 48 48 30 34 65", departement="48") == (1, True), "three, in three places"
    assert told("48 48 48 30", departement="48", champ=one.esms.champ) == (0, False)
    for homes in ("48 48 48 30", "48 48 48", "48 48 48 30 30 30 34", "48 48 48 30 34 65"):
        assert told(homes, only="48") == told(homes, departement="48"), "what the région’s own page would say"
    assert told("48 48 48 30", only="48", champ=one.esms.champ) == (0, False)


def test_a_delegation_reads_its_departement(
    app: Flask, database: Database, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests the plan of a campaign of the whole région, read in the Lozère, then from another région."""
    home, number = planned(database, "Région")
    with database.writing() as session:
        publishing.publish(session, number, actor="local")
    ars = as_ars(app, monkeypatch, DELEGATION)
    assert f"/campagnes/{home}/plans" in ars.get("/campagnes").text
    assert f"/plans/{number}/synthese" in ars.get(f"/campagnes/{home}/plans").text
    answer = ars.get(f"/plans/{number}/synthese")
    assert "Lozère, où vous agissez" in answer.text
    rows = counts_of(BeautifulSoup(answer.text, "html.parser"), "departements")
    here = [e for e in plan.esms.values() if e.departement == "48"]
    assert [row[0] for row in rows] == [str(len(here))] * 2, "one département, and the total"
    assert "Hérault" not in answer.text
    assert ars.get(f"/plans/{number}/departements.json").get_json()["departements"] == {"48": 9}
    assert ars.get(f"/plans/{number}/synthese?departement=34").status_code == 422
    for page in (f"/plans/{number}/lectures", f"/plans/{number}", f"/campagnes/{home}"):
        assert ars.get(page).status_code == 404
    with database.writing() as session:
        publishing.withdraw(session, number, actor="local")
    assert ars.get(f"/plans/{number}/synthese").status_code == 404
    with database.writing() as session:
        publishing.publish(session, number, actor="local")
    elsewhere = as_ars(app, monkeypatch, Grant(Role.ARS, region="84", departement="01"))
    assert elsewhere.get(f"/plans/{number}/synthese").status_code == 404
    assert f"/campagnes/{home}/" not in elsewhere.get("/campagnes").text


def test_a_list_holds_the_published_plan_only(
    app: Flask, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests the list of a campaign of a département, for its delegation, for the région and for another."""
    home, first = planned(database, "Lozère", "48")
    with database.writing() as session:
        second = store_proposal(session, home, None, *pair())
        publishing.publish(session, first, actor="local")
    for grant in (REGION, DELEGATION):
        ars = as_ars(app, monkeypatch, grant)
        listed = BeautifulSoup(ars.get(f"/campagnes/{home}/plans").text, "html.parser").select("#plans a")
        assert [link["href"] for link in listed] == [f"/plans/{first}/synthese"]
        assert ars.get(f"/plans/{first}/synthese").status_code == 200
        assert ars.get(f"/plans/{second}/synthese").status_code == 404
    elsewhere = as_ars(app, monkeypatch, Grant(Role.ARS, region="76", departement="30"))
    for page in (f"/campagnes/{home}/plans", f"/plans/{first}/synthese"):
        assert elsewhere.get(page).status_code == 404
