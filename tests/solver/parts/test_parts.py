"""An instance in parts: independent, answered apart, joined into one proposal that is verified whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import pytest

from solver.document import read_instance
from solver.independence import pieces
from solver.instance import Instance
from solver.judge import disagreements
from solver.oracle import best
from solver.parts import Answer, Coupling, answer, coupling, join, parts_of
from solver.parts.cutting import bundled
from solver.solve import JudgeDisagrees
from solver.verify import verify
from tests.solver.drawing import draw_instance, tiny_instance
from tests.solver.examples import changed, scale_of, sound_document

SPLITTING = (0, 2, 6, 9, 11, 12, 14, 17, 32, 33, 38, 41, 50, 72, 74, 87, 90, 101, 109, 111)  # seeds
ENOUGH_S = 30.0  # far above what these need: each part ends by optimality


@cache
def _tiny(seed: int) -> Instance:
    return read_instance(tiny_instance(seed, budget=False, max_grappes=False))


def _answered(instance: Instance, stop: Callable[[], bool] = lambda: False) -> list[Answer]:
    """Each part's answer, as another process would read it."""
    found = []
    for part in parts_of(instance, scale_of(instance)):
        one = answer(part, scale_of(part), time_limit_s=ENOUGH_S, should_stop=stop)
        found.append(Answer.of_document(json.loads(json.dumps(one.document()))))
    return found


def _joined(instance: Instance, stop: Callable[[], bool] = lambda: False) -> dict[str, Any]:
    return join(instance, scale_of(instance), _answered(instance, stop), time_limit_s=2.0, should_stop=stop)


@pytest.mark.parametrize("seed", SPLITTING)
def test_the_parts_together_reach_the_optimum_of_the_whole(seed: int) -> None:
    """Tests drawn instances of every kind of constraint against the exhaustive search of the whole."""
    instance = _tiny(seed)
    scale = scale_of(instance)
    assert len(parts_of(instance, scale)) > 1
    proposal = _joined(instance)
    assert proposal["objective_value"] == best(instance, scale).objective <= proposal["upper_bound"]
    assert disagreements(instance, scale, proposal) == []
    assert verify(instance, scale, proposal).findings == ()


@pytest.mark.parametrize("seed", SPLITTING[::4])
def test_stopped_at_once_the_parts_still_make_a_whole(seed: int) -> None:
    """Tests that a stop before anything is read leaves fixed grappes, and a bound that holds."""
    instance = _tiny(seed)
    proposal = _joined(instance, lambda: True)
    assert proposal["upper_bound"] >= best(instance, scale_of(instance)).objective
    assert verify(instance, scale_of(instance), proposal).findings == ()


def _regions() -> dict[str, Any]:
    """Some 60 ESMS of several regions, with a fixed grappe."""
    return draw_instance(3, 60, "generalisation-2022", budget=False, max_grappes=False, territory="region",
                         places="mixed", sizes=True, previous=False, stability=False, fixed=True,
                         coverage=False, lots=False, together=False)  # fmt: skip


def test_a_larger_whole_keeps_the_ids_of_every_part() -> None:
    """Tests fresh ids across parts, and that fixed and earlier ones are kept."""
    document = _regions()
    instance = read_instance(document)
    scale = scale_of(instance)
    answers = _answered(instance)
    assert len(answers) > 1
    proposal = join(instance, scale, answers, time_limit_s=10.0)
    assert verify(instance, scale, proposal).findings == ()
    assert proposal["objective_value"] >= sum(a.objective_value for a in answers)
    assert proposal["certified_bound"] == sum(a.certified_bound for a in answers)
    assert {f.id for f in instance.constraints.fixed_grappes if f.id} <= {
        g["id"] for g in proposal["grappes"]
    }
    # The same again, each ESMS paid for keeping its grappe: ids of every part are carried on.
    document["previous"] = proposal["grappes"]
    document["parameters"]["stability_eur_per_esms"] = 50_000
    again = read_instance(document)
    kept = join(again, scale, _answered(again), time_limit_s=10.0)
    assert verify(again, scale, kept).findings == ()
    assert {g["id"]: g["members"] for g in kept["grappes"]} == {
        g["id"]: g["members"] for g in proposal["grappes"]
    }


def test_what_would_place_an_esms_may_lie_in_another_part() -> None:
    """Tests the example: its ESMS of another region, a part of its own, could join by waiving the border."""
    proposal = _joined(read_instance(sound_document()))
    assert [(u["esms"], u["reason"]) for u in proposal["unplaced"]] == [("E6", "too_few_partners")]
    changes = [c for c in proposal["unplaced"][0]["changes"] if c["joins"] is not None]
    assert {(c["kind"], c["value"]) for c in changes} == {("territory", "76")}


def test_an_answer_that_is_not_the_parts_is_refused() -> None:
    """Tests that the whole is judged: an ESMS in the grappes of two answers is seen."""
    instance = read_instance(sound_document())
    answers = _answered(instance)
    place = next(k for k, a in enumerate(answers) if a.grappes)
    one = answers[place]
    answers[place] = replace(one, grappes=(*one.grappes, one.grappes[0]))
    with pytest.raises(JudgeDisagrees):
        join(instance, scale_of(instance), answers, time_limit_s=1.0)


# what holds parts together ----------------------------------------------------------------------------


def _parts(changes: dict[str, Any]) -> list[set[str]]:
    """The ids of each part of the example, whose E6 alone is in another region."""
    instance = read_instance(changed(sound_document(), changes))
    return sorted(({e.id for e in part.esms} for part in parts_of(instance, scale_of(instance))), key=min)


_FIXED = {"solution": "SA", "hosting": "saas", "porteur": "E1", "members": ["E1", "E2"], "extendable": False}
_PREVIOUS = {"id": "P", "solution": "SA", "hosting": "saas", "porteur": "E1", "members": ["E1", "E6"]}
_OTHER = {**_PREVIOUS, "members": ["E6"]}
_WHOLE = [{"E1", "E2", "E3", "E4", "E5", "E6"}]
_APART = [{"E1", "E2", "E3", "E4", "E5"}, {"E6"}]
_NEAR = {"parameters.territory": "none", "parameters.max_radius_km": 60}  # by itself: E6 too far from all


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, _APART),
        ({"parameters.territory": "none"}, _WHOLE),
        ({"parameters.territory": "none", "parameters.max_radius_km": 60}, _APART),
        ({"parameters.territory": "none", "parameters.max_radius_km": 200}, _WHOLE),
        ({"parameters.territory": "departement"}, [{"E1", "E2", "E3", "E4"}, {"E5"}, {"E6"}]),
        ({"parameters.budget_eur": 10**9}, _WHOLE),
        ({"parameters.max_grappes": 9}, _WHOLE),
        ({"parameters.objective": "coverage"}, _APART),
        ({"esms.4.lot": "L", "esms.5.lot": "L"}, [{"E1", "E2", "E3", "E4"}, {"E5", "E6"}]),
        ({"esms.4.lot": "L", "esms.5.lot": "L", **_NEAR}, _WHOLE),
        ({"constraints.together": [["O2", "O3"]]}, [{"E1", "E2"}, {"E3", "E4", "E5", "E6"}]),
        ({"constraints.together": [["O2", "O3"]], **_NEAR}, _WHOLE),
        ({"constraints.together": [["O2", "O3"]], "esms.5.need": "aucun"}, _APART),
        ({"constraints.apart": [["O2", "O3"]]}, _APART),
        ({"constraints.fixed_grappes": [_FIXED]}, _APART),
        ({"previous": [_PREVIOUS]}, _WHOLE),
        ({"previous": [{**_PREVIOUS, "members": ["E1", "E2"]}]}, _APART),
        ({"previous": [_OTHER], "constraints.fixed_grappes": [{**_FIXED, "id": "P"}]}, _WHOLE),
    ],
)  # fmt: skip
def test_who_is_in_a_part_together(changes: dict[str, Any], expected: list[set[str]]) -> None:
    """Tests each thing that ties ESMS of two regions, and each that does not.

    What can only move with an ESMS of another region ties nobody: it is never placed.
    """
    assert _parts(changes) == expected


def test_a_part_holds_what_concerns_it() -> None:
    """Tests constraints and earlier grappes: each goes with its ESMS, and nowhere else."""
    document = changed(sound_document(), {
        "constraints": {"excluded": ["E5", "E6"], "apart": [["O1", "O2"], ["O2", "O3"]],
                        "fixed_grappes": [_FIXED]},
        "previous": [{**_PREVIOUS, "members": ["E1", "E2"]}, {**_PREVIOUS, "id": "Q", "members": ["E6"]}],
    })  # fmt: skip
    instance = read_instance(document)
    large, small = parts_of(instance, scale_of(instance))
    assert large.constraints.excluded == {"E5"}
    assert small.constraints.excluded == {"E6"}
    assert large.constraints.apart == (("O1", "O2"), ("O2", "O3"))
    assert small.constraints.apart == ()
    assert [f.members for f in large.constraints.fixed_grappes] == [("E1", "E2")]
    assert small.constraints.fixed_grappes == ()
    assert [[g.id for g in part.previous] for part in (large, small)] == [["P"], ["Q"]]
    assert [o.id for o in small.organismes] == ["O3"]


def test_what_couples_everything_is_named() -> None:
    """Tests the two parameters on which every grappe weighs."""
    instance = read_instance(sound_document())
    assert coupling(instance) is None
    spent = replace(instance, parameters=replace(instance.parameters, budget_eur=0))
    assert coupling(spent) is Coupling.BUDGET
    few = replace(instance, parameters=replace(instance.parameters, max_grappes=2))
    assert coupling(few) is Coupling.GRAPPES


def test_grappes_that_may_miss_the_size_are_counted_together() -> None:
    """Tests that two extendable grappes of two regions share a part only while one may be absent."""
    drawn = draw_instance(11, 60, "amorcage-2021", budget=False, max_grappes=False, territory="region",
                          places="mixed", radius=False, lots=False, together=False, previous=False,
                          stability=False, fixed=False, extendable=False)  # fmt: skip
    instance = read_instance(drawn)
    regions = sorted({e.region for e in instance.esms})
    assert len(regions) > 1
    some = [next(e.id for e in instance.esms if e.region == region) for region in regions[:2]]
    fixed = tuple(
        replace(read_instance(changed(sound_document(), {"constraints.fixed_grappes": [_FIXED]}))
                .constraints.fixed_grappes[0], porteur=id_, members=(id_,), extendable=True)
        for id_ in some
    )  # fmt: skip
    tied = replace(instance, constraints=replace(instance.constraints, fixed_grappes=fixed))
    count = len(pieces(instance, scale_of(instance)).components)
    assert len(pieces(tied, scale_of(tied)).components) == count - 1
    enough = replace(tied, parameters=replace(tied.parameters, min_size=1))
    assert len(pieces(enough, scale_of(enough)).components) == count


def test_small_components_go_along() -> None:
    """Tests that bundles hold everything once and none passes its share, but for a component that does."""
    sizes = [50, 30, 9, 5, 3, 2, 1]
    starts = [sum(sizes[:k]) for k in range(len(sizes))]
    given = [list(range(start, start + size)) for start, size in zip(starts, sizes, strict=True)]
    found = bundled(given, 8)
    assert sorted(place for one in found for place in one) == list(range(100))
    assert [len(one) for one in found] == [50, 30, 12, 8]


def test_islands_are_parts_where_the_radius_alone_keeps_apart() -> None:
    """Tests 3,000 ESMS on islands of one territory: no island in two parts, nobody lost."""
    drawn = draw_instance(5, 3000, "generalisation-2022", budget=False, max_grappes=False, territory="none",
                          places="overseas", radius=True, lots=False, together=False, previous=False,
                          stability=False, fixed=False, extendable=False)  # fmt: skip
    drawn["parameters"]["max_radius_km"] = 60
    instance = read_instance(drawn)
    parts = parts_of(instance, scale_of(instance))
    assert sum(len(part.esms) for part in parts) == 3000
    islands = [{e.region for e in part.esms} for part in parts]
    assert sorted(code for one in islands for code in one) == sorted({e.region for e in instance.esms})
    assert len(parts) == len(islands) > 1
