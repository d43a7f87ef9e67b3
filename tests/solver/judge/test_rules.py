"""Each rule of "What a proposal must respect", accepted and refused: proposals that differ in one thing."""

from __future__ import annotations

from typing import Any

import pytest

from solver.instance import Grappe
from solver.judge import Concession, Rule
from solver.vocabulary import ChangeKind
from tests.solver.examples import grappe, instance_with, judge_of

BOTH = [grappe("E1 E2"), grappe("E3 E4", id_="G2")]


def rules(changes: dict[str, Any], grappes: list[Grappe]) -> set[str]:
    return {v.rule.value for v in judge_of(instance_with(changes)).violations(grappes)}


def accepted_then_refused(
    rule: Rule, sound: dict[str, Any], good: list[Grappe], broken: dict[str, Any], bad: list[Grappe]
) -> None:
    assert rules(sound, good) == set()
    assert rule in rules(broken, bad)


# (rule, changes of the sound instance, its grappes, changes of the broken one, its grappes)
PAIRS: list[tuple[Rule, dict[str, Any], list[Grappe], dict[str, Any], list[Grappe]]] = [
    (Rule.MEMBERS, {}, [grappe()], {}, [grappe("E1 E2 E9")]),
    (Rule.MEMBERS, {}, [grappe()], {}, [Grappe("G1", "SA", grappe().hosting, "E1", ())]),
    (Rule.MEMBERS, {}, [grappe()], {}, [Grappe("G1", "SA", grappe().hosting, "E1", ("E1", "E1"))]),
    (Rule.SOLUTION, {}, [grappe()], {}, [grappe(solution="SZ")]),
    (Rule.GRAPPE_ID, {}, BOTH, {}, [grappe("E1 E2"), grappe("E3 E4")]),
    (Rule.ONE_GRAPPE, {}, BOTH, {}, [grappe("E1 E2"), grappe("E2 E3", id_="G2")]),
    (
        Rule.LOT,
        {"esms.0.lot": "L", "esms.1.lot": "L"},
        [grappe()],
        {"esms.0.lot": "L", "esms.1.lot": "L"},
        [grappe("E2 E3")],
    ),
    (
        Rule.LOT,  # a lot is told by its organisme too
        {"esms.0.lot": "L", "esms.3.lot": "L"},
        [grappe()],
        {"esms.2.lot": "L", "esms.3.lot": "L"},
        [grappe()],
    ),
    (Rule.NO_NEED, {}, [grappe()], {"esms.0.need": "aucun"}, [grappe()]),
    (
        Rule.NO_NEED,  # the whole lot with it
        {"esms.0.lot": "L", "esms.1.lot": "L"},
        [grappe()],
        {"esms.0.lot": "L", "esms.1.lot": "L", "esms.0.need": "aucun"},
        [grappe()],
    ),
    (
        Rule.EXCLUDED,
        {"constraints.excluded": ["E4"]},
        [grappe()],
        {"constraints.excluded": ["E1"]},
        [grappe()],
    ),
    (
        Rule.SOLUTION,
        {"esms.0.accepted_solutions": ["SA"]},
        [grappe()],
        {"esms.0.accepted_solutions": ["SB"]},
        [grappe()],
    ),
    (Rule.SOLUTION, {}, [grappe()], {"esms.0.accepted_solutions": []}, [grappe()]),
    (Rule.CHAMP, {}, [grappe()], {"solutions.0.champs": ["PH"]}, [grappe()]),
    (Rule.HOSTING, {}, [grappe()], {}, [grappe(hosting="on_premise")]),
    (Rule.HOSTING, {}, [grappe()], {}, [grappe(hosting=None)]),
    (
        Rule.HOSTING,
        {"esms.0.accepted_hosting": ["saas"]},
        [grappe()],
        {"esms.0.accepted_hosting": ["shared"]},
        [grappe()],
    ),
    (
        Rule.HOSTING,  # each member any mode that it accepts and the solution offers
        {
            "parameters.same_hosting": False,
            "esms.0.accepted_hosting": ["saas"],
            "esms.1.accepted_hosting": ["shared"],
        },
        [grappe(hosting=None)],
        {"parameters.same_hosting": False, "esms.0.accepted_hosting": ["on_premise"]},
        [grappe(hosting=None)],
    ),
    (
        Rule.HOSTING,
        {"parameters.same_hosting": False},
        [grappe(hosting=None)],
        {"parameters.same_hosting": False},
        [grappe()],
    ),
    (
        Rule.CURRENT_SOLUTION,
        {"parameters.mix_needs": True, "esms.0.need": "montee_de_version", "esms.0.current_solution": "SA"},
        [grappe()],
        {"parameters.mix_needs": True, "esms.0.need": "montee_de_version", "esms.0.current_solution": "SB"},
        [grappe()],
    ),
    (
        Rule.SOLUTION,  # the present solution must be among the accepted ones for a montée de version
        {
            "parameters.mix_needs": True,
            "esms.0.need": "montee_de_version",
            "esms.0.current_solution": "SA",
            "esms.0.accepted_solutions": ["SA"],
        },
        [grappe()],
        {
            "parameters.mix_needs": True,
            "esms.0.need": "montee_de_version",
            "esms.0.current_solution": "SA",
            "esms.0.accepted_solutions": ["SB"],
        },
        [grappe()],
    ),
    (
        Rule.FUNDABLE,  # a champ of the social field needs a referenced solution
        {"esms.0.champ": "PDS"},
        [grappe()],
        {"esms.0.champ": "PDS"},
        [grappe(solution="SB", hosting="on_premise")],
    ),
    (Rule.SIZE, {"parameters.min_size": 3}, [grappe()], {"parameters.min_size": 4}, [grappe()]),
    (Rule.SIZE, {"parameters.max_size": 3}, [grappe()], {"parameters.max_size": 2}, [grappe()]),
    (Rule.PORTEUR, {}, [grappe()], {}, [grappe(porteur="E4")]),
    (
        Rule.PORTEUR,
        {"esms.0.can_be_porteur": False},
        [grappe()],
        {"esms.1.can_be_porteur": False},
        [grappe()],
    ),
    (
        Rule.RADIUS,
        {"parameters.max_radius_km": 30},
        [grappe("E1 E2 E5", "E2")],
        {"parameters.max_radius_km": 20},
        [grappe("E1 E2 E5", "E2")],
    ),
    (
        Rule.TERRITORY,
        {"parameters.territory": "none"},
        [grappe("E1 E2 E6", "E2")],
        {},
        [grappe("E1 E2 E6", "E2")],
    ),
    (
        Rule.TERRITORY,
        {},
        [grappe("E1 E2 E5", "E2")],
        {"parameters.territory": "departement"},
        [grappe("E1 E2 E5", "E2")],
    ),
    (Rule.CENTRE, {}, [grappe(porteur="E2")], {}, [grappe(porteur="E1")]),
    (
        Rule.CENTRE,  # equal sums: the smallest id
        {"esms.1.lat": 43.60, "esms.1.lon": 1.44},
        [grappe("E1 E2", "E1")],
        {"esms.1.lat": 43.60, "esms.1.lon": 1.44},
        [grappe("E1 E2", "E2")],
    ),
    (
        Rule.MIX_CHAMPS,
        {"parameters.mix_champs": False},
        [grappe()],
        {"parameters.mix_champs": False, "esms.0.champ": "PH"},
        [grappe()],
    ),
    (
        Rule.MIX_NEEDS,  # renouvellement and acquisition are one kind
        {"esms.0.need": "renouvellement", "esms.0.current_solution": "SB"},
        [grappe()],
        {"esms.0.need": "montee_de_version", "esms.0.current_solution": "SA"},
        [grappe()],
    ),
    (
        Rule.APART,
        {"constraints.apart": [["O1", "O3"]]},
        [grappe()],
        {"constraints.apart": [["O2", "O1"]]},
        [grappe()],
    ),
    (
        Rule.TOGETHER,
        {"constraints.together": [["O1", "O2"]]},
        [grappe("E1 E2 E3 E4")],
        {"constraints.together": [["O1", "O2"]]},
        [grappe()],
    ),
    (
        Rule.TOGETHER,  # pairs chain
        {"constraints.together": [["O1", "O2"]]},
        [grappe("E1 E2 E3 E4")],
        {"constraints.together": [["O1", "O2"], ["O3", "O2"]]},
        [grappe("E1 E2 E3 E4")],
    ),
    (
        Rule.TOGETHER,  # only ESMS with a need are held
        {"constraints.together": [["O1", "O2"]], "esms.3.need": "aucun"},
        [grappe()],
        {"constraints.together": [["O1", "O2"]]},
        [grappe()],
    ),
    # 3 x 21,500 + 2 x 20,000 + 115,000 = 219,500
    (
        Rule.BUDGET,
        {"parameters.budget_eur": 219_500},
        [grappe()],
        {"parameters.budget_eur": 219_499},
        [grappe()],
    ),
    (Rule.SIZE, {"parameters.min_slack": 1}, [grappe()], {"parameters.min_slack": 2}, [grappe()]),
    (  # the slack stops at the maximum
        Rule.SIZE,
        {"parameters.min_slack": 9, "parameters.max_size": 3},
        [grappe()],
        {"parameters.min_slack": 9, "parameters.max_size": 4},
        [grappe()],
    ),
    (Rule.MAX_GRAPPES, {"parameters.max_grappes": 2}, BOTH, {"parameters.max_grappes": 1}, BOTH),
    (Rule.MAX_GRAPPES, {"parameters.max_grappes": 0}, [], {"parameters.max_grappes": 0}, [grappe()]),
]


@pytest.mark.parametrize(
    ("rule", "sound", "good", "broken", "bad"),
    PAIRS,
    ids=[f"{k}-{pair[0].value}" for k, pair in enumerate(PAIRS)],
)
def test_a_rule_accepts_and_refuses(
    rule: Rule, sound: dict[str, Any], good: list[Grappe], broken: dict[str, Any], bad: list[Grappe]
) -> None:
    """Tests that a rule lets a sound proposal through and names itself on the broken one."""
    accepted_then_refused(rule, sound, good, broken, bad)


@pytest.mark.parametrize(
    ("regions", "size", "accepted"),
    [
        (["76"] * 15, 15, True),
        (["76"] * 14, 14, False),
        (["94"] * 8, 8, True),
        (["94"] * 7, 7, False),
        (["01", "02", "03", "04", "06", "94", "94", "94"], 8, True),
        (["94"] * 13 + ["76"], 14, False),
        (["94"] * 14 + ["76"], 15, True),
    ],
)
def test_the_minimum_of_the_regime(regions: list[str], size: int, accepted: bool) -> None:
    """Tests 15, and 8 when every member is in Corse or overseas: one other member makes it 15."""
    document = many(regions)
    judge = judge_of(instance_with(document))
    members = tuple(f"M{k:03d}" for k in range(size))
    found = judge.violations([Grappe("G", "SA", grappe().hosting, "M000", members)])
    assert [v.rule for v in found] == ([] if accepted else [Rule.SIZE])


@pytest.mark.parametrize(
    ("regime", "size", "accepted"),
    [
        ("amorcage-2021", 49, True),
        ("generalisation-2022", 49, True),
        ("generalisation-2022", 50, False),
        ("generalisation-2022-national", 49, False),
        ("generalisation-2022-national", 50, True),
        ("generalisation-2022-national", 180, True),
    ],
)
def test_the_sizes_of_the_regimes(regime: str, size: int, accepted: bool) -> None:
    """Tests at most 49 in the regional regimes, at least 50 and no maximum in the national one."""
    judge = judge_of(instance_with(many(["76"] * size) | {"regime": regime}))
    members = tuple(f"M{k:03d}" for k in range(size))
    found = judge.violations([Grappe("G", "SA", grappe().hosting, "M000", members)])
    assert [v.rule for v in found] == ([] if accepted else [Rule.SIZE])


def many(regions: list[str]) -> dict[str, Any]:
    """Changes that make the example one of many ESMS at one position."""
    model = {
        "name": "", "organisme": "O2", "champ": "PA", "category": "", "lat": 43.6, "lon": 1.44,
        "departement": "31", "need": "acquisition", "accepted_solutions": "any", "accepted_hosting": "any",
    }  # fmt: skip
    esms = [{**model, "id": f"M{k:03d}", "region": region} for k, region in enumerate(regions)]
    return {"esms": esms, "parameters": {"territory": "none"}}


def test_the_radius_is_inclusive_to_the_millimetre() -> None:
    """Tests a limit equal to the distance, then one and a half millimetre shorter."""
    km = judge_of(instance_with()).distances.km("E2", "E5")
    exact = round(km, 6)
    two = [grappe("E2 E5", "E2")]
    assert rules({"parameters.max_radius_km": exact}, two) == set()
    assert rules({"parameters.max_radius_km": exact - 1.5e-6}, two) == {"radius"}


def test_a_previous_id_keeps_its_solution_and_hosting() -> None:
    """Tests that an id of ``previous`` is carried with the same solution and hosting only."""
    earlier = {
        "id": "P1",
        "solution": "SA",
        "hosting": "saas",
        "porteur": "E1",
        "members": ["E1", "E6", "E7"],
    }
    changes = {"previous": [earlier]}
    assert rules(changes, [grappe(id_="P1")]) == set()
    assert rules(changes, [grappe(id_="P1", hosting="shared")]) == {"previous"}
    assert rules(changes, [grappe(id_="P1", solution="SB", hosting="on_premise")]) == {"previous"}


FIXED = {"id": "F", "solution": "SA", "hosting": "saas", "porteur": "E1", "members": ["E1", "E2"]}


def fixed(**changes: Any) -> dict[str, Any]:
    return {"constraints.fixed_grappes": [{**FIXED, "extendable": False, **changes}]}


def test_a_fixed_grappe_appears_as_given() -> None:
    """Tests presence, solution, hosting, porteur (be it not the most central), id and members."""
    given = grappe("E1 E2", "E1", id_="F")
    assert rules(fixed(), [given]) == set()
    assert rules(fixed(), []) == {"fixed_grappe"}
    assert rules(fixed(), [grappe("E3 E4")]) == {"fixed_grappe"}
    assert rules(fixed(), [grappe("E1 E2", "E2", id_="F")]) == {"fixed_grappe"}
    assert rules(fixed(), [grappe("E1 E2", "E1", id_="F", hosting="shared")]) == {"fixed_grappe"}
    assert rules(fixed(), [grappe("E1 E2", "E1")]) == {"fixed_grappe"}
    assert rules(fixed(), [grappe("E1 E2 E3", "E1", id_="F")]) == {"fixed_grappe"}
    assert rules(fixed(extendable=True), [grappe("E1 E2 E3", "E1", id_="F")]) == set()
    assert rules(fixed(extendable=True), [grappe("E1 E3 E4", "E1", id_="F")]) == {"fixed_grappe"}


def test_the_id_of_a_fixed_grappe_is_its_own() -> None:
    """Tests that no other grappe takes the id, and that an unnamed fixed grappe takes any."""
    named = fixed(extendable=True, members=["E1"])
    assert "grappe_id" in rules(named, [grappe("E3 E4", id_="F")])
    unnamed = {
        "constraints.fixed_grappes": [{k: v for k, v in FIXED.items() if k != "id"} | {"extendable": False}]
    }
    assert rules(unnamed, [grappe("E1 E2", "E1", id_="X")]) == set()


def test_an_extendable_grappe_is_absent_only_when_it_cannot_grow() -> None:
    """Tests that the judge shows an extension that the proposal left out, when it sees one."""
    changes = {**fixed(extendable=True), "parameters.min_size": 4}
    assert rules(changes, []) == {"fixed_grappe"}
    assert rules({**changes, "parameters.min_size": 6}, []) == set()  # E6 is in another region
    assert rules({**changes, "parameters.budget_eur": 100_000}, []) == set()


def concede(kind: ChangeKind, value: str | float | None, esms: str) -> Concession:
    return Concession(frozenset(esms.split()), kind, value)


@pytest.mark.parametrize(
    ("changes", "proposed", "concession", "other"),
    [
        (
            {"esms.0.accepted_hosting": ["shared"]},
            grappe(),
            concede(ChangeKind.ACCEPT_HOSTING, "saas", "E1"),
            concede(ChangeKind.ACCEPT_HOSTING, "on_premise", "E1"),
        ),
        (
            {"esms.0.accepted_solutions": ["SB"]},
            grappe(),
            concede(ChangeKind.ACCEPT_SOLUTION, "SA", "E1"),
            concede(ChangeKind.ACCEPT_SOLUTION, "SA", "E2"),
        ),
        (
            {"parameters.max_radius_km": 20},
            grappe("E1 E2 E5", "E2"),
            concede(ChangeKind.RADIUS_KM, 26.0, "E5"),
            concede(ChangeKind.RADIUS_KM, 21.0, "E5"),
        ),
        (
            {},
            grappe("E1 E2 E6", "E2"),
            concede(ChangeKind.TERRITORY, "76", "E6"),
            concede(ChangeKind.TERRITORY, "76", "E1"),
        ),
        (
            {"esms.2.lot": "L", "esms.3.lot": "L"},
            grappe(),
            concede(ChangeKind.SPLIT_LOT, "L", "E3 E4"),
            concede(ChangeKind.SPLIT_LOT, "L", "E1"),
        ),
    ],
)
def test_a_concession_relaxes_the_rule_of_its_lot_alone(
    changes: dict[str, Any], proposed: Grappe, concession: Concession, other: Concession
) -> None:
    """Tests each kind: refused without it, accepted with it, refused with another value or for others."""
    judge = judge_of(instance_with(changes))
    assert judge.violations([proposed])
    assert judge.violations([proposed], concession) == []
    assert judge.violations([proposed], other)


def test_a_montee_de_version_cannot_concede_another_solution() -> None:
    """Tests that accepting a solution does not make it the present one."""
    changes = {
        "parameters.mix_needs": True, "esms.0.need": "montee_de_version", "esms.0.current_solution": "SB",
        "esms.0.accepted_solutions": ["SB"],
    }  # fmt: skip
    found = judge_of(instance_with(changes)).violations(
        [grappe()], concede(ChangeKind.ACCEPT_SOLUTION, "SA", "E1")
    )
    assert [v.rule for v in found] == [Rule.CURRENT_SOLUTION]


def test_the_porteur_reaches_everyone_or_is_no_candidate() -> None:
    """Tests that the most central member does not count when someone is out of its reach."""
    # E3 is the most central of E2, E3, E5; within 24 km of E5 lie E3 and nobody else.
    km = judge_of(instance_with()).distances.km
    limit = round((km("E2", "E5") + km("E3", "E5")) / 2, 6)
    trio = "E2 E3 E5"
    changes = {"parameters.max_radius_km": limit, "esms.2.can_be_porteur": False}
    assert rules(changes, [grappe(trio, "E5")]) == {"radius"}
    far = {"parameters.max_radius_km": round(km("E2", "E5") + 0.001, 6), "esms.2.can_be_porteur": False}
    assert rules(far, [grappe(trio, "E2")]) == set()
    assert judge_of(instance_with(far)).elect(["E2", "E3", "E5"]) == "E2"
    assert judge_of(instance_with(changes)).elect(["E2", "E3", "E5"]) is None
