"""A plan that the optimiser made of a region where every cause is planted: its sentences, its files."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matchmaker.baremes import scale_for
from matchmaker.proposals import keeping, wording
from matchmaker.proposals.importing import read_pair
from matchmaker.proposals.plan_documents import read
from solver.document import read_instance
from solver.solve import solve
from solver.vocabulary import Reason
from tests.matchmaker.pages import token
from tests.solver.explain.planted import planted_document

Document = dict[str, Any]


@pytest.fixture(scope="module")
def solved() -> tuple[Document, Document]:
    """The planted region and the optimiser's proposal."""
    document = planted_document()
    instance = read_instance(json.dumps(document).encode())
    scale = scale_for(instance.regime, instance.parameters.readings)
    return document, solve(instance, scale, time_limit_s=60.0)


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


def test_each_planted_cause_in_its_sentence(solved: tuple[Document, Document]) -> None:
    """Tests the sentences of a real explanation, one for each kind of detail that the optimiser gives."""
    plan = read(*solved)
    assert {u.reason for u in plan.unplaced} == set(Reason)
    said = {u.esms.id: plain(wording.reason(plan, u)) for u in plan.unplaced}
    assert said["c1"] == "Il n’accepte aucune solution : il ne peut entrer dans aucune grappe."
    assert said["f2"].endswith("(montée de version, personnes âgées) avec DUI L (non référencée Ségur).")
    assert said["g1"].startswith("Son lot réunit 7 ESMS qui ne se séparent pas, plus que le maximum de 6")
    assert "r1 et r2 sont trop éloignés pour un même porteur" in said["r2"]
    assert "(tenue et tenue loin)" in said["k1"]
    assert "il serait seul : il manque 3 ESMS pour atteindre le seuil de 4" in said["t4"]
    assert said["o1"].endswith("obtient 20 000 € de moins.")
    changes = {u.esms.id: [plain(wording.change(plan, c)) for c in u.changes] for u in plan.unplaced}
    assert changes["t2"] == ["accepter un porteur à 103 km → entre dans G002, +21 500 €"]
    assert changes["t3"] == [
        "accepter un porteur d’un autre territoire (Occitanie) → entre dans G002, +21 500 €"
    ]


def test_what_the_optimiser_writes_can_be_taken_elsewhere(
    app: Flask, client: FlaskClient, solved: tuple[Document, Document]
) -> None:
    """Tests export then import of a real pair, through the pages, explanations judged on the way."""
    with app.extensions["database"].writing() as session:
        first = keeping.store_proposal(session, None, 3, *solved)
    files = [
        client.get(f"/plans/{first}/export/{name}").data for name in ("instance.json", "proposition.json")
    ]
    assert read_pair(*files).proposal == json.loads(json.dumps(solved[1]))
    response = client.post(
        "/plans/importer",
        data={
            "csrf_token": token(client, "/plans/importer"),
            "instance": (io.BytesIO(files[0]), "i.json"),
            "proposal": (io.BytesIO(files[1]), "p.json"),
        },
        content_type="multipart/form-data",
    )
    assert response.status_code == 303, plain(response.text)[-3000:]
    again = response.headers["Location"]
    for path in ("", "/non-places", "/carte", "/points.json", "/grappes/fixe", "/export/xlsx", "/export/csv"):
        assert client.get(again + path).status_code == 200
