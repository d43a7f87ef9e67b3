"""``/api``: the documentation of the API, in French, made from its specification.

When to modify: the page must explain something that the specification cannot say.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, url_for

from matchmaker.api import visits
from matchmaker.api.specification import specification
from matchmaker.web.access import access
from matchmaker.web.rendering import render_page

blueprint = Blueprint("api_pages", __name__, url_prefix="/api")

_REF = "#/components/schemas/"


@blueprint.get("")
@access("public")
def index() -> str:
    """Every operation with its parameters, its answer and its errors; every document with its fields."""
    found = specification()
    return render_page(
        "api/index.html",
        info=found["info"],
        operations=list(_operations(found)),
        documents=list(_documents(found)),
        example=_example(found),
        address=url_for("home.index", _external=True).rstrip("/"),
        specification_url=url_for("api.openapi"),
        limit=visits.limit(),
    )


def _operations(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for path, methods in found["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
            yield {
                "id": operation["operationId"],
                "method": method.upper(),
                "path": path,
                "summary": operation["summary"],
                "description": operation.get("description", ""),
                "body": _name(body.get("schema", {})),
                "parameters": [_parameter(p) for p in operation.get("parameters", ())],
                "answers": [_answer(code, a) for code, a in sorted(operation["responses"].items())],
            }


def _parameter(parameter: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": parameter["name"],
        "place": "dans l’adresse" if parameter["in"] == "path" else "après « ? »",
        "required": parameter.get("required", False),
        "type": _type(parameter["schema"]),
        "description": parameter.get("description", ""),
    }


def _answer(code: str, answer: dict[str, Any]) -> dict[str, Any]:
    contents: list[dict[str, Any]] = list(answer.get("content", {}).values())
    success = code.startswith("2")
    return {
        "code": code,
        "document": _name(contents[0].get("schema", {})) if contents else "",
        "description": "Le document demandé." if success else answer["description"],
    }


def _documents(found: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for name, schema in sorted(found["components"]["schemas"].items()):
        required = schema.get("required", ())
        fields = [
            {
                "name": field,
                "type": _type(part),
                "required": field in required,
                "description": part.get("description", ""),
            }
            for field, part in schema.get("properties", {}).items()
        ]
        yield {"name": name, "description": schema.get("description", ""), "fields": fields}


_TYPES = {
    "string": "texte",
    "integer": "nombre entier",
    "boolean": "true ou false",
    "null": "null",
    "object": "objet",
}


def _type(schema: dict[str, Any]) -> str:
    """« nombre entier, de 1 à 200 », « liste de Lines »."""
    name = _name(schema)
    if name:
        return name
    if "anyOf" in schema:
        return " ou ".join(_type(part) for part in schema["anyOf"])
    if "enum" in schema and "" not in schema["enum"]:
        return " | ".join(str(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"liste de {_type(schema.get('items', {}))}"
    if schema.get("format") == "date":
        return "date (AAAA-MM-JJ)"
    words = _TYPES.get(schema.get("type", ""), "valeur")
    if "minimum" in schema and "maximum" in schema:
        words += f", de {schema['minimum']:.0f} à {schema['maximum']:.0f}"
    return words


def _name(schema: dict[str, Any]) -> str:
    """The document that a schema refers to; empty when it is none."""
    return str(schema.get("$ref", "")).removeprefix(_REF)


def _example(found: dict[str, Any]) -> str:
    return json.dumps(found["components"]["schemas"]["Question"]["examples"][0], ensure_ascii=False)
