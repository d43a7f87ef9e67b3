"""The demonstration campaigns in the database: built once, left alone after, on SQLite and PostgreSQL."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from matchmaker.campaigns import campaign, instance
from matchmaker.cli import group
from matchmaker.database import Database, open_database
from matchmaker.demo.campaign import DemoValues, NameTakenError, build, draw
from matchmaker.demo.recipe import CORSE, OCCITANIE
from matchmaker.register.tables import Etablissement, Import
from solver.document import read_instance


@pytest.fixture(scope="module")
def corse() -> DemoValues:
    return draw(CORSE, 7)


def test_a_campaign_is_built_then_left_as_it_is(database: Database, corse: DemoValues) -> None:
    first = build(database, 7, CORSE)
    again = build(database, 8, CORSE)
    assert first.created
    assert (again.campaign_id, again.created) == (first.campaign_id, False)
    with database.reading() as session:
        values = campaign.get(session, first.campaign_id)
        document = instance.instance_of(session, first.campaign_id)
    assert values.fictitious
    assert values.region == "94"
    expected = [e for e in corse.esms if e.answer.completeness == "complete"]
    assert [e["id"] for e in document["esms"]] == sorted(e.code for e in expected)
    assert all(e["fictitious"] for e in document["esms"])  # every answer is drawn
    question = read_instance(json.dumps(document).encode())
    assert len(question.esms) == len(expected)
    assert all(s["fictitious"] for s in document["solutions"])


def test_the_whole_region_is_built(database: Database) -> None:
    built = build(database, recipe=OCCITANIE)
    with database.reading() as session:
        values = campaign.get(session, built.campaign_id)
        summary = next(s for s in campaign.summaries(session) if s.campaign.id == built.campaign_id)
        document = instance.instance_of(session, built.campaign_id)
    assert values.parameters["max_radius_km"] == 60.0
    assert values.envelope_eur == 4_186_783
    assert 2_900 < summary.esms < 3_100
    assert summary.missing > 0
    question = read_instance(json.dumps(document).encode())
    assert len(question.esms) == summary.complete
    asked = document["constraints"]
    assert [len(asked[kind]) for kind in ("excluded", "apart", "together")] == [5, 1, 1]


def test_the_drawn_esms_are_in_the_register_once(database: Database, corse: DemoValues) -> None:
    build(database, 7, CORSE)
    build(database, 7, replace(CORSE, name="Corse, un autre essai", max_radius_km=None))
    drawn = {e.code: e for e in corse.esms if e.fictitious}
    with database.reading() as session:
        rows = session.scalars(select(Etablissement).options(joinedload(Etablissement.organisme))).all()
        assert {row.finess_et for row in rows} == drawn.keys()
        for row in rows:
            esms = drawn[row.finess_et]
            assert (row.name, row.lat, row.organisme.finess_ej) == (esms.name, esms.lat, esms.organisme)
            assert row.fictitious
            assert row.organisme.fictitious


def test_a_campaign_of_real_needs_is_never_taken_for_a_demonstration(database: Database) -> None:
    with database.writing() as session:
        campaign.create(session, name=CORSE.name, region="94", regime="generalisation-2022")
    with pytest.raises(NameTakenError):
        build(database, recipe=CORSE)


def test_the_command_prepares_the_database_then_says_that_all_is_there(
    empty_database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
    corse: DemoValues,
) -> None:
    """Tests the command twice; the list imported once says of each real ESMS what the campaign says."""
    monkeypatch.setenv("MATCHMAKER_HOME", str(tmp_path_factory.mktemp("home")))
    monkeypatch.setenv("MATCHMAKER_DATABASE_URL", empty_database_url)
    arguments = ["demo-data", "--graine", "7", "--campagne", "Corse 2022"]
    first = CliRunner().invoke(group, arguments)
    assert (first.exit_code, first.output) == (0, "Campagne n° 1 « Corse 2022 » : créée.\n")
    again = CliRunner().invoke(group, arguments)
    assert again.output == "Campagne n° 1 « Corse 2022 » : déjà présente, laissée telle quelle.\n"
    database = open_database(empty_database_url)
    real = {e.code: e for e in corse.esms if not e.fictitious}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Import)) == 1
        query = select(Etablissement).where(Etablissement.region == "94", ~Etablissement.fictitious)
        rows = session.scalars(query.options(joinedload(Etablissement.organisme))).all()
        assert {row.finess_et for row in rows} == real.keys()
        for row in rows:
            esms = real[row.finess_et]
            stated = (row.name, row.lat, row.lon, row.position_origin, row.organisme.key)
            assert stated == (esms.name, esms.lat, esms.lon, esms.position_origin, esms.organisme)
    database.dispose()
