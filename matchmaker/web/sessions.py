"""Database sessions of a request: reading pages read, forms write; a GET never writes."""

from __future__ import annotations

from contextlib import AbstractContextManager

from flask import current_app, request
from sqlalchemy.orm import Session

from matchmaker.database import Database


def _database() -> Database:
    database: Database = current_app.extensions["database"]
    return database


def reading() -> AbstractContextManager[Session]:
    """A session that reads one consistent state."""
    return _database().reading()


def writing(*, answer_of_provider: bool = False) -> AbstractContextManager[Session]:
    """A session that writes, committed when the block ends well.

    ``answer_of_provider``: a sign-in provider answers by sending the browser to us with a GET, whose state
    and code are used once; it is the only GET that writes.

    Raises
    ------
    RuntimeError
        Asked for in a GET: a page that is only looked at must change nothing.
    """
    if request.method in ("GET", "HEAD", "OPTIONS") and not answer_of_provider:
        raise RuntimeError(f"{request.method} {request.path} asked for a session that writes")
    return _database().writing()


def counting() -> AbstractContextManager[Session]:
    """A session that counts a request against its limit, whatever the method: a count is nothing that a page
    shows, and the only thing that a GET may write besides a provider's answer."""
    return _database().writing()
