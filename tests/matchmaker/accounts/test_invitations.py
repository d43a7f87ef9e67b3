"""Invitations: by the GRADeS to an OG, by a manager to colleagues; once, to one address, in one place."""

from __future__ import annotations

import datetime as dt

import pytest
from flask import Flask
from sqlalchemy import select, update

from matchmaker.accounts import people
from matchmaker.accounts.tables import Invitation, Membership
from matchmaker.database import Database
from matchmaker.database.instants import now
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import NewVisitor, Visitor, plain
from tests.matchmaker.accounts.world import OCCITANIE, RHONE_ALPES, account, organisme, visitor_as

GERS, AIN = "320999018", "010999017"


@pytest.fixture
def gers(accounts_app: Flask) -> int:
    """An organisme of the Gers and one of the Ain; the GRADeS of Occitanie."""
    database: Database = accounts_app.extensions["database"]
    with database.writing() as session:
        number = organisme(session, GERS, "Association des Côteaux", OCCITANIE, "32")
        organisme(session, AIN, "Association des Dombes", RHONE_ALPES, "01")
        account(session, "grades@occitanie.example", Grant(Role.GRADES, region=OCCITANIE), name="Équipe")
    return number


def roles_of(visitor: Visitor, email: str) -> list[tuple[str, str]]:
    with visitor.database.reading() as session:
        found = people.account_of(session, email)
        assert found
        return [(held.grant.role.value, held.where) for held in people.of_account(session, found.id)]


def test_from_the_grades_to_a_manager_to_a_member(
    accounts_app: Flask, gers: int, new_visitor: NewVisitor
) -> None:
    """Tests the chain: the GRADeS invites an OG, its manager invites a colleague and later removes them."""
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    sent = grades.post("/invitations", finess="320 999 018", email="Dir@coteaux.example ")
    assert sent.status_code == 303
    manager = new_visitor()
    path = manager.last_link("dir@coteaux.example")
    page = manager.get(path)
    assert "Association des Côteaux" in page.text
    assert "responsable d’un organisme" in page.text
    assert manager.post(path).status_code == 303
    assert roles_of(manager, "dir@coteaux.example") == [("og_manager", "Association des Côteaux")]
    team = f"/organismes/{gers}"
    assert (
        manager.post(f"{team}/invitations", email="col@coteaux.example", role="og_member").status_code == 303
    )
    member = new_visitor()
    member.post(member.last_link("col@coteaux.example"))
    assert roles_of(member, "col@coteaux.example") == [("og_member", "Association des Côteaux")]
    assert "dir@coteaux.example" in member.get(f"{team}/equipe").text
    assert "Inviter une personne" not in member.get(f"{team}/equipe").text
    assert member.post(f"{team}/invitations", email="x@coteaux.example", role="og_member").status_code == 403
    with manager.database.reading() as session:
        of_member = session.scalar(select(Membership.id).where(Membership.role == "og_member"))
        of_manager = session.scalar(select(Membership.id).where(Membership.role == "og_manager"))
    last = manager.post(f"{team}/membres/{of_manager}/retirer")
    assert "nommez-en d’abord une autre" in manager.get(last.location).text
    manager.post(f"{team}/membres/{of_member}/retirer")
    assert roles_of(manager, "col@coteaux.example") == []
    assert member.get(f"{team}/equipe").status_code == 403


def test_an_invitation_serves_once_and_not_for_ever(
    accounts_app: Flask, gers: int, new_visitor: NewVisitor
) -> None:
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    for email in ("un@coteaux.example", "deux@coteaux.example", "trois@coteaux.example"):
        grades.post("/invitations", finess=GERS, email=email)
    first = new_visitor()
    used = first.last_link("un@coteaux.example")
    assert first.post(used).status_code == 303
    assert new_visitor().post(used).status_code == 410
    with first.database.writing() as session:
        session.execute(
            update(Invitation)
            .where(Invitation.email == "deux@coteaux.example")
            .values(expires_at=now() - dt.timedelta(minutes=1))
        )
        third = session.scalar(select(Invitation.id).where(Invitation.email == "trois@coteaux.example"))
    assert new_visitor().post(first.last_link("deux@coteaux.example")).status_code == 410
    grades.post(f"/organismes/{gers}/invitations/{third}/retirer")
    assert new_visitor().get(first.last_link("trois@coteaux.example")).status_code == 410


def test_an_invitation_signs_nobody_in_to_an_account_that_exists(
    accounts_app: Flask, gers: int, new_visitor: NewVisitor
) -> None:
    """Tests a month-old mail in wrong hands: the account must be signed in, with the address invited."""
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    invited = visitor_as(accounts_app, "connue@coteaux.example")
    grades.post("/invitations", finess=GERS, email="connue@coteaux.example")
    path = invited.last_link("connue@coteaux.example")
    thief = new_visitor()
    assert "déjà un compte" in thief.get(path).text
    assert thief.post(path).status_code == 403
    assert not thief.is_signed_in()
    other = visitor_as(accounts_app, "autre@ailleurs.example")
    assert other.post(path).status_code == 403
    assert roles_of(other, "connue@coteaux.example") == []
    assert invited.post(path).status_code == 303
    assert roles_of(other, "connue@coteaux.example") == [("og_manager", "Association des Côteaux")]


def test_one_invites_where_one_acts(accounts_app: Flask, gers: int) -> None:
    """Tests that a GRADeS does not invite an OG of another région, nor anybody into a team."""
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    refused = grades.post("/invitations", finess=AIN, email="dir@dombes.example")
    assert refused.status_code == 422
    assert "aucun ESMS dans votre région" in plain(refused.text)
    unknown = grades.post("/invitations", finess="320 999", email="dir@")
    assert "vous en avez saisi 6" in plain(unknown.text)
    assert 'value="320 999"' in unknown.text
    assert grades.post("/admin/comptes", email="ami@occitanie.example", role="admin").status_code == 403
    with grades.database.reading() as session:
        assert session.scalars(select(Invitation.id)).all() == []


def test_more_than_was_asked_for_is_not_read(accounts_app: Flask, gers: int, new_visitor: NewVisitor) -> None:
    """Tests mass assignment: a role, a place, an owner or a state sent along with a form change nothing."""
    grades = visitor_as(accounts_app, "grades@occitanie.example")
    extra = {"role": "admin", "region": RHONE_ALPES, "organisme_id": "2", "accepted_at": "2026-01-01"}
    grades.post("/invitations", finess=GERS, email="dir@coteaux.example", **extra)
    manager = new_visitor()
    manager.post(manager.last_link("dir@coteaux.example"), **extra)
    assert roles_of(manager, "dir@coteaux.example") == [("og_manager", "Association des Côteaux")]
    manager.post("/compte/nom", name="Directrice", email="vol@ailleurs.example", id="1", **extra)
    page = manager.get("/compte").text
    assert "Directrice" in page
    assert "dir@coteaux.example" in page
    for role in ("admin", "grades", "ars", "", "OG_MANAGER"):
        answer = manager.post(f"/organismes/{gers}/invitations", email="x@coteaux.example", role=role)
        assert answer.status_code == 422, role
    assert roles_of(manager, "dir@coteaux.example") == [("og_manager", "Association des Côteaux")]


def test_the_administrator_makes_the_teams(accounts_app: Flask, new_visitor: NewVisitor) -> None:
    """Tests each role with its place, what does not go together, and the last administrator."""
    database: Database = accounts_app.extensions["database"]
    with database.writing() as session:
        account(session, "admin@national.example", Grant(Role.ADMIN))
    admin = visitor_as(accounts_app, "admin@national.example")
    for role, place in (("grades", ""), ("grades", "76:32"), ("admin", "76"), ("ars", "76:01"), ("", "76")):
        answer = admin.post("/admin/comptes", email="x@ars.example", role=role, place=place)
        assert answer.status_code == 422, (role, place)
    wanted = (
        ("ars", "76:32", "Gers (Occitanie)"),
        ("support", "76", "Occitanie"),
        ("grades", "84", "Auvergne"),
    )
    for role, place, where in wanted:
        email = f"{role}@equipe.example"
        assert admin.post("/admin/comptes", email=email, role=role, place=place).status_code == 303
        invited = new_visitor()
        invited.post(invited.last_link(email))
        ((held, at),) = roles_of(invited, email)
        assert held == role
        assert at.startswith(where)
    with database.reading() as session:
        by_role = {held.grant.role: held.membership_id for held in people.staff(session)}
    admin.post(f"/admin/roles/{by_role[Role.ADMIN]}/retirer")
    admin.post(f"/admin/roles/{by_role[Role.ARS]}/retirer")
    with database.reading() as session:
        left = {held.grant.role for held in people.staff(session)}
    assert left == {Role.ADMIN, Role.SUPPORT, Role.GRADES}
