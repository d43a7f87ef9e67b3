"""Files of a plan, opened by the programs that read them."""

from __future__ import annotations

import csv
import io
import json
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
    """Tests the workbook: sheets, totals, quotes, and no formula."""
    body = client.get(f"/plans/{number}/export/xlsx").data
    book = CalamineWorkbook.from_filelike(io.BytesIO(body))
    assert book.sheet_names == [
        "Plan",
        "Grappes",
        "Membres",
        "Financement",
        "Par région",
        "Départs",
        "Non placés",
    ]
    sheets = {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}
    amount = sheets["Grappes"][0].index("montant_maximal_indicatif_eur")
    assert sum(row[amount] for row in sheets["Grappes"][1:]) == 984_000
    amount, quote = (sheets["Financement"][0].index(name) for name in ("montant_eur", "citation"))
    assert sum(row[amount] for row in sheets["Financement"][1:]) == 984_000
    assert all(row[quote] for row in sheets["Financement"][1:])
    assert len(sheets["Membres"]) == 1 + 31
    assert len(sheets["Non placés"]) == 1 + 11
    names = [row[sheets["Non placés"][0].index("nom")] for row in sheets["Non placés"]]
    assert "=SOMME(A1)" in names


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
