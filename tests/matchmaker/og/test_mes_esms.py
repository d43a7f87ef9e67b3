"""« Mes ESMS »: saved row by row, merged with what others write, several at once, nobody else's."""

from __future__ import annotations

import csv
import datetime as dt
import html
import io
import json
import re
from typing import Any
from urllib.parse import urlencode

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from sqlalchemy import event, select

from matchmaker import journal
from matchmaker.campaigns import answers, listing, needs_check, needs_file, spaces
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.tables import CampaignEsms, CampaignOrganisme
from matchmaker.database import Database
from matchmaker.og import details
from matchmaker.register.tables import Etablissement
from matchmaker.web.people import Grant, Person, Role
from tests.matchmaker.accounts.conftest import plain
from tests.matchmaker.og.amounts import without_a_rule
from tests.matchmaker.og.conftest import (
    COLLEAGUE,
    DIRECTOR,
    NEIGHBOUR,
    Held,
    NewVisitor,
    Visitor,
    etablissement,
    fill,
)

HTMX = {"HX-Request": "true"}
CODE = "320999020"
ATTACK = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def row_of(page: str, code: str = CODE) -> dict[str, Any]:
    """What the row of an ESMS carries from the page: the two hidden fields."""
    part = page.split(f'id="depart-{code}"')[1][:3000]
    found = re.findall(r'name="(depart|depart_details)" value="([^"]*)"', part)
    return {name: html.unescape(value) for name, value in found[:2]}


def send(
    visitor: Visitor, carried: dict[str, Any], code: str = CODE, *, htmx: bool = True, **typed: Any
) -> Any:
    fields = {"csrf_token": visitor.token(), **carried, **typed}
    return visitor.client.post(f"/og/mes-esms/{code}", data=fields, headers=HTMX if htmx else {})


def kept(database: Database, held: Held, code: str = CODE) -> Answer:
    with database.reading() as session:
        return listing.esms(session, held.campaign_id, code).answer


def kept_detail(database: Database, held: Held, code: str = CODE) -> details.Detail:
    with database.reading() as session:
        person = Person(1, "x", (Grant(Role.OG_MANAGER, held.own_id),))
        space = spaces.of_person(session, person)[0]
        assert space.campaign_organisme_id
        return details.of_organisme(session, space.campaign_organisme_id).get(code, details.Detail())


FULL = {
    "besoin": "acquisition",
    "dui": "",
    "hebergements": ["saas", "shared"],
    "solutions": "any",
    "users": "12",
    "devices": "3",
    "trainees": "",
    "remark": "Accès le matin.",
    "lot": "",
}


def test_a_row_is_saved_and_says_what_changed(director: Visitor, held: Held) -> None:
    """Tests one row sent as it is typed: kept, the totals come back, sent again it changes nothing."""
    carried = row_of(director.get("/og/mes-esms").text)
    answer = send(director, carried, **FULL)
    assert answer.status_code == 200
    page = plain(answer.text)
    assert "Tout est enregistré" in page
    assert "Il manque 9 réponses sur 12" in page
    assert "Complet à 25 %" in page
    assert kept(director.database, held) == Answer(
        "acquisition", None, "any", ("saas", "shared"), None, can_be_porteur=True
    )
    assert kept_detail(director.database, held) == details.Detail("", 12, 3, None, "Accès le matin.")
    with director.database.reading() as session:
        before = journal.entries(session, limit=50)[1]
    assert send(director, carried, **FULL).status_code == 200  # the answer was lost on its way: sent again
    with director.database.reading() as session:
        assert journal.entries(session, limit=50)[1] == before


def test_without_scripts_the_button_saves(director: Visitor, held: Held) -> None:
    carried = row_of(director.get("/og/mes-esms").text)
    answer = send(director, carried, htmx=False, **FULL)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/og/mes-esms#esms-{CODE}"
    bad = FULL | {"users": "douze", "devices": "4"}
    answer = send(director, row_of(director.get("/og/mes-esms").text), htmx=False, **bad)
    assert answer.status_code == 422
    assert "« douze »" in plain(answer.text)
    assert kept_detail(director.database, held).devices == 3  # whole or not at all


def test_a_dui_of_ones_own_words(director: Visitor, held: Held) -> None:
    """Tests the catalogue's name in any spelling, then a name that it does not hold."""
    carried = row_of(director.get("/og/mes-esms").text)
    send(director, carried, **(FULL | {"besoin": "renouvellement", "dui": " dui  À "}))
    assert kept(director.database, held).current_solution == "dui-a"
    carried = row_of(director.get("/og/mes-esms").text)
    answer = send(director, carried, **(FULL | {"besoin": "renouvellement", "dui": "Logiciel maison"}))
    assert "DUI hors catalogue" in plain(answer.text)
    assert kept(director.database, held).current_solution is None
    assert kept_detail(director.database, held).current_typed == "Logiciel maison"
    assert 'value="Logiciel maison"' in director.get("/og/mes-esms").text


def test_two_people_on_one_row(director: Visitor, new_visitor: NewVisitor, held: Held) -> None:
    """Tests two pages opened on the same row: different fields are both kept, one field asks who is right."""
    colleague = new_visitor()
    colleague.sign_in(COLLEAGUE)
    one, two = (row_of(visitor.get("/og/mes-esms").text) for visitor in (director, colleague))
    send(director, one, besoin="acquisition", users="12")
    answer = send(colleague, two, besoin="", hebergements="saas", users="15", trainees="4")
    text = plain(answer.text)
    assert "quelqu’un d’autre a changé cette réponse" in text
    assert kept(director.database, held) == Answer("acquisition", None, None, ("saas",))
    assert kept_detail(director.database, held) == details.Detail("", 12, None, 4)
    assert re.search(r'name="garder" value="users"|value="users"', text)
    carried = row_of(answer.text)
    chosen = {"garder": "users", "vu-users": "12"}
    send(colleague, carried, besoin="acquisition", hebergements="saas", users="15", trainees="4", **chosen)
    assert kept_detail(director.database, held).users == 15
    send(
        director,
        row_of(director.get("/og/mes-esms").text),
        besoin="acquisition",
        hebergements="saas",
        users="15",
        trainees="4",
    )
    assert kept_detail(director.database, held).users == 15


def test_nothing_accepted_is_not_taken_for_no_answer(director: Visitor, held: Held) -> None:
    """Tests an answer « rien » given by the regional team: no box shows it, a save leaves it."""
    with director.database.writing() as session:
        answer = Answer("acquisition", None, "any", ())
        answers.keep(session, held.campaign_id, CODE, answer, actor="local")
    carried = row_of(director.get("/og/mes-esms").text)
    send(director, carried, besoin="acquisition", solutions="any", users="3")
    assert kept(director.database, held).accepted_hosting == ()


def test_somebody_else_s_esms_is_not_there(director: Visitor, new_visitor: NewVisitor, held: Held) -> None:
    carried = row_of(director.get("/og/mes-esms").text)
    for code in ("310999024", "x", "320999099"):
        assert send(director, carried, code, **FULL).status_code == 404, code
    assert send(director, {"depart": "[]", "depart_details": "{}"}, **FULL).status_code == 422
    assert send(director, {}, **FULL).status_code == 422
    neighbour = new_visitor()
    neighbour.sign_in(NEIGHBOUR)
    page = neighbour.get("/og/mes-esms").text
    assert "Foyer Caché" in page
    assert "Maison" not in page
    assert send(neighbour, carried, **FULL).status_code == 404


@pytest.mark.parametrize("field", ["dui", "remark", "lot"])
def test_free_text_is_text(director: Visitor, held: Held, field: str) -> None:
    """Tests stored XSS in every free field, and what no database keeps."""
    carried = row_of(director.get("/og/mes-esms").text)
    answer = send(director, carried, **(FULL | {"besoin": "renouvellement", field: ATTACK[:80] + "\x00"}))
    assert answer.status_code == 200
    for page in (answer.text, director.get("/og/mes-esms").text, director.get("/og").text):
        assert "<script>alert" not in page
        assert "<img src=x" not in page
    assert html.escape(ATTACK[:24], quote=False)[:20] in director.get("/og/mes-esms").text


def test_the_same_answer_for_several(director: Visitor, held: Held, new_visitor: NewVisitor) -> None:
    """Tests three ESMS at once, one of which a colleague answered meanwhile: that one stays, and is said."""
    page = director.get("/og/mes-esms").text
    departs = {
        name: html.unescape(value)
        for name, value in re.findall(r'name="(depart-\d+)" id="plusieurs[^"]*" value="([^"]*)"', page)
    }
    assert len(departs) == 4
    with director.database.writing() as session:
        other = Answer("renouvellement", "dui-a", None, None)
        answers.keep(session, held.campaign_id, "320999022", other, actor="local")
    answer = director.post(
        "/og/mes-esms-ensemble",
        **departs,
        besoin="acquisition",
        hebergements="saas",
        esms=["320999020", "320999021", "320999022", "310999024"],
    )
    assert answer.status_code == 303
    told = plain(director.get("/og/mes-esms").text)
    assert "Réponse donnée pour 2 ESMS" in told
    assert "Maison 22 n’a pas changé" in told
    given = Answer("acquisition", None, None, ("saas",))
    assert [kept(director.database, held, f"3209990{n}") for n in (20, 21, 22, 23)] == [
        given, given, other, Answer(),
    ]  # fmt: skip
    assert kept(director.database, held, "310999024").accepted_solutions == "any"
    assert director.post("/og/mes-esms-ensemble", **departs).status_code == 422
    assert director.post("/og/mes-esms-ensemble", esms=CODE, besoin="acquisition").status_code == 422


def test_a_save_whose_answer_was_lost_is_ones_own(director: Visitor, held: Held) -> None:
    """Tests a row: what was kept unheard gives way to what one types next; a colleague's not."""
    carried = row_of(director.get("/og/mes-esms").text)
    lost = {"besoin": "acquisition", "hebergements": "saas", "users": "12", "trainees": "x"}
    send(director, carried, **lost)  # the answer does not arrive
    unheard = {"envoyes": json.dumps([urlencode(lost)])}
    answer = send(director, carried, besoin="acquisition", users="15", **unheard)
    assert "quelqu’un d’autre" not in plain(answer.text)
    assert kept(director.database, held) == Answer("acquisition", None, None, None), "unticked again"
    assert kept_detail(director.database, held).users == 15
    fresh = row_of(answer.text)
    send(director, fresh, besoin="acquisition", users="20")
    answer = send(director, carried, besoin="acquisition", users="30", **unheard)
    assert "quelqu’un d’autre" in plain(answer.text)
    assert kept_detail(director.database, held).users == 20
    assert send(director, carried, envoyes="{", **FULL).status_code == 422


def test_ones_answers_as_a_file(director: Visitor, held: Held, new_visitor: NewVisitor) -> None:
    """Tests the CSV: every ESMS and every answer, no formula, no person, and the region reads it again."""
    send(director, row_of(director.get("/og/mes-esms").text), **FULL | {"remark": "=1+1", "lot": "@nord"})
    answer = director.get("/og/mes-esms.csv")
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    text = answer.data.decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [line["finess"] for line in lines] == ["320999021", "320999022", "320999023", CODE]
    own = lines[-1]
    assert (own["besoin"], own["dui_acceptes"]) == ("acquisition", "toutes")
    assert own["hebergements_acceptes"] == "SaaS éditeur (HDS) | chez un tiers (GCS, GIP)"
    assert (own["utilisateurs"], own["postes_et_appareils"], own["personnes_a_former"]) == ("12", "3", "")
    assert (own["remarque"], own["lot"], own["etat"]) == ("'=1+1", "'@nord", "complet")
    assert int(own["montant_maximal_indicatif_eur"]) > 0
    assert not any(word in text for word in ("Plaines", "Directrice", DIRECTOR))
    with director.database.reading() as session:
        report = needs_check.check(session, held.campaign_id, needs_file.read(answer.data, "mes-esms.csv"))
    assert report.refusals == ()
    assert report.to_import == ()


def test_trying_writes_nothing(director: Visitor, held: Held) -> None:
    """Tests an answer tried for two ESMS: its effect, what cannot take it, then the same one saved."""
    url = "/og/essayer?besoin=acquisition&hebergements=saas&solutions=any&esms=320999020&esms=320999021"
    page = director.get(url).text
    assert without_a_rule(page) == without_a_rule(director.get("/og/mes-esms").text) == []
    shown = " ".join(plain(BeautifulSoup(page, "html.parser").get_text(" ")).split())
    assert "Vos ESMS qui entrent au calcul 0 sur 4 2 sur 4 +2" in shown
    assert all(kept(director.database, held, f"3209990{n}") == Answer() for n in range(20, 24))
    assert "garde sa réponse" in director.get("/og/essayer?besoin=strange").text
    assert "Une question sans réponse ici ne change pas" in director.get("/og/essayer").text
    form = BeautifulSoup(page, "html.parser").select_one('form[action="/og/mes-esms-ensemble"]')
    assert form is not None
    sent: dict[str, list[str]] = {}
    for field in form.select("input[type=hidden]"):
        sent.setdefault(str(field["name"]), []).append(str(field["value"]))
    sent["csrf_token"] = [director.token()]
    assert director.client.post("/og/mes-esms-ensemble", data=sent).status_code == 303
    saved = [kept(director.database, held, f"3209990{n}") for n in (20, 21, 22)]
    given = Answer("acquisition", None, "any", ("saas",))
    assert saved == [given, given, Answer()]
    assert "Ce sont déjà vos réponses" in director.get(url).text


def test_kept_together_or_not(director: Visitor, held: Held) -> None:
    director.post("/og/mes-esms-lot", ensemble="oui")
    assert kept(director.database, held).lot == "ensemble"
    assert "Ne plus les garder ensemble" in director.get("/og/mes-esms").text
    director.post("/og/mes-esms-lot", ensemble="non")
    assert kept(director.database, held).lot is None


def test_the_list_is_confirmed_and_completed(director: Visitor, held: Held) -> None:
    """Tests « est-ce bien vous ? », one not in the campaign, one closed, one moved."""
    with director.database.writing() as session:
        session.add(etablissement(held.own_id, "320999066", "Maison nouvelle"))
        session.add(etablissement(held.own_id, "320999067", "Maison close", closed_on=dt.date(2021, 12, 31)))
        session.get_one(Etablissement, "320999023").organisme_id = held.other_id
    page = plain(director.get("/og/mes-esms").text)
    assert "Est-ce bien vous ?" in page
    assert "Maison nouvelle" in page
    assert "Fermé au registre depuis le 31/12/2021" in page
    assert "Autre organisme" in page
    assert "Plaines" not in page
    director.post("/og/mes-esms-liste", oui="1")
    director.post("/og/mes-esms-liste", ajouter="1")
    page = plain(director.get("/og/mes-esms").text)
    assert "Est-ce bien vous ?" not in page
    assert kept(director.database, held, "320999066") == Answer()
    with director.database.reading() as session:
        acts = [entry.action for entry in journal.entries(session, limit=5)[0]]
    assert {"og.confirmer", "og.rejoindre"} <= set(acts)


def test_the_same_number_of_queries_for_fifty(accounts_app: Flask, new_visitor: NewVisitor) -> None:
    """Tests pages of an OG with 5 ESMS and with 50."""
    database: Database = accounts_app.extensions["database"]
    with database.writing() as session:
        held = fill(session, 50)
        few = [row.id for row in session.scalars(_esms_of(held.own_id, held.campaign_id))]
    visitor = new_visitor()
    visitor.sign_in(DIRECTOR)
    with_fifty = counted(database, visitor)
    with database.writing() as session:
        for key in few[5:]:
            session.delete(session.get_one(CampaignEsms, key))
    assert "5 ESMS dans la campagne" in plain(visitor.get("/og/mes-esms").text)
    assert counted(database, visitor) == with_fifty
    assert max(with_fifty.values()) < 25


def counted(database: Database, visitor: Visitor) -> dict[str, int]:
    """Statements of each page of an OG."""
    seen: list[str] = []

    def heard(_connection: Any, _cursor: Any, statement: str, *_others: Any) -> None:
        seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", heard)
    found = {}
    for path in ("/og", "/og/mes-esms", "/og/simulation", "/og/pourquoi-isole", "/og/appui"):
        seen.clear()
        assert visitor.get(path).status_code == 200
        found[path] = len(seen)
    event.remove(database.engine, "before_cursor_execute", heard)
    return found


def _esms_of(_own: int, campaign_id: int) -> Any:
    return (
        select(CampaignEsms)
        .join(CampaignOrganisme, CampaignOrganisme.id == CampaignEsms.organisme_id)
        .where(CampaignEsms.campaign_id == campaign_id, CampaignOrganisme.code == "320999018")
        .order_by(CampaignEsms.code)
    )
