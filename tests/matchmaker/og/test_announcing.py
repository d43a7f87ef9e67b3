"""A published plan is told to each organisme once, of its own ESMS; expected answers at J−7 and at J−2."""

from __future__ import annotations

import copy
import datetime as dt
import os
import subprocess
import sys

import pytest
from flask import Flask
from sqlalchemy import select

from matchmaker.accounts import people
from matchmaker.campaigns import answers, answers_due, campaign
from matchmaker.campaigns.answers import Answer
from matchmaker.database.instants import now
from matchmaker.mail.sending import message
from matchmaker.mail.tables import Mail
from matchmaker.notifications import feed
from matchmaker.og import announcing
from matchmaker.og.standing import standing
from matchmaker.proposals import plan_documents, publishing, store_proposal
from matchmaker.start.notifying import notice
from matchmaker.web.formats import day_of
from tests.matchmaker.accounts.conftest import NewVisitor, Visitor, plain
from tests.matchmaker.og.conftest import DIRECTOR, NEIGHBOUR, OWN
from tests.matchmaker.og.conftest import Held as Small
from tests.matchmaker.og.test_why_alone import Held, director, planned, publish
from tests.matchmaker.proposals.pair import pair

__all__ = ["planned"]

ON_BOTH = pytest.mark.parametrize("database_url", ["postgresql", "sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
FRIDAY = dt.datetime(2027, 1, 15, 9, tzinfo=dt.UTC)


def round_(app: Flask, moment: dt.datetime | None = None) -> int:
    return notice(app.extensions["database"], app.extensions["settings"], moment or now(), slowly=True)


def told(app: Flask, email: str, kind: str = "plan") -> list[str]:
    """What somebody was told of, the oldest first."""
    with app.extensions["database"].reading() as session:
        account = people.account_of(session, email)
        assert account
        found = feed.of_account(session, account.id)
        return [plain(one.text) for one in reversed(found) if one.kind == kind]


def mails_to(app: Flask, email: str) -> list[Mail]:
    wanted = select(Mail).where(Mail.recipient == email, ~Mail.secret).order_by(Mail.id)
    with app.extensions["database"].reading() as session:
        found = list(session.scalars(wanted))
        session.expunge_all()
    return found


@ON_BOTH
def test_a_plan_is_told_to_each_of_its_own_esms_alone(accounts_app: Flask, planned: Held) -> None:
    """Tests words and mails of all nine organismes, who wants no mail, at once, and a second round."""
    instance, _proposal = pair()
    director(accounts_app, "og-5").post("/og/notifications/courriels", courriels="non")
    assert round_(accounts_app) == 0
    publish(accounts_app, planned)
    assert round_(accounts_app) == 8, "all but the one who wants no mail"
    assert round_(accounts_app) == 0
    for own in instance["organismes"]:
        email = f"{own['id']}@essai.example"
        (words,) = told(accounts_app, email)
        mails = mails_to(accounts_app, email)
        assert len(mails) == (own["id"] != "og-5")
        said = " ".join([words, *(plain(one.text) for one in mails)])
        for o in instance["organismes"]:
            assert o["name"] not in said, "not even one's own: mails are read over shoulders"
        assert not [e["name"] for e in instance["esms"] if e["name"] in said or e["id"] in said]
    assert "un de vos ESMS est isolé" not in told(accounts_app, "og-3@essai.example")[0]
    assert (
        "1 de vos ESMS est isolé (pas assez de partenaires), les 3 autres sont placés."
        in (told(accounts_app, "og-6@essai.example")[0])
    )
    sent = message(mails_to(accounts_app, "og-6@essai.example")[0], "Matchmaker <m@essai.example>")
    assert sent.get_content_type() == "text/plain"
    assert "/notifications/desabonnement/" in sent["List-Unsubscribe"]
    assert "/og/pourquoi-isole" in sent.get_content()


@ON_BOTH
def test_only_those_for_whom_something_changed_are_told_again(accounts_app: Flask, planned: Held) -> None:
    """Tests a plan of other numbers and the same words, then one that takes from og-6 its way out."""
    database = accounts_app.extensions["database"]
    instance, proposal = pair()
    again, other = copy.deepcopy(proposal), copy.deepcopy(proposal)
    for grappe in again["grappes"]:
        grappe["id"] = f"H{grappe['id']}"
    for unplaced in again["unplaced"]:
        for change in unplaced["changes"]:
            change["joins"] = change["joins"] and f"H{change['joins']}"
    (alone,) = [u for u in other["unplaced"] if u["reason"] == "too_few_partners" and u["changes"]]
    alone["changes"] = []
    owner = next(e["organisme"] for e in instance["esms"] if e["id"] == alone["esms"])
    everyone = [f"{o['id']}@essai.example" for o in instance["organismes"]]

    def publish_as(run: int, document: dict[str, object]) -> int:
        with database.writing() as session:
            number = store_proposal(session, planned.campaign_id, run, instance, document)
            publishing.publish(session, number, actor="local")
        return announcing.announce(database, now())

    publish(accounts_app, planned)
    assert announcing.announce(database, now()) == 9
    with database.writing() as session:
        publishing.withdraw(session, planned.plan, actor="local")
        publishing.publish(session, planned.plan, actor="local")
    assert announcing.announce(database, now()) == 0, "withdrawn and published again: nothing new"
    assert publish_as(2, again) == 0
    assert publish_as(3, other) == 1
    assert {one: len(told(accounts_app, one)) for one in everyone} == {
        one: 2 if one.startswith(f"{owner}@") else 1 for one in everyone
    }
    assert "a changé pour vous" in told(accounts_app, f"{owner}@essai.example")[1]


def test_the_words_of_each_case() -> None:
    """Tests who is not in a plan, who is placed, and who has one change to make by itself."""
    read = plan_documents.read(*pair())
    assert announcing.words(standing(read, "personne")).startswith("vos ESMS n’y figurent pas")
    found = {announcing.words(standing(read, f"og-{n}")) for n in range(9)}
    assert any("Un seul changement suffirait : accepter" in words for words in found)
    assert any("sont placés" in words for words in found)


@ON_POSTGRESQL
def test_what_somebody_wants_at_once_waits_for_no_daily_mail(accounts_app: Flask, planned: Held) -> None:
    """Tests the choice on the page of notifications, within a day of another mail."""
    og = director(accounts_app, "og-1")
    page = og.get("/og/notifications").text
    assert page.count("checked") == 1
    database, moment = accounts_app.extensions["database"], now()
    with database.writing() as session:
        for name in ("og-1", "og-2"):
            account = people.account_of(session, f"{name}@essai.example")
            assert account
            feed.tell(session, [account.id], "message", "Un message.", "/og", key="k")
    assert round_(accounts_app, moment) == 2
    chosen = {"choix": "1", "courriels": "oui", "sans_attendre": ["plan", "inconnu"]}
    assert og.post("/og/notifications/courriels", **chosen).status_code == 303
    assert og.get("/og/notifications").text.count("checked") == 1
    publish(accounts_app, planned)
    round_(accounts_app, moment + dt.timedelta(hours=1))
    counts = {n: len(mails_to(accounts_app, f"og-{n}@essai.example")) for n in (1, 2)}
    assert counts == {1: 2, 2: 1}
    round_(accounts_app, moment + dt.timedelta(hours=24))
    counts = {n: len(mails_to(accounts_app, f"og-{n}@essai.example")) for n in (1, 2)}
    assert counts == {1: 2, 2: 2}


@ON_POSTGRESQL
def test_answers_are_asked_for_twice_of_those_who_miss_some(accounts_app: Flask, held: Small) -> None:
    """Tests each day, what is missing then, a day put off, an archive, who has answered everything."""
    database = accounts_app.extensions["database"]

    def after(days: int) -> list[str]:
        round_(accounts_app, FRIDAY - dt.timedelta(days=days))
        return told(accounts_app, DIRECTOR, "echeance")

    def expect(day: dt.date) -> None:
        with database.writing() as session:
            answers_due.expect(session, held.campaign_id, day, today=dt.date(2027, 1, 1), actor="local")

    expect(FRIDAY.date())
    assert after(8) == []
    (first,) = after(7)
    assert first == (
        "Vos réponses sont attendues au plus tard le vendredi 15/01/2027 (J−7) : il manque le besoin "
        "(4 ESMS)."
    )
    assert after(6) == [first]
    with database.writing() as session:
        for code, answer in (
            ("320999020", Answer("acquisition", None, "any", None)),
            ("320999021", Answer("aucun")),
            ("320999022", Answer("aucun")),
            ("320999023", Answer("aucun")),
        ):
            answers.keep(session, held.campaign_id, code, answer, actor="local")
    second = after(2)[-1]
    assert "(J−2) : il manque les hébergements acceptés (1 ESMS)." in second
    assert after(1) == after(0) == after(-1) == [first, second]
    expect(dt.date(2027, 1, 22))
    assert len(after(-5)) == 3, "another day is told again"
    with database.writing() as session:
        answers.keep(session, held.campaign_id, "320999020", Answer("aucun"), actor="local")
    expect(dt.date(2027, 1, 29))
    assert len(after(-12)) == 3, "nothing is missing"
    assert told(accounts_app, NEIGHBOUR, "echeance") == []


@ON_POSTGRESQL
def test_the_real_program_tells_once_and_not_again_after_a_restart(
    accounts_app: Flask, held: Small, database_url: str
) -> None:
    """Tests `matchmaker notify` as a process, on a given day; then this process, as one started after it."""
    with accounts_app.extensions["database"].writing() as session:
        answers_due.expect(session, held.campaign_id, FRIDAY.date(), today=dt.date(2027, 1, 1), actor="local")
    environment = os.environ | {
        "MATCHMAKER_DATABASE_URL": database_url,
        "MATCHMAKER_ACCESS": "accounts",
        "MATCHMAKER_SECRET_KEY": "k",
    }
    command = [sys.executable, "-m", "matchmaker", "notify", "--once", "--moment", "2027-01-08T09:00:00"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == "2 courriel(s) écrit(s).\n", "the director and her colleague"
    assert round_(accounts_app, FRIDAY - dt.timedelta(days=6, hours=12)) == 0
    (mail,) = mails_to(accounts_app, DIRECTOR)
    assert "il manque le besoin (4 ESMS)" in plain(mail.text)
    assert "/notifications/desabonnement/" in mail.text


@ON_POSTGRESQL
def test_a_team_says_by_which_day(accounts_app: Flask, held: Small, new_visitor: NewVisitor) -> None:
    """Tests the form, what it refuses and keeps, and who reads the day."""
    team, og = new_visitor(), new_visitor()
    team.sign_in("grades@occitanie.example")
    og.sign_in(DIRECTOR)
    page = f"/campagnes/{held.campaign_id}"
    day = day_of(now()) + dt.timedelta(days=30)
    for text, words in (
        ("demain", "vous avez saisi « demain »"),
        ("2020-01-01", "est passé"),
        ("2126-01-01", "vérifiez l’année"),
    ):
        refused = team.post(f"{page}/reponses-attendues", answers_due=text)
        assert (refused.status_code, words in plain(refused.text)) == (422, True)
        assert f'value="{text}"' in refused.text
    assert og.post(f"{page}/reponses-attendues", answers_due=day.isoformat()).status_code == 403
    assert team.post(f"{page}/reponses-attendues", answers_due=f"{day:%d/%m/%Y}").status_code == 303
    assert f'value="{day.isoformat()}"' in team.get(page).text
    for own in ("/og", "/og/mes-esms"):
        assert f"{day:%d/%m/%Y}</strong> (J−30)" in og.get(own).text
    assert team.post(f"{page}/reponses-attendues", answers_due="").status_code == 303
    assert "au plus tard le <strong>" not in og.get("/og").text
    with accounts_app.extensions["database"].reading() as session:
        assert campaign.get(session, held.campaign_id).answers_due is None


__all__ += ["OWN", "Visitor"]
