"""Reasons and changes in sentences a director understands, with their numbers."""

# ruff: noqa: E501 - a sentence stays whole, to be found as it is shown

from __future__ import annotations

from dataclasses import replace

import pytest

from matchmaker.proposals import wording
from matchmaker.proposals.plan import Plan
from solver.vocabulary import ChangeKind, LineCode, Reason

SENTENCES = {
    "Sans besoin": "Il n’a pas de besoin dans cette campagne.",
    "Mis de côté": "La campagne l’a laissé de côté.",
    "Sans financement": "Les règles « Généralisation 2022 » ne financent pas son besoin (acquisition, accueil, "
    "hébergement, insertion) avec DUI B (statut Ségur inconnu, compté comme non référencée).",
    "Sans offre": "Il accepte DUI B, et l’hébergement SaaS éditeur (HDS) : aucune offre n’existe pour son public.",
    "Grand lot": "Son lot réunit 52 ESMS qui ne se séparent pas, plus que le maximum de 49 d’une grappe.",
    "Lot coupé": "Les ESMS de son lot ne peuvent pas être dans une même grappe : Lot coupé et Trop seul "
    "n’acceptent aucun hébergement commun pour une même solution.",
    "Trop seul": "Sa meilleure grappe possible (DUI A, SaaS éditeur (HDS), autour de En concurrence) ne réunirait que "
    "11 ESMS, lui compris : il en manque 4 pour atteindre le seuil de 15.",
    "Contraint": "Une contrainte de la campagne l’écarte : des organismes ne doivent jamais être dans la même grappe "
    "(Association n° 0 et Association n° 4).",
    "En concurrence": "Il pourrait être placé, mais le meilleur plan connu qui le place obtient 12 500 € de moins.",
    "Sans porteur": "Aucun ESMS à portée ne peut être porteur pour lui, même avec sa meilleure offre (DUI A, SaaS "
    "éditeur (HDS)).",
    "=SOMME(A1)": "Il pourrait être placé : un plan de même total existe, avec d’autres ESMS non placés à sa place.",
}  # fmt: skip


def plain(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize("name", SENTENCES)
def test_reasons(plan: Plan, name: str) -> None:
    """Tests the sentence of each unplaced ESMS of the small plan, every reason among them."""
    unplaced = next(u for u in plan.unplaced if u.esms.name == name)
    assert plain(wording.reason(plan, unplaced)) == SENTENCES[name]


def test_every_word_of_the_optimiser_has_its_own() -> None:
    """Tests that no code of the vocabulary would be shown bare."""
    assert set(wording.REASONS) == set(Reason)
    assert set(wording.CHANGES) == set(ChangeKind)
    assert set(wording.LINES) == set(LineCode)


def test_changes(plan: Plan) -> None:
    """Tests each kind of concession and what it opens; kilometres are rounded up, so that they are enough."""
    said = [plain(wording.change(plan, c)) for u in plan.unplaced for c in u.changes]
    assert said == [
        "accepter l’hébergement sur site → entre dans G2, +19 000 €",
        "séparer les ESMS de ce lot → entre dans G1, +21 500 €",
        "accepter la solution DUI B → entre dans G2, +39 000 €",
        "accepter un porteur à 85 km → entre dans G1, +41 500 €",
        "accepter l’hébergement sur site → forme une grappe avec 3 autres ESMS non placés, −2 000 €",
        "accepter l’hébergement chez un tiers (GCS, GIP) → entre dans G1, +21 500 €",
        "accepter un porteur d’un autre territoire (Auvergne-Rhône-Alpes) → entre dans G1, 0 €",
    ]


def test_the_bound_in_a_sentence(plan: Plan) -> None:
    """Tests what a director reads of the proof: 1,086.5 - 984 = 102.5 k€, 10.4 %."""
    assert plain(wording.bound(plan)) == (
        "Aucune répartition ne peut dépasser 1 086,5 k€ avec ces données et ces règles : il reste au plus "
        "102,5 k€ (10,4 %) à gagner."
    )
    proven = replace(plan, status="optimal", upper_bound=984_000, gap=0.0)
    assert plain(wording.bound(proven)).endswith("ce plan atteint ce maximum.")
    coverage = replace(plan, objective="coverage", objective_value=31, upper_bound=34, gap=3 / 31)
    assert plain(wording.bound(coverage)) == (
        "Aucune répartition ne peut placer plus de 34 ESMS avec ces données et ces règles : il reste au plus "
        "3 ESMS (9,7 %) à gagner."
    )
