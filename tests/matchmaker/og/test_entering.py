"""From a FINESS juridique to one's own pages; the space of who asks."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from matchmaker.accounts import people
from matchmaker.campaigns import campaign, leaving, members
from matchmaker.campaigns.members import NewOrganisme
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import plain
from tests.matchmaker.og.conftest import (
    DIRECTOR,
    OTHER,
    OWN,
    Held,
    NewVisitor,
    Visitor,
    etablissement,
)


def test_a_number_leads_to_the_register_then_to_the_claim(new_visitor: NewVisitor, held: Held) -> None:
    """Tests a visitor's way: the form of the first page, the organisme, signing in, the claim filled in."""
    visitor = new_visitor()
    with visitor.database.writing() as session:
        session.add(etablissement(held.own_id, "320999067", "Foyer fermé", closed_on=dt.date(2021, 12, 31)))
    assert 'action="/og/trouver"' in visitor.get("/").text
    page = plain(visitor.get("/og/trouver", query_string={"finess": "320 999 018"}).text)
    assert "Est-ce bien vous ?" in page
    assert "4 établissements ouverts" in page
    assert "Fermé au registre depuis le 31/12/2021" in page
    answer = visitor.get("/og/entrer?finess=320999018")
    assert answer.headers["Location"] == "/connexion?suite=/og/entrer?finess%3D320999018"
    visitor.sign_in("nouvelle@coteaux.example")
    answer = visitor.get("/og/entrer?finess=320999018")
    assert answer.headers["Location"] == "/compte/rattachement?finess=320999018"
    assert 'value="320999018"' in visitor.get(answer.headers["Location"]).text


def test_an_unknown_number_says_so(new_visitor: NewVisitor, held: Held) -> None:
    visitor = new_visitor()
    for typed in ("12", "999999999", "<script>alert(1)</script>"):
        answer = visitor.get("/og/trouver", query_string={"finess": typed})
        assert answer.status_code == 422, typed
        assert "<script>alert" not in answer.text
        assert "Votre numéro FINESS juridique" in answer.text


def test_who_represents_it_goes_to_their_pages(director: Visitor) -> None:
    assert director.get(f"/og/entrer?finess={OWN}").headers["Location"] == "/og"
    page = plain(director.get("/og").text)
    assert "Association des Côteaux" in page
    assert "Il manque 12 réponses sur 12" in page
    assert "Plaines" not in page
    assert director.get(f"/og/entrer?finess={OTHER}").headers["Location"].startswith("/compte/rattachement")


def test_a_space_is_chosen_among_ones_own(director: Visitor, held: Held, accounts_app: Flask) -> None:
    """Tests two organismes, then a campaign that is archived; a space of somebody else's is refused."""
    with director.database.writing() as session:
        second = campaign.create(session, name="Gers suite", region="76", regime="generalisation-2022")
        members.add(session, second, organismes=(NewOrganisme(OWN, "Association des Côteaux", 4),))
    page = director.get("/og").text
    assert "Gers suite" in page.split("<h1")[1]  # the newest first
    key = f"{held.own_id}:{held.campaign_id}"
    assert director.post("/og/espace", espace=key).status_code == 303
    assert "« Gers d’essai »" in plain(director.get("/og").text)
    for foreign in (f"{held.other_id}:{held.campaign_id}", f"{held.other_id}:", "x", ""):
        assert director.post("/og/espace", espace=foreign).status_code == 404, foreign
    with director.database.writing() as session:
        leaving.archive(session, held.campaign_id, actor="local")
    assert "« Gers suite »" in plain(director.get("/og").text)
    with director.database.writing() as session:
        leaving.archive(session, second, actor="local")
    assert "Aucune campagne en cours" in director.get("/og").text


def test_an_organisme_of_no_campaign_is_told_so_on_every_page(director: Visitor, held: Held) -> None:
    """Tests each page about a campaign, once archived; what would write finds nothing to write to."""
    with director.database.writing() as session:
        leaving.archive(session, held.campaign_id, actor="local")
    for page in (
        "mes-esms",
        "mes-esms.csv",
        "mes-esms-fichier",
        "essayer",
        "simulation",
        "pourquoi-isole",
        "pourquoi-isole/changer",
    ):
        answer = director.get(f"/og/{page}")
        assert answer.status_code == 200, page
        assert "Vos ESMS ne sont dans aucune campagne en cours" in plain(answer.text), page
    for action in ("mes-esms/320999026", "mes-esms-ensemble", "mes-esms-fichier/ecrire"):
        answer = director.post(f"/og/{action}")
        assert answer.status_code == 404, action
        assert "aucune campagne en cours" in plain(answer.text), action


def test_the_navigation_is_the_og_s(director: Visitor, held: Held) -> None:
    """Tests that a director sees the sections of an OG, and somebody of the team as well both."""
    nav = director.get("/og").text.split("<nav")[1].split("</nav>")[0]
    assert "Accueil" in nav
    assert "Campagnes" not in nav
    with director.database.writing() as session:
        mine = people.account_of(session, DIRECTOR)
        assert mine
        people.give(session, mine, Grant(Role.GRADES, region="76"), actor="local")
    assert "Campagnes" in director.get("/og").text.split("<nav")[1].split("</nav>")[0]
