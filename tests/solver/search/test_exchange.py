"""The exchange: answers that hold, the same in a helper process, and a search that survives its helpers."""

from __future__ import annotations

import os
import pickle
import signal
import subprocess
import sys
import threading
import time

import pytest

from solver.exchange.crew import Answer, Helper, HelperLost, Order, Walks
from solver.exchange.walk import COLD, WARM
from solver.instance import Constraints, Grappe, Instance
from solver.judge import Judge
from solver.search.bound import Bounder
from solver.search.components import split
from solver.search.layout import Layout
from solver.search.packing import Packing
from solver.search.plan import grappes_of
from solver.search.pricing import Pricer
from solver.search.problem import Problem, state
from solver.search.rounds import hired, orders_beside
from solver.search.standing import Side, Standing
from solver.vocabulary import Objective
from tests.solver.search.drawn import draw, run, scale_of


def begun(instance: Instance, moves: int) -> tuple[Problem, Layout, Order]:
    """The largest component with nothing placed yet, and the order that begins its walk."""
    problem = state(instance, scale_of(instance))
    component = split(problem, 0)[0]
    bounder = Bounder(problem, component, Pricer(problem, component.rows.tolist()))
    layout = Layout(problem, component, ())
    ground = layout.ground(bounder.of(bounder.closed_form()))
    return problem, layout, Order(1, moves, WARM, COLD, 3, False, ground, layout.packed(()))


def read(layout: Layout, answer: Answer) -> Packing:
    return layout.columns(answer.packed)


@pytest.mark.parametrize("objective", list(Objective))
@pytest.mark.parametrize("radius", [45.0, None])
def test_an_answer_is_a_packing_that_the_judge_accepts(objective: Objective, radius: float | None) -> None:
    instance = draw(120, 5, min_size=6, max_radius_km=radius, objective=objective, porteurs=1.0)
    problem, layout, order = begun(instance, 400)
    answer = Walks().do(order)
    packing = read(layout, answer)
    grappes: tuple[Grappe, ...] = grappes_of(problem, packing.columns)
    assert len(grappes) == len(answer.packed.rows) > 0
    judge = Judge(instance, scale_of(instance))
    assert judge.violations(grappes) == []
    assert judge.objective_value(grappes) == packing.value == round(answer.value)


def test_a_walk_keeps_its_best_and_takes_over_what_is_better() -> None:
    _, _, order = begun(draw(120, 6, min_size=6, max_radius_km=45.0), 300)
    walks = Walks()
    values = [walks.do(order).value]
    values += [walks.do(Order(1, 100, WARM, COLD, again=bool(k % 2))).value for k in range(4)]
    assert values == sorted(values)
    other = Walks()
    other.do(Order(1, 1, WARM, COLD, 9, False, order.ground, order.packed))
    best = walks.do(Order(1, 1, COLD, COLD))
    taken_over = other.do(Order(1, 0, WARM, COLD, packed=best.packed, value=best.value))
    assert taken_over == best


def test_a_helper_process_answers_as_this_process_would() -> None:
    _, _, order = begun(draw(80, 7, min_size=6, max_radius_km=45.0), 150)
    helper = Helper()
    try:
        assert helper.do(order) == Walks().do(order)
    finally:
        helper.end()
        helper.close()


def test_a_lost_helper_is_told() -> None:
    _, _, order = begun(draw(80, 7, min_size=6, max_radius_km=45.0), 10**7)
    helper = Helper()
    killer = threading.Timer(1.0, os.kill, (helper.process.pid, signal.SIGKILL))
    killer.start()
    with pytest.raises(HelperLost):
        helper.do(order)
    killer.join()
    helper.end()
    helper.close()


def test_a_helper_whose_master_is_gone_leaves_in_silence() -> None:
    """Tests what is seen in a terminal on Ctrl-C: nothing, though an answer had nobody to read it."""
    _, _, order = begun(draw(80, 7, min_size=6, max_radius_km=45.0), 150)
    command = [sys.executable, "-m", "solver.exchange"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as helper:
        assert helper.stdin
        assert helper.stdout
        helper.stdout.close()
        _, said = helper.communicate(pickle.dumps(order))
    assert (helper.returncode, said) == (0, b"")


def test_a_search_goes_on_when_its_helper_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    hired: list[Helper] = []
    made = Helper.__init__

    def noted(self: Helper) -> None:
        made(self)
        hired.append(self)
        threading.Timer(1.5, os.kill, (self.process.pid, signal.SIGKILL)).start()

    monkeypatch.setattr(Helper, "__init__", noted)
    instance = draw(220, 2, min_size=6, max_radius_km=45.0)
    begin = time.monotonic()
    found = run(instance, 5.0, threads=2)
    assert time.monotonic() - begin > 2.0
    assert len(hired) == 1
    assert hired[0].process.poll() is not None
    judge = Judge(instance, scale_of(instance))
    assert judge.violations(found.grappes) == []
    assert found.objective_value > 0


@pytest.mark.parametrize(
    ("size", "budget", "threads", "expected"), [(220, None, 3, 2), (60, None, 3, 0), (220, 10**7, 3, 0)]
)
def test_helpers_are_hired_for_large_components_and_end_on_leaving(
    size: int, budget: int | None, threads: int, expected: int
) -> None:
    problem = state(
        (instance := draw(size, 2, min_size=6, max_radius_km=45.0, budget_eur=budget)), scale_of(instance)
    )
    sides = [
        Side(component, Pricer(problem, component.rows.tolist()), problem.step)
        for component in split(problem, 0)
    ]
    standing = Standing(problem, sides, 0, lambda: False, time.monotonic() + 60.0, 0.0)
    with hired(standing, threads) as helpers:
        assert sorted(helpers) == list(range(1, 1 + expected))
        assert all(helper.process.poll() is None for helper in helpers.values())
    assert all(helper.process.poll() is not None for helper in helpers.values())


def test_orders_and_the_steps_beside_them_last_about_as_long() -> None:
    for step in [k / 100 for k in range(3, 400)]:
        orders = orders_beside(step)
        steps, spent = 0, 0.0
        while not spent or spent + step / 2 <= orders:
            steps, spent = steps + 1, spent + step
        assert abs(spent - orders) <= 0.25 * orders or orders == round(step), (step, orders, steps)
    assert orders_beside(0.0) == 1


def test_fixed_and_previous_grappes_stay_right_through_exchanges() -> None:
    free = draw(140, 8, min_size=6, max_radius_km=45.0)
    first = run(free, 3.0)
    kept = first.grappes[: len(first.grappes) // 2]
    gone = frozenset(first.grappes[-1].members[:2])
    again = draw(
        140,
        8,
        min_size=6,
        max_radius_km=45.0,
        stability_eur_per_esms=700,
        constraints=Constraints(excluded=gone),
    )
    again = Instance(
        again.regime,
        again.parameters,
        again.organismes,
        again.solutions,
        again.esms,
        again.constraints,
        previous=kept,
    )
    found = run(again, 4.0)
    judge = Judge(again, scale_of(again))
    assert judge.violations(found.grappes) == []
    assert judge.objective_value(found.grappes) == found.objective_value
    assert {g.id for g in kept} & {g.id for g in found.grappes}
