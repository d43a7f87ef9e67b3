"""What an OG reads of a published plan: its own ESMS, nobody else's name; its own change; help asked for."""

from __future__ import annotations

import datetime as dt
import html
import re
from dataclasses import dataclass, replace

import pytest
from flask import Flask

from matchmaker import journal
from matchmaker.accounts import own_data, people, retention
from matchmaker.campaigns import answers, campaign, listing, members
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.members import NewEsms, NewOrganisme, NewSolution
from matchmaker.database.instants import now
from matchmaker.og import obstacles
from matchmaker.og.standing import seen, standing
from matchmaker.proposals import plan_documents, publishing, store_proposal
from matchmaker.proposals.plan import Esms, Plan
from matchmaker.register.tables import Organisme
from matchmaker.web.people import Grant, Role
from tests.matchmaker.accounts.conftest import Visitor, plain
from tests.matchmaker.accounts.world import account
from tests.matchmaker.og.amounts import without_a_rule
from tests.matchmaker.proposals.pair import pair

ATTACK = "<script>alert(1)</script>"
TEAM, CELL = "grades@occitanie.example", "appui@occitanie.example"


@dataclass(frozen=True)
class Held:
    campaign_id: int
    plan: int


def _new(e: dict[str, object]) -> NewEsms:
    def accepted(name: str) -> object:
        return e[name] if e[name] == "any" else tuple(e[name])  # type: ignore[arg-type]

    return NewEsms(
        code=str(e["id"]),
        organisme=str(e["organisme"]),
        name=str(e["name"]),
        champ=str(e["champ"]),
        category=str(e["category"]),
        departement=str(e["departement"]),
        region="76",
        lat=float(str(e["lat"])),
        lon=float(str(e["lon"])),
        fictitious=True,
        answer=Answer(
            str(e["need"]),
            None,
            accepted("accepted_solutions"),  # type: ignore[arg-type]
            accepted("accepted_hosting"),  # type: ignore[arg-type]
            e["lot"],  # type: ignore[arg-type]
        ),
    )


pytestmark = pytest.mark.parametrize(
    "database_url", ["postgresql", pytest.param("sqlite", marks=pytest.mark.long)], indirect=True
)


@pytest.fixture
def planned(accounts_app: Flask) -> Held:
    """The campaign of the small plan, with the director of each of its nine organismes."""
    instance, proposal = pair()
    with accounts_app.extensions["database"].writing() as session:
        number = campaign.create(
            session, name="Occitanie d’essai", region="76", regime="generalisation-2022", fictitious=True
        )
        members.add(
            session,
            number,
            organismes=[
                NewOrganisme(o["id"], o["name"], o["esms_total"], fictitious=True)
                for o in instance["organismes"]
            ],
            solutions=[
                NewSolution(s["id"], s["name"], s["segur_status"], tuple(s["hosting"]), tuple(s["champs"]))
                for s in instance["solutions"]
            ],
            esms=[_new(e) for e in instance["esms"]],
        )
        for o in instance["organismes"]:
            row = Organisme(key=o["id"], finess_ej=None, name=o["name"], fictitious=True)
            session.add(row)
            session.flush()
            account(session, f"{o['id']}@essai.example", Grant(Role.OG_MANAGER, row.id))
        account(session, TEAM, Grant(Role.GRADES, region="76"))
        account(session, CELL, Grant(Role.SUPPORT, region="76"))
        return Held(number, store_proposal(session, number, 1, instance, proposal))


def director(app: Flask, organisme: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(f"{organisme}@essai.example")
    return visitor


def publish(app: Flask, planned: Held) -> Visitor:
    team = Visitor(app)
    team.sign_in(TEAM)
    assert team.post(f"/plans/{planned.plan}/publication").status_code == 303
    return team


def test_nothing_is_read_before_it_is_published(accounts_app: Flask, planned: Held) -> None:
    """Tests publication and its withdrawal, both in the journal; the team alone may."""
    og = director(accounts_app, "og-6")
    assert "Aucun plan n’est encore publié" in og.get("/og/pourquoi-isole").text
    assert og.post(f"/plans/{planned.plan}/publication").status_code == 403
    team = publish(accounts_app, planned)
    assert "Ce plan est publié aux organismes" in team.get(f"/plans/{planned.plan}").text
    assert "Trop seul" in og.get("/og/pourquoi-isole").text
    team.post(f"/plans/{planned.plan}/publication", retirer="1")
    assert "Aucun plan n’est encore publié" in og.get("/og/pourquoi-isole").text
    with og.database.reading() as session:
        acts = [entry.action for entry in journal.entries(session, limit=20)[0]]
    assert {"plan.publier", "plan.retirer"} <= set(acts)


def test_reasons_changes_and_own_money(accounts_app: Flask, planned: Held) -> None:
    """Tests the page of an organisme with one ESMS alone and three placed."""
    publish(accounts_app, planned)
    text = director(accounts_app, "og-6").get("/og/pourquoi-isole").text
    assert text.count("€") > 3
    assert without_a_rule(text) == []
    page = plain(text)
    assert "Pourquoi votre ESMS est isolé" in page
    assert "n’atteint pas le seuil de 15 : il en manque moins de 5." in page
    assert "11 ESMS" not in page, "less one’s own, the number of the others in reach"
    assert "Accepter la solution DUI B" in page
    assert "entre dans la grappe G2 (Hérault, 15 ESMS" in page
    assert "15 + 1 = 16 ESMS" in page
    assert "Demande l’accord de l’équipe régionale" in page  # 85 km
    assert "un porteur à 90 km" in page  # 84.2, which would point to the porteur
    assert "Grappe G2 : Hérault" in page
    read = plan_documents.read(*pair())
    mine = standing(read, "og-6")
    assert [p.grappe.id for p in mine.placed] == ["G1", "G2"] or len(mine.placed) == 1
    assert sum(len(p.own) for p in mine.placed) + len(mine.left) == sum(
        1 for e in read.esms.values() if e.organisme.id == "og-6"
    )


def test_sizes_do_not_name_the_only_other_organisme(accounts_app: Flask, planned: Held) -> None:
    """Tests, where the others in a grappe are one or two organismes, that their ESMS cannot be counted:
    the words, then a page."""
    publish(accounts_app, planned)
    instance, proposal = pair()
    for e in instance["esms"]:  # G1: og-0 and og-1 alone, with 12 and 4
        if e["id"] in proposal["grappes"][0]["members"] and e["organisme"] in ("og-2", "og-3"):
            e["organisme"] = "og-0"
    read = plan_documents.read(instance, proposal)
    mine = standing(read, "og-1").placed[0]
    assert (plain(mine.grappe.esms), mine.company) == (
        "15 ESMS ou plus",
        "du vôtre et de moins de 3 autres organismes",
    )
    # A département of one or two of the others is not named; one's own is, whoever else is there.
    grappe = read.grappe_by_id["G2"]
    third = grappe.organismes[-1][0].id
    moved = replace(
        grappe,
        members=tuple(replace(e, departement="12") if e.organisme.id == third else e for e in grappe.members),
    )
    assert seen(grappe, set()).where == "Hérault"
    assert seen(moved, set()).where == "Hérault et d’autres départements"
    assert seen(moved, {e.id for e in moved.members if e.organisme.id == third}).where == "Hérault et Aveyron"
    joined = [o for own in ("og-3", "og-6") for o in standing(read, own).options if o.joins is not None]
    assert {plain(o.joins.esms) for o in joined if o.joins and o.joins.id == "G1"} == {"15 ESMS ou plus"}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matchmaker.reference.limits.per_cell", lambda: 9)
        page = plain(director(accounts_app, "og-6").get("/og/pourquoi-isole").text)
    assert "entre dans la grappe G2 (Occitanie, 15 ESMS ou plus" in page
    assert "15 ESMS ou plus du vôtre et de moins de 9 autres organismes, seuil 15" in page
    for exact in ("15 ESMS,", "16 ESMS", "5 organismes", "marge"):
        assert exact not in page


def test_what_blocks_grappe_by_grappe(accounts_app: Flask, planned: Held) -> None:
    """Tests each rule by itself on the plan's grappes, and that the nearest grappe comes first."""
    publish(accounts_app, planned)
    page = plain(director(accounts_app, "og-6").get("/og/pourquoi-isole").text)
    assert "Ce qui bloque, grappe par grappe" in page
    read = plan_documents.read(*pair())
    near = obstacles.nearest(read, [one.esms for one in standing(read, "og-6").alone])
    assert near[0].grappe.id == "G1"
    assert [one.blocking for one in near] == sorted(one.blocking for one in near)
    grappe = read.grappe_by_id["G1"]
    member = grappe.members[0]
    as_is = replace(member, accepted_solutions=None, accepted_hosting=None)
    assert blocked(read, as_is) == set()
    assert blocked(read, replace(as_is, accepted_solutions=("none",))) == {"solution"}
    assert blocked(read, replace(as_is, accepted_hosting=())) == {"hosting"}
    apart = replace(read, parameters={**read.parameters, "mix_champs": False})
    assert blocked(apart, replace(as_is, champ="PJM")) == {"mixing"}
    assert blocked(read, replace(as_is, lat=48.9, lon=2.3)) == {"distance"}
    assert blocked(read, replace(as_is, region="11")) == {"distance"}
    tight = replace(read, parameters={**read.parameters, "max_size": grappe.size})
    assert blocked(tight, as_is) == {"place"}
    with pytest.MonkeyPatch.context() as patch:  # of few others: it would tell their number
        patch.setattr("matchmaker.reference.limits.per_cell", lambda: 9)
        assert blocked(tight, as_is) == set()


def blocked(read: Plan, esms: Esms) -> set[str]:
    """Rules that keep one ESMS out of the first grappe."""
    found = next(one for one in obstacles.nearest(read, [esms]) if one.grappe.id == "G1")
    return {one.rule for one in found.obstacles if one.blocked}


def test_nobody_else_is_named(accounts_app: Flask, planned: Held) -> None:
    """Tests the page of every organisme, and each confirmation, for the name or number of anybody else."""
    publish(accounts_app, planned)
    instance, _proposal = pair()
    opened = 0
    for own in instance["organismes"]:
        og = director(accounts_app, own["id"])
        page = og.get("/og/pourquoi-isole").text
        changes = re.findall(r'"(/og/pourquoi-isole/changer[^"]*)"', page)
        opened += len(changes)
        seen = [page, *(og.get(html.unescape(url)).text for url in changes)]
        shown = plain(html.unescape("".join(seen)))
        for o in instance["organismes"]:
            assert o["id"] == own["id"] or o["name"] not in shown
        for e in instance["esms"]:
            if e["organisme"] != own["id"]:
                assert not re.search(rf"{re.escape(e['name'])}(?!\d)", shown), (own["id"], e["name"])
                assert e["id"] not in shown
    assert opened > 3


def test_a_change_is_shown_before_it_is_made(accounts_app: Flask, planned: Held) -> None:
    """Tests before and after, the change, what somebody changed meanwhile, and changes that are not own."""
    publish(accounts_app, planned)
    og = director(accounts_app, "og-8")
    page = plain(html.unescape(og.get("/og/pourquoi-isole").text))
    url = re.findall(r'"(/og/pourquoi-isole/changer[^"]*)"', page)[0]
    shown = plain(og.get(url).text)
    assert without_a_rule(shown) == []
    assert "SaaS éditeur (HDS)" in shown
    assert "SaaS éditeur (HDS), chez un tiers (GCS, GIP)" in shown
    code = "480000009"
    carried = html.unescape(re.findall(rf'name="depart-{code}" value="([^"]*)"', shown)[0])
    fields = {"type": "accept_hosting", "valeur": "shared", "grappe": "G1", f"depart-{code}": carried}
    assert kept(og, planned, code).accepted_hosting == ("saas",)
    with og.database.writing() as session:  # a colleague, while the page was open
        before = kept(og, planned, code)
        answers.keep(
            session,
            planned.campaign_id,
            code,
            Answer(before.need, None, before.accepted_solutions, ("on_premise",)),
            actor="local",
        )
    og.post("/og/pourquoi-isole/changer", **fields)
    assert "n’a pas changé" in og.get("/og/pourquoi-isole").text
    assert kept(og, planned, code).accepted_hosting == ("on_premise",)
    shown = plain(og.get(url).text)
    fields[f"depart-{code}"] = html.unescape(re.findall(rf'name="depart-{code}" value="([^"]*)"', shown)[0])
    assert og.post("/og/pourquoi-isole/changer", **fields).status_code == 303
    assert kept(og, planned, code).accepted_hosting == ("on_premise", "shared")
    page = plain(og.get("/og/pourquoi-isole").text)
    assert "Accepté depuis" in page
    assert "1 de vos réponses a changé depuis ce plan" in page
    for foreign in (
        fields | {"valeur": "saas"},
        fields | {"type": "radius_km", "valeur": "85"},
        fields | {"type": "accept_solution", "valeur": "dui-b", "grappe": "G2"},  # og-6's
        {},
    ):
        assert og.post("/og/pourquoi-isole/changer", **foreign).status_code == 404


def kept(visitor: Visitor, planned: Held, code: str) -> Answer:
    with visitor.database.reading() as session:
        return listing.esms(session, planned.campaign_id, code).answer


def test_help_is_asked_for_and_answered(accounts_app: Flask, planned: Held) -> None:
    """Tests a request from asking to the answer read; text is text; another organisme sees nothing."""
    og, other = director(accounts_app, "og-7"), director(accounts_app, "og-3")
    assert og.post("/og/appui", objet="isolement", texte=" ").status_code == 422
    assert og.post("/og/appui", objet="x", texte="Aidez-nous").status_code == 422
    assert og.post("/og/appui", objet="isolement", texte=f"Nous sommes seuls {ATTACK}\x00").status_code == 303
    cell = Visitor(accounts_app)
    cell.sign_in(CELL)
    page = cell.get("/appui/demandes")
    assert "Nous sommes seuls" in page.text
    assert "og-7@essai.example" in page.text
    assert ATTACK not in page.text
    number = re.findall(r'"/appui/demandes/(\d+)"', page.text)[0]
    assert cell.post(f"/appui/demandes/{number}", etat="gagné").status_code == 422
    cell.post(f"/appui/demandes/{number}", etat="taken", reponse=f"Nous appelons jeudi {ATTACK}")
    answer = og.get("/og/appui").text
    assert "Nous appelons jeudi" in answer
    assert plain(og.get("/og/notifications").text).count("demande d’appui est prise en charge : lisez") == 1
    assert "prise en charge" not in other.get("/og/notifications").text
    assert "Prise en charge" in answer
    assert ATTACK not in answer
    assert "Nous sommes seuls" not in other.get("/og/appui").text
    held = og.get("/compte/donnees.json").json
    assert held
    assert [one["objet"] for one in held["demandes_d_appui"]] == ["isolement"]
    for again in range(10):
        og.post("/og/appui", objet="autre", texte=f"Encore {again}")
    assert og.post("/og/appui", objet="autre", texte="Une de trop").status_code == 422


def test_a_request_is_emptied_with_its_author(accounts_app: Flask, planned: Held) -> None:
    og = director(accounts_app, "og-7")
    og.post("/og/appui", objet="isolement", texte="Nous sommes seuls")
    with og.database.writing() as session:
        asked = people.account_of(session, "og-7@essai.example")
        assert asked
        own_data.erase(session, asked.id, actor="local")
    cell = Visitor(accounts_app)
    cell.sign_in(CELL)
    page = cell.get("/appui/demandes").text
    assert "Nous sommes seuls" not in page
    assert "1 demande" in plain(page)
    with og.database.writing() as session:
        assert retention.purge(session, now() + dt.timedelta(days=800))["demandes_d_appui"] == 1


def test_a_plan_is_published_once_and_replaced(accounts_app: Flask, planned: Held) -> None:
    database = accounts_app.extensions["database"]
    with database.writing() as session:
        second = store_proposal(session, planned.campaign_id, 2, *pair("Autre"))
        for number in (planned.plan, planned.plan, second):
            publishing.publish(session, number, actor="local")
        read = publishing.published(session, planned.campaign_id)
        assert read
        assert read.number == second
        imported = store_proposal(session, None, None, *pair("Importé"))
        with pytest.raises(publishing.NotOfACampaignError):
            publishing.publish(session, imported, actor="local")
