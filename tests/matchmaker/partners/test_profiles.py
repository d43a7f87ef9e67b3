"""A campaign is read once, then as far as its answers change; one's own answers count at once."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import event

from matchmaker.campaigns import answers, campaign, constraints, instance, members
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.medicalised import medicalised
from matchmaker.campaigns.members import NewOrganisme
from matchmaker.database import Database
from matchmaker.partners import question
from matchmaker.partners.question import Question, question_for, question_of
from solver.document import read_instance
from tests.matchmaker.partners.conftest import SAAS, Campaign, esms, fill, finess

NONE = Answer("aucun")
PREMISE = Answer("renouvellement", "alize", ("alize",), ("on_premise", "shared"), can_be_porteur=False)


def read(database: Database, held: Campaign) -> Question:
    with database.reading() as session:
        found = question_of(session, held.id)
    assert found is not None
    return found


def says(database: Database, held: Campaign, number: int, answer: Answer) -> None:
    with database.writing() as session:
        answers.keep(session, held.id, f"33{number:05}00", answer, actor="local")


def test_whose_answers_are_seen_when(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "FRESH_S", 1000.0)
    with database.writing() as session:
        held = fill(session, organismes=3, each=1, people=0)
    mine, theirs = held.rows[0], held.rows[1]

    def seen() -> set[int]:
        with database.reading() as session:
            found = question_for(session, campaign.get(session, held.id), mine)
        return set() if found is None else set(found.profiles)

    assert seen() == set(held.rows)
    says(database, held, 1, NONE)
    assert theirs in seen(), "not asked for again within the time"
    exact = read(database, held)
    assert exact is read(database, held), "read once"
    assert theirs not in exact.profiles
    says(database, held, 0, NONE)
    assert seen() == {held.rows[2]}
    says(database, held, 2, NONE)
    monkeypatch.setattr(question, "FRESH_S", 0.0)
    assert seen() == set()


def test_what_an_organisme_is_known_by(database: Database) -> None:
    with database.writing() as session:
        held = fill(session, organismes=1, each=3, people=1)
        assert medicalised(session, held.id) == frozenset()
    (one,) = read(database, held).profiles.values()
    assert (one.champ, one.departement, one.dui, one.size) == ("PH", "32", None, 3)
    assert {offer for offer, _class in one.kinds} == {("boreal", "saas"), ("alize", "saas")}


def test_the_values_are_those_of_the_document(database: Database) -> None:
    """Tests all answers, lots, pairs, an ESMS left out, and an organisme that answered nothing."""
    with database.writing() as session:
        held = fill(session, organismes=6, each=2, people=0)
        given = (
            Answer("acquisition", None, "any", "any", lot="ensemble"),
            PREMISE,
            NONE,
            Answer("montee_de_version", "boreal", (), (), lot="a"),
        )
        for number, answer in enumerate(given):
            answers.keep(session, held.id, f"33{number:05}00", answer, actor="local")
        members.add(
            session,
            held.id,
            organismes=[NewOrganisme("320000999", "Sans réponse", 1)],
            esms=[esms("339999900", "320000999", Answer())],
        )
        constraints.exclude(session, held.id, "330000401", "fermé", actor="local")
        for kind, one, other in (("apart", 0, 1), ("together", 2, 3)):
            constraints.add_pair(session, held.id, kind, finess(one), finess(other), "-", actor="local")
        constraints.add_pair(session, held.id, "together", finess(3), "320000999", "-", actor="local")
    found = read(database, held)
    with database.reading() as session:
        assert found.instance == read_instance(instance.question(session, held.id))
    assert found.apart == {frozenset(held.rows[:2])}
    assert [e.id for e in found.profiles[held.rows[4]].esms] == ["330000400"]


def test_only_answers_that_changed_are_read_again(database: Database) -> None:
    """Tests that one organisme is read again, nobody else is, and all is as if it had been read whole."""
    with database.writing() as session:
        held = fill(session, organismes=5, each=2, people=0)
    before = read(database, held)
    for change in (PREMISE, NONE, SAAS, Answer()):
        says(database, held, 2, change)
        after = read(database, held)
        assert after.profiles[held.rows[2]] != before.profiles[held.rows[2]]
        for other in (0, 1, 3, 4):
            assert after.profiles[held.rows[other]] is before.profiles[held.rows[other]]
        question.forget()
        before = read(database, held)
        assert (after.instance, after.profiles) == (before.instance, before.profiles)
    with database.writing() as session:
        constraints.exclude(session, held.id, "330000201", "fermé", actor="local")
    assert held.rows[2] not in read(database, held).profiles


def test_a_rule_that_changes_counts_for_everybody(database: Database) -> None:
    with database.writing() as session:
        held = fill(session, organismes=3, each=1, people=0)
    before = read(database, held)
    with database.writing() as session:
        values = campaign.get(session, held.id)
        campaign.change(
            session,
            held.id,
            name=values.name,
            regime=values.regime,
            parameters={**values.parameters, "same_hosting": False, "min_size": 5},
            envelope_eur=None,
            actor="local",
        )
    after = read(database, held)
    assert after.answering == before.answering
    assert {one.minimum for one in after.profiles.values()} == {5}
    offers = {offer for offer, _class in after.profiles[held.rows[0]].kinds}
    assert offers == {("boreal", None), ("alize", None)}


def test_who_comes_at_once_reads_once(database: Database) -> None:
    with database.writing() as session:
        held = fill(session, organismes=4, each=2, people=0)
    whole: list[str] = []
    found: list[Question | None] = []
    together = threading.Barrier(4)

    def heard(_c: object, _cursor: object, statement: str, *_others: object) -> None:
        if "accepted_hosting" in statement and "etablissement" in statement:
            whole.append(statement)

    def look(viewer: int) -> None:
        together.wait()
        with database.reading() as session:
            found.append(question_for(session, campaign.get(session, held.id), viewer))

    event.listen(database.engine, "before_cursor_execute", heard)
    lookers = [threading.Thread(target=look, args=(row,)) for row in held.rows]
    for one in lookers:
        one.start()
    for one in lookers:
        one.join()
    event.remove(database.engine, "before_cursor_execute", heard)
    assert len(whole) == 1
    assert len({id(one) for one in found}) == 1
    assert found[0] is not None
