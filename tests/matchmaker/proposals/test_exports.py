"""Files of a plan, opened by the programs that read them."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from typing import Any

from flask.testing import FlaskClient
from python_calamine import CalamineWorkbook

from matchmaker.proposals.plan import Plan

Document = dict[str, Any]


def test_json_exports_are_the_documents(
    client: FlaskClient, number: int, documents: tuple[Document, Document]
) -> None:
    """Tests that the two files say what was stored, and the same bytes each time."""
    for name, document in zip(("instance.json", "proposition.json"), documents, strict=True):
        response = client.get(f"/plans/{number}/export/{name}")
        assert response.get_json() == document
        assert client.get(f"/plans/{number}/export/{name}").data == response.data
        assert f"plan-{number}-{name}" in response.headers["Content-Disposition"]


def test_csv_has_every_esms_once(client: FlaskClient, number: int, plan: Plan) -> None:
    """Tests the table: 42 rows, placed or with a reason; a name that looks like a formula stays a text."""
    body = client.get(f"/plans/{number}/export/csv").data
    assert body.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    assert sorted(row["esms"] for row in rows) == sorted(plan.esms)
    placed = [row for row in rows if row["situation"] == "placé"]
    assert len(placed) == 31
    assert [row["role"] for row in placed].count("porteur") == 2
    left = {row["nom"]: row for row in rows if row["situation"] == "non placé"}
    assert "'=SOMME(A1)" in left
    assert "il en manque 4" in left["Trop seul"]["explication"].replace("\u00a0", " ")


def test_workbook_has_the_sheets_and_their_sums(client: FlaskClient, number: int) -> None:
    """Tests the workbook as a program that does not compute reads it: sheets, totals, quotes, names."""
    body = client.get(f"/plans/{number}/export/xlsx").data
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    assert book.sheet_names == [
        "Plan", "Grappes", "Membres", "Financement", "Non retenu", "Versements", "SONS, hors total",
        "Lectures", "Par région", "Départs", "Non placés",
    ]  # fmt: skip
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    amount = sheets["Grappes"][0].index("montant_maximal_indicatif_eur")
    assert sum(row[amount] for row in sheets["Grappes"][1:]) == 984_000
    amount, quote, rule, version = (
        sheets["Financement"][0].index(name)
        for name in ("montant_eur", "citation", "regle", "version_des_regles")
    )
    assert sum(row[amount] for row in sheets["Financement"][1:]) == 984_000
    assert all(row[quote] and row[rule] and row[version] for row in sheets["Financement"][1:])
    refused = [row for row in sheets["Non retenu"][1:] if row[1] == "non retenu"]
    assert all(row[5] and row[6] and row[9] for row in refused)
    assert "aucun membre n’est d’un petit organisme" in {row[5] for row in refused}
    paid = sheets["Versements"][0].index("montant_eur")
    assert sum(row[paid] for row in sheets["Versements"][1:]) == 984_000
    assert len(sheets["Membres"]) == 1 + 31
    assert len(sheets["Non placés"]) == 1 + 11
    names = [row[sheets["Non placés"][0].index("nom")] for row in sheets["Non placés"]]
    assert "=SOMME(A1)" in names


def test_sums_of_the_workbook_are_formulas(client: FlaskClient, number: int) -> None:
    """Tests that each amount is a formula over the cells it names, and gives the plan's."""
    body = client.get(f"/plans/{number}/export/xlsx").data
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        plan, grappes, lines = (parts.read(f"xl/worksheets/sheet{n}.xml").decode() for n in (1, 2, 4))
    assert "<f>SUM(Grappes!N2:N3)</f><v>984000</v>" in plan
    assert grappes.count("<f>SUMPRODUCT((Financement!$A$2:$A$8=A") == 2
    products = re.findall(r"<f>D(\d+)\*E\1</f><v>(\d+)</v>", lines)
    assert len(products) == 7
    assert sum(int(amount) for _, amount in products) == 984_000


def test_amounts_leave_with_their_rules(client: FlaskClient, number: int) -> None:
    """Tests CSV and JSON: amounts with rule, version and words; what is not counted with its reason."""
    body = client.get(f"/plans/{number}/export/financement.csv").data
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    paid = [row for row in rows if row["statut"] == "retenu"]
    assert sum(int(row["montant_eur"]) for row in paid) == 984_000
    assert all(
        row["regle"] and row["citation"] and row["version_des_regles"] and row["unite"] for row in paid
    )
    refused = [row for row in rows if row["statut"] == "non retenu"]
    assert {"G1", "G2"} == {row["grappe"] for row in refused}
    assert all(row["hypothese"] and row["regle"] for row in refused)
    found = client.get(f"/plans/{number}/export/financement.json").get_json()
    assert found["funding_eur"] == sum(g["recomputed_eur"] for g in found["grappes"]) == 984_000
    for grappe in found["grappes"]:
        assert sum(line["amount_eur"] for line in grappe["lines"]) == grappe["funding_eur"]
        assert all(line["trace"]["citations"][0]["quote"] for line in grappe["lines"])
        assert sum(p["amount_eur"] for p in grappe["payments"]) == grappe["funding_eur"]


def test_readings_leave_with_both_texts(client: FlaskClient, number: int) -> None:
    """Tests that the CSV and the workbook say the same of what the plan hangs on."""
    body = client.get(f"/plans/{number}/lectures.csv").data
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig")), delimiter=";"))
    by_reading = {row["lecture"]: row for row in rows}
    assert by_reading["K16"]["citation_retenue"] != by_reading["K16"]["citation_sinon"] != ""
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/plans/{number}/lectures.xlsx").data))
    sheet = book.get_sheet_by_name("Lectures discutées").to_python()
    assert [row[0] for row in sheet[1:]] == [row["lecture"] for row in rows]
    assert [str(int(row[4])) for row in sheet[1:]] == [row["ecart_eur"] for row in rows]


def test_geojson_puts_longitude_first(client: FlaskClient, number: int) -> None:
    """Tests the points: all of them, inside France, with their words."""
    response = client.get(f"/plans/{number}/export/geojson")
    features = json.loads(response.data)["features"]
    assert len(features) == 42
    for feature in features:
        longitude, latitude = feature["geometry"]["coordinates"]
        assert 0 < longitude < 5
        assert 43 < latitude < 45
        assert feature["properties"]["situation"] in ("placé", "non placé")
