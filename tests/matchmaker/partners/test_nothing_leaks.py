"""An organisme that wants to know who the others are: all pages, headers, errors, before a double yes."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import event, select
from sqlalchemy.engine import Engine

from matchmaker import journal
from matchmaker.accounts import people
from matchmaker.partners import meetings
from matchmaker.partners.board import token_for
from matchmaker.register.tables import Organisme
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import NewVisitor, Visitor
from tests.matchmaker.accounts.table import lines
from tests.matchmaker.partners.conftest import Campaign, director, esms, fill, finess, signed_in

KEY = "a key of the tests"
_HREF = re.compile(r'(?:href|action|src|hx-get|hx-post)="(/[^"#]*)')


def secrets_of(number: int, held: Campaign) -> set[str]:
    """What would tell that it is this organisme: names, numbers, places, people, exact positions."""
    code = finess(number)
    return {
        f"Association Secrète {number:03}",
        code,
        f"Commune de {code}",
        f"Personne Cachée {number}",
        director(number),
        f"og{number}.example",
        f"Foyer 33{number:05}",
        f"33{number:05}00",
        str(43.64 + number / 1000),
    }


def crawled(visitor: Visitor, starts: list[str]) -> Iterator[tuple[str, str]]:
    """Every page that links lead to, with its headers; forms are not sent."""
    left, seen = list(starts), set(starts)
    while left and len(seen) < 200:
        path = left.pop()
        answer = visitor.get(path)
        yield path, f"{answer.headers}\n{answer.get_data(as_text=True)}"
        if answer.mimetype == "text/html":
            for found in _HREF.findall(answer.get_data(as_text=True).replace("&amp;", "&")):
                if found not in seen and not found.startswith(("/static", "/regles")):
                    seen.add(found)
                    left.append(found)


def addresses(app: Flask) -> list[str]:
    """Every page of the application by its address, with values that exist and that do not."""
    found = []
    for route in lines():
        method, path = route.split(" ", 1)
        if method == "GET" and not path.startswith("/regles"):
            for value in ("1", "2"):
                found.append(re.sub(r"<[^>]+>", value, path))
    return found


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_of_the_other_is_seen_before_both_said_yes(
    held: Campaign, first: Visitor, second: Visitor, accounts_app: Flask
) -> None:
    mine, theirs = (token_for(KEY, held.rows[a], held.rows[b]) for a, b in ((0, 1), (1, 0)))
    tries = [
        *addresses(accounts_app),
        "/og/partenaires?n=999&bloques=1&ecartes=1",
        "/og/partenaires?distance=30&public=PH&solution=boreal",
        "/og/partenaires?distance=%27&public=%3Cb%3E&solution=x&n=-1",
        f"/og/mises-en-relation/{mine}",
        f"/og/mises-en-relation/{theirs}",
        f"/og/mises-en-relation/{mine}/rencontre.ics",
        f"/og/mises-en-relation/{held.rows[1]}",
    ]

    def none_seen(others: range, starts: list[str]) -> None:
        marks = {mark for number in others for mark in secrets_of(number, held)}
        for path, text in crawled(first, starts):
            for mark in marks:
                assert mark not in text, (path, mark)

    second.post(f"/og/partenaires/{theirs}/interet")  # the other said yes, and agrees to be contacted
    second.post("/og/mises-en-relation/contact", accord="oui")
    none_seen(range(1, 8), tries)
    for path in (f"/og/mises-en-relation/{mine}", f"/og/mises-en-relation/{mine}/clore"):
        refused = first.post(path, text="Qui êtes-vous ?")
        assert refused.status_code == 404
        assert not any(mark in refused.text for mark in secrets_of(1, held))
    first.post(f"/og/partenaires/{mine}/interet")
    assert "Association Secrète 001" in first.get("/og/mises-en-relation").text
    none_seen(range(2, 8), ["/og/partenaires?n=999&bloques=1&ecartes=1"])


def test_the_answer_to_a_yes_is_the_same_whatever_the_other_said(
    held: Campaign, new_visitor: NewVisitor, accounts_app: Flask
) -> None:
    """Tests content and work: the same answer, the same statements, nothing written but one's own row."""
    asking, willing = signed_in(new_visitor, 0), signed_in(new_visitor, 1)
    willing.post(f"/og/partenaires/{token_for(KEY, held.rows[1], held.rows[0])}/interet")
    asking.post(
        f"/og/partenaires/{token_for(KEY, held.rows[0], held.rows[5])}/interet"
    )  # the consent is given
    done = []
    engine: Engine = accounts_app.extensions["database"].engine
    for other in (1, 2):  # the first of them said yes, the second did not
        statements: list[str] = []

        def heard(
            _c: object, _cursor: object, statement: str, *_others: object, into: list[str] = statements
        ) -> None:
            into.append(statement)

        token = token_for(KEY, held.rows[0], held.rows[other])
        csrf = asking.token()
        event.listen(engine, "before_cursor_execute", heard)
        answer = asking.client.post(f"/og/partenaires/{token}/interet", data={"csrf_token": csrf})
        event.remove(engine, "before_cursor_execute", heard)
        cookies = answer.headers.getlist("Set-Cookie")
        done.append((answer.status_code, answer.text.replace(token, ""), len(cookies), statements))
    assert done[0] == done[1]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_tokens_and_order_are_each_viewers_own(held: Campaign, first: Visitor, second: Visitor) -> None:
    pages = [visitor.get("/og/partenaires?n=50").text for visitor in (first, second)]
    tokens = [re.findall(r'id="carte-([0-9a-f]{32})"', page) for page in pages]
    assert len(tokens[0]) == len(tokens[1]) == 7
    assert not set(tokens[0]) & set(tokens[1])
    rows = [
        [number for token in some for number in held.rows if token_for(KEY, held.rows[me], number) == token]
        for me, some in enumerate(tokens)
    ]
    shared = [[number for number in some if number in rows[0] and number in rows[1]] for some in rows]
    assert sorted(rows[0]) != rows[0] or sorted(rows[1]) != rows[1]
    assert shared[0] != shared[1], "an order that all share would tell who is who"
    # A token of another viewer names nobody here.
    assert second.post(f"/og/partenaires/{tokens[0][0]}/interet").status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_campaign_of_three_shows_nobody(accounts_app: Flask, new_visitor: NewVisitor) -> None:
    with accounts_app.extensions["database"].writing() as session:
        fill(session, organismes=3, people=1)
    page = signed_in(new_visitor, 0).get("/og/partenaires?bloques=1").text
    assert not re.findall(r'id="carte-', page)
    assert "2 organismes ne sont pas affichés" in page.replace("\u00a0", " ")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_whom_one_knows_hides_nobody_any_more(held: Campaign, first: Visitor, accounts_app: Flask) -> None:
    """Tests subtraction: with five of the seven known, the two left could be told by elimination."""
    with accounts_app.extensions["database"].writing() as session:
        for other in range(1, 6):
            a, b = sorted((held.rows[0], held.rows[other]))
            session.add(
                meetings.PartnerMeeting(campaign_id=held.id, first_id=a, second_id=b, met_at=meetings.now())
            )
    assert not re.findall(r'id="carte-', first.get("/og/partenaires?bloques=1").text)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_name_is_on_no_page_of_the_region(held: Campaign, first: Visitor, accounts_app: Flask) -> None:
    """Tests that the journal says that something was said, not of whom."""
    first.post(f"/og/partenaires/{token_for(KEY, held.rows[0], held.rows[1])}/interet")
    with accounts_app.extensions["database"].reading() as session:
        acts, _total = journal.entries(session, limit=20)
    said = [act for act in acts if act.action.startswith("partenaire.")]
    assert len(said) == 1
    assert str(held.rows[1]) not in f"{said[0].object} {said[0].label} {said[0].detail}"


__all__ = ["esms"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_who_works_for_several_knows_them_all(
    held: Campaign, accounts_app: Flask, new_visitor: NewVisitor
) -> None:
    """Tests one person in three organismes: they are on no card of theirs, and hide nobody."""
    with accounts_app.extensions["database"].writing() as session:
        person = people.account_of(session, director(0))
        assert person
        for number in (1, 2):
            row = select(Organisme.id).where(Organisme.finess_ej == finess(number))
            grant = Grant(Role.OG_MANAGER, session.scalars(row).one())
            people.give(session, person, grant, actor="local")
    page = signed_in(new_visitor, 0).get("/og/partenaires?n=50").text
    assert len(re.findall(r'id="carte-', page)) == 5
