"""How often and how long organismes may ask something of one another: dated values with their reasons.

When to modify: never for a value (``data/mises_en_relation.toml``); for a limit of another shape.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from matchmaker import shipped
from matchmaker.database.instants import now

FILE = shipped.DATA / "mises_en_relation.toml"


@dataclass(frozen=True, slots=True)
class Limit:
    """``value``: a count, or days; ``reason``: a French sentence, shown on request."""

    id: str
    in_force_from: dt.date
    value: int
    reason: str


@cache
def _all() -> Mapping[str, tuple[Limit, ...]]:
    found: dict[str, list[Limit]] = {}
    for table in tomllib.loads(FILE.read_text(encoding="utf-8"))["limit"]:
        limit = Limit(**table)
        found.setdefault(limit.id, []).append(limit)
    return {name: tuple(sorted(some, key=lambda one: one.in_force_from)) for name, some in found.items()}


def limit(name: str, day: dt.date) -> Limit:
    """The limit of this name in force on a day; before the first one, the first one."""
    versions = _all()[name]
    return next((one for one in reversed(versions) if one.in_force_from <= day), versions[0])


def per_cell() -> int:
    """How many organismes a figure must be of, today, before it may be told of them together (0124)."""
    return limit("organismes_per_cell", now().date()).value
