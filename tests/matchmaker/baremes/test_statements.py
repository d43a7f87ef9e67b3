"""Files other than measures: one mistake each, on a copy of the shipped rules; file and key are named."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from matchmaker import shipped
from matchmaker.baremes import RulesError, load_rules, shipped_rules
from matchmaker.baremes.completeness import holes

# file, what is replaced (its first occurrence), by what, the only message
MISTAKES = {
    "call_closes_another_day": (
        "regimes.toml", "in_force_until = 2021-10-15", "in_force_until = 2021-10-16",
        "regimes.toml: regime[0].in_force_until : aucune citation ne donne le 16/10/2021",
    ),
    "call_without_citation": (
        "regimes.toml", "[[regime.citation]]", "[[regime.autre]]",
        "regimes.toml: regime[0].citation : au moins une table est attendue",
    ),
    "unknown_sister": (
        "regimes.toml", 'sister = "generalisation-2022-national"', 'sister = "generalisation-2023"',
        "regimes.toml: regime[1].sister : « generalisation-2023 » n’est pas un de : ",
    ),
    "convention_with_an_unknown_word": (
        "conventions/seuil-exige.toml", 'value = "exige"', 'value = "oblige"',
        "conventions/seuil-exige.toml: version[1].value : « oblige » n’est pas un de : exige, souhaite",
    ),
    "convention_said_twice": (
        "conventions/projet-mixte.toml", "when = { K27 = \"plus-bas\" }\n", "",
        "conventions/projet-mixte.toml: version[0] et version[1] : deux mots pour le même appel",
    ),
    "convention_without_words": (
        "conventions/seuil-mixte.toml", 'silent = "Aucun', 'silence = "Aucun',
        "conventions/seuil-mixte.toml: version[0].citation : au moins une table est attendue",
    ),
    "convention_of_another_name": (
        "conventions/seuil-mixte.toml", 'id = "seuil-mixte"', 'id = "seuil-exige"',
        "conventions/seuil-mixte.toml: id : « seuil-exige » n’est pas le nom du fichier",
    ),
    "exclusion_without_citation": (
        "exclusions.toml", "[[exclusion.citation]]", "[[exclusion.autre]]",
        "exclusions.toml: exclusion[0].autre : clé inconnue",
    ),
    "exclusion_of_an_unknown_trait": (
        "exclusions.toml", 'traits = ["hors_l312_1"]', 'traits = ["hors_l312"]',
        "exclusions.toml: exclusion[0].traits : « hors_l312 » n’est pas un de : ",
    ),
    "exclusion_by_a_number_not_quoted": (
        "exclusions.toml", "fewer_socles_than = 2", "fewer_socles_than = 3",
        "exclusions.toml: exclusion[17].fewer_socles_than : aucune citation ne contient 3",
    ),
    "window_closing_a_day_not_quoted": (
        "fenetres.toml", "closes = 2021-10-15", "closes = 2021-10-14",
        "fenetres.toml: fenetre[0].closes : aucune citation ne donne le 14/10/2021",
    ),
    "window_with_a_share_not_quoted": (
        "fenetres.toml", 'credits_share = "1/3"', 'credits_share = "1/4"',
        "fenetres.toml: fenetre[1].credits_share : aucune citation ne contient 1/4",
    ),
    "window_with_a_share_that_is_none": (
        "fenetres.toml", 'credits_share = "1/3"', 'credits_share = "un tiers"',
        "fenetres.toml: fenetre[1].credits_share : une part (1/3) est attendue",
    ),
    "window_closing_before_it_opens": (
        "fenetres.toml", "opens = 2021-07-12", "opens = 2021-11-12",
        "fenetres.toml: fenetre[0].closes : la fin précède le début",
    ),
    "window_without_a_rule_of_the_register": (
        "fenetres.toml", 'rule = "P01"', 'rule = "P99"',
        "fenetres.toml: fenetre[0].rule : « P99 » n’est pas dans registre.toml",
    ),
    "target_not_quoted": (
        "cibles.toml", "percent = 70", "percent = 75",
        "cibles.toml: cible[0].percent : aucune citation ne contient 75 %",
    ),
    "target_with_an_unknown_key": (
        "cibles.toml", "first_months = 3", "months = 3", "cibles.toml: cible[0].months : clé inconnue",
    ),
    "sons_amount_not_quoted": (
        "sons.toml", "eur = 2190", "eur = 2191", "sons.toml: tranche : aucune citation ne contient 2191 €",
    ),
    "sons_brackets_with_a_hole": (
        "sons.toml", "last = 10", "last = 9", "sons.toml: tranche[3].first : 10 est attendu, trouvé 11",
    ),
    "sons_payments_that_make_no_whole": (
        "sons.toml", "advance_percent = 30", "advance_percent = 70",
        "sons.toml: balance_percent : les versements font 140 % et non 100",
    ),
    "platform_not_quoted": (
        "territoires.toml", 'name = "Prédice"', 'name = "Predice"',
        "territoires.toml: plateforme[0].name : aucune citation ne contient « Predice »",
    ),
    "variant_with_one_option": (
        "contradictions.toml", 'id = "manquant"', 'id = "manquante"',
        "contradictions.toml: contradiction[29].default : « manquant » n’est l’id d’aucune option",
    ),
    "rule_said_twice": (
        "registre.toml", 'id = "R02"', 'id = "R01"',
        "registre.toml: rule[1].id : « R01 » est déjà dans registre.toml",
    ),
    "rule_of_no_class": (
        "registre.toml", 'nature = ["S"]', 'nature = ["X"]',
        "registre.toml: rule[0].nature : « X » n’est pas un de : H, S, F, D, I",
    ),
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "baremes"
    shutil.copytree(shipped.DATA / "baremes", copy)
    return copy


def problems_of(folder: Path, *additions: Path) -> list[str]:
    with pytest.raises(RulesError) as refused:
        load_rules(folder, *additions)
    return list(refused.value.problems)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named_with_file_and_key(folder: Path, name: str) -> None:
    file, before, after, message = MISTAKES[name]
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after, 1), encoding="utf-8")
    assert [p for p in problems_of(folder) if p.startswith(message)], problems_of(folder)


def test_windows_that_do_not_share_the_whole_are_refused(folder: Path) -> None:
    path = folder / "fenetres.toml"
    text = path.read_text(encoding="utf-8").replace("2/3", "3/3")
    path.write_text(text, encoding="utf-8")
    assert "fenetres.toml: amorcage-2021, région 27 : les parts ne font pas un tout" in problems_of(folder)


def test_a_file_that_nobody_reads_is_refused(folder: Path, tmp_path: Path) -> None:
    (folder / "mesure").mkdir()
    (folder / "mesure" / "prime.toml").write_text("x = 1\n", encoding="utf-8")
    addition = tmp_path / "ajout"
    addition.mkdir()
    (addition / "fenetre.toml").write_text("x = 1\n", encoding="utf-8")
    assert problems_of(folder, addition) == [
        "mesure/prime.toml: fichier inconnu",
        "ajout/fenetre.toml: fichier inconnu",
    ]


def test_an_addition_may_not_say_again_what_the_base_says(folder: Path, tmp_path: Path) -> None:
    addition = tmp_path / "ajout"
    for part in ("mesures/equipement.toml", "conventions/seuil-exige.toml"):
        (addition / part).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(folder / part, addition / part)
    found = problems_of(folder, addition)
    assert "ajout/mesures/equipement.toml: label : clé inconnue" in found
    assert [p for p in found if "périodes qui se chevauchent" in p]
    assert [p for p in found if "deux mots pour le même appel" in p]


@pytest.mark.parametrize(
    ("file", "before", "after", "hole"),
    [
        (
            "exclusions.toml",
            'id = "social-non-reference"\nrule = "R38"\nregimes = ["generalisation-2022", ',
            'id = "social-non-reference"\nrule = "R38"\nregimes = [',
            "exclusions.toml: generalisation-2022 ne paie ni n’explique : acquisition, PDS, référencée False",
        ),
        (
            "conventions/pilote-prealable.toml",
            'regimes = ["amorcage-2021", ',
            "regimes = [",
            "conventions/pilote-prealable.toml: rien pour amorcage-2021",
        ),
        (
            "conventions/seuil-mixte.toml",
            'when = { K25 = "porteur" }',
            'when = { K25 = "porteur", K01 = "le15" }',
            "conventions/seuil-mixte.toml: rien pour amorcage-2021 (K25 = porteur)",
        ),
    ],
)
def test_what_a_call_leaves_unsaid_is_found_at_load(
    folder: Path, file: str, before: str, after: str, hole: str
) -> None:
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    assert hole in holes(load_rules(folder))


def test_the_shipped_rules_leave_nothing_unsaid() -> None:
    assert holes(shipped_rules()) == []


def test_every_contradiction_of_the_register_is_here_with_its_words() -> None:
    """K01 to K30; a variant has two options or more, and those the documents carry are quoted."""
    found = {c.id: c for c in shipped_rules().contradictions}
    assert sorted(found) == [f"K{n:02}" for n in range(1, 31)]
    variants = {c.id for c in found.values() if c.variant}
    no_figure = {"K12", "K15", "K17", "K19", "K20", "K22", "K23", "K24", "K30"}
    assert variants == found.keys() - no_figure
    # where nothing is quoted, the documents are silent: K03 and K04 on one side, K25 to K27 on both
    unquoted = {(c.id, o.id) for c in found.values() for o in c.options if o.citation is None}
    assert {k for k, _ in unquoted} == {"K03", "K04", "K25", "K26", "K27"}
