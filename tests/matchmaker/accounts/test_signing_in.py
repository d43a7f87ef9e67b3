"""Sign-in by link and by password: once, in time, for everybody alike; sign-out; sessions of their own."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from flask import Flask
from sqlalchemy import select, update

from matchmaker.accounts import limits, passwords
from matchmaker.accounts.routes.sign_in_pages import REFUSED, TOO_MANY, TOO_MANY_LINKS
from matchmaker.accounts.tables import Account, Counter, Link, SignedIn
from matchmaker.database import Database
from matchmaker.database.instants import now
from matchmaker.mail.tables import Mail
from matchmaker.web.access import own_path
from tests.matchmaker.accounts.conftest import NewVisitor, Visitor, account_with, plain

EMAIL = "directrice@association.example"
PASSWORD = "quatre mots sans rapport"


@pytest.fixture
def with_password(accounts_app: Flask) -> int:
    """An account with a password."""
    database: Database = accounts_app.extensions["database"]
    number = account_with(database, EMAIL)
    with database.writing() as session:
        session.get_one(Account, number).password = passwords.kept(PASSWORD)
    return number


def test_a_link_opens_an_account_and_signs_in(visitor: Visitor) -> None:
    """Tests the whole way: address, mail, confirmation; the account's page; then the way out."""
    assert visitor.get("/compte").location == "/connexion?suite=/compte"
    answer = visitor.sign_in(EMAIL)
    assert (answer.status_code, answer.location) == (303, "/compte")
    page = visitor.get("/compte")
    assert EMAIL in page.text
    assert "rattaché à aucun organisme" in page.text
    assert visitor.post("/deconnexion").status_code == 303
    assert not visitor.is_signed_in()


def test_a_link_serves_once_and_only_when_confirmed(visitor: Visitor, new_visitor: NewVisitor) -> None:
    """Tests that looking at a link (a mail scanner) uses nothing up, and that confirming does."""
    visitor.post("/connexion/lien", email=EMAIL)
    path = visitor.last_link(EMAIL)
    for _ in range(2):
        assert visitor.get(path).status_code == 200
    assert visitor.post(path).status_code == 303
    other = new_visitor()
    assert other.get(path).status_code == 410
    assert other.post(path).status_code == 410
    assert not other.is_signed_in()


def test_a_link_ends(visitor: Visitor) -> None:
    visitor.post("/connexion/lien", email=EMAIL)
    with visitor.database.writing() as session:
        session.execute(update(Link).values(expires_at=now() - dt.timedelta(seconds=1)))
    assert visitor.post(visitor.last_link(EMAIL)).status_code == 410


def test_only_digests_are_kept(visitor: Visitor) -> None:
    """Tests that neither the link's nor the cookie's token can be read in the database."""
    visitor.post("/connexion/lien", email=EMAIL)
    token = visitor.last_link(EMAIL).rsplit("/", 1)[1]
    visitor.post(f"/connexion/lien/{token}")
    with visitor.client.session_transaction() as cookie:
        key = cookie["key"]
    with visitor.database.reading() as session:
        kept = [*session.scalars(select(Link.token_sha256)), *session.scalars(select(SignedIn.token_sha256))]
    assert len(kept) == 2
    assert token not in kept
    assert key not in kept


def test_asking_for_a_link_tells_nothing_of_who_has_an_account(visitor: Visitor, with_password: int) -> None:
    """Tests both addresses: same answer, and the same work: one link, one mail of the same words."""
    answers, mails = [], []
    for email in (EMAIL, "personne@ailleurs.example"):
        before = rows(visitor)
        answer = visitor.post("/connexion/lien", email=email)
        added = {name: number - before[name] for name, number in rows(visitor).items()}
        answers.append((answer.status_code, answer.location, added))
        with visitor.database.reading() as session:
            mail = session.scalars(select(Mail).order_by(Mail.id.desc())).first()
            assert mail
            mails.append((mail.subject, re.sub(r"lien/\S+", "lien/…", mail.text)))
    assert answers[0] == answers[1]
    assert answers[0][2] == {"link": 1, "mail": 1, "account": 0}
    assert mails[0] == mails[1]


def rows(visitor: Visitor) -> dict[str, int]:
    with visitor.database.reading() as session:
        return {
            name: len(session.scalars(select(table)).all())
            for name, table in (("link", Link), ("mail", Mail), ("account", Account))
        }


def test_a_password_signs_in(visitor: Visitor, with_password: int) -> None:
    answer = visitor.post("/connexion/mot-de-passe", email=f" {EMAIL.upper()} ", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/compte")
    assert visitor.is_signed_in()


def test_a_refused_password_is_refused_alike_with_and_without_an_account(
    visitor: Visitor, with_password: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests text, status and work: one argon2 check each, of the same parameters, counted and not timed."""
    account_with(visitor.database, "sans@mot.example")
    passwords.matches(None, "warm")  # the digest of nobody's is made once per process
    checked: list[str] = []
    verify = passwords.HASHER.verify

    class Counting:
        def verify(self, stored: str, typed: str) -> bool:
            checked.append(stored.rsplit("$", 2)[0])
            return verify(stored, typed)

    monkeypatch.setattr(passwords, "HASHER", Counting())
    texts = set()
    for email in (EMAIL, "personne@ailleurs.example", "sans@mot.example"):
        answer = visitor.post("/connexion/mot-de-passe", email=email, password="mauvais mot de passe")
        assert answer.status_code == 422
        text = re.sub(r'name="csrf[^>]+>', "", answer.text).replace(email, "ADRESSE")
        texts.add(re.sub(r'(content|value)="[^"]{40,}"', "", text))
    assert len(texts) == 1
    assert REFUSED in plain(texts.pop())
    assert len(checked) == 3
    assert len(set(checked)) == 1
    assert checked[0].startswith("$argon2id$")


@pytest.mark.parametrize("email", [EMAIL, "personne@ailleurs.example"])
def test_guessing_is_stopped_for_all_processes(
    visitor: Visitor, new_visitor: NewVisitor, with_password: int, email: str
) -> None:
    """Tests the lock: the right password no longer enters, nor for an unknown address; a link still does."""
    allowed = limits.PASSWORDS_OF_ADDRESS.most
    with visitor.database.writing() as session:
        session.execute(update(Counter).values(count=0))
    first = visitor.post("/connexion/mot-de-passe", email=email, password="mauvais")
    assert first.status_code == 422
    with visitor.database.writing() as session:  # another process counted the others
        session.execute(
            update(Counter).where(Counter.kind == limits.PASSWORDS_OF_ADDRESS.kind).values(count=allowed)
        )
    locked = new_visitor().post("/connexion/mot-de-passe", email=email, password=PASSWORD)
    assert locked.status_code == 422
    assert TOO_MANY in plain(locked.text)
    other = new_visitor()
    assert other.sign_in(email).status_code == 303
    assert other.is_signed_in()


def test_links_are_not_sent_without_end(visitor: Visitor) -> None:
    for _ in range(limits.LINKS_OF_ADDRESS.most):
        assert visitor.post("/connexion/lien", email=EMAIL).status_code == 303
    refused = visitor.post("/connexion/lien", email=EMAIL)
    assert refused.status_code == 422
    assert TOO_MANY_LINKS in plain(refused.text)
    assert rows(visitor)["mail"] == limits.LINKS_OF_ADDRESS.most


def test_a_planted_cookie_signs_nobody_in(visitor: Visitor, new_visitor: NewVisitor) -> None:
    """Tests session fixation: who knows the cookie of before knows nothing of after."""
    visitor.get("/connexion")
    before = visitor.client.get_cookie("matchmaker")
    assert before
    visitor.sign_in(EMAIL)
    after = visitor.client.get_cookie("matchmaker")
    assert after
    assert after.value != before.value
    thief = new_visitor()
    thief.client.set_cookie("matchmaker", before.value)
    assert not thief.is_signed_in()
    with visitor.client.session_transaction() as cookie:
        first = cookie["key"]
    visitor.post("/connexion/lien", email=EMAIL)
    visitor.post(visitor.last_link(EMAIL))
    with visitor.client.session_transaction() as cookie:
        assert cookie["key"] != first
    with visitor.database.reading() as session:
        assert len(session.scalars(select(SignedIn)).all()) == 1


def test_signing_out_ends_it_on_the_server(visitor: Visitor, new_visitor: NewVisitor) -> None:
    """Tests that a copied cookie is worth nothing after signing out."""
    visitor.sign_in(EMAIL)
    cookie = visitor.client.get_cookie("matchmaker")
    assert cookie
    copy = new_visitor()
    copy.client.set_cookie("matchmaker", cookie.value)
    assert copy.is_signed_in()
    visitor.post("/deconnexion")
    assert not copy.is_signed_in()


def test_one_signs_out_everywhere(visitor: Visitor, new_visitor: NewVisitor) -> None:
    visitor.sign_in(EMAIL)
    other = new_visitor()
    other.sign_in(EMAIL)
    assert "Navigateur, système inconnu" in visitor.get("/compte").text
    assert visitor.post("/compte/deconnexions").location == "/connexion"
    assert not visitor.is_signed_in()
    assert not other.is_signed_in()


def test_a_new_password_signs_the_others_out(visitor: Visitor, new_visitor: NewVisitor) -> None:
    visitor.sign_in(EMAIL)
    other = new_visitor()
    other.sign_in(EMAIL)
    short = visitor.post("/compte/mot-de-passe", password="court")
    assert short.status_code == 422
    assert visitor.post("/compte/mot-de-passe", password="directrice directrice").status_code == 422
    assert visitor.post("/compte/mot-de-passe", password=PASSWORD).status_code == 303
    assert visitor.is_signed_in()
    assert not other.is_signed_in()
    assert other.post("/connexion/mot-de-passe", email=EMAIL, password=PASSWORD).status_code == 303


def test_a_session_ends_by_itself(visitor: Visitor) -> None:
    visitor.sign_in(EMAIL)
    with visitor.database.writing() as session:
        session.execute(update(SignedIn).values(expires_at=now()))
    assert not visitor.is_signed_in()


def test_a_browser_that_nobody_uses_is_signed_out(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    """Tests that use keeps it open, that pages asking by themselves are no use, and that two hours end it."""
    visitor.sign_in(EMAIL)
    start = now()

    def later(minutes: int) -> None:
        moment = start + dt.timedelta(minutes=minutes)
        monkeypatch.setattr("matchmaker.accounts.signing_in.now", lambda: moment)

    for minutes in (110, 220, 330):
        later(minutes)
        assert visitor.is_signed_in()
    later(440)
    assert visitor.client.get("/compte", headers={"HX-Request": "true"}).status_code == 200
    later(451)
    assert not visitor.is_signed_in()


FOREIGN = (
    "https://evil.example/",
    "//evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/ /evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
    "/\n//evil.example",
    "",
    "compte",
    "http:evil.example",
)


@pytest.mark.parametrize("target", FOREIGN)
def test_an_address_of_another_site_is_none_of_ours(target: str) -> None:
    assert own_path(target) is None


def test_no_address_of_another_site_is_gone_on_to(visitor: Visitor) -> None:
    """Tests the open redirect: the path to go on to is one of ours or is dropped, at both doors."""
    visitor.post("/connexion/lien", email=EMAIL, suite="//evil.example")
    assert visitor.post(visitor.last_link(EMAIL)).location == "/compte"
    for target in FOREIGN:
        assert visitor.get("/connexion", query_string={"suite": target}).location == "/compte"


def test_one_goes_on_to_where_one_was_going(visitor: Visitor) -> None:
    visitor.post("/connexion/lien", email=EMAIL, suite="/campagnes/3?page=2")
    assert visitor.post(visitor.last_link(EMAIL)).location == "/campagnes/3?page=2"


def test_an_address_that_is_none_is_told(visitor: Visitor) -> None:
    for path in ("/connexion/lien", "/connexion/mot-de-passe"):
        answer = visitor.post(path, email="directrice@", password="x")
        assert answer.status_code == 422
        assert "prenom.nom@organisme.fr" in answer.text
        assert 'value="directrice@"' in answer.text


def test_htmx_is_sent_to_the_door(visitor: Visitor) -> None:
    """Tests that a fragment asked for after the session ended does not put the sign-in page into the page."""
    answer = visitor.get("/campagnes", headers={"HX-Request": "true"})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/connexion"


def test_without_accounts_there_is_no_door(client: object, app: Flask) -> None:
    """Tests that the installation on one's own machine has none of these pages."""
    local = app.test_client()
    for path in ("/connexion", "/compte", "/courriels", "/connexion/lien/x"):
        assert local.get(path).status_code == 404, path
    assert local.get("/campagnes").status_code == 200
