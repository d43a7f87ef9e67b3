"""When and where the money goes: payments, cash-flow, windows, envelopes, régions, targets, SONS orders."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchmaker.baremes import shipped_rules
from matchmaker.baremes.exclusions import Prior
from matchmaker.financement.calendrier import calls_on
from matchmaker.financement.enveloppes import check, window_credits
from matchmaker.financement.evaluation import Resultat, evaluate
from matchmaker.financement.sons import order_eur, referencing_deadline
from matchmaker.financement.usages import at_least, goals
from matchmaker.financement.versements import add_months, cash_flow, own_payments, treasury_eur
from solver.vocabulary import Champ
from tests.matchmaker.financement.drawn_projects import ACQ, GEN, MV, N21, N22, R21, R22, Group, projet

RULES = shipped_rules()
FIFTEEN: Group = (15, ACQ, Champ.PA, "a", 14 + 1)


def read(regime: str, *groups: Group, **more: Any) -> Resultat:
    return evaluate(RULES, projet(regime, *groups, **more))


@pytest.mark.rule("R60")
def test_payments_of_2021_are_40_40_20_and_20_is_at_risk() -> None:
    found = read(R21, FIFTEEN, signature=date(2021, 12, 1), duration_months=12).echeancier
    assert [(p.event.value, p.percent, p.amount_eur) for p in found.payments] == [
        ("signature", 40, 150_000),
        ("parametrage", 40, 150_000),
        ("fin", 20, 75_000),
    ]
    assert [p.day for p in found.payments] == [date(2021, 12, 1), None, date(2022, 12, 1)]
    assert found.advance_eur == 75_000
    assert len(found.gates) == 7


@pytest.mark.rule("R60")
def test_payments_of_2022_are_two_halves_and_the_last_waits_for_the_targets() -> None:
    found = read(R22, FIFTEEN, signature=date(2022, 10, 31)).echeancier
    assert [(p.percent, p.amount_eur) for p in found.payments] == [(50, 161_250), (50, 161_250)]
    assert found.payments[1].day == date(2024, 4, 30)  # 18 months for an acquisition
    assert (found.months, found.advance_eur, len(found.gates)) == (18, 161_250, 5)
    upgrade = read(R22, (15, MV, Champ.PA, "a", 20), signature=date(2022, 10, 31)).echeancier
    assert (upgrade.months, upgrade.payments[1].day) == (9, date(2023, 7, 31))
    mixed = read(R22, FIFTEEN, (1, MV, Champ.PA, "b", 20)).echeancier
    assert mixed.months == 18
    dui = read(R22, FIFTEEN, readings={"K28": "dui"}).echeancier
    assert {t.group.value for t in dui.gates} == {"dui"}


def test_odd_euros_are_lost_by_no_payment() -> None:
    found = read(R22, (15, ACQ, Champ.PA, "a", 14 + 1), (1, MV, Champ.PA, "b", 20))
    halves = [p.amount_eur for p in found.echeancier.payments]
    assert sum(halves) == found.total_eur


@pytest.mark.rule("R60")
def test_each_organisme_has_its_own_part_of_each_payment() -> None:
    found = read(R21, (6, ACQ, Champ.PA, "p", 6), (9, MV, Champ.PA, "g", 99))
    parts = {o.organisme: own_payments(found.echeancier.payments, o.own_eur) for o in found.organismes}
    assert parts == {"p": (108_000, 108_000, 54_000), "g": (36_000, 36_000, 18_000)}
    common = own_payments(found.echeancier.payments, found.montants.common_eur)
    assert [sum(part) for part in zip(*parts.values(), common, strict=True)] == [
        p.amount_eur for p in found.echeancier.payments
    ]


def test_a_cash_flow_tells_the_treasury_to_advance() -> None:
    payments = read(R22, FIFTEEN, signature=date(2022, 10, 1)).echeancier.payments
    spent = [(date(2022, 10, 1), 100_000), (date(2023, 6, 1), 150_000), (date(2024, 1, 1), 72_500)]
    moves = cash_flow(payments, spent)
    assert [m.balance_eur for m in moves] == [-100_000, 61_250, -88_750, -161_250, 0]
    assert treasury_eur(moves) == 161_250
    assert treasury_eur(cash_flow(payments, [])) == 0


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2022, 1, 31), 1, date(2022, 2, 28)),
        (date(2023, 12, 15), 18, date(2025, 6, 15)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2022, 5, 1), 7, date(2022, 12, 1)),
    ],
)
def test_months_later(day: date, months: int, later: date) -> None:
    assert add_months(day, months) == later


@pytest.mark.rule("R10")
def test_two_regions_share_by_number_and_by_place_beside() -> None:
    """A.5: 685 000 €; 10 and 8 members, the 6 small ones in the first région."""
    small: Group = (6, ACQ, Champ.PA, "p", 6, "27")
    large: Group = (4, ACQ, Champ.PA, "g", 99, "27")
    found = read(R21, small, large, (8, ACQ, Champ.PA, "g", 99, "44"))
    assert [(s.region, s.by_number_eur, s.by_place_eur) for s in found.regions.shares] == [
        ("27", 380_556, 433_889),
        ("44", 304_444, 251_111),
    ]
    assert found.regions.rule == "R10"
    assert found.regions.silent is None
    assert read(R22, FIFTEEN).regions.silent is not None  # 2022 says nothing of it


@pytest.mark.parametrize(
    ("region", "groups", "readings", "opens", "closes"),
    [
        ("32", [(ACQ, Champ.PA)], {}, date(2021, 7, 12), date(2021, 10, 15)),
        ("06", [(MV, Champ.PH)], {}, date(2021, 6, 28), date(2021, 10, 15)),
        ("27", [(ACQ, Champ.PA)], {}, date(2021, 7, 1), date(2021, 10, 15)),
        ("27", [(ACQ, Champ.PA)], {"K18": "appel"}, date(2021, 6, 30), date(2021, 10, 15)),
    ],
)
def test_windows_of_2021(
    region: str, groups: list[Any], readings: dict[str, str], opens: date, closes: date
) -> None:
    found = read(R21, *((15, n, c, "a", 15, region) for n, c in groups), readings=readings).calendrier
    assert (found.slots[0].opens, found.deadline) == (opens, closes)


@pytest.mark.rule("R11")
def test_a_grappe_of_several_regions_waits_for_the_second_window_in_bourgogne() -> None:
    alone = read(R21, (15, ACQ, Champ.PA, "a", 15, "27"))
    assert [w.id for s in alone.calendrier.slots for w in s.windows] == ["bfc-2021-1", "bfc-2021-2"]
    mixed = read(R21, (14, ACQ, Champ.PA, "a", 15, "27"), (1, ACQ, Champ.PA, "a", 15, "44"))
    assert [w.id for s in mixed.calendrier.slots for w in s.windows] == ["bfc-2021-2"]
    assert mixed.calendrier.slots[0].opens == date(2021, 9, 1)


def test_windows_of_occitanie_depend_on_need_and_champ() -> None:
    def deadline(*kinds: Any, **readings: str) -> date | None:
        groups = [(8, n, c, f"o{i}", 8) for i, (n, c) in enumerate(kinds)]
        return read(R22, *groups, readings=readings).calendrier.deadline

    assert deadline((ACQ, Champ.PA)) == date(2022, 7, 1)
    assert deadline((ACQ, Champ.PA), K16="annexe") == date(2022, 9, 30)
    assert deadline((ACQ, Champ.AHI)) == date(2022, 9, 30)
    assert deadline((MV, Champ.PA)) == date(2022, 9, 30)
    assert deadline((MV, Champ.PA), (ACQ, Champ.PA)) == date(2022, 7, 1)  # the earliest binds them all


def test_what_a_day_of_deposit_is_told() -> None:
    def said(day: date | None, region: str = "27") -> str:
        return read(R21, (15, ACQ, Champ.PA, "a", 15, region), deposit=day).calendrier.status

    assert said(date(2021, 8, 15)) == "Le dépôt est possible ce jour-là."
    assert said(date(2021, 6, 29)) == "La fenêtre ouvre le 01/07/2021."
    assert said(date(2021, 12, 1)) == "La dernière fenêtre s’est fermée le 15/10/2021."
    assert said(None) == "Dépôt à partir du 01/07/2021, jusqu’au 15/10/2021."
    assert "pas dans les documents" in said(None, "53")


@pytest.mark.rule("R07")
def test_calls_on_a_day_put_the_level_of_the_size_first() -> None:
    assert calls_on(RULES, date(2022, 5, 1), 20)[0].id == R22
    assert calls_on(RULES, date(2022, 5, 1), 50)[0].id in (N22, N21)
    assert [c.id for c in calls_on(RULES, date(2021, 7, 1), 20)] == [R21, N21]
    assert calls_on(RULES, date(2020, 1, 1), 20) == ()


def test_an_envelope_is_split_in_thirds_and_checked_in_every_region() -> None:
    assert window_credits(RULES, R21, "27", 1_000_000) == {
        "Première fenêtre": 333_333,
        "Seconde fenêtre": 666_667,
    }
    assert window_credits(RULES, R21, "32", 1_000_000) == {}
    # Occitanie 2022: five full grappes of small organismes fit, a sixth does not
    share = {"76": read(R22, (14, ACQ, Champ.PA, "a", 14), (1, ACQ, Champ.PA, "b", 1)).total_eur}
    assert share == {"76": 737_500}
    five, six = (check(RULES, R22, [share] * n)[0] for n in (5, 6))
    assert five.left_eur is not None
    assert six.left_eur is not None
    assert five.left_eur > 0 > six.left_eur
    assert five.citations
    unknown = check(RULES, R22, [{"32": 10}])[0]
    assert (unknown.envelope_eur, unknown.left_eur) == (None, None)
    told = check(RULES, R22, [{"32": 10, "76": 5}], {"32": 8})
    assert [(c.region, c.left_eur) for c in told] == [("32", -2), ("76", 4_186_778)]


def test_targets_are_messages_a_month_for_so_many_persons() -> None:
    found = {g.target.id: g for g in goals(RULES, R22, 83)}
    assert (found["mssante-2022"].first, found["mssante-2022"].monthly) == (59, 59)  # 58.1 persons
    assert found["mssante-2022"].target.first_months == 3
    assert "59 messages envoyés par MSSanté par mois" in found["mssante-2022"].sentence
    assert found["dossiers-actifs-2022"].monthly == 75  # 74.7
    assert found["projet-personnalise-2022"].base == 75
    assert found["projet-personnalise-2022"].monthly == 68  # 67.5 of the 75 files
    assert {g.monthly for g in goals(RULES, R21, 83)} == {None}
    assert {g.target.choose for g in goals(RULES, N21, 83) if g.target.group.value == "socles"} == {2}
    with pytest.raises(ValueError, match="0 or more"):
        goals(RULES, R22, -1)


@given(st.integers(0, 10**6), st.integers(1, 100))
def test_at_least_is_the_smallest_number_that_reaches_the_share(base: int, percent: int) -> None:
    number = at_least(base, percent)
    assert number * 100 >= base * percent
    assert number == 0 or (number - 1) * 100 < base * percent


@pytest.mark.rule("R25", "R46", "R47")
def test_SONS_orders_are_per_organisme_and_refused_with_a_reason() -> None:
    found = read(
        R22, (4, MV, Champ.PA, "quatre", 4), (5, MV, Champ.AHI, "cinq", 5), (6, ACQ, Champ.PA, "neuf", 6)
    ).sons
    assert [(o.organisme, o.bracket, o.amount_eur) for o in found.orders] == [
        ("cinq", "C", 10_950),
        ("quatre", "B", 11_680),
    ]
    assert [(o.opens, o.announced) for o in found.orders] == [
        (None, ("second semestre 2022",)),
        (date(2022, 5, 17), ()),
    ]
    assert all(o.advance_eur + o.balance_eur == o.amount_eur for o in found.orders)
    assert [(x.rule, x.quantity) for x in found.not_counted] == [("R47", 6)]
    assert read(R22, (4, MV, Champ.PA, "a", 4), referenced=False).sons.orders == ()
    assert read(R21, (4, MV, Champ.PA, "a", 4)).sons.orders == ()
    had = read(R22, (4, MV, Champ.PA, "a", 4), member={"prior": frozenset({Prior.SONS})}).sons
    assert [(x.rule, x.quantity) for x in had.not_counted] == [("R46", 4)]
    other = read(R22, (4, MV, Champ.PA, "a", 4), member={"category": "4500"}).sons
    assert other.orders == ()


@pytest.mark.rule("R25")
def test_SONS_dates_hang_on_K13_and_K14() -> None:
    group: Group = (4, MV, Champ.PA, "a", 4)
    (order,) = read(R22, group, readings={"K13": "arrete"}).sons.orders
    assert order.opens == date(2022, 2, 12)
    (order,) = read(R22, (4, MV, Champ.PDS, "a", 4), readings={"K14": "note"}).sons.orders
    assert order.announced == ("printemps 2022",)
    assert referencing_deadline(RULES, date(2022, 5, 17)) == date(2022, 9, 14)
    with pytest.raises(ValueError, match="no more than"):
        order_eur(RULES, 4, 5)


def test_a_generalisation_follows_the_national_window() -> None:
    found = read(N21, (60, GEN, Champ.PA, "a", 60)).calendrier
    assert (found.slots[0].opens, found.slots[0].closes, found.deadline) == (date(2021, 6, 21), None, None)
