"""What an attacker would try on every page: forms without their token, and text that wants to be a script."""

from __future__ import annotations

import importlib
import json
import pkgutil
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import String, Text, func, select, text

import matchmaker
from matchmaker.accounts import people
from matchmaker.accounts.tables import Membership
from matchmaker.database import Base
from matchmaker.proposals import store_proposal
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.table import Asking, address, lines
from tests.matchmaker.accounts.world import World
from tests.matchmaker.proposals.pair import pair

MARK = "<i id=xss>"
# Columns that hold what the program itself writes; every other text is taken for what a person typed.
CLOSED = {
    "account": "email password",
    "account_link": "token_sha256 email after",
    "attempt_counter": "kind subject",
    "campaign": "region departement regime",
    "geocoded_address": "key",
    "journal_entry": "object actor",
    "organisme": "key finess_ej",
    "register_import": "source layout sha256",
    "account_identity": "issuer subject",
    "approved_domain": "domain",
    "campaign_organisme": "code",
    "campaign_solution": "code segur_status",
    "consent": "purpose",
    "etablissement": "finess_et category champ commune departement region position_origin source",
    "invitation": "token_sha256 role region departement invited_by",
    "membership": "role region departement",
    "organisme_claim": "state",
    "proposal": "sha256 regime objective status region",
    "run": "state objective request_token",
    "signed_in": "token_sha256 provider id_token",
    "claim_document": "media",
    "og_plan_told": "sha256",
    "campaign_esms": "code champ departement region position_origin need completeness",
    "campaign_pair": "kind",
    "run_document": "instance incumbent",
    "run_event": "kind",
    "campaign_fixed_grappe": "code hosting",
    "partner_interest": "state said_by",
    "support_request": "state",
    "hand_grappe": "hosting",
    "hand_grappe_member": "state said_by",
    "notification": "kind path key",
}


def open_columns() -> list[tuple[str, str]]:
    """(table, column) of every text that a person may have typed."""
    for module in pkgutil.walk_packages(matchmaker.__path__, "matchmaker."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)
    found = [
        (table.name, column.name)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String | Text) and column.name not in CLOSED.get(table.name, "").split()
    ]
    for table in Base.metadata.sorted_tables:
        assert set(CLOSED.get(table.name, "").split()) <= set(table.columns.keys()), table.name
    return found


def marked(value: Any, names: frozenset[str]) -> Any:
    """A document whose texts under these names carry the mark."""
    if isinstance(value, dict):
        return {
            k: MARK + v if k in names and isinstance(v, str) else marked(v, names) for k, v in value.items()
        }
    return [marked(item, names) for item in value] if isinstance(value, list) else value


def test_no_text_of_a_person_becomes_a_tag(app_of_world: Flask, world: tuple[Path, World]) -> None:
    """Tests stored XSS: a tag in every text of the database and of a plan, on every page."""
    made = world[1]
    database = app_of_world.extensions["database"]
    columns = open_columns()
    assert len(columns) > 40
    with database.writing() as session:
        instance, proposal = marked(pair("Plan"), frozenset({"name", "title", "commune", "category"}))
        campaign = made.own.numbers["campaign_id"]
        plan = store_proposal(session, campaign, None, instance, json.loads(json.dumps(proposal)))
        admin = people.account_of(session, made.accounts["administrator"])
        assert admin
        people.give(session, admin, Grant(Role.OG_MANAGER, made.own.numbers["organisme_id"]), actor="local")
        for table, column in columns:
            session.execute(
                text(f'UPDATE "{table}" SET "{column}" = :mark || rowid WHERE "{column}" IS NOT NULL'),
                {"mark": MARK},
            )
    asking = Asking(app_of_world, made, "administrator")
    shown = 0
    for route in lines():
        if not route.startswith("GET "):
            continue
        own = address(route, made.own)
        for path in {own, own.replace(f"/plans/{made.own.plan}", f"/plans/{plan}")}:
            answer = asking.client.get(path)
            assert answer.status_code < 500, path
            if answer.mimetype == "text/html":
                assert MARK not in answer.text, path
                shown += "&lt;i id=xss&gt;" in answer.text
            else:
                assert answer.mimetype not in ("image/svg+xml", "text/xml", "application/xhtml+xml"), path
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert shown > 25, "the mark must have been on many pages for this test to say something"


def test_no_form_is_taken_without_its_token(app_of_world: Flask, world: tuple[Path, World]) -> None:
    """Tests CSRF on every form: without a token, and with another visitor's; nothing changes."""
    made = world[1]
    asking = Asking(app_of_world, made, "administrator")
    stranger = app_of_world.test_client()
    page = stranger.get("/connexion").text
    foreign = page.split('name="csrf-token" content="')[1].split('"')[0]
    posts = [r for r, told in lines().items() if r.startswith("POST ") and told["administrator"] != "403"]
    # Mail programs stop mails by a POST without a page; the signed link is the proof (RFC 8058).
    posts.remove("POST /notifications/desabonnement/<token>")
    # Other programs hold no cookie and send JSON, which no form of another site can: a form is refused.
    for route in [r for r in posts if r.startswith("POST /api/")]:
        assert asking.client.post(address(route, made.own), data={}).status_code == 415
        posts.remove(route)
    before = counts(app_of_world)
    assert len(posts) > 35
    for route in posts:
        for data in ({}, {"csrf_token": foreign}):
            answer = asking.client.post(address(route, made.own), data=data)
            assert answer.status_code == 400, route
    own = [r for r, told in lines().items() if r.startswith("POST ") and told["administrator"] == "403"]
    asking = Asking(app_of_world, made, "OG manager")
    for route in own:
        for data in ({}, {"csrf_token": foreign}):
            answer = asking.client.post(address(route, made.own), data=data)
            assert answer.status_code == 400, route
    assert len(own) > 3
    after = counts(app_of_world)
    assert after == before


def counts(app: Flask) -> dict[str, int]:
    with app.extensions["database"].reading() as session:
        tables = Base.metadata.sorted_tables
        found = {t.name: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}
        roles = session.scalars(select(Membership.role).order_by(Membership.id)).all()
        return found | {role: roles.count(role) for role in roles}
