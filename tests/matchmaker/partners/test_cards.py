"""Cards in the application: what is said and withdrawn, and that both see names once both said yes."""

from __future__ import annotations

import re

from flask import Flask

from matchmaker.partners.board import token_for
from tests.matchmaker.accounts.conftest import Visitor, plain
from tests.matchmaker.partners.conftest import Campaign

KEY = "a key of the tests"


def tokens(text: str) -> list[str]:
    return re.findall(r'id="carte-([0-9a-f]{32})"', text)


def test_from_cards_to_a_thread(held: Campaign, first: Visitor, second: Visitor, accounts_app: Flask) -> None:
    page = first.get("/og/partenaires?n=50")
    assert page.status_code == 200
    assert len(tokens(page.text)) == 7
    assert "Personnes handicapées, 2 à 4 ESMS" in plain(page.text)
    mine, theirs = (token_for(KEY, held.rows[a], held.rows[b]) for a, b in ((0, 1), (1, 0)))
    assert first.post(f"/og/partenaires/{mine}/interet").status_code == 303
    assert first.get(f"/og/mises-en-relation/{mine}").status_code == 404
    assert "En attente" in first.get("/og/partenaires").text
    assert "Association Secrète 000" not in second.get("/og/partenaires").text
    assert second.post(f"/og/partenaires/{theirs}/interet").status_code == 303
    assert "Association Secrète 001" in first.get("/og/mises-en-relation").text
    assert "Association Secrète 000" in second.get("/og/mises-en-relation").text
    sent = first.post(f"/og/mises-en-relation/{mine}", text="Bonjour <b>à vous</b>")
    assert sent.status_code == 303
    thread = second.get(f"/og/mises-en-relation/{theirs}")
    assert "Bonjour &lt;b&gt;à vous" in thread.text
    assert "@og0.example" not in thread.text
    first.post("/og/mises-en-relation/contact", accord="oui")
    assert "dir0@og0.example" in second.get(f"/og/mises-en-relation/{theirs}").text
    ics = first.get(f"/og/mises-en-relation/{mine}/rencontre.ics")
    assert ics.mimetype == "text/calendar"
    assert "SUMMARY:Premier échange avec Association Secrète 001" in ics.text
    assert second.post(f"/og/mises-en-relation/{theirs}/clore").status_code == 303
    assert first.post(f"/og/mises-en-relation/{mine}", text="Encore").status_code == 422
