"""What the engine says of a plan: traces, what is not counted, the tail, readings of the campaign, dates."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from matchmaker.app import create_app
from matchmaker.baremes.scales import scale_for
from matchmaker.financement.trace import Standing
from matchmaker.proposals import plan_documents, store_proposal
from matchmaker.proposals.funding import Book, book
from matchmaker.settings import Settings, SettingsError, from_environment
from solver.document import read_instance
from solver.document.instance_writer import instance_document
from solver.instance import Grappe, Instance
from solver.judge import appraise
from solver.vocabulary import Champ, Need, Regime
from tests.matchmaker.financement.test_sensitivity import Row
from tests.matchmaker.financement.test_sensitivity import plan as drawn
from tests.matchmaker.proposals.pair import pair

Document = dict[str, Any]
ADDITION = Path(__file__).parents[1] / "financement" / "appel-2024"
ACQ, MV = Need.ACQUISITION, Need.MONTEE_DE_VERSION


def documents_of(instance: Instance, grappes: list[Grappe], **readings: str) -> tuple[Document, Document]:
    """The two documents of a plan of these grappes, valued by the judge."""
    scale = scale_for(instance.regime, instance.parameters.readings)
    question = instance_document(instance) | {"engine_readings": readings}
    formed = []
    for grappe in grappes:
        found = appraise(instance, scale, grappe)
        lines = [
            {
                "code": line.code.value, "quantity": line.quantity, "unit_eur": line.unit_eur,
                "amount_eur": line.amount_eur,
                "reference": {
                    "rule": line.reference.rule, "document": line.reference.document,
                    "heading": line.reference.heading, "quote": line.reference.quote,
                },
            }
            for line in found.lines
        ]  # fmt: skip
        formed.append(
            {
                "id": grappe.id, "solution": grappe.solution, "hosting": "saas", "porteur": grappe.porteur,
                "members": list(grappe.members), "size": len(grappe.members), "lines": lines,
                "funding_eur": found.funding_eur, "by_region": dict(found.by_region), "radius_km": 0.0,
                "mean_distance_km": 0.0,
            }
        )  # fmt: skip
    total = sum(g["funding_eur"] for g in formed)
    return question, {
        "parameters": question["parameters"], "status": "feasible", "objective_value": total,
        "upper_bound": total, "certified_bound": total, "gap": 0.0, "funding_eur": total,
        "grappes": formed, "unplaced": [],
    }  # fmt: skip


def book_of(*rows: list[Row], regime: Regime = Regime.GENERALISATION_2022, **readings: str) -> Book:
    question, answer = documents_of(*drawn(regime, *rows), **readings)
    return book(plan_documents.read(question, answer), read_instance(question))


def said(answer: Any) -> str:
    page = BeautifulSoup(answer.text, "html.parser")
    return re.sub(r"\s+", " ", page.get_text(" ").replace("\u00a0", " ").replace("\u202f", " "))


def test_every_line_of_a_plan_has_its_trace() -> None:
    """Tests both calls of 2022 and that of 2021: amounts equal, words quoted, members counted."""
    regional: list[Row] = [(10, ACQ, Champ.PA, "a", 20, "76"), (6, ACQ, Champ.PH, "b", 6, "76")]
    national: list[Row] = [(40, ACQ, Champ.PA, "a", 60, "76"), (12, ACQ, Champ.AHI, "b", 12, "76")]
    mixed: list[Row] = [(10, ACQ, Champ.PA, "a", 20, "32"), (6, MV, Champ.PH, "b", 6, "32")]
    for rows, regime in (
        (regional, Regime.GENERALISATION_2022),
        (national, Regime.GENERALISATION_2022_NATIONAL),
        (mixed, Regime.AMORCAGE_2021),
    ):
        made = book_of(rows, regime=regime)
        (funding,) = made.all()
        assert funding.delta_eur == 0
        assert funding.lines
        for traced in funding.lines:
            trace = traced.trace
            assert trace is not None
            assert trace.amount_eur == traced.line.amount_eur
            assert trace.citations[0].quote == traced.line.quote
            assert trace.version_from is not None
            assert len(traced.members) in (0, traced.line.quantity)
        for trace in funding.not_counted:
            assert trace.sentence.startswith("non retenu : ")
            assert trace.citations


def test_the_tail_beyond_the_49th_is_named_and_its_assumption_said() -> None:
    """Tests a national grappe where who sits in the tail matters."""
    rows: list[Row] = [(49, ACQ, Champ.PA, "a", 60, "76"), (10, MV, Champ.PA, "b", 12, "76")]
    (funding,) = book_of(rows, regime=Regime.GENERALISATION_2022_NATIONAL).all()
    reduced = [t for t in funding.lines if t.line.unit_eur == 2_000]
    assert [len(t.members) for t in reduced] == [10]
    assert all(t.trace is not None and "hypothèse" in (t.trace.reason or "") for t in funding.lines)
    assert {t.standing for t in funding.possible} == {Standing.POSSIBLE}
    assert funding.resultat.montants.least_eur < funding.resultat.total_eur


def test_readings_of_the_campaign_count_where_the_plan_is_recomputed() -> None:
    """Tests a porteur of two grappes under K11: the plan keeps its amounts, the engine says what differs."""
    one: list[Row] = [(8, ACQ, Champ.PA, "a", 14 + 4, "76"), (7, ACQ, Champ.PA, "b", 7, "76")]
    two: list[Row] = [(8, ACQ, Champ.PA, "a", 14 + 4, "76"), (7, ACQ, Champ.PA, "c", 7, "76")]
    default = book_of(one, two)
    assert [f.delta_eur for f in default.all()] == [0, 0]
    read = book_of(one, two, K11="porteur")
    found = {f.grappe.id: f for f in read.all()}
    assert {gid: f.delta_eur for gid, f in found.items()} == {"G0": 0, "G1": -115_000}
    reasons = {x.reason for x in found["G1"].not_counted}
    assert "« A » porte déjà une autre grappe, et l’aide est lue par porteur" in reasons
    assert read.sensitivity.total_eur == read.plan.funding_eur - 115_000
    back = next(e for e in read.sensitivity.variants if e.contradiction.id == "K11")
    assert (back.taken.id, back.option.id, back.delta_eur) == ("porteur", "projet", 115_000)
    # Another edition of the rules may have no such option: it counts as the default.
    assert book_of(one, K11="ailleurs", K99="x").readings["K11"] == "projet"


@pytest.fixture
def numbers(app: Flask) -> tuple[int, int]:
    """The small plan; a plan whose porteur carries two grappes, read per porteur."""
    one: list[Row] = [(8, ACQ, Champ.PA, "a", 14 + 4, "76"), (7, ACQ, Champ.PA, "b", 7, "76")]
    two: list[Row] = [(8, MV, Champ.PH, "a", 14 + 4, "76"), (7, MV, Champ.PH, "c", 7, "76")]
    question, answer = documents_of(*drawn(Regime.GENERALISATION_2022, one, two), K11="porteur")
    with app.extensions["database"].writing() as session:
        small = store_proposal(session, None, None, *pair())
        return small, store_proposal(session, None, None, question, answer)


def test_a_grappe_says_what_is_not_counted_and_when_money_comes(
    client: FlaskClient, numbers: tuple[int, int]
) -> None:
    """Tests reasons, windows by type of project, payments that add up, the advance, SONS in no total."""
    small, other = numbers
    page = client.get(f"/plans/{small}/grappes/G2")
    words = said(page)
    assert "Non retenu : aucun membre n’est d’un petit organisme" in words
    assert "Dépôt à partir du 15/03/2022, jusqu’au 01/07/2022" in words
    assert "Montées de version 15/03/2022 30/09/2022 aucun ESMS" in words
    assert "142 500 € à avancer" in words
    assert "18 mois au plus après la signature" in words
    words = said(client.get(f"/plans/{other}/grappes/G1"))
    assert "Recalculé avec les lectures de la campagne : 215 000 €, soit −100 000 €." in words
    assert "K11, par porteur" in words
    assert "À côté : le SONS, perçu par l’éditeur" in words
    order = re.search(r"7 × ([\d ]+) € ([\d ]+) € ([\d ]+) € d’avance, ([\d ]+) € de solde", words)
    assert order is not None
    unit, amount, advance, balance = (int(part.replace(" ", "")) for part in order.groups())
    assert (7 * unit, advance + balance) == (amount, amount)


def test_payments_and_expenses_are_dated(client: FlaskClient, numbers: tuple[int, int]) -> None:
    """Tests the cash-flow: days, balances, the most to advance; what cannot be read is told and kept."""
    address = f"/plans/{numbers[0]}/grappes/G1"
    given = {"signature": "2022-09-01", "depenses": "15/10/2022 120 000\n2023-03-01 300000 €"}
    words = said(client.get(address, query_string=given))
    assert "Premier versement, à la signature 01/09/2022 50 % 349 500 €" in words
    assert "Dernier versement, une fois les usages vérifiés 01/03/2024" in words
    assert "01/03/2023 Dépense −300 000 € −70 500 €" in words
    assert "Au plus fort, 70 500 € à avancer." in words
    wrong = {"signature": "hier", "depenses": "15/10/2022 beaucoup\ndemain 3"}
    answer = client.get(address, query_string=wrong)
    assert answer.status_code == 422
    words = said(answer)
    for told in ("« hier » n’est pas une date", "« 15/10/2022 beaucoup » : une date puis", "« demain »"):
        assert told in words
    assert "beaucoup\ndemain 3" in answer.text.replace("\r", "")
    assert "sans lui, aucun versement n’a de date" in said(
        client.get(address, query_string={"depenses": "15/10/2022 5"})
    )


def test_the_sensitivity_page_names_grappes_esms_and_euros(
    client: FlaskClient, numbers: tuple[int, int]
) -> None:
    """Tests both texts, the difference, the grappes it hangs on, and the readings the plan took."""
    page = client.get(f"/plans/{numbers[0]}/lectures")
    words = said(page)
    assert "2 lectures discutées changent ce plan" in words
    assert "+495 000 € pour 2 grappes et 31 ESMS" in words
    assert "Dépôt jusqu’au 30/09/2022 au lieu du 01/07/2022" in words
    assert "à compter du 15 mars 2022 et jusqu'au 30 septembre 2022" in words
    assert "Sans effet mesuré sur ce plan" in words
    words = said(client.get(f"/plans/{numbers[1]}/lectures"))
    assert "le moteur compte" in words
    assert "sont-ils par projet ou par porteur ? Par porteur Autre que proposée" in words


def test_another_call_is_compared_page_and_block(client: FlaskClient, numbers: tuple[int, int]) -> None:
    """Tests totals, a grappe too small there, the rules that differ; an unknown call is told at its field."""
    address = f"/plans/{numbers[0]}/ce-qui-change"
    assert client.get(address).status_code == 200
    answer = client.get(address, query_string={"appel": "amorcage-2021"})
    words = said(answer)
    assert "De « Généralisation 2022 » à « Amorçage 2021 »" in words
    assert "984,0 k€ deviennent" in words
    block = client.get(address, query_string={"appel": "amorcage-2021"}, headers={"HX-Request": "true"})
    assert block.text.strip() in answer.text
    for wrong in ({"appel": "essai-2024"}, {"appel": "amorcage-2021", "jour": "demain"}):
        refused = client.get(address, query_string=wrong)
        assert refused.status_code == 422
        assert BeautifulSoup(refused.text, "html.parser").select(".champ-erreur")


def test_a_call_dropped_in_as_files_can_be_compared(settings: Settings, numbers: tuple[int, int]) -> None:
    """Tests a call of 2024 that no code knows: named by a variable, chosen on the page."""
    environ = {
        "MATCHMAKER_HOME": str(settings.home),
        "MATCHMAKER_DATABASE_URL": settings.database_url,
        "MATCHMAKER_RULES_ADDED": str(ADDITION),
    }
    app = create_app(from_environment(environ))
    asked = {"appel": "essai-2024", "jour": "2024-06-10"}
    words = said(app.test_client().get(f"/plans/{numbers[0]}/ce-qui-change", query_string=asked))
    assert "De « Généralisation 2022 » à « Essai 2024 »" in words
    assert "au moins 15 ESMS au moins 20 ESMS" in words
    assert "Il vous manque 4 ESMS" in words
    app.extensions["database"].dispose()
    with pytest.raises(SettingsError, match="not a folder"):
        from_environment(environ | {"MATCHMAKER_RULES_ADDED": "/nowhere/at/all"})
    unsound = settings.home / "rules"
    unsound.mkdir()
    (unsound / "regimes.toml").write_text("[[regime]]\nid = 3\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="MATCHMAKER_RULES_ADDED"):
        create_app(from_environment(environ | {"MATCHMAKER_RULES_ADDED": str(unsound)}))
