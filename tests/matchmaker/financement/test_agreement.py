"""On every grappe that the optimiser can price, the engine, the judge and the search say the same euros."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchmaker.baremes import scale_for, shipped_rules
from matchmaker.financement.evaluation import evaluate
from matchmaker.financement.grappes import projet_of
from matchmaker.financement.trace import of_proposal_line
from solver import funding, judge
from solver.instance import DuiSolution, Esms, Grappe, Instance, Organisme, Parameters, Readings
from solver.vocabulary import Champ, Hosting, Need, Regime

RULES = shipped_rules()


@st.composite
def grappes(draw: st.DrawFn) -> tuple[Instance, Grappe]:
    """One grappe of fundable members, of one or two régions, small organismes and large."""
    regime = draw(st.sampled_from(list(Regime)))
    readings = Readings(
        K01=draw(st.sampled_from(["lt15", "le15"])),
        K07=draw(st.sampled_from(["acquisition", "mise_en_conformite"])),
        K10=draw(st.sampled_from(["counted", "not_counted"])),
    )
    referenced = draw(st.booleans())
    scale = scale_for(regime, readings)
    fundable = sorted((n, c) for n, c, r in scale.rates if r is referenced)
    size = draw(st.integers(50, 70)) if regime.is_national else draw(st.integers(8, 49))
    totals = draw(st.lists(st.integers(size, 120) | st.sampled_from([14, 15, 16]), min_size=1, max_size=4))
    kinds = draw(st.lists(st.sampled_from(fundable), min_size=1, max_size=4))
    esms = tuple(
        Esms(
            id=f"e{i:03}", name=f"E{i}", organisme=f"og{i % len(totals)}",
            champ=Champ(kinds[i % len(kinds)][1]), category="", lat=43.0, lon=1.0, departement="31",
            region="76" if i % 3 else "27",
            need=Need(kinds[i % len(kinds)][0]), current_solution="dui", accepted_solutions=None,
            accepted_hosting=None,
        )
        for i in range(size)
    )  # fmt: skip
    own = [sum(e.organisme == f"og{k}" for e in esms) for k in range(len(totals))]
    instance = Instance(
        regime=regime,
        parameters=Parameters(mix_needs=True, readings=readings),
        organismes=tuple(
            Organisme(f"og{k}", f"OG {k}", max(total, own[k])) for k, total in enumerate(totals)
        ),
        solutions=(DuiSolution("dui", "DUI", referenced, frozenset(Hosting), frozenset(Champ)),),
        esms=esms,
    )
    ids = tuple(e.id for e in esms)
    return instance, Grappe("g0", "dui", Hosting.SAAS, ids[0], ids)


@pytest.mark.rule("R10", "R34", "R35", "R36", "R37", "R38", "R51", "R52", "R53", "R57", "R58")
@settings(max_examples=60, deadline=None)
@given(grappes())
def test_engine_judge_and_search_agree(case: tuple[Instance, Grappe]) -> None:
    instance, grappe = case
    scale = scale_for(instance.regime, instance.parameters.readings)
    resultat = evaluate(RULES, projet_of(instance, grappe))
    for appraise in (judge.appraise, funding.appraise):
        appraisal = appraise(instance, scale, grappe)
        assert resultat.total_eur == appraisal.funding_eur
        shares = {s.region: s.by_number_eur for s in resultat.regions.shares}
        assert shares == dict(appraisal.by_region)
        theirs = sorted((x.code.value, x.unit_eur, x.quantity) for x in appraisal.lines)
        ours = sorted((x.code or "", x.unit_eur, x.quantity) for x in resultat.montants.lines)
        assert ours == theirs
        for line in appraisal.lines:
            trace = of_proposal_line(RULES, instance.regime.value, resultat.projet.readings, line)
            assert trace is not None
            assert (trace.amount_eur, trace.citations[0].quote) == (line.amount_eur, line.reference.quote)
