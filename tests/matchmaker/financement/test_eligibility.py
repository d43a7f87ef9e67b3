"""Who counts and who does not, each refusal with its rule; whether the grappe may exist, and where."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from matchmaker.baremes import shipped_rules
from matchmaker.baremes.exclusions import Prior, Trait
from matchmaker.baremes.needs import FundedNeed
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.projet import Membre, Organisme, Projet, ProjetError
from matchmaker.financement.seuil import Status
from solver.vocabulary import Champ
from tests.matchmaker.financement.drawn_projects import (
    ACQ,
    GEN,
    MV,
    N21,
    N22,
    NONE,
    R21,
    R22,
    RENEW,
    SUPP,
    Group,
    projet,
)

RULES = shipped_rules()


def read(regime: str, *groups: Group, **more: Any) -> Resultat:
    return evaluate(RULES, projet(regime, *groups, **more))


def refusals(resultat: Resultat) -> dict[str, int]:
    return {line.rule: line.quantity for line in resultat.refused}


@pytest.mark.parametrize(
    ("rule", "regime", "need", "champ", "more"),
    [
        pytest.param("R36", R22, MV, Champ.PA, {"referenced": False}, marks=pytest.mark.rule("R36")),
        pytest.param("R38", R22, ACQ, Champ.AHI, {"referenced": False}, marks=pytest.mark.rule("R38")),
        pytest.param("R38", N22, RENEW, Champ.PJM, {"referenced": False}, marks=pytest.mark.rule("R38")),
        pytest.param("R30", R22, NONE, Champ.PA, {}, marks=pytest.mark.rule("R30")),
        pytest.param("R08", R22, GEN, Champ.PA, {}, marks=pytest.mark.rule("R08")),
        pytest.param("R06", N21, ACQ, Champ.PA, {}, marks=pytest.mark.rule("R06")),
        pytest.param("R27", R22, SUPP, Champ.PA, {}, marks=pytest.mark.rule("R27")),
    ],
)
def test_a_need_that_the_call_does_not_pay_is_refused_with_its_rule(
    rule: str, regime: str, need: FundedNeed, champ: Champ, more: Mapping[str, Any]
) -> None:
    found = read(regime, (3, need, champ, "a", 3), (60, ACQ, Champ.PA, "b", 60), **more)
    assert found.refused[0].rule == rule
    assert found.refused[0].sentence.startswith("non retenu : ")
    assert found.refused[0].quantity >= 3


@pytest.mark.rule("R37", "R38")
def test_a_field_without_an_unreferenced_offer_is_refused_and_the_others_are_paid() -> None:
    found = read(R22, (15, ACQ, Champ.PA, "a", 15), (2, ACQ, Champ.PDE, "b", 20), referenced=False)
    assert (found.total_eur, refusals(found)) == (15 * 19_000, {"R38": 2})


MEMBER_REFUSALS: list[tuple[str, str, FundedNeed, dict[str, Any], dict[str, Any]]] = [
    ("R46", R22, ACQ, {"prior": frozenset({Prior.DUI})}, {}),
    ("R46", R21, MV, {"prior": frozenset({Prior.DUI})}, {}),
    ("R47", R22, ACQ, {"prior": frozenset({Prior.SONS})}, {}),
    ("R27", R21, ACQ, {"prior": frozenset({Prior.TEMPS_1})}, {}),
    ("R20", R22, ACQ, {"traits": frozenset({Trait.OUTSIDE_L312_1})}, {}),
    ("R42", R21, ACQ, {"traits": frozenset({Trait.OFF_MARKET})}, {}),
    ("R43", R21, MV, {"traits": frozenset({Trait.OFF_MARKET, Trait.NO_DEROGATION})}, {}),
    ("R39", R21, ACQ, {"traits": frozenset({Trait.MEDICALISED}), "socles": 1}, {}),
    ("R29", R22, ACQ, {"traits": frozenset({Trait.WITHOUT_FINESS})}, {"later_rules": True}),
    ("R29", R22, ACQ, {"traits": frozenset({Trait.USLD})}, {"later_rules": True}),
    ("R29", R22, ACQ, {"traits": frozenset({Trait.OTHER_EUROPEAN_FUNDS})}, {"later_rules": True}),
]


@pytest.mark.rule("R20", "R27", "R29", "R39", "R42", "R43", "R46", "R47")
@pytest.mark.parametrize(("rule", "regime", "need", "member", "more"), MEMBER_REFUSALS)
def test_what_an_ESMS_had_or_is_may_refuse_it(
    rule: str, regime: str, need: FundedNeed, member: dict[str, Any], more: dict[str, Any]
) -> None:
    found = read(regime, (4, need, Champ.PA, "a", 4), member=member, **more)
    assert refusals(found) == {rule: 4}
    assert found.kept == ()
    assert found.total_eur == 0
    assert found.existence.status is Status.TOO_SMALL


ACCEPTED: list[tuple[str, FundedNeed, dict[str, Any], dict[str, Any]]] = [
    # the same, one thing changed
    (R22, ACQ, {"prior": frozenset({Prior.SONS})}, {"referenced": False}),  # the sentence says "référencée"
    (R21, MV, {"traits": frozenset({Trait.OFF_MARKET})}, {}),  # a derogation is there
    (R21, ACQ, {"traits": frozenset({Trait.MEDICALISED}), "socles": 2}, {}),
    (R21, ACQ, {"traits": frozenset({Trait.MEDICALISED})}, {}),  # not said: recalled, not refused
    (R21, ACQ, {"socles": 0}, {}),  # not medicalised
    (R22, ACQ, {"traits": frozenset({Trait.WITHOUT_FINESS})}, {}),  # later rules are off by default
    (R22, ACQ, {"traits": frozenset({Trait.OFF_MARKET})}, {}),  # 2021's text
]


@pytest.mark.rule("R29", "R39", "R43", "R47")
@pytest.mark.parametrize(("regime", "need", "member", "more"), ACCEPTED)
def test_one_thing_less_and_it_counts(
    regime: str, need: FundedNeed, member: dict[str, Any], more: dict[str, Any]
) -> None:
    found = read(regime, (4, need, Champ.PA, "a", 4), member=member, **more)
    assert found.refused == ()
    assert len(found.kept) == 4


@pytest.mark.rule("R46")
def test_an_ESMS_already_funded_counts_for_nothing_not_even_the_threshold() -> None:
    members = (15, ACQ, Champ.PA, "a", 15)
    assert read(R22, members).existence.exists
    one = projet(R22, members)
    had = one.members[0]
    again = Membre(had.id, had.organisme, had.champ, had.need, had.region, prior=frozenset({Prior.DUI}))
    found = evaluate(RULES, Projet(R22, (again, *one.members[1:]), one.organismes, True))
    assert (found.existence.status, found.existence.missing) == (Status.TOO_SMALL, 1)
    assert found.granted_eur == 0


@pytest.mark.rule("R21")
def test_a_GCSMS_of_Mayotte_hangs_on_K21() -> None:
    member = {"traits": frozenset({Trait.GCSMS})}
    group: Group = (8, ACQ, Champ.PA, "a", 8, "06")
    assert read(R21, group, member=member).existence.exists
    found = read(R21, group, member=member, readings={"K21": "non-cite"})
    assert refusals(found) == {"R21": 8}
    assert found.refused[0].readings == (("K21", "non-cite"),)
    elsewhere: Group = (15, ACQ, Champ.PA, "a", 15, "32")
    assert read(R21, elsewhere, member=member, readings={"K21": "non-cite"}).refused == ()


@pytest.mark.rule("R27", "R53", "R57", "R58")
def test_a_grappe_retained_earlier_may_ask_for_the_aids_alone() -> None:
    member = {"prior": frozenset({Prior.TEMPS_1})}
    found = read(R21, (8, SUPP, Champ.PA, "a", 14), (7, SUPP, Champ.PA, "b", 14), member=member)
    assert found.total_eur == 15 * 20_000 + 100_000 + 15_000
    assert {x.code for x in found.montants.lines} == {"equipement", "amoa_projet", "amoa_marche"}


@pytest.mark.rule("R08", "R53")
def test_the_generalisation_of_2021_asks_for_a_pilot_and_fifty_ESMS() -> None:
    done = read(N21, (50, GEN, Champ.PA, "a", 50), (6, GEN, Champ.PH, "b", 6))
    assert done.existence.exists
    assert done.total_eur == 56 * 5_000 + 6 * 20_000
    assert done.montants.common_eur == 0
    without = read(N21, (50, GEN, Champ.PA, "a", 50), member={"traits": frozenset({Trait.NO_PILOT})})
    assert refusals(without) == {"R08": 50}
    assert any("dégressivité" in c for x in done.montants.lines for c in x.caveats)
    assert [r.sentence for r in done.rappels if r.rule == "R08"] == [
        "La généralisation vient après un projet pilote, qui a acquis ou mis aux normes la solution."
    ]
    assert not [r for r in without.rappels if r.rule == "R08"]


@pytest.mark.rule("R03", "R04")
@pytest.mark.parametrize(
    ("regime", "count", "region", "status", "missing"),
    [
        (R22, 15, "76", Status.ELIGIBLE, 0),
        (R22, 14, "76", Status.TOO_SMALL, 1),
        (R22, 8, "94", Status.ELIGIBLE, 0),
        (R22, 7, "06", Status.TOO_SMALL, 1),
        (R22, 4, "76", Status.TOO_SMALL, 11),
        (N22, 50, "76", Status.ELIGIBLE, 0),
        (N22, 49, "76", Status.TOO_SMALL, 1),
        (R22, 49, "76", Status.ELIGIBLE, 0),
        (R22, 50, "76", Status.OTHER_CALL, 0),
    ],
)
def test_thresholds_by_call_and_territory(
    regime: str, count: int, region: str, status: Status, missing: int
) -> None:
    found = read(regime, (count, ACQ, Champ.PA, "a", 60, region)).existence
    assert (found.status, found.missing) == (status, missing)
    assert found.citations
    if missing == 11:
        assert "Il vous manque 11 ESMS" in found.sentence


@pytest.mark.rule("R07")
def test_at_the_49th_and_the_50th_a_grappe_changes_call() -> None:
    assert read(R22, (50, ACQ, Champ.PA, "a", 60)).existence.other_call == N22
    assert read(N22, (49, ACQ, Champ.PA, "a", 60)).existence.other_call == R22


@pytest.mark.rule("R05")
def test_in_2021_only_49_are_funded_and_the_others_are_named() -> None:
    found = read(R21, (52, ACQ, Champ.PA, "a", 60))
    assert found.existence.exists
    assert found.total_eur == 49 * 25_000
    (left,) = [x for x in found.montants.others if x.rule == "R05"]
    assert (left.quantity, left.amount_eur) == (3, 0)
    assert left.reason == "l’appel ne finance que 49 ESMS par projet"


@pytest.mark.rule("R01", "R02")
def test_the_threshold_of_2021_is_wished_for_under_K02() -> None:
    group: Group = (12, ACQ, Champ.PA, "a", 12)
    hard = read(R21, group)
    soft = read(R21, group, readings={"K02": "idealement"})
    assert (hard.existence.status, hard.granted_eur) == (Status.TOO_SMALL, 0)
    assert (soft.existence.status, soft.existence.missing) == (Status.BELOW_WISH, 3)
    assert soft.granted_eur == soft.total_eur == 12 * 25_000 + 12 * 20_000 + 115_000
    assert "idéalement" in soft.existence.sentence
    assert read(R22, group, readings={"K02": "idealement"}).existence.status is Status.TOO_SMALL


@pytest.mark.rule("R06")
def test_exactly_fifty_in_2021_hangs_on_K05_unless_one_organisme_is_alone() -> None:
    two: tuple[Group, ...] = ((25, GEN, Champ.PA, "a", 25), (25, GEN, Champ.PA, "b", 25))
    assert read(N21, *two).existence.exists
    disputed = read(N21, *two, readings={"K05": "plus-de-50"}).existence
    assert (disputed.status, disputed.required) == (Status.TOO_SMALL, 51)
    alone = read(N21, (50, GEN, Champ.PA, "a", 50), readings={"K05": "plus-de-50"}).existence
    assert (alone.status, alone.rule) == (Status.ELIGIBLE, "R06")
    assert "K05" in {k for r in read(N21, *two).rappels for k in r.readings}


@pytest.mark.rule("R02")
def test_overseas_eight_organismes_under_K06() -> None:
    group: Group = (9, ACQ, Champ.PA, "a", 9, "04")
    assert read(R21, group).existence.exists
    found = read(R21, group, readings={"K06": "organismes"}).existence
    assert (found.unit, found.counted, found.required, found.missing) == ("organismes", 1, 8, 7)
    assert "Il vous manque 7 organismes" in found.sentence
    mainland = read(R21, (15, ACQ, Champ.PA, "a", 15), readings={"K06": "organismes"}).existence
    assert (mainland.unit, mainland.status) == ("esms", Status.ELIGIBLE)


@pytest.mark.rule("R04")
def test_a_grappe_across_the_sea_has_the_strictest_threshold_or_the_porteurs() -> None:
    groups: tuple[Group, ...] = ((9, ACQ, Champ.PA, "a", 9, "94"), (1, ACQ, Champ.PA, "b", 9, "93"))
    strict = read(R22, *groups, porteur="e0000").existence
    assert (strict.required, strict.missing) == (15, 5)
    assert "K25" in strict.readings
    assert read(R22, *groups, porteur="e0000", readings={"K25": "porteur"}).existence.exists
    other = read(R22, *groups, porteur="e0009", readings={"K25": "porteur"}).existence
    assert other.required == 15


@pytest.mark.rule("R03", "R04")
def test_K29_takes_the_eight_away() -> None:
    group: Group = (8, ACQ, Champ.PA, "a", 8, "94")
    assert read(R22, group).existence.exists
    assert read(R22, group, readings={"K29": "diapositives"}).existence.missing == 7


@pytest.mark.rule("R50", "R51", "R52")
def test_small_is_fewer_than_fifteen_or_fifteen_at_most_K01_of_all_its_ESMS_or_here_K26() -> None:
    fifteen: Group = (15, ACQ, Champ.PA, "a", 15)
    plain, disputed = (read(R22, fifteen, readings={"K01": o}).total_eur for o in ("lt15", "le15"))
    assert disputed - plain == 415_000
    assert "K01" in {k for r in read(R22, fifteen).rappels for k in r.readings}
    large_elsewhere: Group = (8, ACQ, Champ.PA, "a", 40)
    in_all, here = (read(R21, large_elsewhere, readings={"K26": o}).total_eur for o in ("total", "grappe"))
    assert here - in_all == 8 * 20_000 + 115_000


@pytest.mark.rule("R54", "R56")
def test_small_organismes_draw_equipment_in_a_grappe_of_large_ones_and_never_alone() -> None:
    found = read(R22, (20, ACQ, Champ.PA, "grand", 80), (2, ACQ, Champ.PA, "petit", 2))
    (line,) = [x for x in found.montants.lines if x.code == "equipement"]
    assert line.members == ("e0020", "e0021")
    (not_counted,) = [x for x in found.montants.others if x.code == "equipement"]
    assert (not_counted.quantity, not_counted.sentence) == (
        20,
        "non retenu : l’organisme de ces ESMS n’est pas un petit organisme",
    )
    alone = read(R22, (15, NONE, Champ.PA, "petit", 15), member={"traits": frozenset({Trait.EQUIPMENT_ONLY})})
    assert (alone.total_eur, refusals(alone)) == (0, {"R56": 15})


@pytest.mark.rule("R55")
def test_national_equipment_is_possible_and_in_no_total() -> None:
    found = read(N22, (50, ACQ, Champ.PA, "grand", 80), (5, ACQ, Champ.PA, "petit", 5))
    assert found.total_eur == 49 * 21_500 + 6 * 5_000
    assert found.possible_eur == 5 * 20_000
    (line,) = [x for x in found.montants.others if x.standing.value == "possible"]
    assert (line.rule, line.quantity) == ("R53", 5)


@pytest.mark.rule("R57", "R58")
def test_the_aids_come_once_per_project_or_once_per_porteur_K11() -> None:
    base = projet(R22, (8, ACQ, Champ.PA, "a", 8), (7, ACQ, Champ.PA, "b", 7), porteur="e0000")
    assert evaluate(RULES, base).total_eur == 737_500
    again = Projet(
        R22,
        base.members,
        {**base.organismes, "a": Organisme("a", "A", 8, carries_another=True)},
        True,
        porteur="e0000",
        readings={"K11": "porteur"},
    )
    found = evaluate(RULES, again)
    assert found.total_eur == 737_500 - 115_000
    refused = [x for x in found.montants.others if x.code in ("amoa_projet", "amoa_marche")]
    assert sum(x.amount_eur for x in refused) == 115_000
    assert all("porte déjà une autre grappe" in (x.reason or "") for x in refused)


@pytest.mark.rule("R57")
def test_the_purchase_aid_needs_an_acquisition_in_2022_and_says_so() -> None:
    found = read(R22, (15, MV, Champ.PA, "a", 14 + 1), (1, MV, Champ.PA, "b", 3))
    (line,) = [x for x in found.montants.others if x.code == "amoa_marche"]
    assert "il n’y en a pas" in line.sentence
    assert read(R21, (15, MV, Champ.PA, "a", 20), (1, MV, Champ.PA, "b", 3)).montants.common_eur == 115_000


@pytest.mark.rule("R30", "R34", "R35")
def test_a_mixed_project_of_2021_is_paid_by_need_or_at_the_lowest_K27() -> None:
    mixed: tuple[Group, ...] = ((10, ACQ, Champ.PA, "a", 30), (6, MV, Champ.PA, "b", 30))
    assert read(R21, *mixed).total_eur == 10 * 25_000 + 6 * 10_000
    lowest = read(R21, *mixed, readings={"K27": "plus-bas"})
    assert lowest.total_eur == 16 * 10_000
    assert all(("K27", "plus-bas") in x.readings for x in lowest.montants.lines)
    # one kind of need: nothing hangs on it
    assert read(R21, mixed[0], readings={"K27": "plus-bas"}).total_eur == 250_000


@pytest.mark.rule("R34")
def test_a_replacement_of_2021_hangs_on_K07() -> None:
    group: Group = (15, RENEW, Champ.PA, "a", 30)
    assert read(R21, group).total_eur == 375_000
    assert read(R21, group, readings={"K07": "mise_en_conformite"}).total_eur == 150_000
    assert "K07" in {k for r in read(R21, group).rappels for k in r.readings}
    written: Group = (15, RENEW, Champ.PA, "a", 30, "32")  # Hauts-de-France: nothing to confirm
    assert "K07" not in {k for r in read(R21, written).rappels for k in r.readings}


@pytest.mark.rule("R31", "R32")
def test_the_same_solution_and_hosting_are_recalled_where_they_are_demanded() -> None:
    def rules_of(region: str, **readings: str) -> set[str]:
        found = read(R21, (15, ACQ, Champ.PA, "a", 15, region), readings=readings)
        return {r.rule for r in found.rappels}

    assert {"R31", "R32"} <= rules_of("76")
    assert "R32" not in rules_of("76", K03="silence")
    assert "R32" in rules_of("32", K03="silence")  # Hauts-de-France writes it
    assert "R31" not in rules_of("76", K04="mixte")


@pytest.mark.rule("R12", "R40")
def test_regional_texts_are_recalled_in_their_region_alone() -> None:
    def said(region: str) -> str:
        found = read(R21, (15, ACQ, Champ.PA, "a", 15, region))
        return " ".join(r.sentence for r in found.rappels)

    assert "Prédice" in said("32")
    assert "eTICSS" in said("27")
    assert "Prédice" not in said("27")
    assert "Mayotte et La Réunion" in said("06")
    assert "Mayotte" not in said("76")


@pytest.mark.rule("R14")
def test_a_porteur_is_a_member_and_is_asked_for() -> None:
    group: Group = (15, ACQ, Champ.PA, "a", 15)
    assert "R14" in {r.rule for r in read(R22, group).rappels}
    assert "R14" not in {r.rule for r in read(R22, group, porteur="e0003").rappels}
    with pytest.raises(ProjetError) as refused:
        projet(R22, (15, ACQ, Champ.PA, "a", 15), porteur="inconnu")
    assert refused.value.problems == (("porteur", "Le porteur « inconnu » n’est pas membre du projet."),)


@pytest.mark.parametrize("regime", [R21, R22, N22, N21])
def test_a_project_without_members_is_told_how_many_it_needs(regime: str) -> None:
    found = read(regime)
    assert (found.existence.status, found.total_eur, found.regions.shares) == (Status.TOO_SMALL, 0, ())
    assert found.existence.missing == found.existence.required
    assert "0 compté, " in found.existence.sentence


def test_a_project_that_contradicts_itself_is_refused_with_every_reason() -> None:
    twice, stranger = Membre("e1", "a", Champ.PA, ACQ, "76"), Membre("e2", "b", Champ.PA, ACQ, "76")
    with pytest.raises(ProjetError) as refused:
        Projet(R22, (twice, twice, stranger), {"a": Organisme("a", "A", 1)}, True)
    assert [sentence for _, sentence in refused.value.problems] == [
        "L’ESMS « e1 » est cité deux fois.",
        "L’organisme « A » compte 1 ESMS en tout, mais 2 sont dans le projet.",
        "L’organisme « b » n’est pas décrit.",
    ]


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"readings": {"K01": "lt16"}}, "La lecture K01 = « lt16 » n’existe pas."),
        ({"readings": {"K99": "x"}}, "La lecture K99 = « x » n’existe pas."),
    ],
)
def test_an_unknown_reading_is_refused(more: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ProjetError, match="n’existe pas") as refused:
        read(R22, (1, ACQ, Champ.PA, "a", 1), **more)
    assert refused.value.problems[0][1] == sentence


def test_an_unknown_call_is_refused() -> None:
    with pytest.raises(ProjetError, match="« 2099 » n’est pas connu"):
        read("2099", (1, ACQ, Champ.PA, "a", 1))
