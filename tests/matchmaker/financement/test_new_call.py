"""A call that nobody had thought of, dropped in as files: other amounts, thresholds, windows, and no code."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from matchmaker import shipped
from matchmaker.baremes import Rules, load_rules, scale_for
from matchmaker.baremes.scales import build_scale, check_rules
from matchmaker.financement.differences import rule_changes
from matchmaker.financement.enveloppes import check
from matchmaker.financement.evaluation import evaluate
from matchmaker.financement.seuil import Status
from matchmaker.financement.usages import goals
from solver.instance import Readings
from solver.vocabulary import Champ, Regime
from tests.matchmaker.financement.drawn_projects import ACQ, GEN, MV, R22, projet

ADDITION = Path(__file__).parent / "appel-2024"
NEW, NEW_NATIONAL = "essai-2024", "essai-2024-national"


@pytest.fixture(scope="module")
def rules() -> Rules:
    found = load_rules(shipped.DATA / "baremes", ADDITION)
    check_rules(found)
    return found


def test_it_is_files_and_the_code_does_not_name_it() -> None:
    assert {p.suffix for p in ADDITION.rglob("*") if p.is_file()} == {".toml"}
    root = Path(__file__).resolve().parents[3]
    for room in ("matchmaker", "solver"):
        for path in (root / room).rglob("*.py"):
            assert "2024" not in path.read_text(encoding="utf-8"), path


def test_amounts_and_thresholds_are_its_own(rules: Rules) -> None:
    found = evaluate(rules, projet(NEW, (12, ACQ, Champ.AHI, "a", 12), (9, ACQ, Champ.PA, "b", 9)))
    assert found.existence.exists
    assert found.total_eur == 21 * (6_500 + 13_000) + 9 * 18_000 + 80_000 + 12_000
    assert [p.percent for p in found.echeancier.payments] == [30, 70]
    assert found.echeancier.months == 24
    few = evaluate(rules, projet(NEW, (15, ACQ, Champ.PA, "a", 15))).existence
    assert (few.status, few.required, few.missing) == (Status.TOO_SMALL, 20, 5)


def test_an_amount_that_rises_on_a_day_is_paid_by_the_day_of_deposit(rules: Rules) -> None:
    def total(day: date) -> int:
        return evaluate(rules, projet(NEW, (20, ACQ, Champ.PA, "a", 20), deposit=day)).total_eur

    assert total(date(2024, 5, 31)) == 20 * 19_000
    assert total(date(2024, 6, 1)) == 20 * 19_500


def test_a_field_that_2022_refused_is_offered(rules: Rules) -> None:
    group = (20, ACQ, Champ.AHI, "a", 20)
    assert evaluate(rules, projet(R22, group, referenced=False)).total_eur == 0
    assert evaluate(rules, projet(NEW, group, referenced=False)).total_eur == 20 * 16_500
    refused = evaluate(
        rules, projet(NEW, (20, MV, Champ.PA, "a", 20), (1, GEN, Champ.PA, "b", 1), referenced=False)
    )
    assert {x.rule for x in refused.refused} == {"R36", "R08"}


def test_its_deadline_depends_on_the_number_of_regions(rules: Rules) -> None:
    one = evaluate(rules, projet(NEW, (20, ACQ, Champ.PA, "a", 20)))
    two = evaluate(rules, projet(NEW, (19, ACQ, Champ.PA, "a", 20), (1, ACQ, Champ.PA, "a", 20, "27")))
    assert (one.calendrier.deadline, two.calendrier.deadline) == (date(2024, 9, 15), date(2024, 6, 1))


def test_its_national_call_starts_at_forty(rules: Rules) -> None:
    assert evaluate(rules, projet(NEW, (40, ACQ, Champ.PA, "a", 60))).existence.other_call == NEW_NATIONAL
    found = evaluate(rules, projet(NEW_NATIONAL, (41, ACQ, Champ.PA, "a", 60)))
    assert found.total_eur == 39 * 19_000 + 2 * 1_500
    assert found.existence.exists


def test_its_conventions_envelope_and_targets_are_its_own(rules: Rules) -> None:
    groups = ((9, ACQ, Champ.PA, "a", 9, "94"), (1, ACQ, Champ.PA, "b", 9, "93"))
    assert evaluate(rules, projet(NEW, *groups, porteur="e0000")).existence.exists  # the porteur's threshold
    assert check(rules, NEW, [{"76": 1}])[0].envelope_eur == 3_000_000
    assert [g.monthly for g in goals(rules, NEW, 10)] == [8]


def test_the_report_of_what_changes_names_every_amount(rules: Rules) -> None:
    changes = {c.label: (c.before, c.after) for c in rule_changes(rules, R22, NEW)}
    hard = "\u00a0"
    assert changes["Nombre minimal d’ESMS d’une grappe"] == (
        f"au moins 15{hard}ESMS",
        f"au moins 20{hard}ESMS",
    )
    assert changes["Logiciel, solution référencée Ségur"] == (f"14{hard}500{hard}€", f"13{hard}000{hard}€")
    assert changes["Le même mode d’hébergement est-il exigé ?"] == ("exigé", "libre")
    assert changes["Délai pour atteindre les cibles d’usage, montée de version"] == (f"9{hard}mois", None)
    assert "Ce que compte le nombre minimal" not in changes
    assert all(c.citations for c in rule_changes(rules, R22, NEW))
    assert rule_changes(rules, NEW, NEW) == ()


@pytest.mark.parametrize("regime", list(Regime))
def test_the_shipped_calls_are_what_they_were(rules: Rules, regime: Regime) -> None:
    ours, added = scale_for(regime, Readings()), build_scale(rules, regime, Readings())
    assert ours.rates == added.rates
    assert (ours.min_size, ours.max_size) == (added.min_size, added.max_size)
