"""Broken instances, one mistake each: the message names the path; and sound ones, read back as written."""

from __future__ import annotations

import json
from typing import Any

import pytest

from solver.document import InstanceProblems, instance_document, read_instance
from solver.document.problems import MOST_TOLD
from solver.instance import Instance
from solver.vocabulary import Regime
from tests.solver.drawing import draw_instance, tiny_instance
from tests.solver.examples import changed, sound_document

FIXED = {"solution": "SA", "hosting": "saas", "porteur": "E1", "members": ["E1", "E2"], "extendable": False}
PREVIOUS = {"id": "P", "solution": "SA", "hosting": "saas", "porteur": "E1", "members": ["E1", "E2"]}


def problems(data: Any) -> list[str]:
    with pytest.raises(InstanceProblems) as refused:
        read_instance(data)
    lines = [str(problem) for problem in refused.value.problems]
    assert lines
    for line in lines:
        line.encode("utf-8")
        assert "\n" not in line
        assert len(line) < 400
    return lines


# (changes of the sound document, how the first problem begins)
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"format": ...}, "format: missing"),
    ({"format": "matchmaker-instance/2"}, 'format: "matchmaker-instance/2" is not matchmaker-instance/1'),
    ({"regime": ...}, "regime: missing"),
    ({"regime": "2022"}, 'regime: "2022" is not one of amorcage-2021, '),
    ({"extra": 1}, "extra: unknown key"),
    ({"parameters.radius": 1}, "parameters.radius: unknown key"),
    ({"parameters": None}, "parameters: null is not an object"),
    ({"parameters.max_radius_km": -1}, "parameters.max_radius_km: -1 is not a distance in km"),
    ({"parameters.max_radius_km": "60"}, 'parameters.max_radius_km: "60" is not a distance in km'),
    ({"parameters.max_radius_km": float("nan")}, "parameters.max_radius_km: NaN is not a distance in km"),
    (
        {"parameters.territory": "france"},
        'parameters.territory: "france" is not one of region, departement, none',
    ),
    ({"parameters.mix_champs": 1}, "parameters.mix_champs: 1 is not true or false"),
    ({"parameters.mix_needs": "no"}, 'parameters.mix_needs: "no" is not true or false'),
    ({"parameters.same_hosting": None}, "parameters.same_hosting: null is not true or false"),
    ({"parameters.min_size": 0}, "parameters.min_size: 0 is not a whole number, 1 or more"),
    ({"parameters.min_size": 2.5}, "parameters.min_size: 2.5 is not a whole number, 1 or more"),
    ({"parameters.min_size": True}, "parameters.min_size: true is not a whole number, 1 or more"),
    ({"parameters.min_size": 50, "parameters.max_size": None}, "parameters.min_size: 50 is above 49"),
    ({"parameters.max_size": 50}, "parameters.max_size: 50 is above 49"),
    ({"parameters.min_size": 7}, "parameters.min_size: 7 is above max_size, 6"),
    ({"parameters.objective": "money"}, 'parameters.objective: "money" is not one of funding, coverage'),
    ({"parameters.budget_eur": -1}, "parameters.budget_eur: -1 is not a whole number, 0 or more"),
    ({"parameters.min_slack": -1}, "parameters.min_slack: -1 is not a whole number, 0 or more"),
    ({"parameters.min_slack": None}, "parameters.min_slack: null is not a whole number, 0 or more"),
    ({"parameters.max_grappes": "3"}, 'parameters.max_grappes: "3" is not a whole number, 0 or more'),
    ({"parameters.budget_eur": 1.5}, "parameters.budget_eur: 1.5 is not a whole number, 0 or more"),
    ({"parameters.budget_eur": 10**400}, "parameters.budget_eur: a number of about 400 digits is above"),
    (
        {"parameters.stability_eur_per_esms": -5},
        "parameters.stability_eur_per_esms: -5 is not a whole number",
    ),
    (
        {"parameters.stability_eur_per_esms": 5, "parameters.objective": "coverage"},
        "parameters.stability_eur_per_esms: cannot go with the objective coverage",
    ),
    ({"parameters.readings": {"K02": "x"}}, "parameters.readings.K02: unknown key"),
    ({"parameters.readings": {"K01": "lt16"}}, 'parameters.readings.K01: "lt16" is not one of lt15, le15'),
    ({"parameters.readings": []}, "parameters.readings: a list is not an object"),
    ({"organismes": ...}, "organismes: missing"),
    ({"organismes": {}}, "organismes: an object is not a list"),
    ({"organismes.0": "O1"}, 'organismes[0]: "O1" is not an object'),
    ({"organismes.0.id": ""}, 'organismes[0].id: "" is not an id'),
    ({"organismes.0.id": 3}, "organismes[0].id: 3 is not an id"),
    ({"organismes.1.id": "O1"}, 'organismes[1].id: "O1" is given more than once'),
    ({"organismes.0.name": ...}, "organismes[0].name: missing"),
    ({"organismes.0.esms_total": -1}, "organismes[0].esms_total: -1 is not a whole number, 0 or more"),
    ({"organismes.0.esms_total": "14"}, 'organismes[0].esms_total: "14" is not a whole number, 0 or more'),
    ({"organismes.0.esms_total": True}, "organismes[0].esms_total: true is not a whole number, 0 or more"),
    ({"organismes.0.siren": "1"}, "organismes[0].siren: unknown key"),
    ({"solutions.1.id": "SA"}, 'solutions[1].id: "SA" is given more than once'),
    ({"solutions.0.segur_referenced": "oui"}, 'solutions[0].segur_referenced: "oui" is not true or false'),
    ({"solutions.0.segur_referenced": ...}, "solutions[0].segur_referenced: missing"),
    ({"solutions.0.hosting": "saas"}, 'solutions[0].hosting: "saas" is not a list'),
    (
        {"solutions.0.hosting": ["cloud"]},
        'solutions[0].hosting[0]: "cloud" is not one of saas, on_premise, shared',
    ),
    ({"solutions.0.champs": ["PA", "XX"]}, 'solutions[0].champs[1]: "XX" is not one of PA, PH'),
    ({"solutions.0.segur_status": "unknown"}, 'solutions[0].segur_status: "unknown" does not go with'),
    ({"esms": []}, "esms: an empty list"),
    ({"esms": ...}, "esms: missing"),
    ({"esms.0": None}, "esms[0]: null is not an object"),
    ({"esms.5.lat": 148.2}, "esms[5].lat: 148.2 is not a latitude"),
    ({"esms.5.lat": -90.0001}, "esms[5].lat: -90.0001 is not a latitude"),
    ({"esms.5.lat": True}, "esms[5].lat: true is not a latitude"),
    ({"esms.5.lat": "48.1"}, 'esms[5].lat: "48.1" is not a latitude'),
    ({"esms.5.lat": float("nan")}, "esms[5].lat: NaN is not a latitude"),
    ({"esms.5.lat": float("inf")}, "esms[5].lat: Infinity is not a latitude"),
    ({"esms.5.lat": 10**400}, "esms[5].lat: a number of about 400 digits is not a latitude"),
    ({"esms.5.lat": None}, "esms[5].lat: null is not a latitude"),
    ({"esms.5.lon": -180.5}, "esms[5].lon: -180.5 is not a longitude"),
    ({"esms.5.lon": float("-inf")}, "esms[5].lon: -Infinity is not a longitude"),
    ({"esms.1.id": "E1"}, 'esms[1].id: "E1" is given more than once'),
    ({"esms.1.organisme": "O9"}, 'esms[1].organisme: "O9" is unknown'),
    ({"esms.1.champ": "pa"}, 'esms[1].champ: "pa" is not one of PA, PH, DOM, PDS, PDE, AHI, PJM'),
    ({"esms.1.category": 500}, "esms[1].category: 500 is not a text"),
    ({"esms.1.departement": 31}, "esms[1].departement: 31 is not a code of departement"),
    ({"esms.1.region": ""}, 'esms[1].region: "" is not a code of region'),
    ({"esms.1.need": "achat"}, 'esms[1].need: "achat" is not one of acquisition'),
    ({"esms.1.need": "renouvellement"}, "esms[1].current_solution: missing: required for renouvellement"),
    (
        {"esms.1.need": "montee_de_version", "esms.1.current_solution": "SZ"},
        'esms[1].current_solution: "SZ" is unknown',
    ),
    ({"esms.1.accepted_solutions": "all"}, 'esms[1].accepted_solutions: "all" is not a list or "any"'),
    ({"esms.1.accepted_solutions": ["SA", "SZ"]}, 'esms[1].accepted_solutions[1]: "SZ" is unknown'),
    (
        {"esms.1.accepted_solutions": ["SA", "SA"]},
        'esms[1].accepted_solutions[1]: "SA" is given more than once',
    ),
    ({"esms.1.accepted_hosting": ["any"]}, 'esms[1].accepted_hosting[0]: "any" is not one of saas'),
    ({"esms.1.accepted_hosting": ...}, "esms[1].accepted_hosting: missing"),
    ({"esms.1.lot": 3}, "esms[1].lot: 3 is not the name of a lot or null"),
    ({"esms.1.can_be_porteur": "yes"}, 'esms[1].can_be_porteur: "yes" is not true or false'),
    ({"esms.1.finess": "31"}, "esms[1].finess: unknown key"),
    ({"esms.1.position_origin": "moon"}, 'esms[1].position_origin: "moon" is not one of surveyed'),
    ({"engine_readings": []}, "engine_readings: a list is not an object"),
    ({"engine_readings": {"K11": 1}}, "engine_readings.K11: 1 is not an option"),
    ({"constraints": []}, "constraints: a list is not an object"),
    ({"constraints.locked": []}, "constraints.locked: unknown key"),
    ({"constraints.excluded": ["E9"]}, 'constraints.excluded[0]: "E9" is unknown'),
    ({"constraints.excluded": ["E1", "E1"]}, 'constraints.excluded[1]: "E1" is given more than once'),
    ({"constraints.apart": [["O1"]]}, "constraints.apart[0]: a list of 1 is not a pair of organismes"),
    ({"constraints.apart": [["O1", "O9"]]}, 'constraints.apart[0][1]: "O9" is unknown'),
    ({"constraints.apart": [["O1", "O1"]]}, 'constraints.apart[0]: a pair of "O1" with itself'),
    ({"constraints.together": [["O1", "O1"]]}, 'constraints.together[0]: a pair of "O1" with itself'),
    (
        {"constraints": {"apart": [["O1", "O2"]], "together": [["O2", "O1"]]}},
        'constraints.apart[0]: "O1" and "O2" are also together',
    ),
    (
        {"constraints": {"apart": [["O1", "O3"]], "together": [["O1", "O2"], ["O3", "O2"]]}},
        'constraints.apart[0]: "O1" and "O3" are also together',
    ),
    ({"constraints.fixed_grappes": [{}]}, "constraints.fixed_grappes[0].solution: missing"),
    (
        {
            "constraints.fixed_grappes": [
                {**FIXED, "id": "A"},
                {**FIXED, "id": "A", "members": ["E3"], "porteur": "E3"},
            ]
        },
        'constraints.fixed_grappes[1].id: "A" is given more than once',
    ),
    (
        {"constraints.fixed_grappes": [{**FIXED, "solution": "SZ"}]},
        'constraints.fixed_grappes[0].solution: "SZ" is unknown',
    ),
    (
        {"constraints.fixed_grappes": [{**FIXED, "hosting": None}]},
        "constraints.fixed_grappes[0].hosting: null: a mode is due",
    ),
    (
        {"constraints.fixed_grappes": [{**FIXED, "members": ["E1", "E9"]}]},
        'constraints.fixed_grappes[0].members[1]: "E9" is unknown',
    ),
    (
        {"constraints.fixed_grappes": [{**FIXED, "porteur": "E3"}]},
        'constraints.fixed_grappes[0]: its porteur "E3" is not one of its members',
    ),
    (
        {"constraints.fixed_grappes": [FIXED, {**FIXED, "members": ["E2", "E3"], "porteur": "E3"}]},
        'constraints.fixed_grappes[1]: "E2" is also in constraints.fixed_grappes[0]',
    ),
    (
        {"constraints.fixed_grappes": [FIXED], "constraints.excluded": ["E2"]},
        'constraints.fixed_grappes[0]: "E2" is excluded',
    ),
    (
        {"constraints.fixed_grappes": [FIXED], "esms.1.need": "aucun"},
        'constraints.fixed_grappes[0]: "E2" has no need',
    ),
    (
        {
            "constraints.fixed_grappes": [FIXED],
            "esms.0.lot": "L",
            "esms.1.lot": "L",
            "esms.2.lot": "L",
            "esms.2.organisme": "O1",
        },
        'constraints.fixed_grappes[0]: holds 2 of the 3 ESMS of the lot "L"',
    ),
    (
        {"constraints.fixed_grappes": [FIXED], "parameters.min_size": 1, "parameters.max_size": 1},
        "constraints.fixed_grappes[0]: 2 members, more than the maximum of 1",
    ),
    ({"previous": {}}, "previous: an object is not a list"),
    ({"previous": [{**PREVIOUS, "id": None}]}, "previous[0].id: null is not an id"),
    ({"previous": [{**PREVIOUS, "color": 1}]}, "previous[0].color: unknown key"),
    ({"previous": [PREVIOUS, PREVIOUS]}, 'previous[1].id: "P" is given more than once'),
    (
        {"previous": [PREVIOUS, {**PREVIOUS, "id": "Q"}]},
        'previous[1].members[0]: "E1" is also in previous[0]',
    ),
    ({"title": 3}, "title: 3 is not a text or null"),
]


@pytest.mark.parametrize(("changes", "line"), MISTAKES, ids=[line.split(":")[0] for _, line in MISTAKES])
def test_a_mistake_is_told_at_its_path(changes: dict[str, Any], line: str) -> None:
    """Tests one broken file per mistake, as parsed JSON and as text."""
    document = changed(sound_document(), changes)
    assert problems(document)[0].startswith(line)
    assert problems(json.dumps(document))[0].startswith(line)


def test_the_sound_document_is_read() -> None:
    """Tests that the document which every mistake is made on has none."""
    assert len(read_instance(sound_document()).esms) == 6


def test_all_problems_are_told_at_once() -> None:
    """Tests that problems in unrelated places come in one list."""
    everything: dict[str, Any] = {}
    for changes in (
        {"regime": "x"},
        {"parameters.objective": "y"},
        {"esms.0.lat": 91},
        {"esms.3.organisme": "O9"},
        {"solutions.0.hosting": ["z"]},
        {"constraints.excluded": ["E9"]},
        {"previous": [3]},
    ):
        everything |= changes
    paths = [line.split(":")[0] for line in problems(changed(sound_document(), everything))]
    assert paths == [
        "regime",
        "parameters.objective",
        "solutions[0].hosting[0]",
        "esms[0].lat",
        "esms[3].organisme",
        "constraints.excluded[0]",
        "previous[0]",
    ]


def test_a_fixed_grappe_of_50_is_over_the_cap() -> None:
    """Tests that the regional cap of 49 holds for fixed grappes."""
    document = sound_document()
    document["esms"] = [{**document["esms"][0], "id": f"M{k}"} for k in range(50)]
    ids = [e["id"] for e in document["esms"]]
    document["parameters"] = {}
    document["constraints"] = {"fixed_grappes": [{**FIXED, "members": ids, "porteur": "M0"}]}
    assert problems(document) == ["constraints.fixed_grappes[0]: 50 members, more than the maximum of 49"]
    document["constraints"]["fixed_grappes"][0]["members"] = ids[:49]
    read_instance(document)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (b"", "not JSON: "),
        (b"   \n", "not JSON: "),
        (b"{", "not JSON: "),
        (b'{"format": "matchmaker-instance/1",}', "not JSON: "),
        (b"[1, 2", "not JSON: "),
        (b"matchmaker", "not JSON: "),
        (b"\xff\xfe{\x00}\x00", "not UTF-8: byte 0xff at position 0"),
        (b'{"format": "\xe9"}', "not UTF-8: byte 0xe9 at position 12"),
        (b"\xef\xbb\xbf{}", "starts with a byte order mark"),
        (b"[]", "a list is not an instance (an object)"),
        (b'"abc"', '"abc" is not an instance (an object)'),
        (b"null", "null is not an instance (an object)"),
        (b"NaN", "NaN is not an instance (an object)"),
        (b"1" * 5000, "a number of 5000 characters is not an instance (an object)"),
        (b'{"a":' * 100_000, "not usable: lists or objects are nested too deeply"),
        (b"[" * 100_000, "not usable: lists or objects are nested too deeply"),
        (b"[" * 100_000 + b"]" * 100_000, "not usable: lists or objects are nested too deeply"),
    ],
)
def test_what_is_no_instance_at_all_is_one_line(text: bytes, line: str) -> None:
    """Tests texts that are not JSON, not UTF-8, not an object, or nested beyond reading."""
    found = problems(text)
    assert len(found) == 1
    assert found[0].startswith(line)


@pytest.mark.parametrize(
    ("replaced", "by", "line"),
    [
        ('"lat": 43.6,', '"lat": NaN,', "esms[0].lat: NaN is not a latitude"),
        ('"lat": 43.6,', '"lat": -Infinity,', "esms[0].lat: -Infinity is not a latitude"),
        ('"lat": 43.6,', '"lat": 1e999,', "esms[0].lat: Infinity is not a latitude"),
        (
            '"lat": 43.6,',
            f'"lat": {"9" * 5000},',
            "esms[0].lat: a number of 5000 characters is not a latitude",
        ),
        (
            '"lat": 43.6,',
            f'"lat": 0.{"3" * 5000},',
            "esms[0].lat: a number of 5002 characters is not a latitude",
        ),
        ('"lat": 43.6,', '"lat": 43.6, "lat": 43.6,', "esms[0].lat: given more than once"),
        ('"regime":', '"format": 1, "regime":', "format: given more than once"),
        ('"id": "E1"', '"id": "\\ud800"', 'esms[0].id: "\\ud800" is not an id'),
        ('"id": "E1"', '"id": "E1", "a\\nb\\udfff": 1', 'esms[0]."a\\nb\\udfff": unknown key'),
        (
            '"constraints": {}',
            '"constraints": {"apart": [], "apart": []}',
            "constraints.apart: given more than once",
        ),
    ],
)
def test_what_a_friendly_parser_lets_through(replaced: str, by: str, line: str) -> None:
    """Tests repeated keys, numbers that are none, and texts that cannot be written again."""
    text = json.dumps(sound_document())
    assert replaced in text
    assert line in problems(text.replace(replaced, by, 1))


def test_a_flood_is_cut() -> None:
    """Tests that ten thousand problems give the first thousand and one line that says so."""
    document = changed(sound_document(), {"esms": [3] * 10_000})
    found = problems(document)
    assert len(found) == MOST_TOLD + 1
    assert found[0] == "esms[0]: 3 is not an object"
    assert found[-1] == "more problems than these 1000: reading stopped here"
    assert len(problems(changed(sound_document(), {"esms": [3] * MOST_TOLD}))) == MOST_TOLD


def test_strange_values_as_parsed_json() -> None:
    """Tests what no JSON text can hold but a caller may pass."""
    document: dict[Any, Any] = changed(sound_document(), {"esms.0.lat": 10**6000, "esms.0.name": b"x"})
    document[3] = object()
    found = problems(document)
    assert "esms[0].name: a value of type bytes is not a text" in found
    assert any(line.startswith("esms[0].lat: a number of about 600") for line in found)
    assert '"3": unknown key' in found


def test_defaults_are_filled_in() -> None:
    """Tests the defaults of the contract, with nothing given and with null where null is the default."""
    bare = changed(sound_document(), {"parameters": ..., "constraints": ...})
    nulls = {"max_radius_km": None, "mix_needs": None, "min_size": None, "max_size": None, "budget_eur": None}
    nulls["max_grappes"] = None
    full = changed(
        sound_document(),
        {"parameters": nulls, "previous": None, "esms.0.lot": None, "esms.0.current_solution": None},
    )
    assert read_instance(bare) == read_instance(full)
    p = read_instance(bare).parameters
    assert (p.max_radius_km, p.territory, p.mix_champs, p.same_hosting) == (None, "region", True, True)
    assert (p.min_size, p.max_size, p.objective, p.budget_eur, p.stability_eur_per_esms) == (
        None,
        None,
        "funding",
        None,
        0,
    )
    assert (p.readings.K01, p.readings.K07, p.readings.K10) == ("lt15", "acquisition", "counted")


@pytest.mark.parametrize(
    ("regime", "given", "expected"),
    [
        ("amorcage-2021", None, True),
        ("amorcage-2021", False, False),
        ("generalisation-2022", None, False),
        ("generalisation-2022-national", None, False),
        ("generalisation-2022", True, True),
    ],
)
def test_mix_needs_follows_the_regime(regime: str, given: bool | None, expected: bool) -> None:
    """Tests null: true in 2021, false in 2022."""
    document = changed(sound_document(), {"regime": regime, "parameters.mix_needs": given})
    assert read_instance(document).parameters.mix_needs is expected


def test_sizes_above_49_are_for_the_national_regime() -> None:
    """Tests that the cap of the regional regimes does not hold in the national one."""
    document = changed(
        sound_document(), {"regime": "generalisation-2022-national", "parameters": {"min_size": 60}}
    )
    assert read_instance(document).parameters.min_size == 60


def test_previous_ids_that_are_gone_are_ignored() -> None:
    """Tests a member, a porteur and a solution that no longer exist, and that figures are not read."""
    figures = {
        "size": 3,
        "funding_eur": 5,
        "lines": [],
        "by_region": {},
        "radius_km": 1.0,
        "mean_distance_km": 1,
    }
    earlier = [
        {**PREVIOUS, **figures, "members": ["E2", "E77", "E1"], "porteur": "E77"},
        {**PREVIOUS, "id": "Q", "solution": "S77", "members": ["E3"]},
    ]
    instance = read_instance(changed(sound_document(), {"previous": earlier}))
    assert [(g.id, g.porteur, g.members) for g in instance.previous] == [("P", "E77", ("E1", "E2"))]


def test_optional_fields_travel() -> None:
    """Tests the fields that only pages read."""
    extra = {
        "title": "Occitanie", "organismes.0.fictitious": True, "solutions.1.segur_status": "unknown",
        "solutions.0.segur_status": "referenced", "solutions.0.fictitious": True, "esms.0.fictitious": True,
        "esms.0.commune": "Albi", "esms.0.position_origin": "commune",
        "engine_readings": {"K26": "grappe", "K11": "porteur"},
    }  # fmt: skip
    instance = read_instance(changed(sound_document(), extra))
    assert instance.title == "Occitanie"
    assert (instance.esms[0].commune, instance.esms[0].position_origin) == ("Albi", "commune")
    assert instance.engine_readings == (("K11", "porteur"), ("K26", "grappe"))
    assert read_instance(instance_document(instance)) == instance


def same_after_writing(instance: Instance) -> None:
    assert read_instance(json.dumps(instance_document(instance)).encode()) == instance


@pytest.mark.parametrize("seed", range(60))
def test_writing_and_reading_is_the_same_instance(seed: int) -> None:
    """Tests the round trip on drawn instances of every constraint kind."""
    same_after_writing(read_instance(tiny_instance(seed)))


@pytest.mark.parametrize("regime", list(Regime))
def test_writing_and_reading_a_larger_instance(regime: Regime) -> None:
    """Tests the round trip on 300 ESMS of each regime."""
    same_after_writing(read_instance(draw_instance(7, 300, regime.value)))
