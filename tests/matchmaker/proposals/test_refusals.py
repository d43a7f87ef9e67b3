"""Refusals of an imported file, as real readers write them, told in French."""

from __future__ import annotations

import json

import pytest

from matchmaker.proposals.refusals import sentence
from solver.document import DocumentProblems, read_instance


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (b"\x94\x00", {"Ce n’est pas un fichier JSON."}),
        (b"finess;besoin", {"Ce n’est pas un fichier JSON : ligne 1, colonne 1."}),
        (b"[1]", {"Ce n’est pas un plan exporté par Matchmaker."}),
        (
            json.dumps({"format": "autre", "esms": 3, "titre": ""}).encode(),
            {
                'La valeur "autre" ne convient pas.',
                "La valeur 3 ne convient pas.",
                "Matchmaker ne connaît pas cette donnée.",
                "Cette donnée manque.",
            },
        ),
    ],
)
def test_what_the_reader_refuses_is_told_in_french(file: bytes, expected: set[str]) -> None:
    with pytest.raises(DocumentProblems) as refused:
        read_instance(file)
    told = {sentence(problem.message) for problem in refused.value.problems}
    assert told == expected
