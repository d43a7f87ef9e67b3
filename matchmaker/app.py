"""The web application, put together: settings, extensions, features, errors. No work at import time."""

from __future__ import annotations

from importlib import import_module

from flask import Flask

from matchmaker import shipped
from matchmaker.api import visits
from matchmaker.api.specification import Application
from matchmaker.baremes.loading import RulesError
from matchmaker.baremes.scales import extended_rules
from matchmaker.database import open_database
from matchmaker.settings import Settings, SettingsError, from_environment
from matchmaker.web import access, errors, numbers, rendering, security

# Features with pages; each module holds a ``blueprint``. Add yours here.
FEATURES = (
    "matchmaker.home",
    "matchmaker.baremes.routes",
    "matchmaker.simulateur.routes",
    "matchmaker.api.operations",
    "matchmaker.api.pages",
    "matchmaker.campaigns.routes",
    "matchmaker.proposals.pages",
    "matchmaker.register.routes",
    "matchmaker.runs.pages",
    "matchmaker.runs.comparison.routes",
    "matchmaker.runs.prices.routes",
    "matchmaker.journal.routes",
    "matchmaker.accounts.routes",
    "matchmaker.mail.routes",
    "matchmaker.og.routes",
    "matchmaker.grappes.routes",
    "matchmaker.partners.routes",
    "matchmaker.notifications.routes",
)


def create_app(settings: Settings | None = None) -> Flask:
    """The application for one set of settings (those of the environment when None)."""
    settings = settings or from_environment()
    app = Application("matchmaker", template_folder=str(shipped.TEMPLATES), static_folder=str(shipped.STATIC))
    app.secret_key = settings.secret_key
    _check_rules(settings)
    app.extensions["settings"] = settings
    app.extensions["database"] = open_database(settings.database_url)
    numbers.configure(app)
    access.configure(app)
    security.configure(app, settings)
    rendering.configure(app)
    visits.install(app)
    for feature in FEATURES:
        app.register_blueprint(import_module(feature).blueprint)
    errors.install(app)
    access.require_declared(app)
    return app


def _check_rules(settings: Settings) -> None:
    """Rules that do not hold together are told at the start, not on the page that would use them."""
    try:
        extended_rules(settings.rules_added)
    except RulesError as error:
        raise SettingsError("\n".join(["MATCHMAKER_RULES_ADDED:", *error.problems])) from None
