"""The shipped lists: what they hold, what they refuse to state as a fact."""

from __future__ import annotations

import dataclasses
import gzip
from pathlib import Path

import pytest

from matchmaker import reference
from matchmaker.baremes import scale_for
from matchmaker.reference import files
from matchmaker.reference.communes import fold
from solver.instance import Readings
from solver.vocabulary import Champ, Regime


def test_every_commune_is_in_a_departement_and_a_region_we_know() -> None:
    strays = [
        commune.code
        for commune in reference.communes().values()
        if commune.departement not in reference.departements() or commune.region not in reference.regions()
    ]
    assert strays == ["97501", "97502"]  # Saint-Pierre-et-Miquelon has no région and no ARS
    assert len(reference.communes()) == 34_924


def test_departements_and_regions_name_each_other() -> None:
    for region in reference.regions().values():
        assert [reference.departements()[code].region for code in region.departements] == [region.code] * len(
            region.departements
        )
    assert sum(len(region.departements) for region in reference.regions().values()) == 101
    assert len(reference.departements()) == 101


def test_finess_writes_overseas_departements_its_own_way() -> None:
    written = {code: reference.departement_of_finess(code) for code in ("9A", "9B", "9C", "9D", "9F", "31")}
    assert {code: found.code for code, found in written.items() if found} == {
        "9A": "971",
        "9B": "972",
        "9C": "973",
        "9D": "974",
        "9F": "976",
        "31": "31",
    }
    assert reference.departement_of_finess("9J") is None  # Wallis-et-Futuna


def test_a_former_commune_leads_to_the_present_one() -> None:
    saint_martin = reference.commune("97127")
    assert saint_martin is not None
    assert (saint_martin.code, saint_martin.departement, saint_martin.region) == ("97801", "971", "01")
    bellegarde = reference.commune("01018")
    assert bellegarde is not None
    assert bellegarde.name == "Valserhône"
    assert reference.commune("99999") is None
    assert reference.commune("") is None


def test_arrondissements_know_their_city() -> None:
    first = reference.commune("13201")
    assert first is not None
    assert first.parent == "13055"
    assert sum(one.parent is not None for one in reference.communes().values()) == 45


@pytest.mark.parametrize(
    ("written", "postal_code", "code"),
    [
        ("ST ETIENNE", "42000", "42218"),
        ("Bourg-en-Bresse", "01000", "01053"),
        ("BOURG EN BRESSE CEDEX 9", "01000", "01053"),
        ("Œuilly", "02160", "02565"),
        ("L'HAY LES ROSES", "94240", "94038"),
    ],
)
def test_a_commune_is_found_by_its_name_as_people_write_it(written: str, postal_code: str, code: str) -> None:
    found = reference.commune_named(written, postal_code)
    assert found is not None
    assert found.code == code


def test_folding_keeps_different_names_apart() -> None:
    assert fold("Saint-Denis") == fold("ST DENIS") != fold("Sainte-Denise")
    assert reference.commune_named("Nulle Part", "01000") is None
    assert reference.communes_of_postal_code("00000") == ()


def test_an_unconfirmed_grades_is_not_shown() -> None:
    regions = reference.regions()
    assert regions["76"].grades == "GIP e-santé Occitanie"
    assert regions["06"].grades == "GCS TESIS (e-santé océan Indien)"
    for code in ("01", "02", "03", "04", "11", "24", "44"):
        assert regions[code].grades is None, code
        assert regions[code].grades_source
    assert not any("Inéa" in (region.grades or "") for region in regions.values())


def test_no_solution_is_said_to_be_referenced() -> None:
    solutions = reference.listed_solutions()
    assert len(solutions) == len({solution.id for solution in solutions}) == 17
    assert {solution.segur_status for solution in solutions} == {"unknown"}
    assert not any(solution.segur_referenced for solution in solutions)
    assert "compté comme non référencé" in reference.SEGUR_STATUS_LABELS["unknown"]
    editors = {solution.name: solution.editor for solution in solutions}
    assert editors["NetSoins"] == "Teranga Software"
    assert editors["NetVie"] is None  # "non sourcé"
    assert editors["Osiris"] is None  # "à confirmer"


def test_categories_of_the_programme() -> None:
    categories = reference.categories()
    assert len(categories) == 302
    assert (categories["500"].champ, categories["500"].medicalised) == (Champ.PA, True)
    assert (categories["354"].champ, categories["209"].champ) == (Champ.DOM, Champ.DOM)
    assert categories["214"].champ is Champ.AHI
    assert categories["340"].champ is Champ.PJM
    assert not categories["355"].is_esms  # hospital
    assert not categories["362"].is_esms  # long-stay care is health care
    assert {c.champ for c in categories.values() if c.is_esms} == set(Champ)


def test_values_are_frozen_and_loaded_once() -> None:
    region = reference.regions()["76"]
    with pytest.raises(dataclasses.FrozenInstanceError):
        region.name = "Ailleurs"  # type: ignore[misc]
    with pytest.raises(TypeError):
        reference.regions()["99"] = region  # type: ignore[index]
    assert reference.communes() is reference.communes()


@pytest.mark.parametrize("regime", [Regime.AMORCAGE_2021, Regime.GENERALISATION_2022])
def test_thresholds_are_those_of_the_rules(regime: Regime) -> None:
    scale = scale_for(regime, Readings())
    stated = {code: region.seuil_esms for code, region in reference.regions().items()}
    assert stated == {code: scale.min_size_by_region.get(code, scale.min_size) for code in stated}


def test_a_damaged_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code,nom\n1,un\n", encoding="utf-8")
    with pytest.raises(files.ReferenceFileError, match=r"a\.csv: missing columns libelle"):
        list(files.rows("a.csv", frozenset({"code", "libelle"}), tmp_path))
    whole = gzip.compress(b"code,nom\n" + b"".join(b"%d,commune\n" % n for n in range(9999)))
    (tmp_path / "b.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(files.ReferenceFileError, match=r"b\.csv\.gz"):
        list(files.rows("b.csv.gz", frozenset({"code"}), tmp_path))
    with pytest.raises(files.ReferenceFileError, match=r"absent\.csv"):
        list(files.rows("absent.csv", frozenset(), tmp_path))
