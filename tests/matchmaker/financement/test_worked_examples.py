"""The worked examples of the documents, by the engine: as the rule says; as printed, under a variant."""

from __future__ import annotations

from collections import Counter

import pytest

from matchmaker.baremes import shipped_rules
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.grappes import projet_of
from matchmaker.financement.sons import order_eur
from solver.vocabulary import Champ
from tests.matchmaker.baremes.worked_cases import all_cases
from tests.matchmaker.financement.drawn_projects import ACQ, MV, N22, R22, projet

CASES = all_cases()
RULES = shipped_rules()


def by_code(resultat: Resultat) -> Counter[str]:
    amounts: Counter[str] = Counter()
    for line in resultat.montants.lines:
        assert line.code is not None
        amounts[line.code] += line.amount_eur
    amounts["total"] = resultat.total_eur
    return amounts


@pytest.mark.rule("R34", "R35", "R36", "R37", "R38", "R51", "R53", "R54", "R57", "R58")
@pytest.mark.parametrize("name", CASES)
def test_a_worked_example_is_paid_as_the_rule_says(name: str) -> None:
    case = CASES[name]
    total: Counter[str] = Counter()
    for grappe in case.grappes:
        total += by_code(evaluate(RULES, projet_of(case.instance, grappe)))
    assert dict(total) == dict(case.expected_eur), case.name


@pytest.mark.rule("R37")
@pytest.mark.parametrize(
    ("referenced", "total", "usages", "logiciel"),
    [(True, 1_123_500, 371_000, 752_500), (False, 973_000, 371_000, 602_000)],
)
def test_E4_and_E5_are_printed_under_the_variant_that_leaves_out_the_50th(
    referenced: bool, total: int, usages: int, logiciel: int
) -> None:
    """K08: 64 - 50 = 14 at the reduced rate; the document prints 1 123 and 752, the half thousand lost."""
    found = by_code(
        evaluate(
            RULES,
            projet(N22, (64, ACQ, Champ.PA, "a", 200), referenced=referenced, readings={"K08": "exemple"}),
        )
    )
    assert found == {"total": total, "usages": usages, "logiciel": logiciel}


@pytest.mark.rule("R36", "R37")
def test_E9_contradicts_the_variant_and_does_not_move_with_it() -> None:
    """72 montées: 49 x 5 + 23 x 2 = 291, in the document itself; K08 is about acquisitions alone."""
    for option in ("regle", "exemple"):
        case = projet(N22, (72, MV, Champ.PA, "a", 200), readings={"K08": option})
        assert evaluate(RULES, case).total_eur == 291_000


@pytest.mark.rule("R37")
def test_E6_under_its_own_nineteen_and_a_half() -> None:
    """K09: 49 x 19.5 + 1 x 3, against 49 x 19 + 1 x 3."""
    for option, total in (("dix-neuf", 934_000), ("dix-neuf-et-demi", 958_500)):
        case = projet(N22, (50, ACQ, Champ.PA, "a", 200), referenced=False, readings={"K09": option})
        assert evaluate(RULES, case).total_eur == total


@pytest.mark.rule("R57")
def test_E13_both_ways() -> None:
    for option, total in (("counted", 447_000), ("not_counted", 432_000)):
        case = projet(R22, (8, ACQ, Champ.AHI, "a", 8), readings={"K10": option})
        assert evaluate(RULES, case).total_eur == total


@pytest.mark.rule("R25")
@pytest.mark.parametrize(
    ("name", "ordered", "total_of_og", "euros"),
    [("E8", 35, 35, 43_120), ("E10", 72, 72, 88_704), ("E15", 8, 8, 17_520)],
)
def test_SONS_examples_by_their_own_function(name: str, ordered: int, total_of_og: int, euros: int) -> None:
    assert order_eur(RULES, total_of_og, ordered) == euros, name


def test_E16_stays_unexplained() -> None:
    """« ~2 413 € (barème moyen) »: the plain mean of the six rates is 2 186.33; no weights are given."""
    assert RULES.sons is not None
    rates = [b.eur for b in RULES.sons.brackets]
    assert divmod(sum(rates), len(rates)) == (2_186, 2)
    assert 2_413 not in rates


@pytest.mark.rule("R25")
def test_SONS_is_in_no_total() -> None:
    case = evaluate(RULES, projet(R22, (35, MV, Champ.PA, "a", 35)))
    assert case.total_eur == 175_000
    assert [o.amount_eur for o in case.sons.orders] == [43_120]
