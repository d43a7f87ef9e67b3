"""One's data: handed over whole, erased whole, and not kept for ever."""

from __future__ import annotations

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select, text

from matchmaker import journal
from matchmaker.accounts import consents, limits, people, retention
from matchmaker.accounts.commands import purge_accounts
from matchmaker.accounts.tables import Account, Claim, Counter, Invitation, Link, SignedIn
from matchmaker.database import Base, Database
from matchmaker.database.instants import now
from matchmaker.mail.tables import Mail
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import Visitor
from tests.matchmaker.accounts.world import OCCITANIE, account, organisme, visitor_as

EMAIL = "dir@coteaux.example"


@pytest.fixture
def director(accounts_app: Flask) -> Visitor:
    """Somebody with a name, a role, a claim, a consent, a mail and acts in the journal."""
    database: Database = accounts_app.extensions["database"]
    with database.writing() as session:
        organisme(session, "320999018", "Association des Côteaux", OCCITANIE, "32")
        second = organisme(session, "320999026", "Association voisine", OCCITANIE, "32")
        account(session, "grades@occitanie.example", Grant(Role.GRADES, region=OCCITANIE))
        account(session, EMAIL, Grant(Role.OG_MANAGER, second), name="Ada Martin")
    visitor = visitor_as(accounts_app, EMAIL)
    answers = {"function": "Directrice", "evidence": "Standard du siège", "habilite": "1"}
    visitor.post("/compte/rattachement", finess="320999018", **answers)
    return visitor


def number_of(visitor: Visitor) -> int:
    with visitor.database.reading() as session:
        found = people.account_of(session, EMAIL)
        assert found
        return found.id


def test_all_that_is_known_is_handed_over(director: Visitor) -> None:
    answer = director.get("/compte/donnees.json")
    document = json.loads(answer.text)
    assert answer.headers["Cache-Control"] == "no-store"
    assert document["compte"]["adresse"] == EMAIL
    assert document["roles"] == [{"role": "responsable d’un organisme", "lieu": "Association voisine"}]
    assert document["rattachements"][0]["elements"] == "Standard du siège"
    assert document["consentements"][0]["donne"] is True
    assert {act["acte"] for act in document["actes"]} >= {"compte.connecter", "rattachement.demander"}
    assert document["courriels"]
    assert document["connexions"]


def test_erasing_leaves_nothing_that_says_who_it_was(director: Visitor) -> None:
    """Tests every text of every table afterwards: neither the address nor the name is anywhere."""
    number = number_of(director)
    refused = director.post("/compte/effacement", sentence="effacer")
    assert refused.status_code == 422
    assert "Association voisine" in refused.text, "who would be left without a manager is said first"
    assert director.post("/compte/effacement", sentence=" Effacer  mon compte ").status_code == 303
    assert not director.is_signed_in()
    with director.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(text(f'SELECT * FROM "{table.name}"')):
                told = " ".join(str(value) for value in row)
                assert EMAIL not in told, table.name
                assert "Ada Martin" not in told, table.name
                assert "Standard du siège" not in told, table.name
        acts, _total = journal.entries(session, actor=f"compte:{number}")
        assert acts[0].action == "compte.effacer"
        assert people.names_of(session, {f"compte:{number}"}) == {f"compte:{number}": people.ERASED}
    director.sign_in(EMAIL)
    assert number_of(director) != number, "the same address opens another account"


def test_consents_are_only_added_and_hold_their_words(
    director: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = number_of(director)
    with director.database.writing() as session:
        organisme_id = session.scalars(select(Claim.organisme_id)).one()
        assert consents.stands(session, number, "representer", organisme_id)
        assert not consents.stands(session, number, "representer")
        consents.withdraw(session, number, "representer", organisme_id)
        assert not consents.stands(session, number, "representer", organisme_id)
        consents.give(session, number, "representer", organisme_id)
        assert [line.given for line in consents.of_account(session, number)] == [True, False, True]
        monkeypatch.setitem(consents.PURPOSES, "representer", "D’autres mots.")  # type: ignore[arg-type]
        assert not consents.stands(session, number, "representer", organisme_id)
    assert "J’atteste être habilité" in director.get("/compte").text


def test_nothing_is_kept_for_ever(director: Visitor) -> None:
    """Tests each period on both sides: a day before it nothing goes, a day after it does."""
    director.post("/connexion/mot-de-passe", email=EMAIL, password="mauvais mot de passe")
    start, day = now(), dt.timedelta(days=1)
    with director.database.writing() as session:
        row = session.scalars(select(Claim)).one()
        row.state, row.decided_at, row.decided_by = "refused", start, "local"
        session.add(
            Invitation(
                token_sha256="0" * 64,
                email="x@coteaux.example",
                role="admin",
                invited_by="local",
                created_at=start,
                expires_at=start,
            )
        )
    periods = (
        (retention.MAILS, Mail, "mails"),
        (retention.INVITATIONS, Invitation, "invitations"),
        (retention.CLAIMS, Claim, "claims"),
        (retention.ACCOUNTS, Account, "accounts"),
    )
    for period, _table, name in periods:
        with director.database.writing() as session:
            assert retention.purge(session, start + period - day)[name] == 0, name
        with director.database.writing() as session:
            assert retention.purge(session, start + period + day)[name] > 0, name
    with director.database.reading() as session:
        for table in (SignedIn, Link, Counter, Mail, Invitation):
            assert session.scalars(select(table)).all() == [], table
        assert {row.erased_at is not None for row in session.scalars(select(Account))} == {True}


def test_the_command_counts_before_it_deletes(
    director: Visitor, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MATCHMAKER_DATABASE_URL", database_url)
    with director.database.writing() as session:
        session.execute(text("DELETE FROM signed_in"))
        limits.count(session, limits.LINKS_OF_MACHINE, "x", now() - dt.timedelta(days=3))
    for arguments, left in ((["--dry-run"], 1), ([], 0)):
        done = CliRunner().invoke(purge_accounts, arguments)
        assert done.exit_code == 0, done.output
        assert "1  compteurs d’essais" in done.output
        with director.database.reading() as session:
            old = select(Counter).where(Counter.subject == "x")
            assert len(session.scalars(old).all()) == left
