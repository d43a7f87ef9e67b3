"""Departures from grappes: which one breaks them and how, who replaces; against trying everything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, combinations

import pytest

from solver.document import read_instance
from solver.explain import robustness
from solver.instance import Esms, Grappe, Instance
from solver.judge import Concession, Judge, Rule
from solver.oracle import best
from solver.proposal import Change, Departure, Robustness, Unplaced
from solver.vocabulary import ChangeKind, DepartureRule, Hosting, Reason
from tests.solver.drawing import tiny_instance
from tests.solver.examples import grappe, instance_with, judge_of, scale_of

_SEEDS = range(72)


def _plan(seed: int) -> tuple[Instance, tuple[Grappe, ...]]:
    """A drawn instance and a valid plan: the best one, or a poor one that leaves many ESMS to choose from."""
    if seed % 2:
        instance = read_instance(tiny_instance(seed))
        return instance, best(instance, scale_of(instance)).grappes
    document = tiny_instance(seed, fixed=False, extendable=False, max_grappes=False)
    document["parameters"] |= {"min_size": 3, "max_size": 6}
    instance = read_instance(document)
    judge, found = judge_of(instance), best(instance, scale_of(instance)).grappes[:1]
    for g in found:
        for id_ in g.members:
            unit = judge.ties.moving_with(id_)
            fewer = tuple(m for m in found[0].members if m not in unit)
            made = _standing(judge, g, fewer)
            found = found if made is None else (made,)
    return instance, found


def _found(instance: Instance, grappes: tuple[Grappe, ...]) -> list[Robustness]:
    judge = judge_of(instance)
    found = robustness(instance, judge.scale, grappes, judge=judge)
    assert found.complete
    return list(found.robustness)


def _left(instance: Instance, organisme: str) -> Instance:
    """The campaign that an organisme has left: nobody of it, in no fixed grappe; others as they were."""
    gone = {e.id for e in instance.esms if e.organisme == organisme}
    fixed = []
    for f in instance.constraints.fixed_grappes:
        if gone.isdisjoint(f.members):
            fixed.append(f)
        elif f.porteur not in gone:
            fixed.append(replace(f, members=tuple(m for m in f.members if m not in gone), extendable=True))
    constraints = replace(
        instance.constraints, fixed_grappes=tuple(fixed), excluded=instance.constraints.excluded | gone
    )
    parameters = replace(instance.parameters, min_slack=0)
    return replace(instance, constraints=constraints, parameters=parameters)


def _standing(judge: Judge, base: Grappe, members: tuple[str, ...]) -> Grappe | None:
    """The valid grappe of these members, with the porteur that the judge elects; None when there is none."""
    elected = judge.elect(members)
    return None if elected is None else _carried(judge, base, members, (elected,))


def _carried(
    judge: Judge, base: Grappe, members: tuple[str, ...], porteurs: tuple[str, ...]
) -> Grappe | None:
    for porteur in porteurs:
        tried = replace(base, members=tuple(sorted(members)), porteur=porteur)
        if not judge.grappe_violations(tried):
            return tried
    return None


def _sets(lots: list[frozenset[str]]) -> Iterator[frozenset[str]]:
    for some in chain.from_iterable(combinations(lots, k) for k in range(1, len(lots) + 1)):
        yield frozenset().union(*some)


def test_departures_of_drawn_plans_are_what_trying_everything_finds() -> None:
    """Tests every departure from plans: it breaks the grappe exactly when no porteur makes it valid, and
    somebody is named in its place exactly when some set of unplaced lots would do."""
    told: dict[str, int] = {}
    replaced = several = 0
    for seed in _SEEDS:
        instance, grappes = _plan(seed)
        judge = judge_of(instance)
        total = sum(judge.funding(g.solution, g.members) for g in grappes)
        placed = {m for g in grappes for m in g.members}
        for g, found in zip(grappes, _found(instance, grappes), strict=True):
            assert found.grappe == g.id
            organismes = {instance.esms_by_id[m].organisme for m in g.members}
            assert {d.organisme for d in found.departures} == organismes
            for departure in found.departures:
                after = Judge(_left(instance, departure.organisme), judge.scale)
                rest = tuple(m for m in g.members if instance.esms_by_id[m].organisme != departure.organisme)
                assert departure.esms == len(g.members) - len(rest)
                stands = _carried(after, g, rest, rest)
                assert (stands is None) == bool(departure.rules), (seed, departure)
                for rule in departure.rules:
                    told[rule] = told.get(rule, 0) + 1
                if stands is not None:
                    assert departure.porteur == stands.porteur, (seed, departure)
                    assert departure.funding_eur == judge.funding(g.solution, rest)
                    assert departure.replacements == ()
                    continue
                _rules_hold(after, g, rest, departure)
                spare = instance.parameters.budget_eur
                room = None if spare is None else spare - total + judge.funding(g.solution, g.members)
                lots = {after.ties.moving_with(e.id) for e in instance.esms if e.id not in placed}
                free = [lot for lot in lots if lot.isdisjoint(placed)]
                good = {
                    ids: made
                    for ids in (_sets(sorted(free, key=sorted)) if rest else ())
                    if (made := _standing(after, g, tuple(sorted({*rest, *ids}))))
                    and (room is None or judge.funding(g.solution, made.members) <= room)
                }
                assert bool(departure.replacements) == bool(good), (seed, departure, good)
                for one in departure.replacements:
                    made = good[frozenset(one.esms)]
                    assert one.porteur == made.porteur
                    assert one.funding_eur == judge.funding(g.solution, made.members)
                alone = [ids for ids in good if ids in free]
                if alone:
                    most = max(judge.funding(g.solution, good[ids].members) for ids in alone)
                    assert departure.replacements[0].funding_eur == most, (seed, departure)
                    replaced += 1
                several += bool(good) and not alone
    assert set(told) >= {"size", "porteur", "members", "together"}, told  # radius: a test of its own
    assert replaced > 4
    assert several > 1


def _rules_hold(after: Judge, g: Grappe, rest: tuple[str, ...], departure: Departure) -> None:
    """The rules told are those that the judge finds broken whoever carries the grappe."""
    if not rest:
        assert departure.rules == (DepartureRule.MEMBERS,)
        return
    sets = []
    for porteur in rest:
        broken = after.grappe_violations(replace(g, members=rest, porteur=porteur))
        sets.append({v.rule for v in broken} - {Rule.CENTRE, Rule.FIXED_GRAPPE})
    reach = {Rule.PORTEUR, Rule.RADIUS, Rule.TERRITORY}
    always = set.intersection(*[s - reach for s in sets])
    if all(s & reach for s in sets):
        may = any(after.instance.esms_by_id[m].can_be_porteur for m in rest)
        always.add(Rule.RADIUS if may else Rule.PORTEUR)
    assert {Rule(rule.value) for rule in departure.rules} == always
    assert (departure.missing is not None) == (DepartureRule.SIZE in departure.rules)


def _esms(instance: Instance, id_: str) -> Esms:
    return instance.esms_by_id[id_]


def test_who_breaks_a_grappe_and_who_comes_instead() -> None:
    """Tests three of O1, O2 at a minimum of 3: without O1's two ESMS two are missing; without O2's E3 one is,
    and E4, of the same organisme, cannot come: E5 can."""
    instance = instance_with({"parameters.min_size": 3})
    (found,) = _found(instance, (grappe("E1 E2 E3"),))
    assert found.slack == 0
    o1, o2 = found.departures
    assert (o1.organisme, o1.esms, o1.rules, o1.missing) == ("O1", 2, (DepartureRule.SIZE,), 2)
    assert [r.esms for r in o1.replacements] == [("E4", "E5")]
    assert (o2.organisme, o2.rules, o2.missing) == ("O2", (DepartureRule.SIZE,), 1)
    (only,) = o2.replacements
    assert (only.esms, only.funding_eur) == (("E5",), 3 * 21_500 + 2 * 20_000 + 115_000)
    assert 20 < only.km < 30


def test_who_would_concede_something_may_come_too() -> None:
    """Tests that a change which lets E5 join the grappe replaces E3 as well, its value told again."""
    instance = instance_with({"parameters.min_size": 3, "esms.4.accepted_hosting": ["shared"]})
    change = Change(ChangeKind.ACCEPT_HOSTING, "saas", "G1", (), 21_500)
    _replaced_by_e5(instance, Unplaced("E5", Reason.OUTCOMPETED, {}, (change,)), "saas")
    instance = instance_with({"parameters.min_size": 3, "parameters.max_radius_km": 20})
    change = Change(ChangeKind.RADIUS_KM, 26.5, "G1", (), 21_500)
    _replaced_by_e5(instance, Unplaced("E5", Reason.OUTCOMPETED, {}, (change,)), None)


def _replaced_by_e5(instance: Instance, e5: Unplaced, value: str | None) -> None:
    judge = judge_of(instance)
    made = (grappe("E1 E2 E3"),)
    found = robustness(instance, judge.scale, made, judge=judge, unplaced=(e5,))
    (only,) = next(d for d in found.robustness[0].departures if d.organisme == "O2").replacements
    assert only.esms == ("E5",)
    assert only.concession is not None
    assert only.concession[0] is e5.changes[0].kind
    assert only.concession[1] == (value or pytest.approx(only.km, abs=1e-6))
    conceded = Concession(frozenset({"E5"}), *only.concession)
    filled = Grappe("G1", "SA", Hosting.SAAS, only.porteur, ("E1", "E2", "E5"))
    assert judge.grappe_violations(filled, conceded) == []
    assert judge.grappe_violations(filled) != []


def test_the_slack_asked_of_new_grappes_is_there_to_be_used() -> None:
    """Tests ``min_slack``: a grappe of 4 for a minimum of 3 stands after one departure, with its figures."""
    instance = instance_with({"parameters.min_size": 3, "parameters.min_slack": 1, "esms.3.organisme": "O3"})
    (found,) = _found(instance, (grappe("E1 E2 E3 E4", "E2"),))
    assert found.slack == 1
    by_name = {d.organisme: d for d in found.departures}
    assert by_name["O1"].missing == 1
    assert (by_name["O2"].rules, by_name["O2"].funding_eur) == ((), 3 * 21_500 + 2 * 20_000 + 115_000)


def test_a_porteur_that_leaves_may_leave_nobody_who_can_carry() -> None:
    """Tests the reach and the right to be porteur: E2 stands between E1 and E5, 26 km from each other."""
    changes = {
        "parameters.max_radius_km": 15,
        "esms.1.organisme": "O2",
        "esms.1.lat": 43.70,
        "esms.1.lon": 1.52,
    }
    instance = instance_with(changes)
    (found,) = _found(instance, (grappe("E1 E2 E5", "E2"),))
    assert {d.organisme: d.rules for d in found.departures}["O2"] == (DepartureRule.RADIUS,)
    instance = instance_with(changes | {"esms.0.can_be_porteur": False, "esms.4.can_be_porteur": False})
    (found,) = _found(instance, (grappe("E1 E2 E5", "E2"),))
    assert {d.organisme: d.rules for d in found.departures}["O2"] == (DepartureRule.PORTEUR,)


@pytest.mark.parametrize(("porteur", "replaced"), [("E2", True), ("E3", True)])
def test_a_kept_grappe_may_be_completed_after_a_departure(porteur: str, replaced: bool) -> None:
    """Tests a fixed grappe: whoever leaves, E4 or E5 can come, though nobody could join it before."""
    fixed = {
        "id": "F",
        "solution": "SA",
        "hosting": "saas",
        "porteur": porteur,
        "members": ["E1", "E2", "E3"],
    }
    instance = instance_with(
        {"parameters.min_size": 3, "constraints.fixed_grappes": [{**fixed, "extendable": False}]}
    )
    (found,) = _found(instance, (grappe("E1 E2 E3", porteur, id_="F"),))
    o2 = next(d for d in found.departures if d.organisme == "O2")
    assert bool(o2.replacements) is replaced


def test_nothing_is_sought_once_time_is_out() -> None:
    instance = instance_with({"parameters.min_size": 3})
    judge = judge_of(instance)
    made = (grappe("E1 E2 E3"),)
    found = robustness(instance, judge.scale, made, judge=judge, out_of_time=lambda: True)
    assert not found.complete
    assert [d.replacements for d in found.robustness[0].departures] == [(), ()]
    assert [bool(d.rules) for d in found.robustness[0].departures] == [True, True]
