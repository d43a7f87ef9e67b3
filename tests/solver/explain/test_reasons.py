"""Tests of the reasons: each planted cause is told, with its numbers, and what would change it."""

from __future__ import annotations

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


def _solved(document: Document) -> Document:
    instance = read_instance(json.dumps(document).encode())
    scale = scale_for(instance.regime, instance.parameters.readings)
    proposal = solve(instance, scale, time_limit_s=60.0)
    assert proposal["status"] == "optimal"
    assert disagreements(instance, scale, proposal) == []
    return proposal


@pytest.fixture(scope="module")
def unplaced() -> dict[str, Document]:
    return {entry["esms"]: entry for entry in _solved(planted_document())["unplaced"]}


def test_every_planted_cause_is_told_and_every_reason_occurs(unplaced: dict[str, Document]) -> None:
    told = {id_: entry["reason"] for id_, entry in unplaced.items()}
    assert told == {
        "n1": "no_need",
        "q2": "no_need",
        "x1": "excluded",
        "f1": "not_fundable",
        "f2": "not_fundable",
        "c1": "no_common_offer",
        "c2": "no_common_offer",
        **{f"g{k}": "lot_too_large" for k in range(1, 8)},
        "r1": "lot_incompatible",
        "r2": "lot_incompatible",
        "q1": "lot_incompatible",
        "t1": "too_few_partners",
        "t2": "too_few_partners",
        "t3": "too_few_partners",
        "t4": "too_few_partners",
        "k1": "constraint",
        "k2": "too_few_partners",
        "p1": "constraint",
        "v1": "constraint",
        "o1": "outcompeted",
    }
    assert set(told.values()) == {reason.value for reason in Reason}


@pytest.mark.parametrize(
    ("esms", "detail"),
    [
        ("f1", {"need": "acquisition", "champ": "PDS", "solutions": ["L"]}),
        ("f2", {"need": "montee_de_version", "champ": "PA", "solutions": ["L"]}),
        ("c2", {"need": "acquisition", "champ": "PA", "solutions": ["B"]}),
        ("g4", {"lot": "sept", "size": 7, "max_size": 6}),
        ("r1", {"lot": "loin", "pair": ["r1", "r2"], "rule": "radius"}),
        ("q1", {"lot": "sans besoin", "pair": ["q1", "q2"], "rule": "no_need"}),
        ("t1", {"solution": "A", "hosting": "on_premise", "porteur": "t1", "in_reach": 1, "missing": 3}),
        ("t4", {"solution": "L", "hosting": "saas", "porteur": "t4", "in_reach": 1, "missing": 3}),
        ("k1", {"constraint": "together", "pairs": [["tenue", "tenue loin"]]}),
        ("p1", {"constraint": "apart", "pairs": [["fachee", "grande"]]}),
        ("v1", {"constraint": "fixed_grappes"}),
        ("o1", {"loss_eur": 20_000}),  # the equipment of the one of m1..m6 whose place it would take
    ],
)
def test_a_reason_comes_with_its_numbers(unplaced: dict[str, Document], esms: str, detail: Document) -> None:
    assert unplaced[esms]["detail"] == detail


@pytest.mark.parametrize(
    ("esms", "kind", "value"),
    [
        ("t1", "accept_hosting", "saas"),
        ("c2", "accept_hosting", "saas"),
        ("t4", "accept_solution", "B"),
        ("o1", "accept_solution", "B"),
        ("c1", "accept_solution", "B"),
        ("t3", "territory", "76"),
        ("r1", "split_lot", "loin"),
        ("q1", "split_lot", "sans besoin"),
        ("g7", "split_lot", "sept"),
    ],
)
def test_the_place_left_in_b_is_one_concession_away(
    unplaced: dict[str, Document], esms: str, kind: str, value: str
) -> None:
    joins = [c for c in unplaced[esms]["changes"] if (c["kind"], c["value"]) == (kind, value)]
    assert [(c["with"], c["gain_eur"]) for c in joins if c["joins"] is not None] == [([], 21_500)]


def test_the_kilometres_needed_are_those_to_the_porteur(unplaced: dict[str, Document]) -> None:
    (change,) = [c for c in unplaced["t2"]["changes"] if c["kind"] == "radius_km"]
    assert 100.0 < change["value"] < 105.0
    assert change["gain_eur"] == 21_500


@pytest.mark.parametrize("esms", ["n1", "x1", "q2", "p1", "k1"])
def test_nothing_is_proposed_where_no_single_concession_helps(
    unplaced: dict[str, Document], esms: str
) -> None:
    assert unplaced[esms]["changes"] == []


def test_a_budget_that_pays_for_the_fixed_grappe_only_is_named() -> None:
    document = planted_document()
    document["parameters"]["budget_eur"] = 4 * 19_000
    unplaced = {entry["esms"]: entry for entry in _solved(document)["unplaced"]}
    told = {id_: unplaced[id_]["detail"] for id_ in ("m1", "b1", "o1")}
    assert all(d == {"constraint": "budget", "budget_eur": 76_000} for d in told.values())
    assert unplaced["t1"]["reason"] == "too_few_partners"


def test_a_number_of_grappes_that_the_fixed_one_fills_is_named() -> None:
    document = planted_document()
    document["parameters"]["max_grappes"] = 1
    unplaced = {entry["esms"]: entry for entry in _solved(document)["unplaced"]}
    told = {id_: unplaced[id_]["detail"] for id_ in ("m1", "b1", "o1")}
    assert all(d == {"constraint": "max_grappes", "max_grappes": 1} for d in told.values())
    assert not any(change["joins"] is None for entry in unplaced.values() for change in entry["changes"])


def test_a_budget_for_one_of_two_grappes_makes_the_other_outcompeted() -> None:
    """A (six of a small organisme) is 129,000 + 120,000 + 115,000, B is 107,500: one of them fits."""
    document = planted_document()
    document["parameters"]["budget_eur"] = 4 * 19_000 + 364_000
    entries = {entry["esms"]: entry for entry in _solved(document)["unplaced"]}
    assert {entries[f"b{k}"]["reason"] for k in range(1, 6)} == {"outcompeted"}
    loss = entries["b1"]["detail"]["loss_eur"]
    assert 0 < loss <= 364_000 - 107_500
