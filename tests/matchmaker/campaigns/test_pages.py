"""Pages of campaigns through the application itself, on both databases, without JavaScript unless said."""

from __future__ import annotations

import io
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from matchmaker import journal
from matchmaker.campaigns import campaign, constraints, listing, members, organismes
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.instance import instance_of
from matchmaker.campaigns.members import NewOrganisme
from matchmaker.campaigns.tables import Campaign, NeedsUpload
from matchmaker.database import Database
from matchmaker.register.tables import Etablissement, Organisme
from tests.matchmaker.pages import filled, soup, text

FILE = "finess;besoin;dui_acceptes;hebergements_acceptes\n480000105;acquisition;toutes;tous\n480000104;x;;\n"


def messages(page: BeautifulSoup) -> dict[str, str]:
    """Id of each field of the error summary -> its sentence; every link leads to an element."""
    summary = page.find(id="resume-erreurs")
    assert summary is not None
    links = {link["href"][1:]: " ".join(link.get_text().split()) for link in summary.find_all("a")}
    assert all(page.find(id=target) for target in links)
    return links


def created(client: FlaskClient, **changed: str) -> TestResponse:
    form = filled(soup(client.get("/campagnes/nouvelle")))
    return client.post("/campagnes/nouvelle", data=form | changed)


def test_an_empty_list_says_what_a_campaign_is(client: FlaskClient) -> None:
    page = client.get("/campagnes")
    assert "Aucune campagne pour l’instant" in text(page)
    assert soup(page).find("a", href="/campagnes/nouvelle")


def test_a_campaign_is_created_with_three_answers(client: FlaskClient, database: Database) -> None:
    """Tests that name and territory suffice, and that the defaults are those of the contract."""
    answer = created(client, name="Lozère", place="departement-48")
    assert answer.status_code == 303
    with database.reading() as session:
        (line,) = campaign.summaries(session)
    assert (line.campaign.region, line.campaign.departement) == ("76", "48")
    assert line.campaign.parameters["max_radius_km"] is None
    assert line.campaign.readings["K01"] == "lt15"
    page = client.get(answer.location)
    assert "Les étapes avant un premier calcul" in text(page)
    assert "Lozère" in text(client.get("/campagnes"))


def test_numbers_are_read_as_people_write_them(client: FlaskClient, database: Database) -> None:
    created(
        client,
        name="Corse",
        place="region-94",
        max_radius_km="62,5 km",
        envelope_eur="4\u00a0186\u00a0783 €",
        min_size="9",
        min_slack="2",
        max_grappes="1 000",
        mix_needs="oui",
    )
    with database.reading() as session:
        (line,) = campaign.summaries(session)
    assert line.campaign.parameters["max_radius_km"] == 62.5
    assert line.campaign.parameters["min_size"] == 9
    assert line.campaign.parameters["min_slack"] == 2
    assert line.campaign.parameters["max_grappes"] == 1000
    assert line.campaign.parameters["mix_needs"] is True
    assert line.campaign.envelope_eur == 4186783


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"name": " "}, "name", "Donnez un nom"),
        ({"place": "region-00"}, "place", "région de la liste"),
        ({"place": ""}, "place", "région de la liste"),
        ({"regime": "2030"}, "regime", "régimes proposés"),
        ({"max_radius_km": "loin"}, "max_radius_km", "« loin »"),
        ({"min_size": "50"}, "min_size", "au plus 49"),
        ({"min_size": "douze"}, "min_size", "« douze »"),
        ({"min_slack": "-1"}, "min_slack", "« -1 »"),
        ({"max_grappes": "deux"}, "max_grappes", "« deux »"),
        ({"envelope_eur": "beaucoup"}, "envelope_eur", "« beaucoup »"),
        ({"members_share": "planète"}, "members_share", "valeurs proposées"),
    ],
)
def test_a_refused_campaign_comes_back_as_typed(
    client: FlaskClient, database: Database, changed: dict[str, str], field: str, words: str
) -> None:
    """Tests 422, the summary that leads to the field, the sentence, and what was typed."""
    sent = {"name": "Ma campagne", "place": "region-76", "budget_eur": "123"} | changed
    answer = created(client, **sent)
    page = soup(answer)
    assert answer.status_code == 422
    assert words in messages(page)[field]
    again = filled(page)
    if changed.keys() <= {"name", "max_radius_km", "min_size", "envelope_eur"}:
        assert again[field] == [changed[field]]
    assert again["budget_eur"] == ["123"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Campaign)) == 0


def test_all_that_is_wrong_is_told_at_once(client: FlaskClient) -> None:
    """Tests that nobody corrects one number to be told of the next."""
    wrong = {"name": "", "envelope_eur": "-5", "max_radius_km": "-5", "min_size": "douze"}
    told = messages(soup(created(client, **({"place": "region-76"} | wrong))))
    assert wrong.keys() <= told.keys()
    assert "« -5 »" in told["envelope_eur"]


def test_the_overview_starts_with_what_is_missing(client: FlaskClient, campaign_id: int) -> None:
    """Tests counts, their check sum, and that each gap leads to its ESMS."""
    page = client.get(f"/campagnes/{campaign_id}")
    words = text(page)
    assert "4 complètes + 1 incomplète + 1 sans réponse = 6" in words
    assert "Démonstration : données fictives" in words
    gaps = soup(page).find(class_="manques")
    assert gaps is not None
    links = [link["href"].split("manque=")[1] for link in gaps.select("a[href*='manque=']")]
    assert links == ["hebergement", "reponse", "segur", "position"]
    for gap in links:
        answer = client.get(f"/campagnes/{campaign_id}/donnees?manque={gap}")
        assert len(soup(answer).select("#esms tbody tr")) == 1


def test_the_overview_of_an_unknown_campaign_is_a_404(client: FlaskClient) -> None:
    for path in ("", "/donnees", "/donnees/x", "/besoins", "/besoins/1", "/contraintes", "/solutions"):
        assert client.get(f"/campagnes/99{path}").status_code == 404


def test_filters_live_in_the_address(client: FlaskClient, campaign_id: int) -> None:
    """Tests each filter alone, together, and without result."""
    address = f"/campagnes/{campaign_id}/donnees"

    def codes(query: str) -> list[str]:
        rows = soup(client.get(f"{address}?{query}")).select("#esms tbody th a")
        return [row["href"][-1] for row in rows]

    assert codes("") == ["1", "2", "3", "4", "5", "6"]
    assert codes("texte=ccas%20MENDE") == ["3", "4"]
    assert codes("texte=480000102") == ["2"]
    assert codes("texte=%25") == []
    assert codes("etat=missing") == ["5"]
    assert codes("besoin=acquisition&departement=12") == ["6"]
    assert codes("champ=PH") == ["2"]
    assert "Aucun ESMS pour ces filtres" in text(client.get(f"{address}?champ=PJM"))
    block = client.get(f"{address}?champ=PH", headers={"HX-Request": "true"})
    assert block.get_data(as_text=True).lstrip().startswith("<section")
    assert "HX-Request" in block.headers["Vary"]


def test_lists_are_cut_by_fifty(database: Database, campaign_id: int) -> None:
    with database.reading() as session:
        first = listing.esms_page(session, campaign_id, listing.Filters(), 1, size=4)
        last = listing.esms_page(session, campaign_id, listing.Filters(), 99, size=4)
    assert (len(first.lines), first.total, first.pages) == (4, 6, 2)
    assert (len(last.lines), last.page) == (2, 2)


def answer_page(campaign_id: int, number: int) -> str:
    return f"/campagnes/{campaign_id}/donnees/48000010{number}"


def test_an_answer_is_completed_on_its_page(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests the round trip of an incomplete answer, with and without htmx."""
    address = answer_page(campaign_id, 4)
    page = client.get(address)
    assert "Il manque : les hébergements acceptés" in text(page)
    form = filled_answer(soup(page))
    assert form["need"] == ["renouvellement"]
    assert form["current_solution"] == ["dui-b"]
    sent = form | {"hosting_mode": "list", "hosting": ["saas", "shared"]}
    assert client.post(address, data=sent).status_code == 303
    with database.reading() as session:
        line = listing.esms(session, campaign_id, "480000104")
        assert line.answer == Answer("renouvellement", "dui-b", "any", ("saas", "shared"))
        assert "480000104" in [e["id"] for e in instance_of(session, campaign_id)["esms"]]


def filled_answer(page: BeautifulSoup) -> dict[str, Any]:
    """The answer's form."""
    (form,) = page.select("form[data-saisie]")
    return filled(page, str(form["action"]))


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"solutions_mode": "list", "solutions": []}, "solutions_mode", "Cochez au moins une ligne"),
        ({"hosting_mode": "list", "hosting": ["cloud"]}, "hosting_mode", "« cloud »"),
        ({"solutions_mode": "list", "solutions": ["dui-z"]}, "solutions_mode", "dui-z"),
        ({"need": "achat"}, "need", "« achat »"),
        ({"current_solution": "dui-z"}, "current_solution", "dui-z"),
        ({"lot": "x" * 81}, "lot", "80 caractères"),
        (
            {
                "need": "montee_de_version",
                "current_solution": "dui-a",
                "solutions_mode": "list",
                "solutions": ["dui-b"],
            },
            "solutions_mode",
            "doit être parmi",
        ),
    ],
)
def test_a_refused_answer_comes_back_as_typed(
    client: FlaskClient,
    database: Database,
    campaign_id: int,
    changed: dict[str, Any],
    field: str,
    words: str,
) -> None:
    address = answer_page(campaign_id, 1)
    with database.reading() as session:
        before = listing.esms(session, campaign_id, "480000101").answer
    form = filled_answer(soup(client.get(address))) | {"lot": "mon lot"} | changed
    answer = client.post(address, data=form)
    assert answer.status_code == 422
    page = soup(answer)
    assert words in messages(page)[field]
    assert filled_answer(page)["lot"] == [form["lot"]]
    with database.reading() as session:
        assert listing.esms(session, campaign_id, "480000101").answer == before


def test_an_esms_is_left_out_with_a_reason(client: FlaskClient, database: Database, campaign_id: int) -> None:
    """Tests the refusal without a reason, the exclusion, its place in the instance, and the way back."""
    address = answer_page(campaign_id, 1)
    assert client.post(f"{address}/exclusion", data=token(client)).status_code == 422
    kept = client.post(f"{address}/exclusion", data=token(client) | {"reason": "Fermeture prévue"})
    assert kept.status_code == 303
    with database.reading() as session:
        assert instance_of(session, campaign_id)["constraints"]["excluded"] == ["480000101"]
    assert "Fermeture prévue" in text(client.get(f"/campagnes/{campaign_id}/contraintes"))
    client.post(f"{address}/exclusion", data=token(client) | {"retour": "1", "depuis": "contraintes"})
    with database.reading() as session:
        assert instance_of(session, campaign_id)["constraints"]["excluded"] == []


def token(client: FlaskClient) -> dict[str, Any]:
    field = soup(client.get("/campagnes/nouvelle")).find("input", attrs={"name": "csrf_token"})
    assert field is not None
    return {"csrf_token": field["value"]}


def test_a_form_without_its_token_is_refused(client: FlaskClient, campaign_id: int) -> None:
    for path in ("contraintes", "solutions", "besoins", "etablissements", "donnees/480000101"):
        assert client.post(f"/campagnes/{campaign_id}/{path}", data={"name": "x"}).status_code == 400


def sent_file(client: FlaskClient, campaign_id: int, content: bytes, name: str) -> TestResponse:
    data = token(client) | {"file": (io.BytesIO(content), name)}
    return client.post(f"/campagnes/{campaign_id}/besoins", data=data)


def test_a_needs_file_is_checked_then_imported(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests upload, dry run, download of refusals, agreement, and that the file is forgotten."""
    answer = sent_file(client, campaign_id, FILE.encode("cp1252"), "besoins.csv")
    assert answer.status_code == 303
    page = client.get(answer.location)
    assert "1 ligne à importer, 1 ligne refusée" in text(page)
    row = soup(page).select_one("#refus tbody tr")
    assert row is not None
    assert [cell.get_text(strip=True) for cell in row.find_all(["th", "td"])][:3] == ["3", "besoin", "x"]
    refused = client.get(f"{answer.location}/refus.csv")
    assert refused.get_data().decode("utf-8-sig").startswith("ligne;champ;valeur;attendu")
    with database.reading() as session:
        assert listing.esms(session, campaign_id, "480000105").answer == Answer()
    form = filled(soup(page))
    assert form["lignes"] == ["1"]
    assert client.post(answer.location, data=form).status_code == 303
    with database.reading() as session:
        assert listing.esms(session, campaign_id, "480000105").answer.need == "acquisition"
        assert session.scalar(select(func.count()).select_from(NeedsUpload)) == 0
    assert client.post(answer.location, data=form).status_code == 404


def test_agreeing_to_something_else_writes_nothing(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests that the new check is shown when another number of lines would be written."""
    answer = sent_file(client, campaign_id, FILE.encode(), "besoins.csv")
    form = filled(soup(client.get(answer.location))) | {"lignes": "7"}
    again = client.post(answer.location, data=form)
    assert again.status_code == 409
    assert "La campagne a changé depuis le contrôle" in text(again)
    with database.reading() as session:
        assert listing.esms(session, campaign_id, "480000105").answer == Answer()


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"%PDF-1.4", "lettre.pdf", "ni un CSV ni un XLSX"),
        (b"nom;besoin\nx;y", "b.csv", "« finess »"),
        (b"", "vide.csv", "vide"),
    ],
)
def test_a_broken_file_is_refused_on_the_page(
    client: FlaskClient, database: Database, campaign_id: int, content: bytes, name: str, words: str
) -> None:
    answer = sent_file(client, campaign_id, content, name)
    assert answer.status_code == 422
    assert words in messages(soup(answer))["file"]
    assert client.post(f"/campagnes/{campaign_id}/besoins", data=token(client)).status_code == 422
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(NeedsUpload)) == 0


def test_templates_are_downloaded(client: FlaskClient, campaign_id: int) -> None:
    for kind, start in (("xlsx", b"PK"), ("csv", b"\xef\xbb\xbffiness;nom")):
        answer = client.get(f"/campagnes/{campaign_id}/besoins/modele.{kind}")
        assert answer.get_data().startswith(start)
        assert f"besoins-campagne-{campaign_id}.{kind}" in answer.headers["Content-Disposition"]


def test_parameters_are_changed_on_their_page(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    address = f"/campagnes/{campaign_id}/contraintes"
    form = filled(soup(client.get(address))) | {"max_radius_km": "40", "same_hosting": "non"}
    assert client.post(address, data=form).status_code == 303
    with database.reading() as session:
        kept = campaign.get(session, campaign_id).parameters
    assert (kept["max_radius_km"], kept["same_hosting"]) == (40, False)
    again = client.post(address, data=form | {"max_radius_km": "-4"})
    assert (again.status_code, "max_radius_km" in messages(soup(again))) == (422, True)


def test_two_organismes_are_kept_apart(client: FlaskClient, database: Database, campaign_id: int) -> None:
    """Tests refusals at the fields, the pair in the instance, its removal."""
    address = f"/campagnes/{campaign_id}/contraintes/paires"
    pair = {"kind": "apart", "one": "480000011", "other": "480000012", "reason": "Conflit passé"}
    for changed, field in (
        ({"other": "480000011"}, "other"),
        ({"one": "nobody"}, "one"),
        ({"reason": " "}, "reason"),
        ({"kind": "friends"}, "kind"),
    ):
        answer = client.post(address, data=token(client) | pair | changed)
        assert (answer.status_code, list(messages(soup(answer)))) == (422, [field])
    assert client.post(address, data=token(client) | pair).status_code == 303
    assert client.post(address, data=token(client) | pair).status_code == 422
    with database.reading() as session:
        assert instance_of(session, campaign_id)["constraints"]["apart"] == [["480000011", "480000012"]]
        (kept,) = constraints.pairs(session, campaign_id)
    client.post(f"{address}/{kept.id}/retirer", data=token(client))
    with database.reading() as session:
        assert constraints.pairs(session, campaign_id) == []


def test_solutions_are_stated(client: FlaskClient, database: Database, campaign_id: int) -> None:
    """Tests the shipped names (status unknown), a new one, a double, a change."""
    address = f"/campagnes/{campaign_id}/solutions"
    client.post(address, data=token(client) | {"liste": "1"})
    with database.reading() as session:
        known = listing.solutions(session, campaign_id)
    assert len(known) > 10
    assert {s.segur_status for s in known if not s.code.startswith("dui-")} == {"unknown"}
    new = {"name": "Solution Épi", "segur_status": "referenced", "hosting": ["saas"], "champs": ["PA"]}
    assert client.post(address, data=token(client) | new).status_code == 303
    assert client.post(address, data=token(client) | new).status_code == 422
    empty = client.post(address, data=token(client) | {"name": ""})
    assert set(messages(soup(empty))) >= {"name", "hosting", "champs"}
    page = client.get(f"{address}/solution-epi")
    form = filled(soup(page))
    assert (form["hosting"], form["champs"]) == (["saas"], ["PA"])
    client.post(f"{address}/solution-epi", data=form | {"champs": ["PA", "PH"]})
    with database.reading() as session:
        (kept,) = (s for s in listing.solutions(session, campaign_id) if s.code == "solution-epi")
    assert kept.champs == ("PA", "PH")
    assert client.get(f"{address}/none").status_code == 404


def in_register(database: Database) -> None:
    """Three establishments of Lozère, one of them closed, and one elsewhere."""
    import datetime as dt

    with database.writing() as session:
        organisme = Organisme(key="ej:480000099", finess_ej="480000099", name="Association du Gévaudan")
        session.add(organisme)
        session.flush()
        for number, departement, region, closed in (
            (1, "48", "76", None),
            (2, "48", "76", None),
            (3, "48", "76", dt.date(2020, 1, 1)),
            (4, "63", "84", None),
        ):
            session.add(
                Etablissement(
                    finess_et=f"48099000{number}",
                    organisme_id=organisme.id,
                    name=f"EHPAD {number}",
                    category="500",
                    champ="PA",
                    address="",
                    postal_code="48000",
                    commune="48095",
                    departement=departement,
                    region=region,
                    lat=44.5,
                    lon=3.5,
                    position_origin="commune",
                    position_note="",
                    source="finess",
                    snapshot_date=dt.date(2022, 1, 3),
                    closed_on=closed,
                )
            )


def test_the_register_fills_a_campaign(client: FlaskClient, database: Database, campaign_id: int) -> None:
    """Tests that open establishments of the territory enter once, with their organisme's total."""
    in_register(database)
    address = f"/campagnes/{campaign_id}"
    assert "2 autres ESMS ouverts" in text(client.get(address))
    for _time in range(2):
        assert client.post(f"{address}/etablissements", data=token(client)).status_code == 303
    with database.reading() as session:
        line = listing.esms(session, campaign_id, "480990001")
        page = listing.esms_page(session, campaign_id, listing.Filters(), 1)
    assert page.total == 8
    assert (line.organisme_code, line.organisme_total, line.commune) == ("480000099", 3, "Mende")
    assert "03/01/2022" in text(client.get(address))


def test_the_question_is_downloaded(client: FlaskClient, campaign_id: int) -> None:
    answer = client.get(f"/campagnes/{campaign_id}/instance.json")
    assert answer.get_json()["format"] == "matchmaker-instance/1"
    assert "attachment" in answer.headers["Content-Disposition"]


def test_the_journal_shows_what_was_done(client: FlaskClient, database: Database) -> None:
    """Tests the sentence, the empty journal, pages of 50, and one object alone."""
    assert "Le journal est vide" in text(client.get("/journal"))
    with database.writing() as session:
        for number in range(51):
            journal.record(session, "local", "campagne.creer", f"campaign:{number}", label=f"C{number}")
        journal.record(session, "local", "essai.inconnu", "campaign:1", detail={"added": 3})
    page = soup(client.get("/journal"))
    assert len(page.select("#journal tbody tr")) == 50
    assert "essai.inconnu" in text(client.get("/journal"))
    assert len(soup(client.get("/journal?page=2")).select("#journal tbody tr")) == 2
    one = soup(client.get("/journal?objet=campaign:1")).select("#journal tbody tr")
    assert len(one) == 2
    assert "nouvelles : 3" in " ".join(one[0].get_text(" ").split())


ENTRY = {
    "name": "SAAD des Monts",
    "finess": "480 000 777",
    "champ": "DOM",
    "category": "SAAD",
    "commune": "mende",
    "postal_code": "48000",
    "organisme": "",
    "new_organisme": "Association nouvelle",
    "new_organisme_total": "3",
}


def test_an_esms_is_entered_by_hand(client: FlaskClient, database: Database, campaign_id: int) -> None:
    """Tests an ESMS with its new organisme, then one without FINESS in a known organisme."""
    address = f"/campagnes/{campaign_id}/donnees/saisir"
    answer = client.post(address, data=token(client) | ENTRY)
    assert (answer.status_code, answer.location.rsplit("/", 1)[1]) == (303, "480000777")
    second = ENTRY | {"finess": "", "organisme": "480000011", "new_organisme": "", "new_organisme_total": ""}
    assert client.post(address, data=token(client) | second).status_code == 303
    with database.reading() as session:
        first = listing.esms(session, campaign_id, "480000777")
        other = listing.esms(session, campaign_id, "saisi-1")
    assert (first.organisme, first.organisme_total, first.position_origin) == (
        "Association nouvelle",
        3,
        "commune",
    )
    assert (first.commune, first.departement) == ("Mende", "48")
    assert other.organisme_code == "480000011"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"finess": "48000"}, "finess"),
        ({"finess": "480000101"}, "finess"),
        ({"champ": "XX"}, "champ"),
        ({"commune": "Nulle-Part"}, "commune"),
        ({"postal_code": "75001"}, "commune"),
        ({"organisme": "x"}, "organisme"),
        ({"new_organisme": ""}, "organisme"),
        ({"new_organisme_total": "0"}, "new_organisme_total"),
        ({"new_organisme_total": "beaucoup"}, "new_organisme_total"),
    ],
)
def test_a_refused_entry_comes_back_as_typed(
    client: FlaskClient, database: Database, campaign_id: int, changed: dict[str, str], field: str
) -> None:
    address = f"/campagnes/{campaign_id}/donnees/saisir"
    answer = client.post(address, data=token(client) | ENTRY | changed)
    page = soup(answer)
    assert (answer.status_code, list(messages(page))) == (422, [field])
    assert filled(page)["category"] == ["SAAD"]
    with database.reading() as session:
        assert listing.esms_page(session, campaign_id, listing.Filters(), 1).total == 6


def test_the_total_of_an_organisme_is_corrected(
    client: FlaskClient, database: Database, campaign_id: int
) -> None:
    """Tests that it reaches the instance, and that it is never under what the campaign holds."""
    address = f"/campagnes/{campaign_id}/organismes/480000012"
    for wrong in ("1", "plusieurs", ""):
        answer = client.post(address, data=token(client) | {"total": wrong})
        assert (answer.status_code, list(messages(soup(answer)))) == (422, ["total"])
    assert client.post(address, data=token(client) | {"total": "15"}).status_code == 303
    with database.reading() as session:
        totals = {o["id"]: o["esms_total"] for o in instance_of(session, campaign_id)["organismes"]}
    assert totals["480000012"] == 15
    assert client.get(f"/campagnes/{campaign_id}/organismes/none").status_code == 404
    assert "Organisme de 15 ESMS exactement" in text(client.get(f"/campagnes/{campaign_id}"))


def test_an_organisme_is_found_by_what_is_typed(client: FlaskClient, campaign_id: int) -> None:
    """Tests what the field offers while one types, without accents, by number, and nothing for nothing."""

    def offered(field: str, typed: str) -> list[str]:
        page = client.get(f"/campagnes/{campaign_id}/organismes-proposes", query_string={field: typed})
        return [option["value"] for option in soup(page).find_all("option")]

    assert offered("one", "vallees") == ["Association Causse et Vallées (480000011)"]
    assert offered("other", "48000001") == [
        "Association Causse et Vallées (480000011)",
        "CCAS de Mende (480000012)",
        "Fondation des Monts (480000013)",
    ]
    assert offered("organisme", "mende ccas") == ["CCAS de Mende (480000012)"]
    assert offered("one", " ") == offered("one", "xyz") == []


@pytest.mark.parametrize("typed", ["CCAS de Mende (480000012)", "ccas", "480 000 012", "CCAS DE MENDE"])
def test_an_organisme_is_named_in_several_ways(database: Database, campaign_id: int, typed: str) -> None:
    with database.reading() as session:
        assert organismes.named(session, campaign_id, typed) == "480000012"


def test_an_organisme_named_badly_is_said_with_what_it_could_be(
    client: FlaskClient, campaign_id: int
) -> None:
    """Tests none, several and nothing, at the two fields at once, with what was typed kept."""
    address = f"/campagnes/{campaign_id}/contraintes"
    form = filled(soup(client.get(address)), f"{address}/paires")
    answer = client.post(f"{address}/paires", data=form | {"one": "o", "other": "Orphelins"})
    assert answer.status_code == 422
    told = messages(soup(answer))
    assert "Plusieurs organismes y répondent, précisez lequel" in told["one"]
    assert "Aucun organisme de la campagne ne répond à « Orphelins »" in told["other"].replace("\u00a0", " ")
    assert "reason" in told
    assert filled(soup(answer), f"{address}/paires")["other"] == ["Orphelins"]


def test_the_constraints_page_is_light(client: FlaskClient, database: Database, campaign_id: int) -> None:
    """Tests that it does not grow with the number of organismes."""
    address = f"/campagnes/{campaign_id}/contraintes"
    before = len(client.get(address).data)
    with database.writing() as session:
        many = [NewOrganisme(f"99{n:07}", f"Association n° {n}", 3) for n in range(1_000)]
        members.add(session, campaign_id, organismes=many)
    assert len(client.get(address).data) == before
    assert before < 60_000
