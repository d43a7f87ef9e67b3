"""From a double yes to a mail, and from its link to no mails: the daily round on both databases."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select

from matchmaker import notifications
from matchmaker.accounts import own_data, people
from matchmaker.campaigns import answers
from matchmaker.campaigns.answers import Answer
from matchmaker.database.instants import now
from matchmaker.mail.sending import message
from matchmaker.mail.tables import Mail
from matchmaker.notifications import digest, feed
from matchmaker.notifications.unsubscribing import account_of, token_of
from matchmaker.partners import alerts, meetings
from matchmaker.partners.board import token_for
from matchmaker.start.notifying import notice
from tests.matchmaker.accounts.conftest import NewVisitor, Visitor
from tests.matchmaker.partners.conftest import (
    Campaign,
    accounts_app,
    director,
    finess,
    first,
    held,
    new_visitor,
    second,
    settings_with_accounts,
    signed_in,
)

__all__ = ["accounts_app", "first", "held", "new_visitor", "second", "settings_with_accounts"]

KEY = "a key of the tests"


def mails_to(app: Flask, number: int) -> list[Mail]:
    wanted = select(Mail).where(Mail.recipient == director(number), ~Mail.secret).order_by(Mail.id)
    with app.extensions["database"].reading() as session:
        found = session.scalars(wanted).all()
        session.expunge_all()
    return list(found)


def round_(app: Flask, moment: dt.datetime | None = None) -> int:
    return notice(app.extensions["database"], app.extensions["settings"], moment or now(), slowly=True)


def test_both_are_told_at_once_and_without_a_name(
    held: Campaign, first: Visitor, second: Visitor, accounts_app: Flask
) -> None:
    round_(accounts_app)
    assert (
        first.post(f"/og/partenaires/{token_for(KEY, held.rows[0], held.rows[1])}/interet").status_code == 303
    )
    round_(accounts_app)
    assert mails_to(accounts_app, 0) == mails_to(accounts_app, 1) == []
    second.post(f"/og/partenaires/{token_for(KEY, held.rows[1], held.rows[0])}/interet")
    assert round_(accounts_app) == 2
    assert round_(accounts_app) == 0
    for number in (0, 1):
        (mail,) = mails_to(accounts_app, number)
        assert "a dit oui aussi" in mail.text
        assert "Association" not in mail.text
        assert "http://127.0.0.1:8000/og/mises-en-relation" in mail.text
    assert "a dit oui aussi" in first.get("/og/notifications").text


def test_a_mail_a_day_then_none_after_its_link(
    held: Campaign, first: Visitor, new_visitor: NewVisitor, accounts_app: Flask
) -> None:
    database, moment = accounts_app.extensions["database"], now()
    with database.reading() as session:
        account = people.account_of(session, director(0))
        assert account
        number = account.id

    def tell(key: str) -> None:
        with database.writing() as session:
            notifications.tell(session, [number, number], "grappe", f"Fait {key}.", "/og/grappe", key=key)
            notifications.tell(session, [number], "grappe", f"Fait {key}.", "/og/grappe", key=key)

    tell("un")
    tell("deux")
    assert round_(accounts_app, moment) == 1
    tell("trois")
    assert round_(accounts_app, moment + dt.timedelta(hours=3)) == 0
    assert round_(accounts_app, moment + dt.timedelta(hours=24)) == 1
    one, other = mails_to(accounts_app, 0)
    assert one.subject == "2 nouvelles pour votre organisme"
    assert (one.text.count("Fait un."), other.text.count("Fait un.")) == (1, 0)
    sent = message(one, "Matchmaker <ne-pas-repondre@localhost>")
    assert sent["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent.get_content_type() == "text/plain"
    path = sent["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    stranger = new_visitor()
    assert stranger.get(path).status_code == 200
    tell("quatre")
    assert round_(accounts_app, moment + dt.timedelta(days=3)) == 1, "opening the link stops nothing"
    assert stranger.client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    tell("cinq")
    assert round_(accounts_app, moment + dt.timedelta(days=6)) == 0
    assert "Fait cinq." in first.get("/og/notifications").text
    first.post("/og/notifications/courriels", courriels="oui")
    assert round_(accounts_app, moment + dt.timedelta(days=6)) == 1
    first.post("/og/notifications/lues")
    assert "Tout est lu" in first.get("/og/notifications").text


@pytest.mark.parametrize("token", ["", "1", "1-", "1-abc", "x-é", "99999999999999-a", "-1-a", "１-a"])
def test_a_link_that_was_not_written_here_names_nobody(token: str) -> None:
    assert account_of(token, KEY) is None


def test_a_link_names_one_account_under_one_key() -> None:
    assert account_of(token_of(12, KEY), KEY) == 12
    assert account_of(token_of(12, KEY), "another key") is None
    assert account_of(token_of(12, KEY).replace("12-", "13-"), KEY) is None


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_new_partners_are_counted_once(held: Campaign, accounts_app: Flask) -> None:
    database, moment = accounts_app.extensions["database"], now()
    codes = [f"33{n:05}{k:02}" for n in (6, 7) for k in range(4)]
    with database.writing() as session:
        for code in codes:
            answers.keep(session, held.id, code, Answer("aucun"), actor="local")
    assert alerts.tell_of_new(database, KEY, moment) == 0, "what was there at first is no news"
    with database.writing() as session:
        for code in codes:
            answers.keep(session, held.id, code, Answer("acquisition", None, "any", "any"), actor="local")
    assert alerts.tell_of_new(database, KEY, moment) == 3
    assert alerts.tell_of_new(database, KEY, moment) == 0
    with database.reading() as session:
        account = people.account_of(session, director(0))
        assert account
        (told,) = (one.text for one in feed.of_account(session, account.id))
    assert "2 nouveaux partenaires possibles" in told.replace("\u00a0", " ")
    assert finess(6) not in told


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_an_alert_tells_of_no_cell_below_three(held: Campaign, first: Visitor, accounts_app: Flask) -> None:
    """Tests two others alike, neither told nor shown; a third registers: three at once; then one by one."""
    database, moment = accounts_app.extensions["database"], now()

    def answer(number: int, asked: Answer) -> None:
        with database.writing() as session:
            for k in range(4):
                answers.keep(session, held.id, f"33{number:05}{k:02}", asked, actor="local")

    def told(days: int) -> list[str]:
        alerts.tell_of_new(database, KEY, moment + dt.timedelta(days=days))
        with database.reading() as session:
            account = people.account_of(session, director(0))
            assert account
            found = feed.of_account(session, account.id)
            return [one.text.replace("\u00a0", " ") for one in found if one.kind == "partenaire"]

    for number in range(3, 8):
        answer(number, Answer("aucun"))
    assert told(0) == []
    assert "/interet" not in first.get("/og/partenaires").text
    assert told(1) == []
    answer(3, Answer("acquisition", None, "any", "any"))
    assert told(2) == ["Depuis la dernière fois : 3 nouveaux partenaires possibles."]
    answer(4, Answer("acquisition", None, "any", "any"))
    assert told(3)[0] == "Depuis la dernière fois : 1 nouveau partenaire possible."
    assert len(told(4)) == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_held_is_handed_over_erased_and_dropped(held: Campaign, accounts_app: Flask) -> None:
    database, moment = accounts_app.extensions["database"], now()
    with database.writing() as session:
        account = people.account_of(session, director(0))
        assert account
        first_id, second_id = sorted(held.rows[:2])
        meeting = meetings.PartnerMeeting(
            campaign_id=held.id, first_id=first_id, second_id=second_id, met_at=moment
        )
        session.add(meeting)
        session.flush()
        meetings.write(session, meeting, held.rows[0], account.id, "Mon texte à moi", moment)
        notifications.tell(session, [account.id], "grappe", "Fait.", "/og/grappe", key="k")
    with database.writing() as session:
        document = own_data.of_account(session, account.id)
        assert [one["texte"] for one in document["messages"]] == ["Mon texte à moi"]
        assert [one["texte"] for one in document["notifications"]] == ["Fait."]
        own_data.erase(session, account.id, actor="local")
    with database.reading() as session:
        assert [row.text for row in session.scalars(select(meetings.PartnerMessage))] == [""]
        assert feed.of_account(session, account.id) == []
        other = people.account_of(session, director(1))
        assert other
        assert len(feed.of_account(session, other.id)) == 1
    with database.writing() as session:
        assert own_data.HOLDINGS["messages"].purge(session, moment + dt.timedelta(days=900)) == 1
        assert feed.purge(session, moment + dt.timedelta(days=900)) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_an_erased_account_gets_no_mail(held: Campaign, accounts_app: Flask) -> None:
    with accounts_app.extensions["database"].writing() as session:
        account = people.account_of(session, director(0))
        assert account
        own_data.erase(session, account.id, actor="local")
        notifications.tell(session, [account.id], "grappe", "Fait.", "/og/grappe", key="k")
        assert digest.write_mails(session, base_url="http://x", secret_key=KEY) == 0


__all__ += ["signed_in"]
