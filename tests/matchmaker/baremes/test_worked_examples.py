"""The worked examples of the documents (A.3): by hand, by the judge, by the search, on the shipped scales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest

from matchmaker.baremes import scale_for
from solver import funding, judge
from solver.instance import Grappe, Instance
from solver.proposal import Appraisal
from solver.scale import Forfait, Scale
from tests.matchmaker.baremes.worked_cases import Case, all_cases

CASES = all_cases()
Calculation = Callable[[Instance, Grappe, Scale], "Counter[str]"]


def by_hand(instance: Instance, grappe: Grappe, scale: Scale) -> Counter[str]:
    """What a grappe is paid by line code: a sum that any reader can check by hand."""
    referenced = instance.solutions[0].segur_referenced
    members = [instance.esms_by_id[m] for m in grappe.members]
    rates = [scale.rates[m.need, m.champ, referenced] for m in members]
    rates.sort(key=lambda rate: rate.beyond_eur - rate.first_eur)
    full = len(rates) if scale.full_rate_members is None else scale.full_rate_members
    lines: list[Forfait] = [f for rate in rates[:full] for f in rate.first]
    lines += [f for rate in rates[full:] for f in rate.beyond]
    limit = scale.small_og_max_esms
    small = [m for m in members if instance.organisme_by_id[m.organisme].esms_total <= limit]
    if small and scale.equipement and scale.amoa_projet and scale.amoa_marche:
        lines += [scale.equipement] * len(small) + [scale.amoa_projet]
        if any((m.need, m.champ) in scale.amoa_marche_triggers for m in members):
            lines.append(scale.amoa_marche)
    amounts: Counter[str] = Counter()
    for line in lines:
        amounts[line.code.value] += line.unit_eur
    amounts["total"] = sum(line.unit_eur for line in lines)
    return amounts


def read(appraise: Callable[[Instance, Scale, Grappe], Appraisal]) -> Calculation:
    """What an appraisal says by line code; its lines must add up to its total."""

    def calculation(instance: Instance, grappe: Grappe, scale: Scale) -> Counter[str]:
        appraisal = appraise(instance, scale, grappe)
        amounts: Counter[str] = Counter()
        for line in appraisal.lines:
            assert line.amount_eur == line.quantity * line.unit_eur
            amounts[line.code.value] += line.amount_eur
        assert sum(amounts.values()) == appraisal.funding_eur == sum(appraisal.by_region.values())
        amounts["total"] = appraisal.funding_eur
        return amounts

    return calculation


CALCULATIONS = {"by hand": by_hand, "judge": read(judge.appraise), "search": read(funding.appraise)}


@pytest.mark.parametrize("who", CALCULATIONS)
@pytest.mark.parametrize("name", CASES)
def test_a_worked_example_is_paid_as_the_rule_says(name: str, who: str) -> None:
    case = CASES[name]
    scale = scale_for(case.instance.regime, case.instance.parameters.readings)
    total: Counter[str] = Counter()
    for grappe in case.grappes:
        total += CALCULATIONS[who](case.instance, grappe, scale)
    assert dict(total) == dict(case.expected_eur), case.name


@pytest.mark.parametrize("appraise", [judge.appraise, funding.appraise], ids=["judge", "search"])
def test_two_regions_share_by_their_number_of_esms(
    appraise: Callable[[Instance, Scale, Grappe], Appraisal],
) -> None:
    case = CASES["prorata"]
    scale = scale_for(case.instance.regime, case.instance.parameters.readings)
    assert appraise(case.instance, scale, case.grappes[0]).by_region == case.expected_by_region_eur


@pytest.mark.parametrize("name", [n for n, c in CASES.items() if c.printed_eur is not None])
def test_the_printed_figure_is_ours_or_a_known_error(name: str) -> None:
    case = CASES[name]
    assert (case.printed_eur == case.expected_eur["total"]) is (case.known_error is None)
    assert case.quote is not None
    assert f"{case.printed_eur // 1000}" in case.quote.replace(" ", "")


def test_the_known_errors_are_those_of_the_register() -> None:
    assert {n for n, c in CASES.items() if c.known_error} == {"e04", "e05", "e06"}


def test_the_error_of_E4_and_E5_is_one_esms_too_few_beyond_the_49th() -> None:
    """63 members give 1 123.5 and 973 k€: what the document prints for 64, but for the lost half."""
    for name, euros in (("e04", 1_123_500), ("e05", 973_000)):
        case = CASES[name]
        grappe = case.grappes[0]
        fewer = Grappe(grappe.id, grappe.solution, grappe.hosting, grappe.porteur, grappe.members[:63])
        scale = scale_for(case.instance.regime, case.instance.parameters.readings)
        assert by_hand(case.instance, fewer, scale)["total"] == euros


def test_every_example_of_the_register_is_here() -> None:
    """E8, E10, E15 and E16 are paid to editors (SONS), never to a grappe."""
    expected = {f"e{n:02}" for n in range(1, 23)} - {"e08", "e10", "e15", "e16"}
    assert {name.split("-")[0] for name in CASES} - {"prorata"} == expected


def test_a_case_counts_its_members() -> None:
    case: Case = CASES["e04"]
    assert len(case.instance.esms) == len(case.grappes[0].members) == 64
