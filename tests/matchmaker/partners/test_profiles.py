"""A campaign is read once for each state of it; one's own answers count at once."""

from __future__ import annotations

import pytest

from matchmaker.campaigns import answers
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.medicalised import medicalised
from matchmaker.database import Database
from matchmaker.partners import profiles
from matchmaker.partners.profiles import question_for, question_of
from tests.matchmaker.partners.conftest import fill

NONE = Answer("aucun")


def test_whose_answers_are_seen_when(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(profiles, "FRESH_S", 1000.0)
    with database.writing() as session:
        held = fill(session, organismes=3, each=1, people=0)
    mine, theirs = held.rows[0], held.rows[1]

    def seen() -> set[int]:
        with database.reading() as session:
            found = question_for(session, held.id, mine)
        return set() if found is None else set(found.profiles)

    def says(number: int) -> None:
        with database.writing() as session:
            answers.keep(session, held.id, f"33{number:05}00", NONE, actor="local")

    assert seen() == set(held.rows)
    says(1)
    assert theirs in seen(), "not asked for again within the time"
    with database.reading() as session:
        exact = question_of(session, held.id)
        assert exact is question_of(session, held.id), "read once"
    assert exact is not None
    assert theirs not in exact.profiles
    says(0)
    assert seen() == {held.rows[2]}
    says(2)
    monkeypatch.setattr(profiles, "FRESH_S", 0.0)
    assert seen() == set()


def test_what_an_organisme_is_known_by(database: Database) -> None:
    with database.writing() as session:
        held = fill(session, organismes=1, each=3, people=1)
        assert medicalised(session, held.id) == frozenset()
    with database.reading() as session:
        found = question_of(session, held.id)
    assert found is not None
    (one,) = found.profiles.values()
    assert (one.champ, one.departement, one.dui, one.size) == ("PH", "32", None, 3)
    assert {offer for offer, _class in one.kinds} == {("boreal", "saas"), ("alize", "saas")}
