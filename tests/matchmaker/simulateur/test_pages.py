"""The simulator as a browser without scripts receives it: answers, links, a sentence at each wrong field."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from matchmaker.baremes import shipped_rules
from matchmaker.financement.evaluation import evaluate
from matchmaker.simulateur.forms import SimulationForm
from matchmaker.simulateur.questions import projet_of
from tests.matchmaker.simulateur.conftest import FOUR, PAGE, ask, text


def test_before_a_question_there_is_a_form_and_no_answer(pages: FlaskClient) -> None:
    response = pages.get(PAGE)
    page = BeautifulSoup(response.text, "html.parser")
    assert response.status_code == 200
    assert text(page.find(id="resultat")) == ""
    assert len(page.select("input.nombre")) == 35
    first = page.select_one("form[method=get] button")
    assert first is not None
    assert not first.has_attr("name"), "Enter presses the first button: it must not fill the form again"


def test_four_ESMS_are_told_how_many_are_missing_and_what_they_would_bring(pages: FlaskClient) -> None:
    said = text(ask(pages).find(id="resultat"))
    assert said.count("Il vous manque 11 ESMS") == 1
    assert "4 comptés, 15 sont exigés." in said
    assert "Montant maximal indicatif, sous réserve de la décision de l’ARS." in said
    assert "166 000 €" in said  # 4 x (21 500 + 20 000)
    assert "281 000 €" in said  # and 115 000 once for the grappe
    assert "Dépôt à partir du 15/03/2022, jusqu’au 01/07/2022" in said


def test_with_partners_the_grappe_exists_and_each_part_is_told_apart(pages: FlaskClient) -> None:
    page = ask(pages, partenaires="11", petits="2", total="4")
    said = text(page.find(id="resultat"))
    assert "Une grappe est possible" in said
    figures = [text(n) for n in page.select(".bande .chiffre")]
    assert figures == ["166 000 €", "115 000 €", "557 500 €"]  # 15 x 21 500 + 6 x 20 000 + 115 000
    assert (
        "Votre question : appel « Généralisation 2022 » ; Occitanie ; "
        "4 ESMS : personnes âgées, premier DUI (4) ; organisme de 4 ESMS en tout ; "
        "solution référencée Ségur ; "
        "11 ESMS d’autres organismes, dont 2 de petits organismes."
    ) in said
    assert "Vos 11 partenaires sont supposés demander : personnes âgées, premier DUI." in said


def test_every_line_opens_its_rule_and_its_words(pages: FlaskClient) -> None:
    page = ask(pages, partenaires="11", PH_montee_de_version="2", total="30")
    lines = page.select(".financement details")
    assert len(lines) >= 3
    for line in lines:
        assert line.select("blockquote")
        link = line.select_one(".regle a[href]")
        assert link is not None
        path, _, anchor = str(link["href"]).partition("#")
        rule = pages.get(path)
        assert rule.status_code == 200
        assert f'id="{anchor}"' in rule.text
    assert "versés par l’État à votre éditeur, jamais à la grappe" in text(page.find(id="resultat"))


def test_a_disputed_amount_leads_to_the_dispute(pages: FlaskClient) -> None:
    page = ask(pages, appel="amorcage-2021", PA_acquisition="", PA_renouvellement="15")
    link = next(a for a in page.select(".regle a[href]") if "lecture discutée K07" in a.get_text())
    path, _, anchor = str(link["href"]).partition("#")
    assert f'id="{anchor}"' in pages.get(path).text


def test_what_is_not_counted_says_why(pages: FlaskClient) -> None:
    said = text(ask(pages, segur="non", AHI_acquisition="2").find(id="resultat"))
    assert "2 ESMS : pour ce champ, seule l’acquisition d’une solution référencée Ségur est offerte" in said
    unknown = text(ask(pages, segur="inconnu").find(id="resultat"))
    assert "Solution inconnue : comptée comme non référencée Ségur. Référencée : 281 000 €." in unknown
    assert "Toute la grappe : de 271 000 € à 281 000 €." in unknown


def test_too_large_for_its_call_it_is_led_to_the_other_with_the_same_answers(pages: FlaskClient) -> None:
    page = ask(pages, PA_acquisition="60")
    link = next(a for a in page.select("#resultat a[href]") if "Voir l’appel" in a.get_text())
    asked = dict(parse_qsl(urlsplit(str(link["href"])).query))
    assert asked == {**FOUR, "PA_acquisition": "60", "appel": "generalisation-2022-national"}
    assert "Une grappe est possible" in text(ask(pages, **asked).find(id="resultat"))


def test_uses_to_show_are_counted_in_messages_a_month(pages: FlaskClient) -> None:
    """Tests P03: 70 % of the persons by MSSanté, in the whole number at or above, three months at first."""
    said = ask(pages, personnes="201").find(id="usages-titre")
    assert isinstance(said, Tag)
    section = text(said.parent)
    assert "Pour 201 personnes accompagnées" in section
    assert "141 pendant les 3 premiers mois, puis 141 messages envoyés par MSSanté par mois" in section
    assert ask(pages).find(id="usages-titre") is None


def test_credits_of_the_region_are_told_and_limit_nothing(pages: FlaskClient) -> None:
    said = text(ask(pages).find(id="resultat"))
    assert "Crédits annoncés pour la région : 4 186 783 €" in said
    assert "Ils ne limitent aucun montant d’ici" in said
    assert "Crédits annoncés" not in text(ask(pages, region="11").find(id="resultat"))


def test_a_result_has_a_permanent_link_that_gives_it_again(pages: FlaskClient) -> None:
    page = ask(pages, partenaires="11", petits="", jour="")
    link = page.select("#resultat a")[-1]
    again = pages.get(str(link["href"]))
    assert again.status_code == 200
    assert "petits" not in str(link["href"])
    fresh = BeautifulSoup(again.text, "html.parser")
    assert text(fresh.find(id="resultat")) == text(page.find(id="resultat"))


def test_what_is_no_question_stays_out_of_every_link(pages: FlaskClient) -> None:
    """``url_for`` has arguments of its own: an address cannot give them."""
    strange = {"_scheme": "javascript", "_external": "1", "_anchor": "x", "endpoint": "home.index", "q": "1"}
    page = ask(pages, PA_acquisition="60", **strange)
    links = [str(a["href"]) for a in page.select("#resultat a[href]")]
    assert len(links) > 5
    assert not [x for x in links if "javascript" in x or "endpoint" in x or "_external" in x]
    assert pages.get("/simulateur/classeur.xlsx", query_string={**FOUR, **strange}).status_code == 200


def test_the_form_knows_its_own_names() -> None:
    assert {field.name for field in SimulationForm(shipped_rules())} == SimulationForm.names()


WRONG = [
    ({"PA_acquisition": "-3"}, "PA_acquisition", "« -3 » n’est pas un nombre d’ESMS"),
    ({"PA_acquisition": "quatre"}, "PA_acquisition", "« quatre » n’est pas un nombre d’ESMS"),
    ({"PA_acquisition": "4.5"}, "PA_acquisition", "« 4.5 » n’est pas un nombre d’ESMS"),
    ({"PA_acquisition": "1000000000"}, "PA_acquisition", "Le simulateur compte jusqu’à 5 000 ESMS."),
    ({"PA_acquisition": "9" * 15}, "PA_acquisition", "Le simulateur compte jusqu’à 5 000 ESMS."),
    ({"PA_acquisition": "٣"}, "PA_acquisition", "n’est pas un nombre d’ESMS"),
    ({"PA_acquisition": ""}, "PA_acquisition", "Indiquez au moins un ESMS"),
    ({"PA_acquisition": "0"}, "PA_acquisition", "Indiquez au moins un ESMS"),
    ({"total": "3"}, "total", "Votre organisme compterait 3 ESMS en tout, mais vous en indiquez 4"),
    ({"partenaires": "2", "petits": "3"}, "petits", "3 ESMS de petits organismes, mais 2 ESMS d’autres"),
    ({"partenaires": "4999"}, "partenaires", "Le simulateur compte jusqu’à 5 000 ESMS en tout."),
    ({"personnes": "-3"}, "personnes", "« -3 » n’est pas un nombre de personnes"),
    ({"personnes": "1000000000"}, "personnes", "Le simulateur compte jusqu’à 1 000 000 personnes."),
    ({"jour": "2022-02-30"}, "jour", "« 2022-02-30 » n’est pas une date"),
    ({"appel": "2099"}, "appel", "Choisissez un appel à projets de la liste."),
    ({"region": "99"}, "region", "Choisissez une région de la liste."),
    ({"segur": "peut-être"}, "segur", "Choisissez une des trois réponses."),
]


@pytest.mark.parametrize(("answers", "field", "sentence"), WRONG)
def test_a_wrong_answer_gets_its_sentence_at_its_field_and_stays(
    pages: FlaskClient, answers: dict[str, str], field: str, sentence: str
) -> None:
    page = ask(pages, 422, **answers)
    assert sentence in text(page.find(id=f"{field}-erreur"))
    assert sentence in text(page.find(id="resultat"))
    assert page.select_one(f'#resultat a[href="#{field}"]') is not None
    typed = page.find(id=field)
    assert isinstance(typed, Tag)
    if typed.name == "input":
        assert typed["value"] == answers[field]
        assert typed["aria-invalid"] == "true"
        assert typed["aria-describedby"].endswith(f"{field}-erreur")


def test_as_one_types_each_mistake_goes_to_its_own_field(pages: FlaskClient) -> None:
    """Tests that an answer to htmx fills the place of every field's error, and sends no field again."""
    empty = {"PA_acquisition": ""}
    wrong = [w for w in WRONG if w[0] != empty]
    assert len(wrong) == len(WRONG) - 1
    for answers, field, sentence in (*wrong, ({"finess": "12"}, "finess", "vous en avez saisi 2")):
        part = pages.get(PAGE, query_string={**FOUR, **answers}, headers={"HX-Request": "true"})
        found = BeautifulSoup(part.text, "html.parser")
        places = {str(p["data-erreur-de"]): p for p in found.select("p[data-erreur-de][hx-swap-oob=true]")}
        assert set(places) == SimulationForm.names()
        assert sentence in text(places[field])
        assert [name for name, place in places.items() if text(place)] == [field]
        assert not found.select("input, select")
    nothing_yet = pages.get(PAGE, query_string={**FOUR, **empty}, headers={"HX-Request": "true"})
    found = BeautifulSoup(nothing_yet.text, "html.parser")
    assert nothing_yet.status_code == 200
    assert text(found.find(id="resultat")).startswith("Indiquez au moins un ESMS")
    assert not [p for p in found.select("p[data-erreur-de]") if text(p)]


def test_a_generalisation_asks_for_its_pilot_and_fifty_ESMS(pages: FlaskClient) -> None:
    """Tests the project type of rule R08, which only the national call of 2021 pays."""
    asked = {"appel": "amorcage-2021-national", "PA_acquisition": "", "PH_generalisation": "60"}
    page = ask(pages, **asked)
    said = text(page.find(id="resultat"))
    assert "300 000 €" in said  # 60 x 5 000
    assert "La généralisation vient après un projet pilote" in said
    fold = page.select_one("form details")
    assert fold is not None
    assert fold.has_attr("open")
    without = text(ask(pages, **asked, pilote="non").find(id="resultat"))
    assert "la généralisation suppose un projet pilote déjà mené" in without
    assert "sans projet pilote" in without
    elsewhere = text(ask(pages, PH_generalisation="2").find(id="resultat"))
    assert "la généralisation relève de l’appel national de 2021" in elsewhere


def test_the_workbook_counts_by_itself(pages: FlaskClient) -> None:
    """Its amounts are formulas, its figures those of the page; a wrong question goes back to its page."""
    answers = {**FOUR, "partenaires": "11", "AHI_montee_de_version": "2", "total": "20"}
    link = ask(pages, **answers).find("a", string="Télécharger le classeur (XLSX)")
    assert isinstance(link, Tag)
    response = pages.get(str(link["href"]))
    assert response.mimetype.endswith("spreadsheetml.sheet")
    with zipfile.ZipFile(io.BytesIO(response.data)) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml").decode()
    assert "<f>B2*C2</f>" in sheet
    assert "<f>SUM(D2:D4)</f>" in sheet
    book = CalamineWorkbook.from_filelike(io.BytesIO(response.data))
    rows = book.get_sheet_by_name("Financement").to_python()
    assert [row[1:4] for row in rows[1:4]] == [[15, 7000, 105000], [2, 5000, 10000], [15, 14500, 217500]]
    assert rows[4][3] == 332_500
    assert sum(row[2] for row in book.get_sheet_by_name("Versements").to_python()[1:]) == 332_500
    refused = book.get_sheet_by_name("Non retenu").to_python()
    assert "l’acquisition d’une solution référencée exclut le SONS" in [row[2] for row in refused]
    wrong = pages.get("/simulateur/classeur.xlsx", query_string={**FOUR, "total": "x"})
    assert wrong.status_code == 303
    assert pages.get(wrong.headers["Location"]).status_code == 422


def test_htmx_gets_the_answer_alone(pages: FlaskClient) -> None:
    headers = {"HX-Request": "true"}
    part = pages.get(PAGE, query_string=FOUR, headers=headers)
    assert part.text.lstrip().startswith('<div id="resultat"')
    whole = ask(pages)
    answer = BeautifulSoup(part.text, "html.parser").find(id="resultat")
    assert isinstance(answer, Tag)
    assert text(answer) == text(whole.find(id="resultat"))
    assert str(answer["data-annonce"]).startswith("Il vous manque 11 ESMS")
    assert pages.get(PAGE, query_string={**FOUR, "total": "x"}, headers=headers).status_code == 422


NAMES = [
    "appel",
    "region",
    "segur",
    "total",
    "partenaires",
    "petits",
    "jour",
    "PA_acquisition",
    "finess",
    "pilote",
    "_scheme",
]


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.sampled_from(NAMES), st.text(max_size=12) | st.integers().map(str), min_size=1))
def test_no_address_breaks_it(pages: FlaskClient, answers: dict[str, str]) -> None:
    response = pages.get(f"{PAGE}?{urlencode({**FOUR, **answers})}")
    assert response.status_code in (200, 422)
    assert 'id="resultat"' in response.text


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from([c.id for c in shipped_rules().calls]),
    st.integers(1, 60),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_the_page_asks_the_engine_what_was_typed(regime: str, own: int, partners: int, small: int) -> None:
    class Typed(dict[str, str]):
        def getlist(self, name: str) -> list[str]:
            return [self[name]] if name in self else []

    answers = {
        **FOUR, "appel": regime, "PA_acquisition": str(own), "partenaires": str(partners),
        "petits": str(min(small, partners)),
    }  # fmt: skip
    simulation = SimulationForm(shipped_rules(), Typed(answers)).read()
    assert simulation is not None
    projet = projet_of(simulation)
    assert len(projet.members) == own + partners
    resultat = evaluate(shipped_rules(), projet)
    limit = {m.organisme for m in resultat.kept if projet.organismes[m.organisme].esms_total < 15}
    assert limit == set(resultat.montants.small)
