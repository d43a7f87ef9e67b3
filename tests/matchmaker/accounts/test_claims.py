"""Claims of an organisme: by FINESS juridique, decided by the GRADeS or by an approved domain, arbitrated."""

from __future__ import annotations

import base64
import io

import pytest
from flask import Flask
from sqlalchemy import select

from matchmaker.accounts import consents, documents, own_data, people
from matchmaker.accounts.tables import Claim
from matchmaker.database import Database
from matchmaker.mail.tables import Mail
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import Visitor, plain
from tests.matchmaker.accounts.world import OCCITANIE, RHONE_ALPES, account, organisme, visitor_as

GERS = "320999018"
ANSWERS = {
    "finess": GERS,
    "function": "Directrice",
    "evidence": "Standard : 05 62 00 00 00\nPage « Qui sommes-nous »",
    "habilite": "1",
}


@pytest.fixture
def gers(accounts_app: Flask) -> int:
    """An organisme of the Gers, its GRADeS and that of another région."""
    database: Database = accounts_app.extensions["database"]
    with database.writing() as session:
        number = organisme(session, GERS, "Association des Côteaux", OCCITANIE, "32")
        account(session, "grades@occitanie.example", Grant(Role.GRADES, region=OCCITANIE), name="Équipe")
        account(session, "grades@aura.example", Grant(Role.GRADES, region=RHONE_ALPES))
    return number


def subjects(visitor: Visitor, email: str) -> list[str]:
    with visitor.database.reading() as session:
        return list(session.scalars(select(Mail.subject).where(Mail.recipient == email).order_by(Mail.id)))


def claim_of(visitor: Visitor, email: str) -> tuple[int, str]:
    with visitor.database.reading() as session:
        found = people.account_of(session, email)
        assert found
        row = session.scalars(select(Claim).where(Claim.account_id == found.id)).one()
        return row.id, row.state


def test_a_claim_is_granted_by_the_grades_of_the_region(accounts_app: Flask, gers: int) -> None:
    """Tests the whole way: claim with evidence, mail to the region's team only, decision, role, mail."""
    director = visitor_as(accounts_app, "dir@coteaux.example")
    assert director.post("/compte/rattachement", **ANSWERS).location == "/compte"
    assert "en attente" in director.get("/compte").text
    assert director.get(f"/organismes/{gers}/equipe").status_code == 403
    number, _state = claim_of(director, "dir@coteaux.example")
    foreign = visitor_as(accounts_app, "grades@aura.example")
    assert foreign.get(f"/rattachements/{number}").status_code == 404
    assert "Aucune demande en attente" in foreign.get("/rattachements").text
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    assert "Rattachement à vérifier : Association des Côteaux" in plain(
        " ".join(subjects(grades, "grades@occitanie.example"))
    )
    assert "Association des Côteaux" in grades.get("/rattachements").text
    page = grades.get(f"/rattachements/{number}").text
    assert "05 62 00 00 00\nPage" in page
    assert grades.post(f"/rattachements/{number}").status_code == 422
    assert grades.post(f"/rattachements/{number}", decision="accepter").status_code == 303
    assert director.get(f"/organismes/{gers}/equipe").status_code == 200
    assert "est accepté" in subjects(director, "dir@coteaux.example")[-1]
    again = grades.post(f"/rattachements/{number}", decision="refuser", reason="trop tard")
    assert "déjà décidée" in grades.get(again.location).text
    assert claim_of(director, "dir@coteaux.example")[1] == "accepted"
    with director.database.reading() as session:
        found = people.account_of(session, "dir@coteaux.example")
        assert found
        assert consents.stands(session, found.id, "representer", gers)


def test_a_refusal_says_why(accounts_app: Flask, gers: int) -> None:
    director = visitor_as(accounts_app, "dir@coteaux.example")
    director.post("/compte/rattachement", **ANSWERS)
    number, _state = claim_of(director, "dir@coteaux.example")
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    assert grades.post(f"/rattachements/{number}", decision="refuser").status_code == 422
    grades.post(f"/rattachements/{number}", decision="refuser", reason="Numéro du standard introuvable.")
    assert "Numéro du standard introuvable." in director.get("/compte").text
    assert director.get(f"/organismes/{gers}/equipe").status_code == 403


def test_an_approved_domain_is_enough_when_nobody_else_is_there(accounts_app: Flask, gers: int) -> None:
    """Tests the domain: not before it is approved, not everybody's, and not against somebody in place."""
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    for shared in ("gmail.com", "@ORANGE.fr", "coteaux", "coteaux.example/x"):
        assert grades.post(f"/organismes/{gers}/domaines", domain=shared).status_code == 422, shared
    assert grades.post(f"/organismes/{gers}/domaines", domain="@Coteaux.example").status_code == 303
    near = visitor_as(accounts_app, "dir@faux-coteaux.example")
    near.post("/compte/rattachement", **ANSWERS)
    assert claim_of(near, "dir@faux-coteaux.example")[1] == "waiting"
    second = visitor_as(accounts_app, "dir@coteaux.example")
    second.post("/compte/rattachement", **ANSWERS)
    number, state = claim_of(second, "dir@coteaux.example")
    assert state == "waiting", "somebody else claims it: a person must look"
    assert grades.get("/rattachements").text.count("À arbitrer") == 2
    page = grades.get(f"/rattachements/{number}").text
    assert "À arbitrer" in page
    assert "Demande de dir@faux-coteaux.example" in page
    grades.post(f"/rattachements/{number}", decision="accepter")
    other, _state = claim_of(near, "dir@faux-coteaux.example")
    grades.post(f"/rattachements/{other}", decision="refuser", reason="Autre association.")
    third = visitor_as(accounts_app, "adjoint@coteaux.example")
    third.post("/compte/rattachement", **ANSWERS)
    waiting, _state = claim_of(third, "adjoint@coteaux.example")
    assert "Déjà responsable d’un organisme : dir@coteaux.example" in plain(
        grades.get(f"/rattachements/{waiting}").text
    )
    assert claim_of(third, "adjoint@coteaux.example")[1] == "waiting"
    assert "Une autre personne demande" in subjects(second, "dir@coteaux.example")[-1]


def test_an_approved_domain_grants_at_once(accounts_app: Flask, gers: int) -> None:
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    grades.post(f"/organismes/{gers}/domaines", domain="coteaux.example")
    director = visitor_as(accounts_app, "dir@coteaux.example")
    director.post("/compte/rattachement", **ANSWERS)
    assert claim_of(director, "dir@coteaux.example")[1] == "accepted"
    assert director.get(f"/organismes/{gers}/equipe").status_code == 200


def test_what_is_missing_is_told_and_nothing_is_lost(accounts_app: Flask, gers: int) -> None:
    director = visitor_as(accounts_app, "dir@coteaux.example")
    for wrong, told in (
        ({"finess": "320 999"}, "vous en avez saisi 6"),
        ({"finess": "999 999 999"}, "Aucun organisme du registre"),
        ({"function": ""}, "Indiquez votre fonction"),
        ({"evidence": "x" * 2001}, "2000 caractères au plus"),
        ({"habilite": ""}, "Cochez l’attestation"),
    ):
        answer = director.post("/compte/rattachement", **(ANSWERS | wrong))
        assert answer.status_code == 422, wrong
        assert told in plain(answer.text), wrong
        assert "Standard" in answer.text or "xxxx" in answer.text
    director.post("/compte/rattachement", **ANSWERS)
    assert "déjà en attente" in director.post("/compte/rattachement", **ANSWERS).text


PDF = b"%PDF-1.7\n<script>alert(1)</script>"


def joined(content: bytes, name: str = "délibération.pdf") -> dict[str, object]:
    return ANSWERS | {"document": (io.BytesIO(content), name)}


def test_a_file_is_joined_read_by_those_who_decide_and_forgotten(accounts_app: Flask, gers: int) -> None:
    """Tests that it is only ever downloaded, by the region's team alone, and goes with what it proved."""
    director = visitor_as(accounts_app, "dir@coteaux.example")
    assert director.post("/compte/rattachement", **joined(PDF)).location == "/compte"
    number, _state = claim_of(director, "dir@coteaux.example")
    address = f"/rattachements/{number}/piece"
    assert director.get(address).status_code == 403
    assert visitor_as(accounts_app, "grades@aura.example").get(address).status_code == 404
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    assert "Télécharger (PDF, 1 ko)" in plain(grades.get(f"/rattachements/{number}").text)
    answer = grades.get(address)
    assert (answer.data, answer.mimetype) == (PDF, "application/pdf")
    assert answer.headers["Content-Disposition"] == f"attachment; filename=piece-{number}.pdf"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    own = director.get("/compte/donnees.json").json
    assert own
    assert base64.b64decode(own["rattachements"][0]["piece_jointe"]["base64"]) == PDF
    with director.database.writing() as session:
        account_id = session.get_one(Claim, number).account_id
        own_data.erase(session, account_id, actor="essai")
    assert grades.get(address).status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "Ce fichier est vide"),
        (b"<html>", "Un PDF, ou une image PNG ou JPEG, est attendu"),
        (b"%PDF-" + bytes(100), "dépasse 5 Mo"),
    ],
)
def test_a_file_that_cannot_be_kept(
    accounts_app: Flask, gers: int, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    monkeypatch.setattr(documents, "LARGEST", 100)  # the client's own temporary file would stay open
    director = visitor_as(accounts_app, "dir@coteaux.example")
    answer = director.post("/compte/rattachement", **joined(content))
    assert answer.status_code == 422
    assert said in plain(answer.text)
    assert "Directrice" in answer.text


def test_a_refused_form_says_that_the_file_must_be_chosen_again(accounts_app: Flask, gers: int) -> None:
    director = visitor_as(accounts_app, "dir@coteaux.example")
    answer = director.post("/compte/rattachement", **(joined(PDF) | {"function": ""}))
    assert "Choisissez de nouveau votre fichier" in plain(answer.text)
