"""One bad file per mistake: the loader refuses it and names the file, the key and the word."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from matchmaker import shipped
from matchmaker.baremes import RulesError, load_rules, shipped_rules
from matchmaker.baremes.scales import check_scales
from solver.vocabulary import Regime

BAD = Path(__file__).parent / "bad"
SHARED = (
    "edition.toml",
    "documents.toml",
    "regimes.toml",
    "registre.toml",
    "contradictions.toml",
    "enveloppes.toml",
    "exclusions.toml",
    "fenetres.toml",
    "cibles.toml",
    "territoires.toml",
    "sons.toml",
)

# file of bad/ -> what the loader says of it, whole
MESSAGES = {
    "overlap": ["version[0] et version[1] : périodes qui se chevauchent"],
    "gap": ["version[0] : période suivie d’un trou avant la version suivante"],
    "unknown_key": ["montant : clé inconnue"],
    "unknown_key_in_version": ["version[0].amount : clé inconnue"],
    "unknown_key_in_citation": ["version[0].citation[0].page : clé inconnue"],
    "no_citation": ["version[0].citation : au moins une table est attendue"],
    "citation_without_quote": ["version[0].citation[0].quote : clé manquante"],
    "quote_without_the_amount": ["version[0].citation[0].quote : la citation ne contient pas 20000"],
    "quote_without_the_number": ["version[0].citation[0].quote : la citation ne contient pas 15"],
    "amount_as_text": ["version[0].value : un nombre entier est attendu, trouvé '20000'"],
    "amount_as_flag": ["version[0].value : un nombre entier est attendu, trouvé True"],
    "amount_with_decimals": ["version[0].value : un nombre entier est attendu, trouvé 20000.0"],
    "amount_missing": ["version[0].value : clé manquante"],
    "amount_negative": ["version[0].value : un nombre positif est attendu"],
    "date_as_text": ["version[0].in_force_from : une date (2022-03-15) est attendu, trouvé '2022-03-15'"],
    "ends_before_it_starts": ["version[0].in_force_until : la fin précède le début"],
    "open_and_never_checked": ["version[0].checked_on : clé manquante"],
    "unknown_document": ["version[0].citation[0].document : « 005 » n’est pas dans documents.toml"],
    "unknown_rule": ["rule : « R99 » n’est pas dans registre.toml"],
    "unknown_rule_in_citation": ["version[0].citation[0].rules : « R99 » n’est pas dans registre.toml"],
    "wrong_unit": ["unit : « EUR » est attendu, trouvé « kEUR »"],
    "wrong_name": ["id : « equipement » n’est pas le nom du fichier"],
    "unknown_reading": ["version[0].when : K01 = « lt16 » n’est pas une lecture de contradictions.toml"],
    "no_version": ["version : au moins une table est attendue"],
    "bound_without_comparison": ["version[0].comparison : clé manquante"],
    "rate_without_applies": ["version[0].applies : au moins une table est attendue"],
    "need_aucun": ["version[0].applies[0].needs : « aucun » n’est pas un besoin à financer"],
    "unknown_champ": [
        "version[0].applies[0].champs : « PU » n’est pas un de : PA, PH, DOM, PDS, PDE, AHI, PJM"
    ],
}
# file of bad/ -> the beginning of its only message
BEGINNINGS = {
    "date_with_time": "version[0].in_force_from : une date (2022-03-15) est attendu, trouvé datetime",
    "unknown_regime": "version[0].regime : « generalisation-2023 » n’est pas un de : amorcage-2021, ",
    "unknown_code": "code : « materiel » n’est pas un de : ",
    "unknown_kind": "kind : « prime » n’est pas un de : forfait, bound",
    "duplicate_key": "TOML incorrect (Cannot overwrite a value (at line 14",
    "not_toml": "TOML incorrect (Illegal character",
}
SOUND = {"sound", "adjacent"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of rules with the shipped shared files and no measure yet."""
    for name in SHARED:
        shutil.copy(shipped.DATA / "baremes" / name, tmp_path)
    (tmp_path / "mesures").mkdir()
    return tmp_path


def problems_of(folder: Path) -> list[str]:
    with pytest.raises(RulesError) as refused:
        load_rules(folder)
    return list(refused.value.problems)


def test_every_bad_file_is_tried() -> None:
    assert {path.stem for path in BAD.glob("*.toml")} == MESSAGES.keys() | BEGINNINGS.keys() | SOUND


@pytest.mark.parametrize("name", sorted(SOUND))
def test_a_sound_file_is_read(folder: Path, name: str) -> None:
    shutil.copy(BAD / f"{name}.toml", folder / "mesures")
    rules = load_rules(folder)
    assert [m.id for m in rules.measures] == [name]
    assert rules.measures[0].versions[0].value == 20_000


@pytest.mark.parametrize("name", sorted(MESSAGES))
def test_a_mistake_is_named_with_file_and_key(folder: Path, name: str) -> None:
    shutil.copy(BAD / f"{name}.toml", folder / "mesures")
    found = [p for p in problems_of(folder) if p != "mesures: aucun fichier"]
    assert found == [f"mesures/{name}.toml: {message}" for message in MESSAGES[name]]


@pytest.mark.parametrize("name", sorted(BEGINNINGS))
def test_a_mistake_that_hides_the_rest_comes_first(folder: Path, name: str) -> None:
    shutil.copy(BAD / f"{name}.toml", folder / "mesures")
    assert problems_of(folder)[0].startswith(f"mesures/{name}.toml: {BEGINNINGS[name]}")


def test_all_problems_of_all_files_are_told_at_once(folder: Path) -> None:
    for name in ("overlap", "no_citation"):
        shutil.copy(BAD / f"{name}.toml", folder / "mesures")
    (folder / "edition.toml").unlink()
    found = problems_of(folder)
    assert found[0] == "edition.toml: fichier illisible (No such file or directory)"
    assert {p.split(":")[0] for p in found} == {
        "edition.toml",
        "mesures/no_citation.toml",
        "mesures/overlap.toml",
    }


def test_a_contradiction_needs_its_default_among_its_options(folder: Path) -> None:
    path = folder / "contradictions.toml"
    path.write_text(
        path.read_text(encoding="utf-8").replace('default = "lt15"', 'default = "lt14"'), encoding="utf-8"
    )
    shutil.copy(BAD / "sound.toml", folder / "mesures")
    assert problems_of(folder) == [
        "contradictions.toml: contradiction[0].default : « lt14 » n’est l’id d’aucune option"
    ]


def test_a_missing_measure_is_found_before_any_scale_is_used(folder: Path) -> None:
    shutil.copytree(shipped.DATA / "baremes" / "mesures", folder / "mesures", dirs_exist_ok=True)
    (folder / "mesures" / "seuil.toml").unlink()
    with pytest.raises(RulesError, match="mesures: régime amorcage-2021 : aucune mesure « minimum_size »"):
        check_scales(load_rules(folder))


def test_two_measures_for_the_same_line_are_refused(folder: Path) -> None:
    mesures = folder / "mesures"
    shutil.copytree(shipped.DATA / "baremes" / "mesures", mesures, dirs_exist_ok=True)
    twin = (mesures / "amoa-projet.toml").read_text(encoding="utf-8").replace('"amoa-projet"', '"amoa-bis"')
    (mesures / "amoa-bis.toml").write_text(twin, encoding="utf-8")
    with pytest.raises(RulesError, match=r"plusieurs mesures pour la même chose \(amoa-bis, amoa-projet\)"):
        check_scales(load_rules(folder))


def test_the_digest_tells_an_edited_amount_from_the_published_one(folder: Path) -> None:
    shutil.copy(BAD / "sound.toml", folder / "mesures")
    before = load_rules(folder).version
    path = folder / "mesures" / "sound.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("20000", "20000 # relu"), encoding="utf-8")
    assert load_rules(folder).version != before


def test_payments_that_do_not_make_a_whole_are_refused(folder: Path) -> None:
    mesures = folder / "mesures"
    shutil.copytree(shipped.DATA / "baremes" / "mesures", mesures, dirs_exist_ok=True)
    (mesures / "versement-parametrage.toml").unlink()
    with pytest.raises(RulesError, match="régime amorcage-2021 : les versements font 60 % et non 100"):
        check_scales(load_rules(folder))


def test_an_envelope_carries_its_words(folder: Path) -> None:
    assert shipped_rules().envelope_eur(Regime.GENERALISATION_2022, "76") == 4_186_783
    assert shipped_rules().envelope_eur(Regime.GENERALISATION_2022, "94") is None
    shutil.copy(BAD / "sound.toml", folder / "mesures")
    path = folder / "enveloppes.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("4186783", "4186784"), encoding="utf-8")
    assert problems_of(folder) == [
        "enveloppes.toml: enveloppe[0].citation[0].quote : la citation ne contient pas 4186784"
    ]
