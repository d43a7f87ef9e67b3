"""Access, CSRF, hosts, headers, error pages: what every route gets without asking."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from matchmaker.app import create_app
from matchmaker.settings import Settings
from matchmaker.web import access
from matchmaker.web.security import content_security_policy
from matchmaker.web.sessions import writing


def addresses(app: Flask) -> Iterator[tuple[str, str, str]]:
    """(endpoint, method, an address) of every route, with plausible values in it."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint == "static":
            continue
        address = re.sub(r"<(?:int|float):[^>]+>", "1", rule.rule)
        address = re.sub(r"<[^>]+>", "x", address)
        for method in sorted((rule.methods or set()) - {"OPTIONS", "HEAD"}):
            yield rule.endpoint, method, address


def test_every_route_declares_its_access_and_is_held_to_it(settings: Settings) -> None:
    """Tests all routes with the door closed: 403 on every ``gestion`` route, never on a public one."""
    app = create_app(dataclasses.replace(settings, access="closed"))
    app.testing = True
    client = app.test_client()
    assert access.undeclared(app) == []
    public, closed = 0, 0
    for endpoint, method, address in addresses(app):
        status = client.open(address, method=method, base_url="https://localhost").status_code
        if access.level_of(app, endpoint) == "public":
            assert status not in (401, 403, 500), (endpoint, method)
            public += 1
        else:
            assert status == 403, (endpoint, method, status)
            closed += 1
    assert public >= 1
    app.extensions["database"].dispose()


def test_gestion_is_open_on_this_machine(app: Flask, client: FlaskClient) -> None:
    """Tests all routes with the door open: none is refused for lack of rights, none breaks."""
    for endpoint, method, address in addresses(app):
        status = client.open(address, method=method).status_code
        assert status != 403, (endpoint, method)
        assert status < 500, (endpoint, method)


def test_an_undeclared_route_stops_the_start(settings: Settings) -> None:
    """Tests that forgetting ``@access`` is found at start and not by a stranger."""
    app = create_app(settings)
    app.extensions["database"].dispose()
    app.add_url_rule("/oubliee", "oubliee", lambda: "ouverte")
    assert access.undeclared(app) == ["oubliee"]
    with pytest.raises(access.UndeclaredAccessError, match="oubliee"):
        access.require_declared(app)
    refused = dataclasses.replace(settings, access="closed")
    app.extensions["settings"] = refused
    assert app.test_client().get("/oubliee").status_code == 403


def test_a_foreign_host_is_refused(client: FlaskClient) -> None:
    """Tests that a name which resolves to this machine is not served (DNS rebinding)."""
    assert client.get("/", base_url="http://evil.example").status_code == 400
    assert client.get("/", base_url="http://127.0.0.1:8000").status_code == 200


def test_headers_and_cookie(client: FlaskClient) -> None:
    """Tests the policy of a page: nothing inline, nothing foreign, cookie out of scripts' reach."""
    response = client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    cookie = response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", response.text)


def test_tiles_open_one_host_only() -> None:
    """Tests the policy with a tile address: its host joins the images and nothing else."""
    policy = content_security_policy("https://{s}.tiles.example/{z}/{x}/{y}.png")
    assert "img-src 'self' data: https://*.tiles.example;" in policy
    assert policy.count("tiles.example") == 1
    assert "http" not in content_security_policy("")


@pytest.fixture
def client_with_doors(settings: Settings) -> Iterator[FlaskClient]:
    """A client of the application with four routes that only a test needs."""
    app = create_app(settings)

    @app.post("/ecrire")
    @access.access("gestion")
    def ecrire() -> str:
        return "écrit"

    @app.get("/ecrire-en-lisant")
    @access.access("gestion")
    def ecrire_en_lisant() -> str:
        with writing():
            return "écrit"

    @app.get("/panne")
    @access.access("gestion")
    def panne() -> str:
        raise ValueError("un secret de fabrication")

    @app.get("/refus/<int:code>")
    @access.access("gestion")
    def refus(code: int) -> str:
        abort(code)

    yield app.test_client()
    app.extensions["database"].dispose()


def test_a_form_without_its_token_is_refused(client_with_doors: FlaskClient) -> None:
    """Tests CSRF: without the token nothing runs; with it, in a field or in htmx's header, it does."""
    refused = client_with_doors.post("/ecrire")
    assert refused.status_code == 400
    assert "Le formulaire a expiré" in refused.text
    page = client_with_doors.get("/").text
    found = re.search(r'name="csrf-token" content="([^"]+)"', page)
    assert found
    assert client_with_doors.post("/ecrire", data={"csrf_token": found[1]}).text == "écrit"
    assert client_with_doors.post("/ecrire", headers={"X-CSRFToken": found[1]}).text == "écrit"


def test_a_get_cannot_write(client_with_doors: FlaskClient) -> None:
    """Tests that a page that is only looked at gets no session that writes."""
    assert client_with_doors.get("/ecrire-en-lisant").status_code == 500


def test_an_error_says_what_to_do_and_shows_no_trace(client_with_doors: FlaskClient) -> None:
    """Tests the page of a failure of ours: a reference, nothing of the inside."""
    response = client_with_doors.get("/panne")
    assert response.status_code == 500
    assert "secret" not in response.text
    assert "Traceback" not in response.text
    assert re.search(r"Référence à transmettre[^:]*: [0-9A-F]{6}", response.text)


@pytest.mark.parametrize(
    ("code", "title"),
    [
        (400, "La demande n’a pas été comprise"),
        (403, "Cette page n’est pas ouverte"),
        (404, "Cette page n’existe pas"),
        (405, "Cette action n’est pas possible"),
        (413, "Le fichier est trop volumineux"),
        (422, "Une valeur ne convient pas"),
        (500, "Une erreur s’est produite"),
        (503, "Une erreur s’est produite"),
        (409, "La demande n’a pas été comprise"),
    ],
)
def test_error_pages_are_in_french(client_with_doors: FlaskClient, code: int, title: str) -> None:
    """Tests each error page: French, in our layout, with the way back."""
    response = client_with_doors.get(f"/refus/{code}")
    assert response.status_code == code
    assert title in response.text
    assert "Revenir à l’accueil" in response.text
    assert client_with_doors.put("/refus/400").status_code == 405
