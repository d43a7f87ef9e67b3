"""What is said of a run."""

from __future__ import annotations

import pytest

from matchmaker.baremes import scale_for
from matchmaker.runs import sentences
from matchmaker.runs.tables import State
from solver.instance import Readings
from solver.vocabulary import Regime
from tests.matchmaker.runs.test_chart import standing

NB = "\u00a0"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, "Le plan trouvé vaut 5 214,0 k€. Aucun autre ne peut dépasser 5 392,0 k€."),
        (
            {"upper_bound": 5_214_000},
            "Le plan trouvé vaut 5 214,0 k€. Aucun autre ne fait mieux : c’est prouvé.",
        ),
        ({"upper_bound": None}, "Le plan trouvé vaut 5 214,0 k€."),
        (
            {"objective": "coverage", "objective_value": 142, "upper_bound": 150},
            "Le plan trouvé place 142 ESMS. Aucun autre ne peut dépasser 150 ESMS.",
        ),
        ({"objective_value": None}, "Aucun plan trouvé pour l’instant. Aucun ne peut dépasser 5 392,0 k€."),
        ({"objective_value": None, "upper_bound": None}, "Aucun plan trouvé pour l’instant."),
        ({"state": State.FAILED}, "Le calcul a échoué."),
        ({"state": State.QUEUED, "attempt": 0}, "Le calcul attend son tour."),
        (
            {"state": State.STOPPED, "attempt": 0, "objective_value": None, "upper_bound": None},
            "Le calcul a été arrêté avant d’avoir commencé.",
        ),
    ],
)
def test_the_headline_answers(changes: dict[str, object], said: str) -> None:
    assert sentences.headline(standing(**changes)).replace(NB, " ") == said


def test_what_is_left_to_gain() -> None:
    left = sentences.left_to_gain(standing())
    assert left is not None
    assert [text.replace(NB, " ") for text in left] == ["178,0 k€", "3,4 %"]
    assert sentences.left_to_gain(standing(upper_bound=5_214_000)) is None
    assert sentences.left_to_gain(standing(objective_value=None)) is None
    assert sentences.left_to_gain(standing(objective_value=0)) is None


def test_a_bound_far_above_the_value_is_no_percentage() -> None:
    assert sentences.gap_text(0.999).replace(NB, " ") == "99,9 %"
    assert sentences.gap_text(14.08) == "pas encore connu"
    assert sentences.left_to_gain(standing(objective_value=500_000, upper_bound=7_540_000)) is None


def test_steps_follow_the_run() -> None:
    def states(**changes: object) -> list[str]:
        return [step.state for step in sentences.steps(standing(**changes), 2.0)]

    assert states(upper_bound=None, phase="reading") == ["cours", "avenir", "avenir", "avenir"]
    assert states() == ["ok", "ok", "cours", "avenir"]
    assert states(phase="explanation") == ["ok", "ok", "ok", "cours"]
    assert states(state=State.DONE, proposal_id=3) == ["ok"] * 4
    assert states(state=State.FAILED) == ["ok", "ok", "err", "avenir"]


def test_what_is_asked_takes_its_numbers_from_the_rules() -> None:
    """Tests sizes from the scale when the campaign sets none, its own when it does, and the locks."""
    question = {
        "regime": "generalisation-2022",
        "parameters": {"max_radius_km": 60, "budget_eur": 4_186_783, "readings": {"K01": "le15"}},
        "esms": 180,
        "organismes": 71,
        "constraints": {"excluded": 1, "apart": 3, "together": 0, "fixed_grappes": 2},
    }
    scale = scale_for(Regime.GENERALISATION_2022, Readings())
    lines = {label: text.replace(NB, " ") for label, text in sentences.asked_lines(question, scale)}
    least, islands, most = scale.min_size, min(scale.min_size_by_region.values()), scale.max_size
    assert lines["Taille"] == f"{least} ESMS au moins ({islands} en Corse et outre-mer), {most} au plus"
    assert lines["Rayon"] == "60 km autour du porteur"
    assert lines["Budget"] == "4 186 783 € au plus"
    assert lines["Réponses complètes"] == "180 ESMS de 71 organismes"
    assert lines["Contraintes"] == "1 ESMS exclu, 3 paires d’organismes à séparer, 2 grappes conservées"
    assert lines["Lecture K01"] == "petit organisme : 15 ESMS au plus"
    assert "Marge" not in lines
    assert "Nombre de grappes" not in lines
    question["parameters"] = {"min_size": 10, "max_size": 20, "objective": "coverage"}
    question["parameters"] |= {"min_slack": 2, "max_grappes": 5}
    lines = dict(sentences.asked_lines(question, scale))
    assert lines["Taille"] == "10 ESMS au moins, 20 au plus"
    assert lines["Objectif"] == "placer le plus d’ESMS possible"
    assert lines["Marge"] == "2 ESMS de plus que le minimum dans chaque grappe"
    assert lines["Nombre de grappes"] == "5 au plus"
