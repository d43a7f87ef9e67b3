"""How often one machine may ask: counted in the database, so for all processes together.

A process counts a few requests at once and lets as many pass before it counts again: a write for each answer
would cost more than the answer. A machine may so be stopped a few requests early, never late. Subjects are
keyed digests of addresses, as in ``accounts.limits``, and go with them after two days.

When to modify: how often something public and costly may be asked changes.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from threading import Lock

from flask import Flask, Response, current_app, request

from matchmaker.accounts import limits, tokens
from matchmaker.accounts.limits import Limit
from matchmaker.web.problems import problem
from matchmaker.web.sessions import counting

SECONDS = 60

_PARTS = 40
_REFUSED = -1
_Key = tuple[str, str, int]


@dataclass
class _Counted:
    """By kind, subject and window: how many more this process may answer before it counts again, or that
    nothing passes until the window ends (a flood then writes nothing)."""

    left: dict[_Key, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)


def install(app: Flask) -> None:
    """Give the application its counts."""
    app.extensions["visits"] = _Counted()


def limit() -> Limit:
    """How often one machine may ask the API of this installation."""
    return Limit("api-machine", current_app.extensions["settings"].api_per_minute, SECONDS)


def count() -> int | None:
    """Count this request; seconds to wait when it is one too many, None when it may pass."""
    most = limit()
    counted: _Counted = current_app.extensions["visits"]
    now = int(time.time())
    window = now - now % most.seconds
    subject = tokens.keyed(request.remote_addr or "", current_app.extensions["settings"].secret_key)
    key = (most.kind, subject, window)
    with counted.lock:
        left = counted.left.get(key, 0)
        if left > 0:
            counted.left[key] = left - 1
    if left == 0:
        left = _count_more(counted, most, key)
    return window + most.seconds - now if left == _REFUSED else None


def too_many(seconds: int) -> Response:
    """429, with the seconds after which to ask again."""
    return problem(
        429,
        "Trop de demandes",
        f"Votre machine a trop demandé en une minute : recommencez dans {seconds} secondes.",
        headers={"Retry-After": str(seconds)},
    )


def _count_more(counted: _Counted, most: Limit, key: _Key) -> int:
    tries = max(1, most.most // _PARTS)
    with counting() as session:
        passes = limits.count(session, most, key[1], tries=tries)
    with counted.lock:
        counted.left = {k: n for k, n in counted.left.items() if k[2] >= key[2]}
        counted.left[key] = tries - 1 if passes else _REFUSED
    return 1 if passes else _REFUSED
