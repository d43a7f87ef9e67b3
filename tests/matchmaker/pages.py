"""Pages as a browser without scripts sees them: parsed, read as text, their forms sent back."""

from __future__ import annotations

from typing import Any

from bs4 import BeautifulSoup
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

HTMX = {"HX-Request": "true"}


def soup(response: TestResponse) -> BeautifulSoup:
    return BeautifulSoup(response.get_data(as_text=True), "html.parser")


def text(response: TestResponse) -> str:
    """The page as read: one space where there are several kinds."""
    return " ".join(soup(response).get_text(" ").split())


def filled(page: BeautifulSoup, action: str | None = None) -> dict[str, Any]:
    """The fields of the last form with this action, as a browser would send them back."""
    forms = [f for f in page.find_all("form", method="post") if f.get("action") == action]
    assert forms, f"no form sends to {action}"
    values: dict[str, Any] = {}
    for field in forms[-1].find_all(["input", "select", "textarea"]):
        name, kind = field.get("name"), field.get("type")
        if not name or (kind in ("radio", "checkbox") and not field.has_attr("checked")):
            continue
        if field.name == "select":
            chosen = field.find("option", selected=True) or field.find("option")
            value = chosen.get("value")
        else:
            value = field.text.strip("\n\r") if field.name == "textarea" else field.get("value", "")
        values.setdefault(name, []).append(value)
    return values


def token(client: FlaskClient, url: str) -> str:
    """The CSRF token of a page."""
    field = soup(client.get(url)).select_one("meta[name=csrf-token]")
    assert field is not None
    return str(field["content"])


def hidden_fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's forms: what makes a form sent by hand a form of ours."""
    found = BeautifulSoup(page, "html.parser").select("input[type=hidden]")
    return {str(field["name"]): str(field["value"]) for field in found}


def send(client: FlaskClient, url: str, action: str, **changed: Any) -> TestResponse:
    """Open ``url``, change some fields of its form to ``action``, and send it."""
    headers = changed.pop("headers", None)
    return client.post(action, data=filled(soup(client.get(url)), action) | changed, headers=headers)
