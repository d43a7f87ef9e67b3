"""docs/authorisation.md against the application: every route, in every role, on own and foreign objects."""

from __future__ import annotations

import dataclasses
import datetime as dt
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import delete, func, select

from matchmaker import journal
from matchmaker.accounts import people
from matchmaker.accounts.tables import ApprovedDomain, Claim, Invitation, Membership, SignedIn
from matchmaker.accounts.tokens import digest
from matchmaker.app import create_app
from matchmaker.campaigns.tables import CampaignFixedGrappe, CampaignPair, NeedsUpload
from matchmaker.database import open_database
from matchmaker.database.instants import now
from matchmaker.settings import Settings, from_environment
from tests.matchmaker.accounts.world import Place, World, build, visitor_as

TABLE = Path(__file__).resolve().parents[3] / "docs" / "authorisation.md"
ROLES = (
    "visitor",
    "no role",
    "OG member",
    "OG manager",
    "ARS département",
    "ARS",
    "support",
    "GRADeS",
    "administrator",
)
# Arguments that are no row of a région: values that exist in each world.
PARTS = {
    ("regles", "rule_id"): "R34",
    ("solutions", "code"): "dui-a",
    ("organismes", "code"): "480000011",
    ("retirer", "code"): "480000106",
    ("regions", "code"): "76",
    ("donnees", "code"): "480000101",
    ("besoins", "kind"): "csv",
    ("export", "name"): "csv",
    ("grappes", "grappe_id"): "G1",
    ("lien", "token"): "x",
    ("invitations", "token"): "x",
}


def lines() -> dict[str, dict[str, str]]:
    """``GET /campagnes`` -> role -> cell."""
    found: dict[str, dict[str, str]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| route"):
            assert tuple(cells[1:]) == ROLES
        elif line.startswith("| `"):
            route = cells[0].strip("`")
            assert route not in found, route
            found[route] = dict(zip(ROLES, cells[1:], strict=True))
    return found


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> tuple[Path, World]:
    """The two régions, in a SQLite file that each role gets a copy of."""
    path = tmp_path_factory.mktemp("world") / "world.sqlite3"
    shutil.copyfile(_sqlite_template, path)
    database = open_database(f"sqlite:///{path}")
    made = build(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path, made


@pytest.fixture
def app(
    world: tuple[Path, World], tmp_path: Path, _compiled_templates: FileSystemBytecodeCache
) -> Iterator[Flask]:
    shutil.copyfile(world[0], tmp_path / "matchmaker.sqlite3")
    settings: Settings = from_environment(
        {"MATCHMAKER_HOME": str(tmp_path), "MATCHMAKER_ACCESS": "accounts", "MATCHMAKER_SECRET_KEY": "k"}
    )
    made = create_app(settings)
    made.testing = True
    made.jinja_env.bytecode_cache = _compiled_templates
    yield made
    made.extensions["database"].dispose()


def routes(app: Flask) -> set[str]:
    return {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static"
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }


def address(route: str, place: Place) -> str:
    """The address of a route for the objects of one région."""

    def value(match: re.Match[str]) -> str:
        name = match[1]
        if name == "number":
            return str(place.run if "/calculs/" in route else place.plan)
        if name == "import_id":
            return "1"
        if name in place.numbers:
            return str(place.numbers[name])
        (known,) = [
            text for (word, part), text in PARTS.items() if part == name and _last_word(route) == word
        ]
        return known

    def _last_word(rule: str) -> str:
        words = [word for word in rule.split("/") if word and "<" not in word]
        return next(word for word in reversed(words) if any(word == known for known, _part in PARTS))

    path = route.split(" ", 1)[1].replace("modele.", "")
    return re.sub(r"<(?:\w+:)?(\w+)>", value, path).replace("/besoins/csv", "/besoins/modele.csv")


# After these the browser is no longer signed in.
ENDING = ("POST /deconnexion", "POST /compte/deconnexions", "POST /compte/effacement")


class Asking:
    """A browser signed in to the account of one role, again whenever a route ended that."""

    def __init__(self, app: Flask, world: World, role: str) -> None:
        self.client, self._app, self._world, self._role = app.test_client(), app, world, role
        self._sign_in()

    def told(self, route: str, place: Place) -> str:
        """What the application answers, in the words of the table."""
        answer = self.client.open(address(route, place), method=route.split(" ", 1)[0])
        location = answer.headers.get("Location", "").split("?")[0]
        if route in ENDING:
            self._sign_in()
            if self._role != "visitor":
                location = ""  # having signed out, one is sent to the door
        if answer.status_code == 303 and location == "/connexion":
            return "sign-in"
        return "yes" if answer.status_code in (200, 302, 303, 409, 410, 422) else str(answer.status_code)

    def _sign_in(self) -> None:
        if self._role == "visitor":
            return
        key = f"key of {self._role}"
        with self._app.extensions["database"].writing() as session:
            account = people.account_of(session, self._world.accounts[self._role])
            assert account
            row = SignedIn(token_sha256=digest(key), account_id=account.id, method="essai", browser="essai")
            row.started_at, row.expires_at = now(), now() + dt.timedelta(hours=1)
            session.execute(delete(SignedIn))
            session.add(row)
        with self.client.session_transaction() as cookie:
            cookie["key"] = key


def test_no_route_is_unlisted_and_none_listed_is_gone(app: Flask) -> None:
    assert set(lines()) == routes(app)


@pytest.mark.parametrize("role", ROLES)
def test_every_route_answers_as_the_table_says(app: Flask, world: tuple[Path, World], role: str) -> None:
    """Tests one column: each route, on what is the role's own, then on what is another région's."""
    app.config["WTF_CSRF_ENABLED"] = False  # tested by itself: test_attacks
    made, wrong = world[1], []
    asking = Asking(app, made, role)
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
    app: Flask, world: tuple[Path, World]
) -> None:
    """Tests own campaign with foreign pair, own organisme with foreign member, and so on: nothing changes."""
    app.config["WTF_CSRF_ENABLED"] = False
    made = world[1]
    parts = {"pair_id", "upload_id", "fixed_id", "membership_id", "invitation_id", "domain_id"}
    mixed = dataclasses.replace(
        made.own, numbers=made.own.numbers | {name: made.foreign.numbers[name] for name in parts}
    )
    tried = [r for r in lines() if r.startswith("POST") and any(f"<int:{p}>" in r for p in parts)]
    tried = [r for r in tried if not r.startswith("POST /admin")]
    assert len(tried) == 6
    before, asking = counted(app), Asking(app, made, "GRADeS")
    for route in tried:
        assert asking.told(route, mixed) in ("404", "yes"), route
    assert counted(app) == before
    read = "GET /campagnes/<int:campaign_id>/besoins/<int:upload_id>"
    assert asking.told(read, mixed) == "404"


def counted(app: Flask) -> dict[str, int]:
    tables = (CampaignPair, NeedsUpload, CampaignFixedGrappe, Membership, ApprovedDomain, Claim)
    with app.extensions["database"].reading() as session:
        found = {t.__tablename__: session.scalar(select(func.count()).select_from(t)) or 0 for t in tables}
        waiting = select(func.count()).select_from(Invitation).where(Invitation.withdrawn_at.is_(None))
        return found | {"invitations": session.scalar(waiting) or 0}


def test_lists_show_ones_own_ground(app: Flask, world: tuple[Path, World]) -> None:
    """Tests lists, the journal and the first page: nothing of another région is named."""
    made = world[1]
    with app.extensions["database"].writing() as session:
        for place in (made.own, made.foreign):
            object_ = f"campaign:{place.numbers['campaign_id']}"
            journal.record(session, "local", "campagne.modifier", object_, label=f"acte en {place.region}")
    grades = visitor_as(app, made.accounts["GRADeS"])
    for path in ("/", "/campagnes", "/plans", "/journal", "/rattachements"):
        text = grades.get(path).text
        assert "Dombes" not in text, path
        assert "acte en 84" not in text, path
    assert "acte en 76" in grades.get("/journal").text
    assert "Campagne Côteaux" in grades.get("/campagnes").text
    assert "Plan Côteaux" in grades.get("/plans").text
    admin = visitor_as(app, made.accounts["administrator"])
    assert "Campagne Dombes" in admin.get("/campagnes").text
    assert "acte en 84" in admin.get("/journal").text


def test_a_campaign_is_made_where_one_acts(app: Flask, world: tuple[Path, World]) -> None:
    """Tests creation: not for another région, not for all of France; the journal names who did it."""
    made = world[1]
    grades = visitor_as(app, made.accounts["GRADeS"])
    fields = {"name": "Nouvelle", "regime": "generalisation-2022"}
    for place in ("region-84", "departement-01", "france", "", "region-99"):
        answer = grades.post("/campagnes/nouvelle", **fields, place=place)
        assert answer.status_code == 422, place
    assert grades.post("/campagnes/nouvelle", **fields, place="departement-32").status_code == 303
    assert "GRADeS" in grades.get("/journal").text
    with app.extensions["database"].reading() as session:
        (last, *_others), _total = journal.entries(session, limit=1)
    assert (last.action, last.actor[:7]) == ("campagne.creer", "compte:")


def test_a_plan_of_a_deleted_campaign_stays_its_regions(app: Flask, world: tuple[Path, World]) -> None:
    made = world[1]
    app.config["WTF_CSRF_ENABLED"] = False
    grades = visitor_as(app, made.accounts["GRADeS"])
    number = made.own.numbers["campaign_id"]
    grades.client.post(f"/calculs/{made.own.run}/arreter")
    grades.client.post(f"/campagnes/{number}/fin/supprimer", data={"name": "Campagne Côteaux"})
    assert grades.get(f"/campagnes/{number}").status_code == 404
    assert grades.get(f"/plans/{made.own.plan}").status_code == 200
    assert grades.get(f"/plans/{made.foreign.plan}").status_code == 404
