"""The three shipped scales are those of the contract, and readings change what they say they change."""

from __future__ import annotations

import shutil
from dataclasses import asdict
from datetime import date
from itertools import product
from pathlib import Path

import pytest

from matchmaker import shipped
from matchmaker.baremes import RulesError, load_rules, scale_for, shipped_rules
from matchmaker.baremes.scales import build_scale, possible_supplements
from solver.instance import Readings
from solver.scale import Scale
from solver.vocabulary import Champ, Need, Regime

R21, R22, NATIONAL = Regime
ACQ = (Need.ACQUISITION, Need.RENOUVELLEMENT)
MV = Need.MONTEE_DE_VERSION
MEDICO = {Champ.PA, Champ.PH, Champ.DOM}


def table(scale: Scale) -> dict[tuple[Need, Champ, bool], tuple[int, int]]:
    return {key: (rate.first_eur, rate.beyond_eur) for key, rate in scale.rates.items()}


def test_amounts_of_2021_depend_on_the_need_alone() -> None:
    expected = {
        (need, champ, referenced): (10_000 if need is MV else 25_000, 0)
        for need, champ, referenced in product((*ACQ, MV), Champ, (True, False))
    }
    assert table(scale_for(R21, Readings())) == expected


@pytest.mark.parametrize(
    ("regime", "acq", "acq_unreferenced", "mv"),
    [
        (R22, (21_500, 0), (19_000, 0), (5_000, 0)),
        (NATIONAL, (21_500, 5_000), (19_000, 3_000), (5_000, 2_000)),
    ],
)
def test_amounts_of_2022(
    regime: Regime, acq: tuple[int, int], acq_unreferenced: tuple[int, int], mv: tuple[int, int]
) -> None:
    expected = {(need, champ, True): acq for need, champ in product(ACQ, Champ)}
    expected |= {(need, champ, False): acq_unreferenced for need, champ in product(ACQ, MEDICO)}
    expected |= {(MV, champ, True): mv for champ in Champ}
    assert table(scale_for(regime, Readings())) == expected


def test_an_acquisition_of_2022_is_shown_as_usages_then_logiciel() -> None:
    rate = scale_for(NATIONAL, Readings()).rates[Need.ACQUISITION, Champ.PA, True]
    assert [(f.code.value, f.unit_eur) for f in rate.first] == [("usages", 7_000), ("logiciel", 14_500)]
    assert [(f.code.value, f.unit_eur) for f in rate.beyond] == [("usages", 2_000), ("logiciel", 3_000)]


def test_supplements_sizes_and_caps() -> None:
    for regime in (R21, R22):
        scale = scale_for(regime, Readings())
        supplements = (scale.equipement, scale.amoa_projet, scale.amoa_marche)
        assert [f and f.unit_eur for f in supplements] == [20_000, 100_000, 15_000]
        assert (scale.min_size, scale.max_size, scale.full_rate_members) == (15, 49, None)
        assert scale.min_size_by_region == dict.fromkeys(("01", "02", "03", "04", "06", "94"), 8)
        assert scale.small_og_max_esms == 14
    national = scale_for(NATIONAL, Readings())
    assert (national.equipement, national.amoa_projet, national.amoa_marche) == (None, None, None)
    assert (national.min_size, national.max_size, national.full_rate_members) == (50, None, 49)
    assert national.min_size_by_region == {}
    assert national.amoa_marche_triggers == frozenset()


def test_national_equipment_is_kept_apart_as_possible() -> None:
    possible = possible_supplements(shipped_rules(), NATIONAL, Readings())
    assert [(m.id, v.value) for m, v in possible] == [("equipement", 20_000)]
    assert any("cas par cas" in caveat for caveat in possible[0][1].caveats)
    assert possible_supplements(shipped_rules(), R22, Readings()) == ()


def test_what_triggers_the_procedure_aid() -> None:
    assert scale_for(R21, Readings()).amoa_marche_triggers == set(product((*ACQ, MV), Champ))
    assert scale_for(R22, Readings()).amoa_marche_triggers == set(product(ACQ, Champ))
    not_counted = scale_for(R22, Readings(K10="not_counted"))
    assert not_counted.amoa_marche_triggers == set(product(ACQ, MEDICO))


@pytest.mark.parametrize("regime", list(Regime))
def test_K01_makes_an_organisme_of_15_small(regime: Regime) -> None:
    assert scale_for(regime, Readings(K01="le15")).small_og_max_esms == 15


def test_K07_pays_a_replacement_of_2021_as_a_mise_en_conformite() -> None:
    plain, disputed = (table(scale_for(R21, Readings(K07=o))) for o in ("acquisition", "mise_en_conformite"))
    changed = {key: value for key, value in disputed.items() if plain[key] != value}
    assert changed == {
        (Need.RENOUVELLEMENT, champ, ref): (10_000, 0) for champ, ref in product(Champ, (True, False))
    }


@pytest.mark.parametrize("regime", [R22, NATIONAL])
def test_K07_changes_nothing_in_2022(regime: Regime) -> None:
    disputed = scale_for(regime, Readings(K07="mise_en_conformite"))
    assert table(disputed) == table(scale_for(regime, Readings()))


def test_the_defaults_are_those_of_the_contract() -> None:
    defaults = {c.id: c.default for c in shipped_rules().contradictions if c.parameter}
    assert defaults == asdict(Readings())


def test_every_amount_carries_its_rule_and_its_words() -> None:
    for regime in Regime:
        scale = scale_for(regime, Readings())
        paid = [f for rate in scale.rates.values() for f in rate.first + rate.beyond]
        paid += [f for f in (scale.equipement, scale.amoa_projet, scale.amoa_marche) if f]
        assert paid
        for forfait in paid:
            reference = forfait.reference
            assert reference.rule.startswith("R")
            assert min(len(reference.document), len(reference.heading), len(reference.quote)) > 10
        # one line of a proposal has one reference: same code and amount, same words
        assert len({(f.code, f.unit_eur) for f in paid}) == len(set(paid))


def test_the_version_names_the_edition_and_the_files() -> None:
    rules = shipped_rules()
    assert scale_for(R22, Readings()).version == rules.version
    assert rules.version.startswith("2026-11-22 (")


def test_an_amount_that_changes_on_a_day_is_paid_by_the_day(tmp_path: Path) -> None:
    """A version closed on 30/06 and another from 01/07; without a day, the last one counts."""
    folder = tmp_path / "baremes"
    shutil.copytree(shipped.DATA / "baremes", folder)
    path = folder / "mesures" / "usages-montee-de-version.toml"
    head, regional, national = path.read_text(encoding="utf-8").split("[[version]]")
    first = regional.replace("2022-09-30", "2022-06-30")
    then = regional.replace("2022-03-15", "2022-07-01").replace("= 5000", "= 6000").replace("5k€", "6k€")
    path.write_text("[[version]]".join((head, first, then, national)), encoding="utf-8")
    rules = load_rules(folder)
    key = (MV, Champ.PA, True)
    for day, euros in ((date(2022, 6, 30), 5_000), (date(2022, 7, 1), 6_000), (None, 6_000)):
        assert build_scale(rules, R22, Readings(), day).rates[key].first_eur == euros


def test_a_day_outside_the_regime_has_no_scale() -> None:
    with pytest.raises(RulesError, match="aucune mesure"):
        build_scale(shipped_rules(), R22, Readings(), date(2022, 10, 1))
