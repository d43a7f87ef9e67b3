"""Texts that want to be tags, on the journey of two organismes that know each other: by every form, then in
every text that the database holds; every page and mail shows them as text."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from matchmaker.database.instants import now
from matchmaker.mail.sending import message
from matchmaker.mail.tables import Mail
from matchmaker.notifications import digest
from matchmaker.partners.board import token_for
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import NewVisitor, Visitor
from tests.matchmaker.accounts.test_attacks import MARK, open_columns
from tests.matchmaker.accounts.world import account
from tests.matchmaker.partners.conftest import Campaign
from tests.matchmaker.partners.test_nothing_leaks import KEY

TYPED = "\"><i id=typed onfocus=alert(1)>'{{7*7}}"
STARTS = [
    "/og",
    "/og/mes-esms",
    "/og/mes-esms-fichier",
    "/og/essayer",
    "/og/partenaires?n=50&bloques=1",
    "/og/mises-en-relation",
    "/og/grappe",
    "/og/grappe/ouvrir",
    "/og/notifications",
    "/og/simulation",
    "/og/pourquoi-isole",
    "/og/appui",
    "/compte",
]
_FURTHER = re.compile(r'"(/og/(?:mises-en-relation|grappe)/[0-9a-f]{32}(?:/rencontre\.ics)?)"')
# Forms that end the visit, or what it is about.
LEFT_OUT = ("/deconnexion", "/compte/effacement", "/compte/deconnexions", "/quitter", "/clore", "/retirer")
TEAM = "grades@occitanie.example"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_text_of_the_journey_becomes_a_tag(
    held: Campaign, first: Visitor, second: Visitor, accounts_app: Flask, new_visitor: NewVisitor
) -> None:
    for visitor, me, other in ((first, 0, 1), (second, 1, 0)):  # a thread is among the pages
        visitor.post("/og/mises-en-relation/contact", accord="oui")
        visitor.post(f"/og/partenaires/{token_for(KEY, held.rows[me], held.rows[other])}/interet")
    opened = {"solution": "boreal", "hosting": "saas", "esms": ["330000000"], "listed": "y"}
    assert first.post("/og/grappe/ouvrir", **opened).status_code == 303
    database = accounts_app.extensions["database"]
    with database.writing() as session:
        account(session, TEAM, Grant(Role.GRADES, region="76"))
    team = new_visitor()
    team.sign_in(TEAM)
    region = ["/appui/demandes", f"/campagnes/{held.id}/grappes-proposees", f"/campagnes/{held.id}/donnees"]
    everybody = [(first, STARTS), (second, STARTS), (team, region)]
    assert typed_in_every_form(first) > 12
    assert shown(everybody, "<i id=typed", "&lt;i id=typed") > 6
    with database.writing() as session:
        digest.write_mails(session, base_url="http://127.0.0.1:8000", secret_key=KEY, moment=now())
        for table, column in open_columns():
            session.execute(
                text(f'UPDATE "{table}" SET "{column}" = :mark || rowid WHERE "{column}" IS NOT NULL'),
                {"mark": MARK},
            )
    assert shown(everybody, MARK, html.escape(MARK)) > 20
    with database.reading() as session:
        mails = session.scalars(select(Mail)).all()
        assert len(mails) > 3
        assert {message(mail, "a@b.example").get_content_type() for mail in mails} == {"text/plain"}


def pages(visitor: Visitor, starts: list[str]) -> Iterator[tuple[str, TestResponse]]:
    """The pages of the journey, then each thread and each grappe that they lead to."""
    left, seen = list(starts), set(starts)
    while left:
        path = left.pop(0)
        answer = visitor.get(path)
        yield path, answer
        new = set(_FURTHER.findall(answer.text)) - seen
        seen |= new
        left += sorted(new)


def shown(visits: list[tuple[Visitor, list[str]]], tag: str, escaped: str) -> int:
    """Pages that show a text as text; none makes it a tag, nor runs it as a template."""
    count = 0
    for visitor, starts in visits:
        for path, page in pages(visitor, starts):
            assert page.status_code == 200, path
            if page.mimetype == "text/html":
                assert tag not in page.text, path
                assert "&#39;49" not in page.text, path
                count += escaped in page.text
    return count


def typed_in_every_form(visitor: Visitor) -> int:
    """Send a form of each kind that the pages of the journey hold; returns how many were sent."""
    sent_to: set[str] = set()
    token = visitor.token()
    for path, page in list(pages(visitor, STARTS)):
        for action, sent in forms_of(page.text):
            to = action or path
            kind = re.sub(r"[0-9a-f]{7,}|\d+", "*", to)
            if kind in sent_to or to.endswith(LEFT_OUT):
                continue
            sent_to.add(kind)
            answer = visitor.client.post(to, data=sent | {"csrf_token": token})
            assert answer.status_code < 500, to
            assert "<i id=typed" not in answer.text, to
    assert {"/og/mises-en-relation/*", "/og/grappe/*/offre"} <= sent_to, sent_to
    return len(sent_to)


def forms_of(page: str) -> Iterator[tuple[str, dict[str, list[str]]]]:
    """Each form that writes: where to, and its fields, the texts replaced."""
    for form in BeautifulSoup(page, "html.parser").select("main form[method=post]"):
        sent: dict[str, list[str]] = {}
        for field in form.select("input[name], textarea[name], select[name], button[name]"):
            kind = str(field.get("type", "text"))
            if kind not in ("file", "password"):
                sent.setdefault(str(field["name"]), []).append(_value(field, kind))
        yield str(form.get("action") or ""), sent


def _value(field: Tag, kind: str) -> str:
    if field.name == "select":
        values = [str(option.get("value", "")) for option in field.select("option")]
        return next((value for value in values if value), "")
    if field.name == "textarea" or kind in ("text", "search", "tel"):
        return TYPED
    return str(field.get("value", "1"))
