"""Pages of a plan as they are served: what comes first, what adds up, blocks equal to the page's."""

from __future__ import annotations

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from matchmaker.campaigns import campaign
from matchmaker.proposals import grappe_order, store_proposal

Document = dict[str, Any]


def page(client: FlaskClient, address: str) -> BeautifulSoup:
    response = client.get(address)
    assert response.status_code == 200, response.text[-800:]
    return BeautifulSoup(response.text, "html.parser")


def text(node: Tag | BeautifulSoup) -> str:
    return re.sub(r"\s+", " ", node.get_text(" ").replace("\u00a0", " ").replace("\u202f", " ")).strip()


def by_id(soup: BeautifulSoup, id_: str) -> Tag:
    found = soup.find(id=id_)
    assert isinstance(found, Tag)
    return found


def test_the_unplaced_come_before_the_totals(client: FlaskClient, number: int) -> None:
    """Tests the order of the plan page, its sums and its proof."""
    said = text(page(client, f"/plans/{number}"))
    order = [
        "9 ESMS ne sont pas placés par ce plan",
        "Le changement qui en placerait le plus : accepter l’hébergement sur site",
        "984,0 k€ montant maximal indicatif, 2 grappes",
        "31 sur 40",
        "31 placés + 9 non placés + 2 sans demande = 42 réponses",
        "Aucune répartition ne peut dépasser 1 086,5 k€",
        "Où sont les ESMS placés et non placés",
        "Les 2 grappes",
        "D’où vient le financement",
    ]
    places = [said.find(words) for words in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)
    assert "Démonstration : données fictives" in said


def test_the_table_of_grappes_adds_up(client: FlaskClient, number: int) -> None:
    """Tests that the ESMS and amounts of the rows sum to the foot."""
    table = by_id(page(client, f"/plans/{number}"), "grappes")
    rows = table.select("tbody tr")
    sizes = [int(text(row.select("td")[1])) for row in rows]
    assert sizes == [16, 15]
    assert "31" in text(table.select("tfoot tr")[0])


def test_each_unplaced_has_its_reason_and_what_would_place_it(client: FlaskClient, number: int) -> None:
    """Tests the list: reason, then the changes with the grappe they open."""
    soup = page(client, f"/plans/{number}/non-places")
    entries = {
        text(entry.select("h2")[0]).removesuffix(" fictif"): entry
        for entry in soup.select(".liste-esms > li")
    }
    assert len(entries) == 11
    alone = entries["Trop seul"]
    assert "il en manque 4 pour atteindre le seuil de 15" in text(alone)
    assert "accepter un porteur à 85 km → entre dans G1 , +41 500 €" in text(alone)
    assert f"/plans/{number}/grappes/G1" in str(alone)
    assert "Aucun changement isolé de sa part ne suffirait." in text(entries["Grand lot"])


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("non-places", "cause=too_few_partners"),
        ("non-places", "levier=accept_hosting&tri=nom"),
        ("carte", "situation=iso&departement=48"),
        ("carte", "grappe=G2"),
        ("carte", "champ=PDE&departement=48"),
    ],
)
def test_the_block_is_that_of_the_page(client: FlaskClient, number: int, path: str, query: str) -> None:
    """Tests that what htmx swaps in is what the whole page shows at the same address."""
    address = f"/plans/{number}/{path}?{query}"
    if "PDE" in query:
        assert client.get(address).status_code == 422
        return
    whole = client.get(address)
    block = client.get(address, headers={"HX-Request": "true"})
    assert "HX-Request" in whole.headers["Vary"]
    assert "HX-Request" in block.headers["Vary"]
    swapped = BeautifulSoup(block.text, "html.parser")
    assert [tag.get("id") for tag in swapped.find_all(recursive=False)] == ["liste"]
    fresh = by_id(BeautifulSoup(whole.text, "html.parser"), "liste")
    assert text(swapped) == text(fresh)
    assert str(by_id(swapped, "liste")) == str(fresh)
    for header in ("HX-Boosted", "HX-History-Restore-Request"):
        again = client.get(address, headers={"HX-Request": "true", header: "true"})
        assert "<html" in again.text


def test_the_map_shows_what_the_list_shows(client: FlaskClient, number: int) -> None:
    """Tests that points and list answer the same query, and that unchanged points are not sent again."""
    for query, count in (
        ("", 42),
        ("?situation=iso", 9),
        ("?grappe=G1", 16),
        ("?situation=iso&situation=nsp", 11),
    ):
        response = client.get(f"/plans/{number}/points.json{query}")
        body = response.get_json()
        assert len(body["points"]) == count
        soup = page(client, f"/plans/{number}/carte{query}")
        assert len(soup.select("#liste .liste-esms > li")) == count
    assert {row[2] for row in body["points"]} == {"iso", "nsp"}
    again = client.get(
        f"/plans/{number}/points.json{query}", headers={"If-None-Match": response.headers["ETag"]}
    )
    assert again.status_code == 304


def test_a_grappe_opens_each_line_on_its_rule(client: FlaskClient, number: int) -> None:
    """Tests that lines sum to the total and that each quotes the words that carry its amount."""
    soup = page(client, f"/plans/{number}/grappes/G1")
    lines = soup.select(".financement > li")
    amounts = [int(re.sub(r"\D", "", text(line.select(".montant")[0]))) for line in lines]
    assert sum(amounts) == 699_000
    for line in lines:
        assert text(line.select("blockquote")[0]).startswith("« ")
        link = line.select(".regle a")[0]
        assert client.get(str(link["href"])).status_code == 200
    said = text(soup)
    assert "16 ESMS proposés ; le seuil est 15" in said
    assert "Montants maximaux indicatifs" in said
    assert "699 000 €" in said


def test_what_is_doubtful_is_said(client: FlaskClient, number: int) -> None:
    """Tests the three warnings of a grappe: Ségur unknown, drawn data, position of a commune's centre."""
    said = text(page(client, f"/plans/{number}/grappes/G2"))
    assert "Référencement Ségur de DUI B inconnu : comptée comme non référencée." in said
    assert "position au centre de la commune" in said
    assert "fictif" in said


@pytest.mark.parametrize(
    ("address", "status", "words"),
    [
        ("/plans/999", 404, "Il n’y a pas de plan 999"),
        ("/plans/{n}/grappes/G9", 404, "n’a pas de grappe « G9 »"),
        ("/plans/{n}/non-places?cause=envie", 422, "ne connaît pas la valeur « envie »"),
        ("/plans/{n}/non-places?page=0", 422, "n’est pas un numéro de page"),
        ("/plans/{n}/carte?situation=partout", 422, "« partout »"),
        ("/plans/{n}/points.json?tri=%3Cscript%3E", 422, "&lt;script&gt;"),
        ("/plans/{n}/export/pdf", 404, "Il n’y a pas d’export « pdf »"),
    ],
)
def test_a_wrong_address_says_why(
    client: FlaskClient, number: int, address: str, status: int, words: str
) -> None:
    """Tests addresses that lead nowhere: the right status and a sentence about what was asked."""
    response = client.get(address.format(n=number))
    assert response.status_code == status
    assert words in response.text.replace("\u00a0", " ")


def test_an_empty_list_of_plans_says_what_to_do(client: FlaskClient) -> None:
    """Tests the first visit."""
    assert "Aucun plan pour l’instant" in text(page(client, "/plans"))


def test_a_campaign_lists_its_plans(
    app: Flask, client: FlaskClient, documents: tuple[Document, Document]
) -> None:
    """Tests the way from a campaign to its plans and back, and that others' plans are not among them."""
    with app.extensions["database"].writing() as session:
        created = campaign.create(
            session,
            name="Lozère 2022",
            region="76",
            departement="48",
            regime="generalisation-2022",
            actor="local",
        )
        mine = store_proposal(session, created, 1, *documents)
        other = store_proposal(session, None, None, *documents)
    soup = page(client, f"/campagnes/{created}/plans")
    links = [str(link["href"]) for link in soup.select("#plans tbody a")]
    assert links == [f"/plans/{mine}"]
    assert f"/campagnes/{created}/plans" in str(page(client, f"/plans/{mine}").select(".fil")[0])
    assert f"/plans/{other}" in str(page(client, "/plans"))
    assert client.get("/campagnes/999/plans").status_code == 404


def test_the_table_of_grappes_is_sorted_and_cut(
    app: Flask, client: FlaskClient, documents: tuple[Document, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests order and pages of the table, alone and in its page, with pages of one grappe."""
    monkeypatch.setattr(grappe_order, "PAGE", 1)
    with app.extensions["database"].writing() as session:
        number = store_proposal(session, None, None, *documents)

    def shown(query: str, **headers: str) -> list[str]:
        response = client.get(f"/plans/{number}?{query}", headers=headers)
        assert response.status_code == 200
        soup = BeautifulSoup(response.text, "html.parser")
        return [text(link) for link in by_id(soup, "grappes").select("tbody th a")]

    assert shown("") == ["G1"]
    assert shown("page=2") == shown("page=2", **{"HX-Request": "true"}) == ["G2"]
    assert shown("grappes=marge") == ["G2"]
    assert shown("grappes=territoire&tout=1") == ["G1", "G2"]
    assert client.get(f"/plans/{number}?grappes=hasard").status_code == 422
