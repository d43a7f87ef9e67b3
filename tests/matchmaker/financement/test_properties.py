"""What must hold of any project: monotone where the rule is, not where it is not, sums that add up."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from matchmaker.baremes import shipped_rules
from matchmaker.baremes.needs import FundedNeed
from matchmaker.financement.evaluation import evaluate
from matchmaker.financement.partage import whole_shares
from matchmaker.financement.sons import order_eur
from solver.vocabulary import Champ
from tests.matchmaker.financement.drawn_projects import (
    ACQ,
    GEN,
    MV,
    N21,
    N22,
    R21,
    R22,
    Group,
    groups,
    projet,
)

RULES = shipped_rules()
REGIMES = st.sampled_from([R21, R22, N22, N21])
QUICK = settings(max_examples=50, deadline=None)


def readings() -> st.SearchStrategy[dict[str, str]]:
    variants = [c for c in RULES.contradictions if c.variant]
    return st.fixed_dictionaries({c.id: st.sampled_from([o.id for o in c.options]) for c in variants})


@QUICK
@given(REGIMES, groups((*(ACQ, MV), GEN, FundedNeed.AUCUN)), st.booleans(), readings())
def test_every_part_adds_up_to_the_total(
    regime: str, drawn: list[Group], referenced: bool, chosen: dict[str, str]
) -> None:
    resultat = evaluate(RULES, projet(regime, *drawn, referenced=referenced, readings=chosen))
    total = resultat.total_eur
    assert total == sum(x.quantity * x.unit_eur for x in resultat.montants.lines)
    assert total == sum(o.own_eur for o in resultat.organismes) + resultat.montants.common_eur
    if resultat.kept:
        assert total == sum(s.by_number_eur for s in resultat.regions.shares)
        assert total == sum(s.by_place_eur for s in resultat.regions.shares)
    assert total == sum(p.amount_eur for p in resultat.echeancier.payments)
    assert [p.received_eur for p in resultat.echeancier.payments][-1] == total
    assert 0 <= resultat.montants.least_eur <= total
    refused = {i for x in resultat.refused for i in x.members}
    assert refused == {m.id for m in resultat.projet.members} - {m.id for m in resultat.kept}


@QUICK
@given(REGIMES, groups(), st.booleans())
def test_every_line_carries_rule_words_and_version(regime: str, drawn: list[Group], referenced: bool) -> None:
    for line in evaluate(RULES, projet(regime, *drawn, referenced=referenced)).trace():
        assert line.rule in RULES.rule_by_id
        assert line.citations
        assert line.rules_version == RULES.version
        if line.standing.value == "non_retenu":
            assert line.reason
            assert line.sentence.startswith("non retenu : ")
        else:
            assert line.version_from is not None


@pytest.mark.rule("R34", "R36", "R37", "R53", "R57", "R58")
@QUICK
@given(st.sampled_from([R21, R22, N22]), groups(), st.booleans(), st.sampled_from(list(Champ)))
def test_one_more_member_never_lowers_the_total(
    regime: str, drawn: list[Group], referenced: bool, champ: Champ
) -> None:
    """Monotone under the defaults: a member of a new organisme brings 0 or more, in any call."""
    before = evaluate(RULES, projet(regime, *drawn, referenced=referenced)).total_eur
    more: Group = (1, ACQ, champ, "nouveau", 3, "76")
    after = evaluate(RULES, projet(regime, *drawn, more, referenced=referenced)).total_eur
    assert after >= before


@pytest.mark.rule("R25")
def test_SONS_is_not_monotone() -> None:
    """5 ESMS bring less than 4, 11 less than 10, 20 less than 19, 100 less than 99: nowhere else."""
    falls = [n for n in range(2, 200) if order_eur(RULES, n) < order_eur(RULES, n - 1)]
    assert falls == [5, 11, 20, 100]


@pytest.mark.rule("R57", "R58")
@QUICK
@given(st.integers(1, 14), st.integers(1, 14), st.sampled_from([R21, R22]))
def test_splitting_a_grappe_of_small_organismes_pays_the_aids_twice(a: int, b: int, regime: str) -> None:
    one: Group = (a, ACQ, Champ.PA, "a", 14)
    other: Group = (b, ACQ, Champ.PA, "b", 14)
    together = evaluate(RULES, projet(regime, one, other))
    apart = [evaluate(RULES, projet(regime, one)), evaluate(RULES, projet(regime, other))]
    assert together.montants.common_eur > 0
    assert sum(x.total_eur for x in apart) - together.total_eur == together.montants.common_eur


@pytest.mark.rule("R07", "R37")
@QUICK
@given(st.integers(50, 98))
def test_a_national_grappe_brings_less_than_two_regional_halves(size: int) -> None:
    """A.0.7, E21: the break at the 50th makes splitting pay."""
    whole = evaluate(RULES, projet(N22, (size, ACQ, Champ.PA, "a", 200))).total_eur
    halves = [
        evaluate(RULES, projet(R22, (n, ACQ, Champ.PA, "a", 200))).total_eur
        for n in (size // 2, size - size // 2)
    ]
    assert sum(halves) > whole


@pytest.mark.rule("R10")
@given(
    st.integers(0, 10**9),
    st.dictionaries(st.sampled_from(["01", "27", "32", "76", "94"]), st.integers(0, 60), min_size=1),
)
def test_shares_add_up_and_none_is_a_euro_away(total: int, weights: dict[str, int]) -> None:
    assume(sum(weights.values()))
    shares = whole_shares(total, weights)
    assert sum(shares.values()) == total
    whole = sum(weights.values())
    assert all(abs(shares[r] * whole - total * w) < whole for r, w in weights.items())


@QUICK
@given(groups(), readings())
def test_the_order_of_members_does_not_matter(drawn: list[Group], chosen: dict[str, str]) -> None:
    for regime in (R21, N22):
        straight = projet(regime, *drawn, readings=chosen)
        back = type(straight)(regime, straight.members[::-1], straight.organismes, True, readings=chosen)
        one, other = evaluate(RULES, straight), evaluate(RULES, back)
        assert one.total_eur == other.total_eur
        assert one.existence == other.existence
        assert one.regions == other.regions


@QUICK
@given(st.integers(50, 80), st.integers(1, 30))
def test_who_sits_beyond_the_49th_is_said_when_it_matters(size: int, upgrades: int) -> None:
    """Acquisitions lose 16 500 beyond the 49th, montées 3 000: the choice matters once both are there."""
    mixed = projet(N22, (size - upgrades, ACQ, Champ.PA, "a", 200), (upgrades, MV, Champ.PA, "b", 200))
    found = evaluate(RULES, mixed).montants
    if size == 49 or upgrades == size:
        return
    if size > 49:
        assert found.least_eur < found.total_eur
        assert all(x.reason and "hypothèse" in x.reason for x in found.lines)
