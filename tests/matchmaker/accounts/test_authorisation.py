"""docs/authorisation.md against the application: every route, in every role, on own and foreign objects."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from matchmaker import journal
from matchmaker.accounts.tables import ApprovedDomain, Claim, Invitation, Membership
from matchmaker.campaigns.tables import CampaignFixedGrappe, CampaignPair, NeedsUpload
from tests.matchmaker.accounts.table import ROLES, Asking, lines
from tests.matchmaker.accounts.world import World, visitor_as

Worlds = tuple[Path, World]


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def test_no_route_is_unlisted_and_none_listed_is_gone(app_of_world: Flask) -> None:
    assert set(lines()) == routes(app_of_world)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_as_the_table_says(app_of_world: Flask, world: Worlds, role: str) -> None:
    """Tests one column: each route, on what is the role's own, then on what is another région's."""
    app_of_world.config["WTF_CSRF_ENABLED"] = False  # tested by itself: test_attacks
    made, wrong = world[1], []
    asking = Asking(app_of_world, made, role)
    for route, cells in lines().items():
        own, _slash, foreign = cells[role].partition("/")
        found = asking.told(route, made.foreign) if foreign else ""
        if found != foreign:
            wrong.append(f"{route}, foreign: {found}, not {foreign}")
        found = asking.told(route, made.own)
        if found != own:
            wrong.append(f"{route}: {found}, not {own}")
    assert not wrong


def test_a_part_of_a_foreign_object_is_out_of_reach_through_an_own_one(
    app_of_world: Flask, world: Worlds
) -> None:
    """Tests own campaign with foreign pair, own organisme with foreign member, and so on: nothing changes."""
    app_of_world.config["WTF_CSRF_ENABLED"] = False
    made = world[1]
    parts = {"pair_id", "upload_id", "fixed_id", "grappe_id", "membership_id", "invitation_id", "domain_id"}
    mixed = dataclasses.replace(
        made.own, numbers=made.own.numbers | {name: made.foreign.numbers[name] for name in parts}
    )
    tried = [r for r in lines() if r.startswith("POST") and any(f"<int:{p}>" in r for p in parts)]
    tried = [r for r in tried if not r.startswith("POST /admin")]
    assert len(tried) == 7
    before, asking = counted(app_of_world), Asking(app_of_world, made, "GRADeS")
    for route in tried:
        assert asking.told(route, mixed) in ("404", "yes"), route
    assert counted(app_of_world) == before
    read = "GET /campagnes/<int:campaign_id>/besoins/<int:upload_id>"
    assert asking.told(read, mixed) == "404"


def counted(app: Flask) -> dict[str, int]:
    tables = (CampaignPair, NeedsUpload, CampaignFixedGrappe, Membership, ApprovedDomain, Claim)
    with app.extensions["database"].reading() as session:
        found = {t.__tablename__: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}
        waiting = select(func.count()).select_from(Invitation).where(Invitation.withdrawn_at.is_(None))
        return found | {"invitations": session.scalar(waiting) or 0}


def test_lists_show_ones_own_ground(app_of_world: Flask, world: Worlds) -> None:
    """Tests lists, the journal and the first page: nothing of another région is named."""
    made = world[1]
    with app_of_world.extensions["database"].writing() as session:
        for place in (made.own, made.foreign):
            object_ = f"campaign:{place.numbers['campaign_id']}"
            journal.record(session, "local", "campagne.modifier", object_, label=f"acte en {place.region}")
    grades = visitor_as(app_of_world, made.accounts["GRADeS"])
    for path in ("/", "/campagnes", "/plans", "/journal", "/rattachements"):
        text = grades.get(path).text
        assert "Dombes" not in text, path
        assert "acte en 84" not in text, path
    assert "acte en 76" in grades.get("/journal").text
    assert "Campagne Côteaux" in grades.get("/campagnes").text
    assert "Plan Côteaux" in grades.get("/plans").text
    admin = visitor_as(app_of_world, made.accounts["administrator"])
    assert "Campagne Dombes" in admin.get("/campagnes").text
    assert "acte en 84" in admin.get("/journal").text


def test_a_campaign_is_made_where_one_acts(app_of_world: Flask, world: Worlds) -> None:
    """Tests creation: not for another région, not for all of France; the journal names who did it."""
    made = world[1]
    grades = visitor_as(app_of_world, made.accounts["GRADeS"])
    fields = {"name": "Nouvelle", "regime": "generalisation-2022"}
    for place in ("region-84", "departement-01", "france", "", "region-99"):
        answer = grades.post("/campagnes/nouvelle", **fields, place=place)
        assert answer.status_code == 422, place
    assert grades.post("/campagnes/nouvelle", **fields, place="departement-32").status_code == 303
    assert "GRADeS" in grades.get("/journal").text
    with app_of_world.extensions["database"].reading() as session:
        (last, *_others), _total = journal.entries(session, limit=1)
    assert (last.action, last.actor[:7]) == ("campagne.creer", "compte:")


@pytest.mark.parametrize(
    ("place", "fields"), [("optimiser", {"gap_permille": "0"}), ("comparer", {"points": "5"})]
)
def test_a_run_is_somebodys(app_of_world: Flask, world: Worlds, place: str, fields: dict[str, str]) -> None:
    """Tests that the journal names who asked for a run, of one plan or of several."""
    made = world[1]
    grades = visitor_as(app_of_world, made.accounts["GRADeS"])
    path = f"/campagnes/{made.own.numbers['campaign_id']}/{place}"
    answer = grades.post(path, **fields, budget_s="300", token=f"a form of {place} of its own")
    assert answer.status_code == 303, answer.text
    with app_of_world.extensions["database"].reading() as session:
        (last, *_others), _total = journal.entries(session, limit=1)
    assert (last.action, last.actor[:7]) == ("calcul.lancer", "compte:")


def test_a_plan_of_a_deleted_campaign_stays_its_regions(app_of_world: Flask, world: Worlds) -> None:
    made = world[1]
    app_of_world.config["WTF_CSRF_ENABLED"] = False
    grades = visitor_as(app_of_world, made.accounts["GRADeS"])
    number = made.own.numbers["campaign_id"]
    grades.client.post(f"/calculs/{made.own.run}/arreter")
    grades.client.post(f"/campagnes/{number}/fin/supprimer", data={"name": "Campagne Côteaux"})
    assert grades.get(f"/campagnes/{number}").status_code == 404
    assert grades.get(f"/plans/{made.own.plan}").status_code == 200
    assert grades.get(f"/plans/{made.foreign.plan}").status_code == 404
