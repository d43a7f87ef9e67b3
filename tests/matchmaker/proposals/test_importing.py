"""A pair from elsewhere: judged before anyone sees it, the same page afterwards."""

from __future__ import annotations

import copy
import io
import json
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from matchmaker.journal import trail
from matchmaker.proposals import keeping
from matchmaker.proposals.importing import UnusablePairError, read_pair
from tests.matchmaker.pages import soup, token
from tests.matchmaker.proposals.pair import pair, sound_pair

Document = dict[str, Any]


def send(client: FlaskClient, instance: bytes | None, proposal: bytes | None) -> Any:
    data: dict[str, Any] = {"csrf_token": token(client, "/plans/importer")}
    for name, body in (("instance", instance), ("proposal", proposal)):
        if body is not None:
            data[name] = (io.BytesIO(body), f"{name}.json")
    return client.post("/plans/importer", data=data, content_type="multipart/form-data")


def sent(*documents: Document) -> list[bytes]:
    return [keeping.text_of(document) for document in documents]


def kept_count(app: Flask) -> int:
    with app.extensions["database"].reading() as session:
        return len(keeping.summaries(session))


def test_an_exported_pair_comes_back_as_the_same_page(app: Flask, client: FlaskClient) -> None:
    """Tests the round trip: export, import, export again: same bytes, and the same page but its origin."""
    with app.extensions["database"].writing() as session:
        first = keeping.store_proposal(session, None, 5, *sound_pair())
    files = [
        client.get(f"/plans/{first}/export/{name}").data for name in ("instance.json", "proposition.json")
    ]
    response = send(client, *files)
    assert response.status_code == 303
    second = int(response.headers["Location"].rsplit("/", 1)[1])
    assert second != first
    client.get(f"/plans/{second}")  # takes the message that says it was judged
    assert [
        client.get(f"/plans/{second}/export/{name}").data for name in ("instance.json", "proposition.json")
    ] == files
    for path in ("non-places", "carte", "grappes/G1", "grappes/G2"):
        pages = [body(client.get(f"/plans/{n}/{path}").text, n) for n in (first, second)]
        assert pages[0] == pages[1], path


def body(page: str, number: int) -> str:
    """What a page says, without its number and its token."""
    page = re.sub(r'name="csrf-token" content="[^"]+"', "", page)
    return page.replace(f"/plans/{number}", "/plans/N").replace(f"plan {number}", "plan N").replace(
        f"Plan {number}", "Plan N"
    )  # fmt: skip


def test_importing_is_written_in_the_journal(app: Flask, client: FlaskClient) -> None:
    """Tests the trail, and that the page says the judge agreed."""
    response = send(client, *sent(*sound_pair()))
    assert response.status_code == 303
    page = client.get(response.headers["Location"])
    assert "Le contrôleur a relu ce plan" in page.text
    with app.extensions["database"].reading() as session:
        acts, _ = trail.entries(session)
    assert [(act.action, act.label) for act in acts] == [("plan.importer", "Occitanie d’essai")]


def test_a_forged_amount_is_refused_and_nothing_is_kept(app: Flask, client: FlaskClient) -> None:
    """Tests that the judge's verdict is a French sentence: where, what was stated, what was found."""
    instance, proposal = sound_pair()
    proposal = copy.deepcopy(proposal)
    proposal["grappes"][0]["funding_eur"] += 1_000
    response = send(client, *sent(instance, proposal))
    assert response.status_code == 422
    assert "Le contrôleur a refusé ce plan" in response.text
    (line,) = soup(response).select("#desaccords tbody tr")
    assert " ".join(line.get_text(" ").split()) == (
        "Grappe G1 Le financement est donné pour 700 000 € : le contrôleur trouve 699 000 €."
    )
    assert kept_count(app) == 0


def test_a_concession_that_does_not_work_is_refused() -> None:
    """Tests that explanations are judged too: those of the hand-made plan open nothing."""
    with pytest.raises(UnusablePairError) as caught:
        read_pair(*sent(*pair()))
    told = {(one.place, one.sentence) for one in caught.value.violations}
    assert any(sentence == "Le changement proposé ne place pas cet ESMS." for _, sentence in told)
    assert all(place.startswith(("Grappe", "ESMS non placé", "Ensemble")) for place, _ in told)


@pytest.mark.parametrize(
    ("break_it", "file", "path"),
    [
        (lambda i, p: i["esms"][0].update(lat=148.2), "instance", "esms[0].lat"),
        (lambda i, p: i.pop("regime"), "instance", "regime"),
        (lambda i, p: p.pop("grappes"), "proposal", "grappes"),
        (lambda i, p: p["grappes"][0]["members"].append("inconnu"), "proposal", "grappes[0]"),
        (lambda i, p: p["grappes"][1].update(solution="ailleurs"), "proposal", "grappes[1].solution"),
        (lambda i, p: p["unplaced"][0].update(esms="inconnu"), "proposal", "unplaced[0]"),
    ],
)
def test_a_broken_file_names_the_place(break_it: Any, file: str, path: str) -> None:
    """Tests that each fault is found in the file that has it, at its path."""
    instance, proposal = (copy.deepcopy(document) for document in sound_pair())
    break_it(instance, proposal)
    with pytest.raises(UnusablePairError) as caught:
        read_pair(*sent(instance, proposal))
    problems = caught.value.instance_problems if file == "instance" else caught.value.proposal_problems
    assert path in [problem.path for problem in problems]


@pytest.mark.parametrize("garbage", [b"", b"\xff\xfe", b"[" * 100_000, b"{}", b"null", b'{"a": NaN}'])
def test_what_is_no_document_is_refused_politely(app: Flask, client: FlaskClient, garbage: bytes) -> None:
    """Tests files that are not plans at all, in either place: a sentence, no trace, nothing kept."""
    good = sent(*sound_pair())
    for files in ((garbage, good[1]), (good[0], garbage)):
        response = send(client, *files)
        assert response.status_code == 422
        assert "Traceback" not in response.text
    assert kept_count(app) == 0


def test_missing_and_swapped_files_are_said_at_the_field(client: FlaskClient) -> None:
    """Tests the two easy mistakes."""
    missing = send(client, None, None)
    assert missing.status_code == 422
    assert "2 réponses à corriger" in missing.text.replace("\u00a0", " ")
    instance, proposal = sent(*sound_pair())
    swapped = send(client, proposal, instance)
    assert swapped.status_code == 422
    assert "les deux fichiers semblent inversés" in swapped.text


def test_json_keeps_what_python_would_round() -> None:
    """Tests that positions survive the trip to the last digit."""
    instance, _ = sound_pair()
    assert json.loads(keeping.text_of(instance)) == instance
