"""Proposals in the database, on SQLite and PostgreSQL: kept whole, once a run, read back the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from matchmaker.database import Database
from matchmaker.proposals import keeping, robustness
from tests.matchmaker.proposals.pair import pair

Document = dict[str, Any]


def test_documents_come_back_as_they_were(database: Database, documents: tuple[Document, Document]) -> None:
    """Tests that what is exported is what was stored, byte for byte at each export."""
    with database.writing() as session:
        number = keeping.store_proposal(session, None, 7, *documents)
    with database.reading() as session:
        texts = keeping.documents(session, number)
    assert tuple(json.loads(text) for text in texts) == documents
    assert texts == tuple(keeping.text_of(document) for document in documents)


def test_a_run_stores_one_proposal(database: Database, documents: tuple[Document, Document]) -> None:
    """Tests that storing again for the same run gives the number already given."""
    with database.writing() as session:
        first = keeping.store_proposal(session, None, 7, *documents)
        assert keeping.store_proposal(session, None, 7, *documents) == first
        assert keeping.store_proposal(session, None, 8, *documents) != first
    with database.reading() as session:
        assert len(keeping.summaries(session)) == 2


def test_the_same_import_twice_is_one_plan(database: Database, documents: tuple[Document, Document]) -> None:
    """Tests that importing a pair again opens the plan it already is."""
    with database.writing() as session:
        first = keeping.keep_imported(session, *documents)
        assert keeping.keep_imported(session, *documents) == first
        assert keeping.keep_imported(session, *pair("Autre titre")) != first


def test_what_a_plan_leaves_unsaid_is_worked_out_for_its_reader(
    database: Database, documents: tuple[Document, Document], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that the transaction that keeps a cut plan computes nothing: it is done when a page opens it."""
    asked: list[float] = []
    original = robustness._worked_out

    def counting(instance: Document, proposal: Document, seeking_s: float) -> list[Document]:
        asked.append(seeking_s)
        return original(instance, proposal, seeking_s)

    monkeypatch.setattr(robustness, "_worked_out", counting)
    instance, proposal = documents
    cut = {name: value for name, value in proposal.items() if name != "robustness"}
    cut["departures_complete"] = False
    with database.writing() as session:
        number = keeping.store_proposal(session, None, 7, {**instance, "title": "Coupé"}, cut)
    assert asked == []
    keeping.forget()
    with database.reading() as session:
        assert keeping.kept(session, number).plan.robustness
    assert asked == [0.0]


def test_a_number_is_never_used_again(database: Database, documents: tuple[Document, Document]) -> None:
    """Tests that the number of a removed plan stays its own."""
    with database.writing() as session:
        first = keeping.store_proposal(session, None, None, *documents)
        row = session.get(keeping.Proposal, first)
        session.delete(row)
    with database.writing() as session:
        assert keeping.store_proposal(session, None, None, *documents) > first


def test_figures_of_the_list(database: Database, documents: tuple[Document, Document]) -> None:
    """Tests that the list says what the plan says."""
    with database.writing() as session:
        number = keeping.store_proposal(session, None, 3, *documents)
    with database.reading() as session:
        (summary,) = keeping.summaries(session)
        kept = keeping.kept(session, number)
    assert (summary.number, summary.run_id, summary.title) == (number, 3, "Occitanie d’essai")
    assert (summary.esms_placed, summary.esms_count, summary.grappes_count) == (31, 42, 2)
    assert summary.funding_eur == kept.plan.funding_eur == 984_000
    assert summary.fictitious


def test_an_unknown_number_is_said(database: Database) -> None:
    """Tests that asking for a plan that is not there is an error of its own."""
    with database.reading() as session, pytest.raises(keeping.PlanNotFoundError):
        keeping.kept(session, 99)
