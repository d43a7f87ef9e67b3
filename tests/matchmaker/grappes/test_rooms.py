"""A grappe of two organismes and more in the application: opened, asked for, joined, left, offered."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import select

from matchmaker.accounts.tables import Consent
from matchmaker.campaigns import answers
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.fixed_grappes import kept
from matchmaker.campaigns.problems import RefusedError
from matchmaker.campaigns.tables import Campaign as CampaignRow
from matchmaker.database.instants import now
from matchmaker.grappes import joining
from matchmaker.partners.board import token_for as partner_token
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import plain
from tests.matchmaker.accounts.world import account
from tests.matchmaker.grappes.conftest import (
    KEY,
    Campaign,
    NewVisitor,
    Visitor,
    address,
    codes,
    only_room,
    opened,
    signed_in,
)
from tests.matchmaker.og.amounts import without_a_rule
from tests.matchmaker.partners.test_nothing_leaks import secrets_of


def test_from_opening_to_leaving(
    held: Campaign, first: Visitor, second: Visitor, accounts_app: Flask
) -> None:
    opened(first, 0)
    room = only_room(accounts_app, held)
    mine, theirs = address(held, 0, room), address(held, 1, room)
    page = plain(first.get(mine).text)
    assert "4 ESMS acceptés ; le seuil est 15" in page
    assert "Il manque 11 ESMS" in page

    listed = second.get("/og/grappe").text
    assert theirs in listed
    assert "4 de vos 4 ESMS acceptent cette offre" in plain(listed)
    assert second.post(f"{theirs}/demander", esms=codes(1)).status_code == 303
    page = plain(first.get(mine).text)
    assert "4 ESMS acceptés" in page, "who asks is not counted"
    assert "2 à 4 en attente, non comptés" in page
    assert "Ne bloque rien" in page
    for seen, unknown in ((page, 1), (second.get(theirs).text, 0), (second.get("/og/grappe").text, 0)):
        assert not any(mark in seen for mark in secrets_of(unknown, held))

    asking = partner_token(KEY, held.rows[0], held.rows[1])
    assert second.post(f"{theirs}/demandes/{asking}/accepter").status_code == 404
    assert first.post(f"{mine}/demandes/{asking}/accepter").status_code == 303
    page = plain(second.get(theirs).text)
    assert "8 ESMS acceptés ; le seuil est 15" in page
    assert "Association Secrète 000" in page
    assert "Association Secrète 001" in plain(first.get(mine).text)
    assert "Votre entrée dans une grappe est acceptée" in second.get("/og/notifications").text
    assert "Part des autres ESMS" in page

    cost = plain(second.get(f"{theirs}/quitter").text)
    assert without_a_rule(page) == without_a_rule(cost) == []
    assert "passe à 4 ESMS : 11 de moins que le seuil" in cost
    assert "La grappe perdrait" in cost
    assert only_room(accounts_app, held).holds(held.rows[1]), "reading what it costs leaves nothing"
    assert second.post(f"{theirs}/quitter").headers["Location"] == theirs, "it may ask again"
    assert not only_room(accounts_app, held).holds(held.rows[1])
    first.post(f"{mine}/quitter")
    assert "Aucune grappe n’est ouverte" in first.get("/og/grappe").text
    with accounts_app.extensions["database"].reading() as session:
        purposes = session.scalars(select(Consent.purpose)).all()
    assert purposes.count("entrer-en-grappe") == 2


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_the_first_to_hold_it_leaves_and_the_next_one_does(
    held: Campaign, first: Visitor, second: Visitor, accounts_app: Flask
) -> None:
    join(held, first, second, accounts_app)
    first.post(f"{address(held, 0, only_room(accounts_app, held))}/quitter")
    assert only_room(accounts_app, held).opener == held.rows[1]


def join(held: Campaign, first: Visitor, second: Visitor, app: Flask) -> None:
    opened(first, 0)
    room = only_room(app, held)
    second.post(f"{address(held, 1, room)}/demander", esms=codes(1))
    first.post(f"{address(held, 0, room)}/demandes/{partner_token(KEY, held.rows[0], held.rows[1])}/accepter")
    assert len(only_room(app, held).members) == 8


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_members_are_no_company_to_hide_in(
    held: Campaign, first: Visitor, second: Visitor, accounts_app: Flask
) -> None:
    """Tests that a member's card is gone for the others once its name is known."""
    join(held, first, second, accounts_app)
    assert first.get("/og/partenaires?n=50").text.count('id="carte-') == 6


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_people_at_once(
    held: Campaign, first: Visitor, second: Visitor, new_visitor: NewVisitor, accounts_app: Flask
) -> None:
    """Tests a page left open: an offer, an answer to a request; what the first did stands and is said."""
    opened(first, 0)
    room = only_room(accounts_app, held)
    mine, theirs = address(held, 0, room), address(held, 1, room)
    offer = {"solution": "alize", "hosting": "saas", "listed": "y"}
    second.post(f"{theirs}/demander", esms=codes(1))
    stale = first.client.post(
        f"{mine}/offre",
        data={"csrf_token": first.token(), "version": room.version, **offer},
        follow_redirects=True,
    )
    assert "La grappe a changé depuis" in stale.text
    assert only_room(accounts_app, held).solution == "boreal"
    asking = partner_token(KEY, held.rows[0], held.rows[1])
    first.post(f"{mine}/demandes/{asking}/refuser")
    late = first.client.post(
        f"{mine}/demandes/{asking}/accepter", data={"csrf_token": first.token()}, follow_redirects=True
    )
    assert "n’attend plus de réponse" in late.text
    fresh = only_room(accounts_app, held)
    first.post(f"{mine}/offre", version=str(fresh.version), **offer)
    assert only_room(accounts_app, held).solution == "alize"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_only_ones_own_esms_and_ones_own_grappe(
    held: Campaign, first: Visitor, second: Visitor, new_visitor: NewVisitor, accounts_app: Flask
) -> None:
    """Tests mass assignment: ESMS of another, a state, a holder sent along; pages of others' grappes."""
    opened(first, 0, esms=[*codes(0)[:2], *codes(1)], state="accepted", opener_id=held.rows[1], closed_at="x")
    room = only_room(accounts_app, held)
    assert room.members == tuple(codes(0)[:2])
    assert room.opener == held.rows[0]
    mine, theirs = address(held, 0, room), address(held, 1, room)
    second.post(f"{theirs}/demander", esms=codes(0)[2:])
    assert only_room(accounts_app, held).pending == ()
    second.post(f"{theirs}/demander", esms=codes(1), state="accepted", organisme_id=held.rows[2])
    assert [seat.organisme for seat in only_room(accounts_app, held).pending] == [held.rows[1]]
    third = signed_in(new_visitor, 2)
    for act in ("offre", "porteur", "proposer", "quitter"):
        assert second.post(f"{theirs}/{act}").status_code == 404, act
        assert third.post(f"{mine}/{act}").status_code == 404, act
    assert second.get(f"{theirs}/quitter").status_code == 404
    first.post(
        f"{mine}/offre", solution="boreal", hosting="saas", version=str(only_room(accounts_app, held).version)
    )
    assert not only_room(accounts_app, held).listed
    assert third.get(address(held, 2, room)).status_code == 404, "it is not listed any more"
    assert second.get(theirs).status_code == 200, "who asked still sees its request"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_constituted_grappe_is_offered_and_kept(
    held: Campaign, first: Visitor, second: Visitor, new_visitor: NewVisitor, accounts_app: Flask
) -> None:
    database = accounts_app.extensions["database"]
    with database.writing() as session:
        account(session, "grades@occitanie.example", Grant(Role.GRADES, region="76"), name="Équipe")
        row = session.get_one(CampaignRow, held.id)
        row.parameters = {**row.parameters, "min_size": 8}
        row.changed_at = now()
    opened(first, 0)
    room = only_room(accounts_app, held)
    mine = address(held, 0, room)
    first.post(f"{mine}/proposer")
    assert only_room(accounts_app, held).offered_at is None
    second.post(f"{address(held, 1, room)}/demander", esms=codes(1))
    first.post(f"{mine}/demandes/{partner_token(KEY, held.rows[0], held.rows[1])}/accepter")
    assert "Le seuil est atteint et aucune règle n’est enfreinte" in first.get(mine).text
    first.post(f"{mine}/proposer")
    team = new_visitor()
    team.sign_in("grades@occitanie.example")
    page = team.get(f"/campagnes/{held.id}/grappes-proposees")
    assert "Association Secrète 001" in page.text
    kept_path = f"/campagnes/{held.id}/grappes-proposees/{room.id}/conserver"
    assert first.post(kept_path).status_code == 403
    assert team.post(kept_path).status_code == 303
    with database.reading() as session:
        (fixed,) = kept(session, held.id)
    assert (fixed.code, fixed.plan, len(fixed.members)) == (f"M{room.id}", 0, 8)
    assert "formée par ses membres" in team.get(f"/campagnes/{held.id}/contraintes").text
    # Declining to carry changes the grappe: it is no longer what was offered.
    second.post(f"{address(held, 1, room)}/porteur", porteur="non")
    assert only_room(accounts_app, held).offered_at is None
    assert team.post(kept_path).status_code == 404


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_declining_to_carry_takes_one_click(
    held: Campaign, first: Visitor, second: Visitor, accounts_app: Flask
) -> None:
    join(held, first, second, accounts_app)
    room = only_room(accounts_app, held)
    mine = address(held, 0, room)

    def suggested() -> str:
        return plain(first.get(mine).text).split("Porteur suggéré : ")[1].split("<")[0].strip()

    before = suggested()
    number = int(before[-1])
    (first, second)[number].post(f"{address(held, number, room)}/porteur", porteur="non")
    assert suggested() != before
    (first, second)[number].post(f"{address(held, number, room)}/porteur", porteur="oui")
    assert suggested() == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_listed_grappe_says_no_more_than_a_card(
    held: Campaign, first: Visitor, second: Visitor, accounts_app: Flask
) -> None:
    """Tests that the size of a grappe of one organisme is as wide as that organisme's own card."""
    with accounts_app.extensions["database"].writing() as session:
        # The holder's band is shared by too few: its card is a wider one.
        for code in codes(0)[1:]:
            answers.keep(session, held.id, code, Answer("aucun"), actor="local")
    opened(first, 0, esms=codes(0)[:1])
    listed = plain(second.get("/og/grappe").text)
    assert "moins de 3 organismes, 1 à 4 ESMS acceptés" in listed
    assert "1 à 4 ESMS" in plain(second.get("/og/partenaires?n=50").text)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_requests_are_capped_and_expire(held: Campaign, accounts_app: Flask) -> None:
    database, moment = accounts_app.extensions["database"], now()

    def opened_by(number: int) -> int:
        with database.writing() as session:
            return joining.open_grappe(
                session,
                held.id,
                held.rows[number],
                solution="boreal",
                hosting="saas",
                esms=codes(number),
                listed=True,
                same_hosting=True,
                actor="local",
                moment=moment,
            )

    def asks(grappe: int, at: dt.datetime) -> None:
        with database.writing() as session:
            joining.ask(session, grappe, held.rows[7], codes(7), actor="local", moment=at)

    numbers = [opened_by(number) for number in range(4)]
    for grappe in numbers[:3]:
        asks(grappe, moment)
    with pytest.raises(RefusedError, match="3 demandes en sept jours"):
        asks(numbers[3], moment)
    later = moment + dt.timedelta(days=22)
    with database.writing() as session, pytest.raises(RefusedError, match="n’attend plus de réponse"):
        joining.decide(
            session, numbers[0], held.rows[0], held.rows[7], accept=True, actor="local", moment=later
        )
    asks(numbers[3], later)
    with database.writing() as session:
        for number, grappe in ((3, numbers[3]),):
            joining.decide(
                session, grappe, held.rows[number], held.rows[7], accept=True, actor="local", moment=later
            )
    asks_again = pytest.raises(RefusedError, match="déjà répondu")
    with asks_again:
        asks(numbers[3], later)
    with pytest.raises(RefusedError, match="ne soit pas déjà dans une autre grappe"):
        asks(numbers[0], later)


def test_two_accept_at_once(held: Campaign, accounts_app: Flask) -> None:
    """Tests the same ESMS accepted by two grappes at the same time: one of them is told no."""
    database, moment = accounts_app.extensions["database"], now()
    numbers = []
    with database.writing() as session:
        for number in (0, 1):
            offer = {"solution": "boreal", "hosting": "saas", "listed": True, "same_hosting": True}
            numbers.append(
                joining.open_grappe(
                    session,
                    held.id,
                    held.rows[number],
                    esms=codes(number),
                    actor="local",
                    moment=moment,
                    **offer,  # type: ignore[arg-type]
                )
            )
            joining.ask(session, numbers[-1], held.rows[7], codes(7), actor="local", moment=moment)

    def accept(place: int) -> bool:
        try:
            with database.writing() as session:
                holder = held.rows[place]
                joining.decide(
                    session, numbers[place], holder, held.rows[7], accept=True, actor="local", moment=moment
                )
        except RefusedError:
            return False
        return True

    with ThreadPoolExecutor(2) as several:
        assert sorted(several.map(accept, (0, 1))) == [False, True]
