"""The audit trail: written with the act or not at all, newest first, every act with its sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import matchmaker
from matchmaker import journal
from matchmaker.database import Database
from matchmaker.journal.wording import ACTIONS, detail, object_name


def test_an_act_that_fails_leaves_no_trace(database: Database) -> None:
    """Tests that the trail is in the transaction of the act."""
    with pytest.raises(ZeroDivisionError):
        fail_after_recording(database)
    with database.reading() as session:
        assert journal.entries(session) == ([], 0)


def fail_after_recording(database: Database) -> None:
    with database.writing() as session:
        journal.record(session, "local", "campagne.creer", "campaign:1")
        raise ZeroDivisionError


def test_acts_come_back_newest_first_with_their_time_zone(database: Database) -> None:
    with database.writing() as session:
        for number in (1, 2, 3):
            journal.record(
                session, "local", "campagne.creer", f"campaign:{number}", label="A", detail={"n": number}
            )
    with database.reading() as session:
        found, total = journal.entries(session, offset=1, limit=1)
    assert (total, [entry.object for entry in found]) == (3, ["campaign:2"])
    assert found[0].detail == {"n": 2}
    offset = found[0].at.utcoffset()
    assert offset is not None
    assert not offset


def test_every_act_of_the_program_has_its_sentence() -> None:
    """Tests the names that the code records against the sentences that the page shows."""
    kinds = "campagne|besoin|besoins|esms|paire|solution|solutions|calcul|plan"
    recorded: set[str] = set()
    for path in Path(matchmaker.__file__).parent.rglob("*.py"):
        if path.name != "wording.py":
            recorded |= set(re.findall(rf'"((?:{kinds})\.[a-z]+)"', path.read_text(encoding="utf-8")))
    assert len(recorded) > 8
    assert recorded <= set(ACTIONS)


def test_objects_are_named_in_french() -> None:
    assert [object_name(o) for o in ("campaign:7", "run:2", "thing:x")] == [
        "campagne 7",
        "calcul 2",
        "thing x",
    ]


def test_details_are_told_in_french() -> None:
    told = [detail("lien", "apart"), detail("champs", "name, parameters"), detail("esms", "together")]
    assert told == ["lien : à séparer", "modifié : nom, paramètres", "ESMS : together"]
