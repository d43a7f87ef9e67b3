"""Who may open which page: every route declares it, the server checks it before the route runs.

``public`` pages are open to anyone who reaches the server. ``gestion`` pages are the analyst's. Until there
are accounts, ``settings.access`` decides: ``local`` (the server listens on this machine only) opens them,
``closed`` answers 403.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

from flask import Flask, abort, current_app, request

Level = Literal["public", "gestion"]
View = TypeVar("View", bound=Callable[..., Any])
_ATTRIBUTE = "access_level"


class UndeclaredAccessError(RuntimeError):
    """Routes of the application say nothing of who may open them."""


def access(level: Level) -> Callable[[View], View]:
    """Declare who may open a route; stands right above the function, under the route decorator."""

    def declare(view: View) -> View:
        setattr(view, _ATTRIBUTE, level)
        return view

    return declare


def level_of(app: Flask, endpoint: str) -> Level | None:
    """The declared level of an endpoint; static files are public."""
    if endpoint == "static":
        return "public"
    level: Level | None = getattr(app.view_functions[endpoint], _ATTRIBUTE, None)
    return level


def undeclared(app: Flask) -> list[str]:
    """Endpoints that declare nothing."""
    return sorted(endpoint for endpoint in app.view_functions if level_of(app, endpoint) is None)


def may_manage() -> bool:
    """Whether who asks for this page may open ``gestion`` pages: templates hide links by it."""
    return bool(current_app.extensions["settings"].access == "local")


def configure(app: Flask) -> None:
    """Check access before anything else a request goes through."""
    app.before_request(_check)
    app.jinja_env.globals["may_manage"] = may_manage


def require_declared(app: Flask) -> None:
    """Refuse to start with a route that says nothing of who may open it.

    Raises
    ------
    UndeclaredAccessError
        Names every endpoint without ``@access``.
    """
    missing = undeclared(app)
    if missing:
        raise UndeclaredAccessError(f"routes without @access: {', '.join(missing)}")


def _check() -> None:
    if request.endpoint is None:
        return  # no such page: the 404 follows
    if level_of(current_app, request.endpoint) != "public" and not may_manage():
        abort(403)
