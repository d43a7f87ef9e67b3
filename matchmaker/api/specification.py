"""The application as flask-openapi wants it: what the API says of itself, and its refusals in French.

When to modify: the whole specification says something more.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from flask import Flask
from flask_openapi.models.info import Info
from flask_openapi.openapi import OpenAPI

from matchmaker.api.blueprint import blueprint
from matchmaker.api.documents import Problem
from matchmaker.api.known import named
from matchmaker.api.sentences import refuse

# the library writes 3.2 by default; nothing here needs more than 3.1
_OPENAPI = "3.1.0"
_INFO = Info(
    title="Matchmaker : simulateur et règles du programme ESMS numérique",
    description=(
        "Ce que dit le simulateur, ligne par ligne avec la règle et les mots du texte officiel. Sans "
        "compte ; rien de ce qui est demandé n’est conservé. Chaque montant est un montant maximal "
        "indicatif, sous réserve de la décision de l’ARS."
    ),
    version="1.0.0",
)


class Application(Flask):
    """Flask with what the operations look for in their application.

    The library's own class is not it: each route of the pages would become an operation.
    """

    validation_error_callback = staticmethod(refuse)
    validate_response = False


@cache
def _described() -> OpenAPI:
    """An application of the library that serves nothing: it collects what the blueprint says."""
    described = OpenAPI("described", info=_INFO, doc_ui=False, validation_error_model=Problem)
    described.openapi_version = _OPENAPI
    described.register_api(blueprint)
    return described


def specification() -> dict[str, Any]:
    """What the operations say of themselves, with the values that the data know."""
    found: dict[str, Any] = named(_described().api_doc)
    return found
