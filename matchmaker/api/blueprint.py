"""The blueprint of ``/api/v1``: what every operation has in common.

When to modify: something concerns all operations.
"""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_openapi.blueprint import APIBlueprint

from matchmaker.api import visits
from matchmaker.api.documents import Problem
from matchmaker.web.problems import MEDIA_TYPE, FieldProblem, problem
from matchmaker.web.security import csrf

VERSION = "1"
_SCHEMA = {"$ref": f"#/components/schemas/{Problem.__name__}"}


def refusal(description: str, **headers: str) -> dict[str, Any]:
    """A response of errors in the specification; ``headers``: name -> what it says."""
    return {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": _SCHEMA}},
        "headers": {
            name.replace("_", "-"): {"description": said, "schema": {"type": "string"}}
            for name, said in headers.items()
        },
    }


UNKNOWN = refusal("Inconnu : le détail le dit en une phrase.")

blueprint = APIBlueprint(
    "api",
    __name__,
    url_prefix=f"/api/v{VERSION}",
    abp_responses={
        422: refusal("Une valeur ne convient pas : chaque erreur à sa place, en une phrase."),
        429: refusal("Trop de demandes de cette machine.", Retry_After="Secondes à attendre."),
    },
)
# No cookie is read here, so no foreign page can act with one.
csrf.exempt(blueprint)


@blueprint.before_request
def _count() -> Response | None:
    seconds = visits.count()
    return None if seconds is None else visits.too_many(seconds)


@blueprint.before_request
def _is_json() -> Response | None:
    if request.method == "POST" and not request.is_json:
        return problem(
            415,
            "Un autre format est attendu",
            "Envoyez un document JSON, avec l’en-tête « Content-Type: application/json ».",
        )
    if request.method == "POST" and not isinstance(request.get_json(silent=True), dict):
        where = FieldProblem("#", "Un objet JSON est attendu.")
        return problem(422, "Une valeur ne convient pas", "Le corps n’est pas un objet JSON.", [where])
    return None
