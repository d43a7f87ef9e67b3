"""The web application, put together: settings, extensions, features, errors. No work at import time."""

from __future__ import annotations

from flask import Flask

from matchmaker import shipped
from matchmaker.database import open_database
from matchmaker.settings import Settings, from_environment


def create_app(settings: Settings | None = None) -> Flask:
    """The application for one set of settings (those of the environment when None)."""
    settings = settings or from_environment()
    app = Flask("matchmaker", template_folder=str(shipped.TEMPLATES), static_folder=str(shipped.STATIC))
    app.secret_key = settings.secret_key
    app.extensions["settings"] = settings
    app.extensions["database"] = open_database(settings.database_url)
    return app
