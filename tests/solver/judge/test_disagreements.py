"""A valid proposal document, then every field of it changed in turn: the judge disagrees each time."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest

from solver.document import proposal_document, read_instance
from solver.explain import robustness
from solver.instance import Grappe, Instance
from solver.judge import disagreements
from solver.judge.reasons import ReasonCheck
from solver.oracle import best
from solver.proposal import Change, Unplaced
from solver.vocabulary import ChangeKind, Reason
from tests.solver.drawing import tiny_instance
from tests.solver.examples import grappe, instance_with, judge_of, scale_of

# Taken as told here: run data, the certificate and its bound (a check of their own), words on the unplaced.
FREE = {
    "certified_bound",
    "wall_time_s",
    "seed",
    "threads",
    "solver",
    "certificate",
    "changes_complete",
    "departures_complete",
    "detail",
}


def document_of(
    instance: Instance, grappes: tuple[Grappe, ...], changes: dict[str, tuple[Change, ...]] | None = None
) -> dict[str, Any]:
    judge = judge_of(instance)
    placed = {id_ for g in grappes for id_ in g.members}
    value = judge.objective_value(grappes)
    own = ReasonCheck(judge).own
    unplaced = [
        Unplaced(e.id, own(e) or Reason.OUTCOMPETED, {}, (changes or {}).get(e.id, ()))
        for e in instance.esms
        if e.id not in placed
    ]
    return proposal_document(
        instance,
        grappes=[(g, judge.appraise(g)) for g in grappes],
        unplaced=unplaced,
        changes_complete=True,
        objective_value=value,
        upper_bound=value,
        certified_bound=value + 1000,
        certificate={},
        wall_time_s=1.0,
        seed=0,
        threads=1,
        solver={"matchmaker": "0"},
        robustness=robustness(instance, judge.scale, grappes, judge=judge).robustness,
        departures_complete=True,
    )


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of all values of a document, lists and objects included."""
    if path and path[-1] in FREE:
        return
    if path:
        yield path
    if isinstance(value, dict):
        for key in value:
            yield from leaves(value[key], (*path, key))
    elif isinstance(value, list):
        for place in range(len(value)):
            yield from leaves(value[place], (*path, place))


def mutated(document: dict[str, Any], path: tuple[Any, ...]) -> dict[str, Any]:
    result = copy.deepcopy(document)
    parent: Any = result
    for step in path[:-1]:
        parent = parent[step]
    match parent[path[-1]]:
        case bool() as value:
            parent[path[-1]] = not value
        case int() as value:
            parent[path[-1]] = value + 1
        case float() as value:
            parent[path[-1]] = value + 0.01
        case str():
            parent[path[-1]] = "zz"
        case None:
            parent[path[-1]] = 7
        case list() as value:
            parent[path[-1]] = value[:-1] if value else ["zz"]
        case _:
            parent[path[-1]] = {}
    return result


def undetected(instance: Instance, document: dict[str, Any], free: set[tuple[str, ...]]) -> list[Any]:
    """Paths whose mutation the judge does not see, but those named as free (by their keys)."""
    scale = scale_of(instance)
    assert disagreements(instance, scale, document) == []
    found = []
    for path in leaves(document):
        keys = tuple(step for step in path if isinstance(step, str))
        changed = mutated(document, path)
        if keys not in free and changed != document and not disagreements(instance, scale, changed):
            found.append(path)
    return found


SAID_FREELY = {
    ("grappes", "id"),  # any name is as good, unless it is fixed or of an earlier proposal
    ("unplaced", "changes"),  # a list cut short lists less
    ("robustness", "departures", "replacements"),  # so does this one
    ("unplaced", "changes", "value"),  # for territory, the territory joined
}


def test_every_field_of_a_proposal_is_judged() -> None:
    """Tests mutations of a proposal with two grappes, an unplaced ESMS and a change."""
    instance = instance_with()
    change = Change(ChangeKind.TERRITORY, "76", "G2", (), 21_500)
    document = document_of(instance, (grappe("E1 E2"), grappe("E3 E4 E5", "E4", id_="G2")), {"E6": (change,)})
    assert undetected(instance, document, SAID_FREELY) == []


@pytest.mark.parametrize("seed", range(12))
def test_every_field_of_drawn_proposals_is_judged(seed: int) -> None:
    """Tests mutations of optimal proposals of drawn instances."""
    instance = read_instance(tiny_instance(seed))
    document = document_of(instance, best(instance, scale_of(instance)).grappes)
    free = SAID_FREELY | {("unplaced", "reason")}
    assert undetected(instance, document, free) == []


@pytest.mark.parametrize(
    ("changes", "change", "gain"),
    [
        ({"esms.4.accepted_hosting": ["shared"]}, {"kind": "accept_hosting", "value": "saas"}, 21_500),
        ({"esms.4.accepted_solutions": ["SB"]}, {"kind": "accept_solution", "value": "SA"}, 21_500),
        ({"parameters.max_radius_km": 20}, {"kind": "radius_km", "value": 26.0}, 21_500),
        ({"parameters.territory": "departement"}, {"kind": "territory", "value": "31"}, 21_500),
        ({"esms.4.lot": "L", "esms.5.lot": "L"}, {"kind": "split_lot", "value": "L"}, 21_500),
    ],
)
def test_each_kind_of_change_is_tried_again(
    changes: dict[str, Any], change: dict[str, Any], gain: int
) -> None:
    """Tests a change of E5 that joins the grappe: true as told, false with another gain or grappe."""
    instance = instance_with(changes)
    document = document_of(instance, (grappe("E1 E2 E3 E4", "E2"),))
    entry = next(u for u in document["unplaced"] if u["esms"] == "E5")
    entry["changes"] = [{**change, "joins": "G1", "with": [], "gain_eur": gain}]
    assert disagreements(instance, scale_of(instance), document) == []
    entry["changes"][0]["gain_eur"] += 500
    assert [v.path for v in disagreements(instance, scale_of(instance), document)] == [
        "unplaced[" + str(document["unplaced"].index(entry)) + "].changes[0].gain_eur"
    ]
    entry["changes"][0] |= {"gain_eur": gain, "joins": "G7"}
    assert disagreements(instance, scale_of(instance), document) != []


def test_a_change_may_form_a_new_grappe() -> None:
    """Tests ``joins`` null: the ESMS and other unplaced ones, solution and hosting found by trying."""
    instance = instance_with({"esms.4.accepted_hosting": []})
    document = document_of(instance, (grappe("E1 E2"),))
    entry = next(u for u in document["unplaced"] if u["esms"] == "E5")
    change = {
        "kind": "accept_hosting",
        "value": "saas",
        "joins": None,
        "with": ["E3", "E4"],
        "gain_eur": 64_500,
    }
    entry["changes"] = [change]
    assert disagreements(instance, scale_of(instance), document) == []
    change["with"] = ["E3", "E1"]  # E1 is placed
    assert disagreements(instance, scale_of(instance), document) != []
