"""Numbers that come in an address: of a row, of a page. What no database can hold is answered here.

When to modify: an address carries another kind of number.
"""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from werkzeug.routing import IntegerConverter

_LARGEST_ROW = 2**31 - 1  # INTEGER of PostgreSQL
_LAST_PAGE = 10_000


class RowNumber(IntegerConverter):
    """``<int:…>`` of every route; a number that no row can have matches none, so it is a 404."""

    def __init__(self, map: Any, **options: Any) -> None:
        super().__init__(map, **({"max": _LARGEST_ROW} | options))


def configure(app: Flask) -> None:
    """Call it before any route is added."""
    app.url_map.converters["int"] = RowNumber


def asked_page() -> int:
    """``?page=`` of this request, from 1; a word counts as 1, a number beyond all pages as the last one."""
    return min(max(1, request.args.get("page", 1, type=int)), _LAST_PAGE)
