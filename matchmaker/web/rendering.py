"""Make a page, or the one block of it that htmx asked for.

A block that a route renders alone has the name of the element it replaces: block name == DOM id ==
``hx-target``. Macros are reached through the global ``ui`` (``ui.bouton(…)``), because what a page imports at
its top is not seen in a block rendered alone. Templates are written with plain spaces: the loader puts the
no-break spaces of French before ``: ; ? !`` and inside « ».
"""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Flask, Response, make_response, redirect, render_template, request
from flask_htmx import HTMX
from jinja2 import TemplateNotFound
from jinja2.ext import Extension
from jinja2_fragments.flask import render_block
from werkzeug.datastructures import MultiDict

from matchmaker.database.instants import now
from matchmaker.web import formats
from matchmaker.web.navigation import has_page, navigation

htmx = HTMX()

MACROS = ("boutons", "champs", "messages", "statuts", "tableaux", "grains", "carte")


class FrenchSpaces(Extension):
    """No-break spaces in the source of every template, where French wants them."""

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        return formats.typographie(source)


def configure(app: Flask) -> None:
    """Filters, spaces, macros and htmx; call it before the first template is loaded."""
    htmx.init_app(app)
    app.jinja_env.add_extension(FrenchSpaces)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(formats.FILTERS)
    app.jinja_env.globals["navigation"] = navigation
    app.jinja_env.globals["has_page"] = has_page
    app.jinja_env.globals["aujourdhui"] = lambda: formats.day_of(now())
    app.jinja_env.globals["comptes"] = app.extensions["settings"].access == "accounts"
    app.jinja_env.globals["courriels_ici"] = app.extensions["settings"].mails_on_a_page
    app.jinja_env.globals["ui"] = _Macros(app)


class _Macros(SimpleNamespace):
    """The macros of ``templates/macros/``, loaded on first use, one name space."""

    def __init__(self, app: Flask) -> None:
        super().__init__()
        self._app = app

    def __getattr__(self, name: str) -> Any:
        for file in MACROS:
            try:
                module = self._app.jinja_env.get_template(f"macros/{file}.html").module
            except TemplateNotFound:
                raise AttributeError(f"macros/{file}.html is missing") from None
            if hasattr(module, name):
                macro = getattr(module, name)
                if not self._app.jinja_env.auto_reload:
                    setattr(self, name, macro)
                return macro
        raise AttributeError(f"no macro named {name!r} in templates/macros/")


def wants_block() -> bool:
    """Whether htmx asks for a part: not when it follows a boosted link or restores its history."""
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def render_page(template: str, **context: Any) -> str:
    """The whole page, as text."""
    return render_template(template, **context)


def go_to(url: str) -> Response:
    """Send the browser to another page after a write; htmx, which follows a 303 by itself, is told so."""
    if wants_block():
        return make_response("", 204, {"HX-Redirect": url})
    return make_response(redirect(url, 303))


def page_or_block(template: str, block: str, status: int = 200, **context: Any) -> Response:
    """The block alone when htmx asks for it, else the page; the answer says that it varies on that.

    Parameters
    ----------
    block
        Name of a block of ``template`` that holds one element whose id is the same name.
    status
        422 for a form with errors (htmx is told to swap it).
    """
    render = partial(render_block, template, block) if wants_block() else partial(render_template, template)
    response = make_response(render(**context), status)
    response.vary.add("HX-Request")
    if wants_block() and request.method == "GET":
        response.headers["HX-Push-Url"] = _address_to_push()
    return response


def _address_to_push() -> str:
    """The address of the view that a block belongs to, empty filters left out.

    ``false`` when the browser is already there: a view pushed twice takes two presses of Back to leave.
    """
    address = _tidy(request.path, request.args)
    shown = urlsplit(request.headers.get("HX-Current-URL", ""))
    here = _tidy(shown.path, MultiDict(parse_qsl(shown.query, keep_blank_values=True)))
    return "false" if address == here else address


def _tidy(path: str, arguments: MultiDict[str, str]) -> str:
    query = urlencode([(name, value) for name, value in arguments.items(multi=True) if value])
    return f"{path}?{query}" if query else path
