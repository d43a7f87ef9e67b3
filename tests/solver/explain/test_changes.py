"""Tests that the changes listed are all the single concessions that work, found by trying them all."""

from __future__ import annotations

import json
from typing import Any

import pytest

from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.instance import Grappe
from solver.solve import solve
from solver.vocabulary import ChangeKind, Hosting, Regime
from tests.solver.drawing import draw_instance
from tests.solver.explain.trying_all import TryingAll

_ORDER = [kind.value for kind in ChangeKind]


def _listed(proposal: dict[str, Any]) -> set[tuple[str, str, str, str | None]]:
    return {
        (entry["esms"], c["kind"], "" if c["kind"] == "radius_km" else str(c["value"]), c["joins"])
        for entry in proposal["unplaced"]
        for c in entry["changes"]
    }


def _grappes(proposal: dict[str, Any]) -> list[Grappe]:
    return [
        Grappe(
            g["id"],
            g["solution"],
            None if g["hosting"] is None else Hosting(g["hosting"]),
            g["porteur"],
            tuple(sorted(g["members"])),
        )
        for g in proposal["grappes"]
    ]


@pytest.mark.parametrize(
    ("seed", "size", "regime"),
    [
        (1, 40, Regime.GENERALISATION_2022),
        (3, 40, Regime.AMORCAGE_2021),
        (8, 40, Regime.GENERALISATION_2022_NATIONAL),
        (14, 40, Regime.GENERALISATION_2022_NATIONAL),
        (22, 40, Regime.GENERALISATION_2022),
        (23, 40, Regime.GENERALISATION_2022_NATIONAL),
        (28, 40, Regime.GENERALISATION_2022),
        (33, 60, Regime.AMORCAGE_2021),
        (34, 60, Regime.GENERALISATION_2022),
    ],
)
def test_every_single_concession_that_works_is_listed(seed: int, size: int, regime: Regime) -> None:
    """The contract asks for 95 %; those of a region of this size are all found, and nothing else."""
    instance = read_instance(json.dumps(draw_instance(seed, size, regime.value)).encode())
    scale = scale_for(instance.regime, instance.parameters.readings)
    proposal = solve(instance, scale, time_limit_s=60.0)
    assert proposal["changes_complete"]
    found = TryingAll(instance, scale, _grappes(proposal)).placements()
    assert _listed(proposal) == {(e, kind.value, str(value), joins) for e, kind, value, joins in found}
    for entry in proposal["unplaced"]:
        ranks = [(_ORDER.index(c["kind"]), -c["gain_eur"]) for c in entry["changes"]]
        assert ranks == sorted(ranks)
