"""Tests that the judge decides reasons again: each one told where another holds is refused, by its path."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest

from matchmaker.baremes import scale_for
from solver.document import read_instance
from solver.judge import disagreements
from solver.solve import solve
from solver.vocabulary import Reason
from tests.solver.explain.planted import planted_document

Document = dict[str, Any]


@pytest.fixture(scope="module")
def planted() -> tuple[Any, Any, Document]:
    instance = read_instance(json.dumps(planted_document()).encode())
    scale = scale_for(instance.regime, instance.parameters.readings)
    return instance, scale, solve(instance, scale, time_limit_s=60.0)


def _entry(proposal: Document, esms: str) -> tuple[Document, str]:
    place = next(k for k, u in enumerate(proposal["unplaced"]) if u["esms"] == esms)
    entry: Document = proposal["unplaced"][place]
    return entry, f"unplaced[{place}]"


# what the judge cannot tell from the truth without solving again
_TAKEN_ON_TRUST = {"constraint", "outcompeted"}


@pytest.mark.parametrize("esms", ["n1", "x1", "f1", "f2", "c1", "g3", "r1", "q1", "t1", "t2", "o1"])
def test_no_other_reason_is_accepted(planted: tuple[Any, Any, Document], esms: str) -> None:
    instance, scale, proposal = planted
    entry, path = _entry(proposal, esms)
    for reason in {r.value for r in Reason} - {entry["reason"]}:
        forged = copy.deepcopy(proposal)
        told, _ = _entry(forged, esms)
        told["reason"] = reason
        found = disagreements(instance, scale, forged)
        trusted = reason in _TAKEN_ON_TRUST and entry["reason"] in {
            "lot_too_large", "lot_incompatible", "too_few_partners", "outcompeted",
        }  # fmt: skip
        assert trusted or any(v.path.startswith(path) for v in found), reason


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("in_reach", 2),
        ("in_reach", None),
        ("missing", 2),
        ("missing", 0),
        ("porteur", "m1"),
        ("porteur", "nobody"),
        ("solution", "L"),
        ("hosting", "shared"),
    ],
)
def test_partners_are_counted_again(planted: tuple[Any, Any, Document], key: str, value: object) -> None:
    instance, scale, proposal = planted
    forged = copy.deepcopy(proposal)
    entry, path = _entry(forged, "t1")
    entry["detail"] = {**entry["detail"], key: value}
    found = disagreements(instance, scale, forged)
    assert any(v.path.startswith(f"{path}.detail") for v in found)
