"""What a plan hangs on: each variant alone moves the grappes that it should, by the euros of its text."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matchmaker.baremes import shipped_rules
from matchmaker.financement.commands import sensitivity_document, sensitivity_lines
from matchmaker.financement.differences import what_changes
from matchmaker.financement.grappes import carriers_of_several, projets_of
from matchmaker.financement.lectures import readings_of
from matchmaker.financement.projet import ProjetError
from matchmaker.financement.sensibilite import Sensibilite, VariantEffect, sensitivity
from matchmaker.financement.trace import document
from solver.instance import DuiSolution, Esms, Grappe, Instance, Organisme, Parameters, Readings
from solver.vocabulary import Champ, Hosting, Need, Regime

RULES = shipped_rules()
PA = Champ.PA
# (esms, need, champ, organisme, esms_total, région)
Row = tuple[int, Need, Champ, str, int, str]


def plan(
    regime: Regime, *grappes: list[Row], referenced: bool = True, parameters: Parameters | None = None
) -> tuple[Instance, list[Grappe]]:
    """One grappe per list of rows, its first ESMS as porteur."""
    esms: list[Esms] = []
    formed: list[Grappe] = []
    organismes: dict[str, Organisme] = {}
    for rows in grappes:
        first = len(esms)
        for count, need, champ, og, total, region in rows:
            organismes[og] = Organisme(og, og.upper(), total)
            esms += [
                Esms(
                    id=f"e{len(esms) + i:03}", name="", organisme=og, champ=champ, category="", lat=43.0,
                    lon=1.0, departement="31", region=region, need=need, current_solution="dui",
                    accepted_solutions=None, accepted_hosting=None,
                )
                for i in range(count)
            ]  # fmt: skip
        ids = tuple(e.id for e in esms[first:])
        formed.append(Grappe(f"G{len(formed)}", "dui", Hosting.SAAS, ids[0], ids))
    instance = Instance(
        regime=regime,
        parameters=parameters or Parameters(mix_needs=True),
        organismes=tuple(organismes.values()),
        solutions=(DuiSolution("dui", "DUI", referenced, frozenset(Hosting), frozenset(Champ)),),
        esms=tuple(esms),
    )
    return instance, formed


def moving(report: Sensibilite) -> dict[tuple[str, str], VariantEffect]:
    return {(e.contradiction.id, e.option.id): e for e in report.variants if e.moves and e.delta_eur}


ACQ, RENEW, MV = Need.ACQUISITION, Need.RENOUVELLEMENT, Need.MONTEE_DE_VERSION
R21, R22, N22 = Regime


@pytest.mark.parametrize(
    ("regime", "rows", "referenced", "reading", "delta"),
    [
        (R22, [(15, ACQ, PA, "a", 15, "76")], True, ("K01", "le15"), 415_000),
        (R21, [(15, RENEW, PA, "a", 30, "76")], True, ("K07", "mise_en_conformite"), -15 * 15_000),
        (N22, [(64, ACQ, PA, "a", 99, "76")], True, ("K08", "exemple"), -5_000),
        (N22, [(64, ACQ, PA, "a", 99, "76")], False, ("K08", "exemple"), -3_000),
        (N22, [(64, ACQ, PA, "a", 99, "76")], False, ("K09", "dix-neuf-et-demi"), 49 * 500),
        (R22, [(15, ACQ, Champ.AHI, "a", 14 + 1, "76"), (1, ACQ, Champ.PJM, "b", 1, "76")], True,
         ("K10", "not_counted"), -15_000),
        (R21, [(14, ACQ, PA, "a", 30, "76"), (1, MV, PA, "a", 30, "76")], True,
         ("K27", "plus-bas"), -14 * 15_000),
        (R22, [(15, ACQ, PA, "a", 30, "76")], True, ("K26", "grappe"), 0),
        (R22, [(8, ACQ, PA, "a", 30, "76"), (7, ACQ, PA, "b", 30, "76")], True, ("K26", "grappe"), 415_000),
    ],
)  # fmt: skip
def test_a_variant_moves_the_euros_of_its_text(
    regime: Regime, rows: list[Row], referenced: bool, reading: tuple[str, str], delta: int
) -> None:
    report = sensitivity(RULES, *plan(regime, rows, referenced=referenced))
    found = moving(report).get(reading)
    assert (found.delta_eur if found else 0) == delta
    if found:
        assert found.esms == sum(row[0] for row in rows)
        assert [g.grappe for g in found.grappes] == ["G0"]


def test_the_money_at_stake_in_a_12() -> None:
    """K08 costs 5.5 in the printed document: 5 by the count, 0.5 by the lost half."""
    instance, grappes = plan(N22, [(64, ACQ, PA, "a", 99, "76")])
    found = moving(sensitivity(RULES, instance, grappes))["K08", "exemple"]
    printed = 1_123_000
    assert found.grappes[0].before_eur - printed == 5_500
    assert found.grappes[0].after_eur - printed == 500


@pytest.mark.rule("R57", "R58")
def test_a_porteur_of_two_grappes_hangs_on_K11() -> None:
    one: list[Row] = [(8, ACQ, PA, "a", 14 + 4, "76"), (7, ACQ, PA, "b", 7, "76")]
    two: list[Row] = [(8, ACQ, PA, "a", 14 + 4, "76"), (7, ACQ, PA, "c", 7, "76")]
    instance, grappes = plan(R22, one, two)
    assert carriers_of_several(instance, grappes) == {"a"}
    projets = projets_of(instance, grappes).values()
    assert [p.organismes["a"].carries_another for p in projets] == [False, True]
    found = moving(sensitivity(RULES, instance, grappes))["K11", "porteur"]
    assert (found.delta_eur, [g.grappe for g in found.grappes]) == (-115_000, ["G1"])
    alone = sensitivity(RULES, *plan(R22, one))
    assert ("K11", "porteur") not in moving(alone)


def test_existence_hangs_on_readings() -> None:
    corse = plan(R22, [(9, ACQ, PA, "a", 30, "94")])
    found = moving(sensitivity(RULES, *corse))["K29", "diapositives"]
    assert (found.delta_eur, found.grappes[0].existed, found.grappes[0].exists) == (-9 * 21_500, True, False)
    wished = plan(R21, [(12, ACQ, PA, "a", 30, "76")], parameters=Parameters(mix_needs=True, min_size=12))
    assert readings_of(RULES, wished[0])["K02"] == "idealement"
    report = sensitivity(RULES, *wished)
    assert report.total_eur == 12 * 25_000
    assert moving(report)["K02", "minimum"].delta_eur == -12 * 25_000
    overseas = plan(R21, [(9, ACQ, PA, "a", 30, "04")])
    assert moving(sensitivity(RULES, *overseas))["K06", "organismes"].delta_eur == -9 * 25_000
    mixed = plan(R22, [(9, ACQ, PA, "a", 30, "94"), (6, ACQ, PA, "b", 30, "93")])
    assert ("K25", "porteur") not in moving(sensitivity(RULES, *mixed))  # 15 members: enough either way


def test_several_hosting_modes_hang_on_K03() -> None:
    instance, grappes = plan(
        R22, [(15, ACQ, PA, "a", 30, "76")], parameters=Parameters(mix_needs=True, same_hosting=False)
    )
    several = [replace(grappes[0], hosting=None)]
    report = sensitivity(RULES, instance, several)
    assert report.readings["K03"] == "silence"
    assert moving(report)["K03", "identique"].delta_eur == -15 * 21_500
    assert ("K03", "identique") not in moving(sensitivity(RULES, instance, grappes))


def test_a_deadline_moves_without_euros() -> None:
    report = sensitivity(RULES, *plan(R22, [(15, ACQ, PA, "a", 30, "76")]))
    (effect,) = [e for e in report.variants if e.contradiction.id == "K16"]
    assert effect.moves
    assert effect.delta_eur == 0
    assert [f"{g.deadline_before} {g.deadline_after}" for g in effect.grappes] == ["2022-07-01 2022-09-30"]


def test_only_variants_of_the_call_are_tried_each_against_the_plans_own_reading() -> None:
    chosen = Parameters(mix_needs=True, readings=Readings(K01="le15"))
    report = sensitivity(RULES, *plan(R22, [(15, ACQ, PA, "a", 15, "76")], parameters=chosen))
    tried = {e.contradiction.id for e in report.variants}
    assert "K08" not in tried  # national alone
    assert {e.option.id for e in report.variants if e.contradiction.id == "K01"} == {"lt15"}
    assert moving(report)["K01", "lt15"].delta_eur == -415_000
    assert [abs(e.delta_eur) for e in report.variants] == sorted(
        (abs(e.delta_eur) for e in report.variants), reverse=True
    )


def test_the_report_reads_as_sentences_and_as_json() -> None:
    report = sensitivity(RULES, *plan(R22, [(15, ACQ, PA, "a", 15, "76")]))
    text = "\n".join(sensitivity_lines(RULES, report)).replace("\u00a0", " ")
    assert "Plan de 1 grappes" not in text  # singular
    assert "Plan d’une grappe et 15 ESMS" in text
    assert "K01. Un organisme de 15 ESMS exactement est-il un petit organisme ?" in text
    assert "Effet : +415 000 €, 1 grappe et 15 ESMS en dépendent." in text
    assert "« rattachés à un organisme gestionnaire de moins de 15 ESSMS »" in text
    assert "« Financements additionnels spécifiques « ESMS numérique » pour les OG < = 15 ESMS »" in text
    assert "K03 : Cette lecture ouvre d’autres partenaires" in text
    data = sensitivity_document(report)
    assert data["variants"][0]["delta_eur"] == 415_000
    assert data["variants"][0]["grappes"][0]["id"] == "G0"


def test_another_call_changes_a_plan_and_says_why() -> None:
    instance, grappes = plan(
        R21, [(15, MV, PA, "a", 30, "76")], [(15, ACQ, PA, "b", 30, "76")], referenced=False
    )
    changes = what_changes(RULES, instance, grappes, R22.value)
    assert [(g.grappe, g.delta_eur) for g in changes.grappes] == [("G0", -150_000), ("G1", -90_000)]
    assert (changes.before_eur, changes.after_eur) == (525_000, 285_000)
    (line,) = changes.grappes[0].newly_refused
    assert (line.rule, line.quantity) == ("R36", 15)
    traced = [document(x) for x in changes.grappes[1].after.trace()]
    assert {x["standing"] for x in traced} >= {"retenu", "non_retenu"}
    assert all(x["citations"] for x in traced)
    with pytest.raises(ProjetError, match="n’est pas connu"):
        what_changes(RULES, instance, grappes, "2099")
