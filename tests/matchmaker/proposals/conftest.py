"""A kept plan of each kind that the tests of this folder read."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from matchmaker.proposals.keeping import store_proposal
from matchmaker.proposals.plan import Plan
from matchmaker.proposals.plan_documents import read
from tests.matchmaker.proposals.pair import pair

Document = dict[str, Any]


@pytest.fixture(scope="session")
def documents() -> tuple[Document, Document]:
    """The two documents of the small plan."""
    return pair()


@pytest.fixture(scope="session")
def plan(documents: tuple[Document, Document]) -> Plan:
    """The small plan, read."""
    return read(*documents)


@pytest.fixture
def number(app: Flask, documents: tuple[Document, Document]) -> int:
    """The number of the small plan, kept in the application's database."""
    with app.extensions["database"].writing() as session:
        return store_proposal(session, None, None, *documents)
