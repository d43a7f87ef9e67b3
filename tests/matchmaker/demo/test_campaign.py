"""The demonstration campaigns in the database: built once, left alone after, on SQLite and PostgreSQL."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from matchmaker.campaigns import campaign, instance
from matchmaker.cli import group
from matchmaker.database import Database
from matchmaker.demo.campaign import NameTakenError, build, draw
from matchmaker.demo.recipe import CORSE, OCCITANIE


def test_a_campaign_is_built_then_left_as_it_is(database: Database) -> None:
    first = build(database, 7, CORSE)
    again = build(database, 8, CORSE)
    assert first.created
    assert (again.campaign_id, again.created) == (first.campaign_id, False)
    with database.reading() as session:
        values = campaign.get(session, first.campaign_id)
        document = instance.instance_of(session, first.campaign_id)
    assert values.fictitious
    assert values.region == "94"
    expected = [e for e in draw(CORSE, 7).esms if e.answer.completeness == "complete"]
    assert [e["id"] for e in document["esms"]] == sorted(e.code for e in expected)
    assert {e["fictitious"] for e in document["esms"]} == {True, False}
    assert all(s["fictitious"] for s in document["solutions"])


def test_the_whole_region_is_built(database: Database) -> None:
    built = build(database, recipe=OCCITANIE)
    with database.reading() as session:
        values = campaign.get(session, built.campaign_id)
        summary = next(s for s in campaign.summaries(session) if s.campaign.id == built.campaign_id)
    assert values.parameters["max_radius_km"] == 60.0
    assert values.envelope_eur == 4_186_783
    assert 2_900 < summary.esms < 3_100
    assert summary.missing > 0


def test_a_campaign_of_real_needs_is_never_taken_for_a_demonstration(database: Database) -> None:
    with database.writing() as session:
        campaign.create(session, name=CORSE.name, region="94", regime="generalisation-2022")
    with pytest.raises(NameTakenError):
        build(database, recipe=CORSE)


def test_the_command_prepares_the_database_builds_then_says_that_all_is_there(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("MATCHMAKER_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("MATCHMAKER_DATABASE_URL", empty_database_url)
    arguments = ["demo-data", "--campagne", "Corse 2022"]
    first = CliRunner().invoke(group, arguments)
    assert (first.exit_code, first.output) == (0, "Campagne n° 1 « Corse 2022 » : créée.\n")
    again = CliRunner().invoke(group, arguments)
    assert again.output == "Campagne n° 1 « Corse 2022 » : déjà présente, laissée telle quelle.\n"
