"""The drawing of the demonstrations: repeatable, told apart from the real, rich enough to be worth a look."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from matchmaker.demo.campaign import SEED, DemoValues, draw
from matchmaker.demo.constraints import draw_constraints
from matchmaker.demo.elderly_care import elderly_care_of
from matchmaker.demo.recipe import CORSE, OCCITANIE, RECIPES, Recipe
from matchmaker.reference import departements
from solver.vocabulary import Champ, Need


@pytest.fixture(scope="module")
def occitanie() -> DemoValues:
    return draw(OCCITANIE, SEED)


def test_the_same_seed_draws_the_same_values(occitanie: DemoValues) -> None:
    assert draw(OCCITANIE, SEED) == occitanie
    assert draw(OCCITANIE, SEED + 1).esms != occitanie.esms


def test_real_establishments_keep_what_the_list_says_and_nothing_drawn_is_theirs(
    occitanie: DemoValues,
) -> None:
    real = {e.record.finess_et: e for e in elderly_care_of("76").esms}
    kept = {e.code: e for e in occitanie.esms if not e.fictitious}
    assert kept.keys() == real.keys()
    assert 950 < len(kept) < 1050
    for code, esms in kept.items():
        source = real[code]
        assert esms.name == source.record.name
        if esms.position_origin == "surveyed":
            assert (esms.lat, esms.lon) == (source.record.lat, source.record.lon)
        assert esms.champ == "PA"
        assert esms.position_origin in ("surveyed", "commune")
    owners = {o.code for o in occitanie.organismes if not o.fictitious}
    assert {e.organisme for e in kept.values()} == owners
    assert not any(e.organisme in owners for e in occitanie.esms if e.fictitious)


def test_hospital_long_stay_is_not_an_esms(occitanie: DemoValues) -> None:
    assert not any("longue durée" in e.category.lower() for e in occitanie.esms)


def test_whatever_is_drawn_says_so_and_has_an_impossible_number(occitanie: DemoValues) -> None:
    drawn = [e for e in occitanie.esms if e.fictitious]
    assert len(drawn) == sum(OCCITANIE.drawn.values()) + 4
    assert all(e.code.startswith("991") and len(e.code) == 9 for e in drawn)
    assert all(e.name.endswith("(fictif)") for e in drawn)
    assert all(o.code.startswith("990") and len(o.code) == 9 for o in occitanie.organismes if o.fictitious)
    assert all("(organisme fictif)" in o.name for o in occitanie.organismes if o.fictitious)
    assert all(s.fictitious and s.name.startswith("DUI ") for s in occitanie.solutions)
    assert "99" not in departements()
    other = {e.code for e in draw(CORSE, SEED).esms}
    assert not other & {e.code for e in occitanie.esms}


def test_numbers_by_champ_are_those_of_the_recipe(occitanie: DemoValues) -> None:
    counts = Counter(Champ(e.champ) for e in occitanie.esms if e.fictitious)
    assert counts == {**OCCITANIE.drawn, Champ.PH: OCCITANIE.drawn[Champ.PH] + 4}
    assert len({e.code for e in occitanie.esms}) == len(occitanie.esms)
    assert len({o.name for o in occitanie.organismes if o.fictitious}) == sum(
        o.fictitious for o in occitanie.organismes
    )


def test_an_organisme_is_never_said_smaller_than_it_is(occitanie: DemoValues) -> None:
    totals = {o.code: o.esms_total for o in occitanie.organismes}
    for organisme, count in Counter(e.organisme for e in occitanie.esms).items():
        assert totals[organisme] >= count
    assert 15 in totals.values()  # the disputed size (K01)


def test_drawn_esms_lie_in_their_region_near_their_organisme(occitanie: DemoValues) -> None:
    members = defaultdict(list)
    for esms in occitanie.esms:
        assert departements()[esms.departement].region == "76"
        assert 42.3 < esms.lat < 45.1
        assert -0.4 < esms.lon < 4.9
        if esms.fictitious:
            members[esms.organisme].append(esms)
    for own in members.values():
        assert len({e.departement for e in own}) == 1


def test_the_small_og_of_the_gers_is_there(occitanie: DemoValues) -> None:
    og = next(o for o in occitanie.organismes if "Les Coteaux – Gers" in o.name)
    four = [e for e in occitanie.esms if e.organisme == og.code]
    assert og.esms_total == len(four) == 4
    assert {(e.champ, e.departement, e.answer.need, e.answer.completeness) for e in four} == {
        ("PH", "32", Need.ACQUISITION, "complete")
    }
    referenced = {s.code for s in occitanie.solutions if s.segur_status == "referenced"}
    accepted = four[0].answer.accepted_solutions
    assert isinstance(accepted, tuple)
    assert accepted
    assert set(accepted) <= referenced


def test_answers_are_various(occitanie: DemoValues) -> None:
    known = {s.code for s in occitanie.solutions}
    assert not any(e.answer.problems(known) for e in occitanie.esms)
    states = Counter(e.answer.completeness for e in occitanie.esms)
    assert states["missing"] > 50
    assert states["partial"] > 20
    assert states["complete"] > 2700
    needs = Counter(e.answer.need for e in occitanie.esms)
    assert min(needs[need] for need in Need) > 100
    lots = Counter((e.organisme, e.answer.lot) for e in occitanie.esms if e.answer.lot)
    assert len(lots) > 200
    assert min(lots.values()) >= 1
    assert max(lots.values()) <= 4
    hostings = {e.answer.accepted_hosting for e in occitanie.esms}
    assert len(hostings) >= 5
    statuses = Counter(s.segur_status for s in occitanie.solutions)
    assert statuses == {"referenced": 5, "not_referenced": 3, "unknown": 2}


def test_a_montee_de_version_states_the_solution_it_keeps(occitanie: DemoValues) -> None:
    for esms in occitanie.esms:
        answer = esms.answer
        if answer.need == Need.MONTEE_DE_VERSION and answer.completeness == "complete":
            assert answer.current_solution is not None


def test_corse_is_small() -> None:
    values = draw(CORSE, SEED)
    assert 55 <= len(values.esms) <= 65
    assert {e.region for e in values.esms} == {"94"}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.name)
def test_constraints_are_about_fictitious_ones_only(recipe: Recipe) -> None:
    values = draw(recipe, SEED)
    drawn = draw_constraints(values.esms, SEED, recipe.region)
    fictitious = {e.code for e in values.esms if e.fictitious}
    assert drawn.excluded
    assert set(drawn.excluded) <= fictitious
    organismes = {o.code for o in values.organismes if o.fictitious}
    pairs = [pair for pair in (drawn.apart, drawn.together) if pair]
    assert all(set(pair) <= organismes and pair[0] != pair[1] for pair in pairs)
    assert len(set(pairs)) == len(pairs)
    if recipe is OCCITANIE:
        assert len(drawn.excluded) == 5
        assert len(pairs) == 2
