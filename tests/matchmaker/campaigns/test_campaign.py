"""Campaigns: created, changed, listed, filled, and turned into the optimiser's question."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import pytest

from matchmaker import journal
from matchmaker.campaigns import answers, campaign, members
from matchmaker.campaigns.answers import Answer
from matchmaker.campaigns.instance import instance_of
from matchmaker.campaigns.members import NewEsms, NewOrganisme, NewSolution
from matchmaker.campaigns.problems import NotInCampaignError, RefusedError
from matchmaker.database import Database
from solver.document import read_instance
from solver.instance import Readings
from tests.matchmaker.campaigns.conftest import ESMS, ORGANISMES, SOLUTIONS, esms


def test_a_new_campaign_has_the_contract_s_defaults(database: Database) -> None:
    """Tests what is in force when nobody chose, and that it can be read back."""
    with database.writing() as session:
        number = campaign.create(session, name=" Corse ", region="94", regime="amorcage-2021")
    with database.reading() as session:
        kept = campaign.get(session, number)
    assert (kept.name, kept.region, kept.departement, kept.territory_name) == ("Corse", "94", None, "Corse")
    assert {k: kept.readings[k] for k in ("K01", "K07", "K10")} == asdict(Readings())
    assert kept.parameters["territory"] == "region"
    assert kept.parameters["mix_needs"] is None
    assert kept.created_at.tzinfo is not None
    assert not kept.fictitious


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "  "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"region": "999"}, "place"),
        ({"departement": "2A"}, "place"),
        ({"regime": "2023"}, "regime"),
        ({"envelope_eur": -1}, "envelope_eur"),
        ({"readings": {"K01": "maybe"}}, "K01"),
        ({"readings": {"K99": "x"}}, "K99"),
        ({"parameters": {"max_radius_km": -3}}, "max_radius_km"),
        ({"parameters": {"max_radius_km": float("nan")}}, "max_radius_km"),
        ({"parameters": {"min_size": 50}}, "min_size"),
        ({"parameters": {"min_size": 20, "max_size": 15}}, "max_size"),
        ({"parameters": {"min_size": True}}, "min_size"),
        ({"parameters": {"territory": "commune"}}, "territory"),
        ({"parameters": {"objective": "coverage", "stability_eur_per_esms": 5}}, "stability_eur_per_esms"),
        ({"parameters": {"budget_eur": 1.5}}, "budget_eur"),
        ({"parameters": {"speed": 1}}, "speed"),
    ],
)
def test_wrong_values_are_refused_at_their_field(
    database: Database, changed: dict[str, object], field: str
) -> None:
    """Tests that one French sentence names each wrong value and that nothing is kept."""
    sound: dict[str, object] = {"name": "Lozère", "region": "76", "regime": "generalisation-2022"}
    with pytest.raises(RefusedError) as refused, database.writing() as session:
        campaign.create(session, **(sound | changed))  # type: ignore[arg-type]
    assert set(refused.value.problems) == {field}
    with database.reading() as session:
        assert campaign.summaries(session) == []


def test_a_name_is_taken_once(database: Database, campaign_id: int) -> None:
    """Tests that the sentence repeats the name, and no more: the other campaign may be another region's."""
    with pytest.raises(RefusedError, match="« Lozère 2022 »"), database.writing() as session:
        campaign.create(session, name="Lozère 2022", region="76", regime="amorcage-2021")


def test_national_sizes_may_exceed_49(database: Database) -> None:
    with database.writing() as session:
        campaign.create(
            session,
            name="France",
            region=None,
            regime="generalisation-2022-national",
            parameters={"min_size": 60, "territory": "none"},
        )


def test_changes_are_kept_and_traced(database: Database, campaign_id: int) -> None:
    """Tests that only real changes reach the journal."""
    with database.writing() as session:
        before = campaign.get(session, campaign_id)
        for radius in (80, 80):
            campaign.change(
                session,
                campaign_id,
                name=before.name,
                regime=before.regime,
                parameters={**before.parameters, "max_radius_km": radius},
                envelope_eur=None,
                actor="local",
            )
    with database.reading() as session:
        assert campaign.get(session, campaign_id).parameters["max_radius_km"] == 80
        acts, total = journal.entries(session, object_=f"campaign:{campaign_id}")
    assert total == 2
    assert [act.action for act in acts] == ["campagne.modifier", "campagne.creer"]
    assert acts[0].detail == {"champs": "parameters"}


def test_campaigns_are_listed_with_their_counts(database: Database, campaign_id: int) -> None:
    """Tests the three states of answers."""
    with database.reading() as session:
        (line,) = campaign.summaries(session)
    assert (line.campaign.id, line.esms, line.complete, line.partial, line.missing) == (
        campaign_id,
        6,
        4,
        1,
        1,
    )


def test_an_unknown_campaign_is_said(database: Database) -> None:
    with database.reading() as session, pytest.raises(NotInCampaignError):
        instance_of(session, 404)


def test_bulk_additions_refuse_what_does_not_fit(database: Database, campaign_id: int) -> None:
    """Tests that codes, organismes, solutions and answers are checked, each at its object."""
    wrong = [
        ESMS[0],
        esms(7, "999999999"),
        esms(8, "480000011", champ="XX"),
        esms(9, "480000011", Answer("acquisition", None, ("dui-z",), "any")),
    ]
    for batch, fields in (
        (wrong[:1], {"esms 480000101"}),
        (wrong[1:], {"esms 480000107", "esms 480000108", "esms 480000109"}),
    ):
        with pytest.raises(RefusedError) as refused, database.writing() as session:
            members.add(session, campaign_id, esms=batch)
        assert set(refused.value.problems) == fields
    with pytest.raises(RefusedError), database.writing() as session:
        members.add(session, campaign_id, organismes=[ORGANISMES[0]])
    with pytest.raises(RefusedError), database.writing() as session:
        members.add(session, campaign_id, solutions=[replace(SOLUTIONS[0], code="x", segur_status="oui")])


def test_the_instance_holds_complete_answers_only(database: Database, campaign_id: int) -> None:
    """Tests which ESMS enter a run, and with which words."""
    with database.reading() as session:
        document = instance_of(session, campaign_id)
    instance = read_instance(json.dumps(document, allow_nan=False))
    assert instance.title == "Lozère 2022"
    assert all(esms.fictitious for esms in instance.esms)  # the answers of this campaign are drawn
    assert document["format"] == "matchmaker-instance/1"
    assert document["title"] == "Lozère 2022"
    assert [e["id"][-1] for e in document["esms"]] == ["1", "2", "3", "6"]
    second = document["esms"][1]
    assert second["need"] == "montee_de_version"
    assert second["current_solution"] == "dui-a"
    assert (second["accepted_solutions"], second["accepted_hosting"]) == (["dui-a"], "any")
    assert second["lot"] == "vallée"
    assert document["esms"][3]["accepted_hosting"] == []
    assert {o["id"]: o["esms_total"] for o in document["organismes"]}["480000013"] == 31
    assert [s["segur_referenced"] for s in document["solutions"]] == [True, False]
    assert document["parameters"]["readings"]["K10"] == "counted"


def test_an_answer_changes_the_instance(database: Database, campaign_id: int) -> None:
    """Tests that completing an answer lets its ESMS in, that the same answer again changes nothing."""
    answer = Answer("renouvellement", "dui-b", "any", ("on_premise",))
    with database.writing() as session:
        assert answers.keep(session, campaign_id, "480000104", answer, actor="local")
        assert not answers.keep(session, campaign_id, "480000104", answer, actor="local")
    with database.reading() as session:
        ids = [e["id"] for e in instance_of(session, campaign_id)["esms"]]
        assert "480000104" in ids
        acts, _total = journal.entries(session)
    assert acts[0].action == "besoin.modifier"
    with pytest.raises(NotInCampaignError), database.writing() as session:
        answers.keep(session, campaign_id, "nobody", answer, actor="local")
    with pytest.raises(RefusedError), database.writing() as session:
        answers.keep(session, campaign_id, "480000104", replace(answer, current_solution="z"), actor="local")


@pytest.mark.parametrize(
    ("answer", "completeness", "missing"),
    [
        (Answer(), "missing", ("need",)),
        (Answer(lot="x"), "missing", ("need",)),
        (Answer(accepted_hosting="any"), "partial", ("need",)),
        (Answer("aucun"), "complete", ()),
        (Answer("acquisition"), "partial", ("accepted_solutions", "accepted_hosting")),
        (Answer("acquisition", None, (), ()), "complete", ()),
        (Answer("montee_de_version", None, "any", "any"), "partial", ("current_solution",)),
        (Answer("renouvellement", "a", "any", None), "partial", ("accepted_hosting",)),
    ],
)
def test_completeness(answer: Answer, completeness: str, missing: tuple[str, ...]) -> None:
    """Tests what is still asked of each kind of need."""
    assert (answer.completeness, answer.missing) == (completeness, missing)


def test_three_thousand_esms_are_added_quickly(database: Database) -> None:
    """Tests the bulk path that the demonstration takes (ten thousand rows would not be added one by one)."""
    with database.writing() as session:
        number = campaign.create(session, name="Grande", region="76", regime="generalisation-2022")
        added = members.add(
            session,
            number,
            organismes=[NewOrganisme(f"o{i}", f"Organisme {i}", 10) for i in range(300)],
            solutions=[NewSolution("a", "A", "unknown")],
            esms=[_numbered(i) for i in range(3000)],
        )
    assert added.esms == 3000
    with database.reading() as session:
        assert len(instance_of(session, number)["esms"]) == 3000


def _numbered(i: int) -> NewEsms:
    return replace(esms(0, f"o{i % 300}", Answer("acquisition", None, "any", "any")), code=f"e{i:05d}")
