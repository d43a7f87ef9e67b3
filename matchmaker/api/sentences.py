"""What does not fit a model, in French sentences at its place.

When to modify: a model constrains a value in a way that has no sentence here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask import Response, request
from pydantic import ValidationError

from matchmaker.register.records import FINESS_EXPECTED
from matchmaker.web.formats import nombre
from matchmaker.web.problems import FieldProblem, problem

_SENTENCES = {
    "missing": "Cette valeur manque.",
    "extra_forbidden": "Ce nom n’existe pas ici.",
    "int_type": "Un nombre entier est attendu.",
    "bool_type": "« true », « false » ou « null » est attendu.",
    "string_type": "Un texte est attendu.",
    "list_type": "Une liste est attendue.",
    "dict_type": "Un objet est attendu.",
    "model_type": "Un objet est attendu.",
    "model_attributes_type": "Un objet est attendu.",
    "int_parsing": "Un nombre entier est attendu.",
}
FINESS = "^[0-9][0-9A-Z][0-9]{7}$"
RULE = "^[A-Z][0-9]{2}$"
_PATTERNS = {
    FINESS: f"Un numéro FINESS est attendu, sans espace : {FINESS_EXPECTED}.",
    RULE: "Un numéro de règle est attendu : une lettre et deux chiffres, par exemple R53.",
}


def refuse(error: ValidationError) -> Response:
    """422 with every mistake of a request at its place."""
    place = _pointer if request.method == "POST" else _parameter
    found = [FieldProblem(place(e["loc"]), _sentence(e)) for e in error.errors(include_url=False)]
    count = len(found)
    detail = "Une valeur ne convient pas." if count == 1 else f"{count} valeurs ne conviennent pas."
    return problem(422, "Une valeur ne convient pas", detail, found)


def _pointer(place: Iterable[int | str]) -> str:
    """A JSON pointer in a URI fragment; ``#`` is the whole document."""
    parts = (str(part).replace("~", "~0").replace("/", "~1") for part in place)
    return "#" + "".join(f"/{part}" for part in parts)


def _parameter(place: Iterable[int | str]) -> str:
    """The name of a parameter of the address."""
    return ".".join(str(part) for part in place)


def _sentence(error: Any) -> str:
    kind, context = error["type"], error.get("ctx", {})
    if kind == "string_pattern_mismatch":
        return _PATTERNS[str(context["pattern"])]
    if kind in ("less_than_equal", "greater_than_equal"):
        least = kind == "greater_than_equal"
        bound = nombre(context["ge" if least else "le"])
        return f"{bound} au {'moins' if least else 'plus'} ; reçu : {_shown(error['input'])}."
    if kind == "literal_error":
        return f"{_shown(error['input'])} n’est aucun de : {str(context['expected']).replace(' or ', ', ')}."
    if kind in ("too_short", "too_long"):
        least = kind == "too_short"
        bound = context["min_length" if least else "max_length"]
        return f"{nombre(bound)} élément(s) au {'moins' if least else 'plus'}."
    if kind in ("string_too_long", "string_too_short"):
        return f"{nombre(context.get('max_length', context.get('min_length')))} caractères au plus."
    if kind == "value_error":
        return str(context["error"])
    return _SENTENCES.get(kind, "Cette valeur n’est pas celle attendue.")


def _shown(value: Any) -> str:
    text = str(value)
    return f"« {text if len(text) <= 60 else text[:60] + '…'} »"
