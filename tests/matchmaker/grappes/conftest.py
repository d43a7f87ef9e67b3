"""The campaign of the partners' tests, and what a visitor does with a grappe."""

from __future__ import annotations

import re

from flask import Flask

from matchmaker.database.instants import now
from matchmaker.grappes.rooms import Room, open_rooms, token_for
from tests.matchmaker.accounts.conftest import NewVisitor, Visitor
from tests.matchmaker.partners.conftest import (
    Campaign,
    accounts_app,
    first,
    held,
    new_visitor,
    second,
    settings_with_accounts,
    signed_in,
)

__all__ = [
    "KEY",
    "Campaign",
    "NewVisitor",
    "Visitor",
    "accounts_app",
    "first",
    "held",
    "new_visitor",
    "second",
    "settings_with_accounts",
    "signed_in",
]

KEY = "a key of the tests"


def codes(number: int, each: int = 4) -> list[str]:
    """FINESS of the ESMS of the n-th organisme."""
    return [f"33{number:05}{k:02}" for k in range(each)]


def opened(visitor: Visitor, number: int, **others: object) -> None:
    """Open a grappe around Boréal in SaaS with all of the n-th organisme's ESMS."""
    fields = {"solution": "boreal", "hosting": "saas", "esms": codes(number), "listed": "y"} | others
    answer = visitor.post("/og/grappe/ouvrir", **fields)
    assert answer.status_code == 303, re.findall(r'class="erreur".*', answer.text)


def only_room(app: Flask, held: Campaign) -> Room:
    with app.extensions["database"].reading() as session:
        (room,) = open_rooms(session, held.id, now())
    return room


def address(held: Campaign, number: int, room: Room) -> str:
    """The page of a grappe for the n-th organisme."""
    return f"/og/grappe/{token_for(KEY, held.rows[number], room.id)}"
