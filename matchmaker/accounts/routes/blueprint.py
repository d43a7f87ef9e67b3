"""The blueprint of accounts, and what all its pages need: who asks, the settings, where they go next."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Flask, abort, current_app, request, url_for
from flask.blueprints import BlueprintSetupState

from matchmaker.accounts import claims, organismes, people, providers, signing_in, tokens
from matchmaker.journal import trail
from matchmaker.settings import Settings
from matchmaker.web import access
from matchmaker.web.access import guard, unowned
from matchmaker.web.people import OF_ORGANISME, Person, Role

blueprint = Blueprint("accounts", __name__)


@blueprint.record
def _install(state: BlueprintSetupState) -> None:
    app = state.app
    assert isinstance(app, Flask)
    providers.configure(app, app.extensions["settings"])
    app.extensions["identify"] = signing_in.identify
    trail.named_by(people.names_of)
    trail.lies("organisme", organismes.numbers_on)
    guard(app, "*", "organisme_id", organismes.belonging)
    guard(app, "accounts", "claim_id", claims.belonging)
    # Looked for in their organisme, or, on the administrator's pages, among those of the teams.
    for part in ("invitation_id", "membership_id", "domain_id"):
        unowned(app, "accounts", part)


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


@blueprint.before_request
def _with_accounts() -> None:
    """None of these pages exists on an installation without accounts."""
    if settings().access != "accounts":
        abort(404)


def me() -> Person:
    """Who asks, on a page that only people with an account reach."""
    asking = access.person()
    if asking is None or asking.account_id is None:
        abort(404)
    return asking


def my_id() -> int:
    number = me().account_id
    assert number is not None
    return number


def keyed(text: str) -> str:
    """The digest under which an address or a visitor is counted."""
    return tokens.keyed(text, settings().secret_key)


def machine() -> str:
    return keyed(request.remote_addr or "")


def first_page(person: Person) -> str:
    """Where somebody goes who just signed in and came from nowhere."""
    if person.holds({Role.ADMIN}):
        return url_for("accounts.staff")
    if person.holds({Role.GRADES, Role.ARS, Role.SUPPORT}):
        return url_for("campaigns.index")
    if person.holds(OF_ORGANISME):
        return url_for("og.index")
    return url_for("accounts.mine")


def answer(page: str, *, refused: bool) -> Any:
    """A form's page: 422 when something in it was refused."""
    return (page, 422) if refused else page


__all__ = ["OF_ORGANISME", "answer", "blueprint", "first_page", "keyed", "machine", "me", "my_id", "settings"]
