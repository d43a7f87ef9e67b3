"""The PDF, read back."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from bs4 import Tag
from flask.testing import FlaskClient
from pypdf import PdfReader

from tests.matchmaker.simulateur.conftest import EJ, FOUR, NAME, ask


def test_the_PDF_says_what_the_page_says_and_can_be_read_by_all(
    pages: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Late on the 22nd in UTC: whoever prints it in Paris reads the 23rd.
    late = dt.datetime(2026, 11, 22, 23, 30, tzinfo=dt.UTC)
    monkeypatch.setattr("matchmaker.simulateur.dossier.now", lambda: late)
    answers = {**FOUR, "partenaires": "11", "petits": "2", "finess": EJ, "personnes": "201"}
    link = ask(pages, **answers).find("a", string="Télécharger le résultat (PDF)")
    assert isinstance(link, Tag)
    response = pages.get(str(link["href"]))
    assert response.mimetype == "application/pdf"
    document = PdfReader(io.BytesIO(response.data))
    said = " ".join(" ".join(page.extract_text() for page in document.pages).split())
    said = said.replace("\u00a0", " ").replace("\u202f", " ")
    assert said.count("Montant maximal indicatif, sous réserve de la décision de l’ARS.") == 1 + len(
        document.pages
    )
    for figure in ("166 000 €", "115 000 €", "557 500 €", "6 × 20 000 €"):
        assert figure in said
    assert "un minimum de 15 ESMS (FINESS géographiques) pour candidater" in said
    assert "simulation du 23/11/2026" in said
    assert "Règles version" in said
    assert "puis 141 messages envoyés par MSSanté par mois" in said
    assert NAME in said, "the name of the register is text, never typst"
    root = document.trailer["/Root"]
    assert (root["/Lang"], root["/MarkInfo"]["/Marked"]) == ("fr-FR", True)
    assert "/StructTreeRoot" in root
    assert document.metadata is not None
    assert document.metadata.title == "Simulation de financement, programme ESMS numérique"
    assert b"pdfuaid" in response.data
    wrong = pages.get("/simulateur/resultat.pdf", query_string={**FOUR, "total": "x"})
    assert wrong.status_code == 303
