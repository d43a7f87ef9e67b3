"""Errors of the REST API: ``application/problem+json`` (RFC 9457), its sentences in French.

When to modify: an error of the API must tell something more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, request

API = "/api/"
MEDIA_TYPE = "application/problem+json"


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One mistake at its place: a JSON pointer into the body (``#/esms/0/count``), or a parameter's name."""

    pointer: str
    detail: str


def of_the_api() -> bool:
    """Whether this request is to the API: its errors are JSON, also where no route answers."""
    return request.path.startswith(API)


def problem(
    status: int,
    title: str,
    detail: str,
    errors: Sequence[FieldProblem] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The error's answer. ``errors``: every mistake at its place."""
    document = {
        "type": "about:blank",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "errors": [{"pointer": e.pointer, "detail": e.detail} for e in errors],
    }
    text = json.dumps(document, ensure_ascii=False)
    return Response(text, status, dict(headers or {}), content_type=MEDIA_TYPE)
