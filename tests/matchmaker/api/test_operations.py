"""The API as another program meets it: answers, errors at their place, limits; Schemathesis on all of it."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from schemathesis.engine import Status, from_schema
from schemathesis.engine.events import FatalError, NonFatalError, ScenarioFinished

from matchmaker.api import visits
from matchmaker.app import create_app
from matchmaker.baremes import shipped_rules
from matchmaker.settings import from_environment
from tests.matchmaker.accounts.world import organisme

BASE = "/api/v1"
ASKED: dict[str, Any] = {
    "region": "76",
    "esms": [{"champ": "PA", "need": "acquisition", "count": 4}],
    "referenced": True,
}
EJ = "320999018"


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory, _sqlite_template: Path) -> Iterator[Flask]:
    """An installation on SQLite whose register holds one organisme; as many requests as the tests need."""
    home = tmp_path_factory.mktemp("api")
    shutil.copyfile(_sqlite_template, home / "matchmaker.sqlite3")
    known = {"MATCHMAKER_HOME": str(home), "MATCHMAKER_SECRET_KEY": "k", "MATCHMAKER_API_LIMIT": "1000000000"}
    app = create_app(from_environment(known))
    app.testing = True
    database = app.extensions["database"]
    with database.writing() as session:
        organisme(session, EJ, "Association Côteaux", "76", "32")
    yield app
    database.dispose()


@pytest.fixture
def api(served: Flask) -> FlaskClient:
    return served.test_client()


def test_schemathesis_finds_nothing(served: Flask) -> None:
    """Tests each operation on the real application: examples, limits of every value, good and bad draws."""
    config = schemathesis.Config.from_dict(
        {
            "seed": 1,
            "generation": {"max-examples": 8, "database": "none"},
            "phases": {"stateful": {"enabled": False}},
        }
    )
    described = schemathesis.openapi.from_wsgi(f"{BASE}/openapi.json", served, config=config)
    asked, found, phases = 0, [], set()
    for event in from_schema(described).execute():
        if isinstance(event, NonFatalError | FatalError):
            found.append(str(event))
        if isinstance(event, ScenarioFinished):
            asked += len(event.recorder.cases)
            phases.add(event.phase.value)
            checks = (check for checks in event.recorder.checks.values() for check in checks)
            found += [str(c.failure_info) for c in checks if c.status is Status.FAILURE]
    assert not found
    assert asked > 300
    assert {"coverage", "fuzzing"} <= phases


def test_the_specification_is_openapi_3_1_and_lists_every_route(served: Flask, api: FlaskClient) -> None:
    found = api.get(f"{BASE}/openapi.json").get_json()
    assert found["openapi"] == "3.1.0"
    told = {f"{m.upper()} {path}" for path, methods in found["paths"].items() for m in methods}
    routes = {
        f"{method} {rule.rule.replace('<', '{').replace('>', '}')}"
        for rule in served.url_map.iter_rules()
        if rule.rule.startswith(BASE) and not rule.rule.endswith("openapi.json")
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert told == routes
    question = found["components"]["schemas"]["Question"]["properties"]
    assert question["call"]["enum"] == [call.id for call in shipped_rules().calls]
    assert "known-" not in api.get(f"{BASE}/openapi.json").text


def test_a_simulation_says_what_the_page_says(api: FlaskClient) -> None:
    found = api.post(
        f"{BASE}/simulations", json=ASKED | {"partners": {"small": 2, "large": 9}, "persons": 201}
    ).get_json()
    assert found["notice"] == "Montant maximal indicatif, sous réserve de la décision de l’ARS."
    assert found["existence"]["exists"] is True
    assert found["totals"] == {
        "own_eur": 166_000,
        "common_eur": 115_000,
        "total_eur": 557_500,
        "least_eur": 557_500,
        "granted_eur": 557_500,
        "possible_eur": 0,
    }
    counted = [line for line in found["lines"] if line["standing"] == "retenu"]
    assert sum(line["amount_eur"] for line in counted) == 557_500
    assert all(line["citations"][0]["quote"] for line in counted)
    assert sum(p["amount_eur"] for p in found["payments"]) == 557_500
    assert (found["uses"][0]["first"], found["uses"][0]["monthly"]) == (141, 141)
    page = api.get(found["page"])
    assert page.status_code == 200
    assert found["uses"][0]["sentence"].split(" : ")[1][:20] in page.text.replace("\u00a0", " ")
    assert "557\u00a0500\u00a0€" in page.text


def test_a_reading_changes_what_hangs_on_it(api: FlaskClient) -> None:
    fifteen = of(15)
    totals = [
        api.post(f"{BASE}/simulations", json=fifteen | {"readings": {"K01": option}}).get_json()["totals"]
        for option in ("lt15", "le15")
    ]
    assert totals[1]["total_eur"] - totals[0]["total_eur"] == 415_000


def of(count: int, champ: str = "PA") -> dict[str, Any]:
    return ASKED | {"esms": [{"champ": champ, "need": "acquisition", "count": count}]}


WRONG: list[tuple[Any, str, str]] = [
    ({}, "#/region", "Cette valeur manque."),
    (of(-3), "#/esms/0/count", "1 au moins"),
    (
        of(10**9),
        "#/esms/0/count",
        "200 au plus",
    ),
    (
        of(1, "XX"),
        "#/esms/0/champ",
        "« XX » n’est",
    ),
    (ASKED | {"esms": []}, "#/esms", "1 élément(s) au moins."),
    (ASKED | {"region": "99"}, "#/region", "« 99 » n’est aucun de : 84"),
    (ASKED | {"deposit": "2022-02-30"}, "#/deposit", "Une date s’écrit ainsi : 2022-05-31."),
    (ASKED | {"readings": {"K01": "x"}}, "#/readings", "« x » n’est aucune option de K01 : lt15, le15."),
    (ASKED | {"total": 3}, "#/total", "Ce nom n’existe pas ici."),
    (ASKED | {"referenced": "oui"}, "#/referenced", "« true », « false » ou « null » est attendu."),
    ([1], "#", "Un objet JSON est attendu."),
]


@pytest.mark.parametrize(("body", "pointer", "sentence"), WRONG)
def test_a_wrong_value_is_told_at_its_place(api: FlaskClient, body: Any, pointer: str, sentence: str) -> None:
    answer = api.post(f"{BASE}/simulations", json=body)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    errors = {e["pointer"]: e["detail"] for e in answer.get_json()["errors"]}
    assert sentence in errors[pointer]


@pytest.mark.parametrize(
    ("path", "status", "detail"),
    [
        ("/regles/R99", 404, "Aucune règle « R99 »"),
        ("/finess/999999999", 404, "FINESS 999\u00a0999\u00a0999 : inconnu"),
        ("/finess/12", 422, "Une valeur ne convient pas."),
        ("/regles?mot=x", 422, "Une valeur ne convient pas."),
        ("/rien", 404, "L’adresse est incomplète"),
    ],
)
def test_other_errors_are_problems_too(api: FlaskClient, path: str, status: int, detail: str) -> None:
    answer = api.get(BASE + path)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
    assert detail in answer.get_json()["detail"]


@pytest.mark.parametrize(
    ("path", "name", "sentence"),
    [
        ("/finess/320999", "finess", "Un numéro FINESS est attendu, sans espace : 9 caractères"),
        ("/regles/53", "rule_id", "une lettre et deux chiffres, par exemple R53."),
        ("/regles?mot=x", "mot", "Ce nom n’existe pas ici."),
        ("/regles?limit=0", "limit", "1 au moins ; reçu : « 0 »."),
        ("/regles?limit=x", "limit", "Un nombre entier est attendu."),
        ("/regles?call=2099", "call", "« 2099 » n’est aucun de : amorcage-2021"),
    ],
)
def test_a_wrong_parameter_is_told_by_its_name(api: FlaskClient, path: str, name: str, sentence: str) -> None:
    answer = api.get(BASE + path)
    assert answer.status_code == 422
    (error,) = answer.get_json()["errors"]
    assert error["pointer"] == name
    assert sentence in error["detail"]


def test_a_wrong_method_and_a_wrong_format_are_problems(api: FlaskClient) -> None:
    deleted = api.delete(f"{BASE}/regles")
    assert (deleted.status_code, deleted.mimetype) == (405, "application/problem+json")
    assert "GET" in deleted.headers["Allow"]
    assert api.post(f"{BASE}/simulations", data="x").status_code == 415


def test_rules_are_listed_searched_and_read(api: FlaskClient) -> None:
    everything = api.get(f"{BASE}/regles?limit=200").get_json()
    assert everything["total"] == len(everything["rules"]) == len(shipped_rules().register)
    found = api.get(f"{BASE}/regles?q=équipements petits").get_json()
    assert "R53" in [rule["id"] for rule in found["rules"]]
    assert found["total"] < everything["total"]
    second = api.get(f"{BASE}/regles?start=1&limit=1").get_json()
    assert second["rules"] == everything["rules"][1:2]
    rule = api.get(f"{BASE}/regles/R53").get_json()
    versions = [v for m in rule["measures"] for v in m["versions"]]
    assert {v["value"] for v in versions} == {20_000}
    assert all(v["citations"][0]["quote"] for v in versions)
    assert api.get(f"{BASE}/appels").get_json()["calls"][0]["citations"]
    assert len(api.get(f"{BASE}/lectures").get_json()["readings"]) == len(shipped_rules().contradictions)


def test_a_number_prefills(served: Flask, api: FlaskClient) -> None:
    found = api.get(f"{BASE}/finess/{EJ}").get_json()
    assert (found["kind"], found["region"], found["esms_total"]) == ("juridique", "76", 2)
    assert found["counts"] == [{"champ": "PA", "esms": 2}]
    assert found["fictitious"] is True
    one = api.get(f"{BASE}/finess/320999011").get_json()
    assert (one["kind"], one["organisme_finess"], one["counts"]) == (
        "geographique", EJ, [{"champ": "PA", "esms": 1}],
    )  # fmt: skip


def test_no_cookie_is_read_nor_given_and_the_headers_stay(api: FlaskClient) -> None:
    """Tests that a POST needs no CSRF token because no cookie acts, and that CSP is on JSON as on pages."""
    answer = api.post(f"{BASE}/simulations", json=ASKED)
    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_a_machine_that_asks_too_much_waits_whichever_process_answers(
    served: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that two processes count together; a third answer is refused with the seconds to wait."""
    monkeypatch.setattr(visits, "SECONDS", 10**9)  # no window ends during the test
    few = dataclasses.replace(served.extensions["settings"], api_per_minute=2)
    one, other = create_app(few), create_app(few)
    first, second = one.test_client(), other.test_client()
    codes = [c.get(f"{BASE}/appels").status_code for c in (first, second, first, second, second)]
    assert codes == [200, 200, 429, 429, 429]
    refused = second.get(f"{BASE}/appels")
    assert refused.mimetype == "application/problem+json"
    assert int(refused.headers["Retry-After"]) > 0
    elsewhere = {"REMOTE_ADDR": "192.0.2.7"}
    assert first.get(f"{BASE}/appels", environ_base=elsewhere).status_code == 200
    for app in (one, other):
        app.extensions["database"].dispose()


def test_the_documentation_names_every_operation_and_document(api: FlaskClient) -> None:
    page = api.get("/api").text
    found = api.get(f"{BASE}/openapi.json").get_json()
    for path in found["paths"]:
        assert f"{path}</code>" in page
    for name in found["components"]["schemas"]:
        assert f'id="{name}"' in page
    assert "1\u00a0000\u00a0000\u00a0000 fois par minute" in page
    assert 'href="/api"' in api.get("/simulateur").text
