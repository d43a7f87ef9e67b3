"""The search from end to end: a first plan by hand, then state the problem, bound it, fill it, stop in time.

The work runs in a thread of its own. The calling thread only ticks: it asks ``should_stop`` ten times a
second and reports progress at least once a second, so callbacks may use what belongs to that thread, and
signals are handled at once. After a stop it does not wait for a long step to end: it hands over what stands,
and the thread ends by itself at the next batch of rows that it would price.

When to modify: the order of the phases changes.
"""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Sequence

from solver.instance import Grappe, Instance
from solver.proposal import Progress, SearchResult
from solver.scale import Scale
from solver.search import certificate
from solver.search.bound import Bounder
from solver.search.compact import Limits
from solver.search.components import Component, split
from solver.search.conduct import Conduct
from solver.search.fixed import must_appear
from solver.search.known_prices import KnownPrices, bound_from
from solver.search.mending import mended
from solver.search.onward import Onward
from solver.search.packing import Packing
from solver.search.plan import Recogniser, grappes_of, objective_of
from solver.search.pricing import HaltedError, Pricer
from solver.search.problem import NONE, Column, Problem, state_without_rows, with_fixed_rows, with_rows
from solver.search.sketch import sketch
from solver.search.standing import Side, Standing
from solver.search.unread import rough

TICK_S = 0.1
GRACE_S = 1.0  # beyond the deadline: what is nearly done is done
LARGE_LOTS = 5_000  # from here on a first plan is made even where there is an earlier one
PROMPT_LOTS = 300  # fewer are read in a blink: that is not broken off, so that their bound is never rough
LEAVING_S = 0.3  # after a stop, for the step under way; then what stands is what there is
LEFT_S = 5.0  # for a step under way when the process ends
GROWING_S = (
    0.5  # where reading is not broken off: how long the count of those that grow may last after a stop
)
SKETCHING_S = 0.5  # the first plan has so long, also after a stop: without it there is none
REPORT_S = 0.5  # so that a late tick still reports within the second


def search(
    instance: Instance,
    scale: Scale,
    *,
    deadline: float,
    gap: float,
    seed: int,
    threads: int,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
    start: Sequence[Grappe] = (),
    known: KnownPrices | None = None,
    onward: Onward | None = None,
) -> SearchResult:
    """Find grappes worth as much as possible, and prove how much more there could be.

    ``deadline`` is a value of ``time.monotonic()``; ``gap`` the relative gap at which to stop. ``start`` is
    an earlier proposal, used as far as it is still valid; ``known``: prices of an earlier answer. ``onward``:
    where bounds go on when time is over; whoever gives it ends it. Without a callback's help nothing is
    printed.
    """
    run = _Run(instance, scale, deadline, gap, seed, threads, start, known, onward)
    worker = threading.Thread(target=run.work, name="search", daemon=True)
    begun = time.monotonic()
    worker.start()
    try:
        _tick(run, worker, begun, on_progress, should_stop)
    finally:
        run.stopped.set()
        run.dismiss()
        if not run.presentable:
            worker.join()  # it ends once it has something to hand over
        elif worker.is_alive():
            atexit.register(worker.join, LEFT_S)  # a process must not end in the middle of a solver's call
    if run.failure is not None:
        raise run.failure
    found = run.found or run.as_it_stands()
    if onward is not None and onward.begun and not worker.is_alive():
        onward.follow(lambda: run.bounded(found))
    return found


def _tick(
    run: _Run,
    worker: threading.Thread,
    begun: float,
    on_progress: Callable[[Progress], None],
    should_stop: Callable[[], bool],
) -> None:
    reported, version = begun - REPORT_S, 0
    asked: float | None = None
    while not run.finished.wait(TICK_S):
        standing, now = run.standing, time.monotonic()
        if should_stop():
            run.stopped.set()
            run.dismiss()
        if asked is None and run.halted():
            asked = now
        if asked is not None and run.presentable and now - asked > LEAVING_S:
            return
        if now - reported < REPORT_S:
            continue
        reported = now
        if standing is None:
            on_progress(_reading(run, now - begun))
            continue
        if standing.version != version and standing.value is not None:
            version, grappes, value = standing.snapshot()
            on_progress(Progress(now - begun, standing.phase, value, standing.upper, grappes))
        else:
            on_progress(Progress(now - begun, standing.phase, standing.value, standing.upper))


def _reading(run: _Run, elapsed_s: float) -> Progress:
    """What is known while rows are read: a first plan and a rough bound, once they are there."""
    rough = run.rough
    if rough is None or not rough.grappes:
        return Progress(elapsed_s, "reading", None, None)
    whole = not run.instance.constraints.fixed_grappes  # else those are missing
    shown, run.shown = rough.grappes if whole and not run.shown else None, True
    return Progress(elapsed_s, "reading", rough.objective_value, rough.upper_bound, shown)


class _Run:
    """One call of ``search``."""

    def __init__(
        self,
        instance: Instance,
        scale: Scale,
        deadline: float,
        gap: float,
        seed: int,
        threads: int,
        start: Sequence[Grappe],
        known: KnownPrices | None,
        onward: Onward | None,
    ) -> None:
        self.instance, self.scale, self.start = instance, scale, start or instance.previous
        self.known, self.onward = known, onward
        self.deadline, self.gap, self.seed, self.threads = deadline, gap, seed, max(1, threads)
        self.stopped, self.finished = threading.Event(), threading.Event()
        self.standing: Standing | None = None
        self.rough: SearchResult | None = None
        self.shown = False
        self.prompt = False
        self.failure: BaseException | None = None
        self.found: SearchResult | None = None

    def work(self) -> None:
        try:
            self._work()
            self.found = self.as_it_stands()
        except HaltedError:
            self.found = self.as_it_stands()
        except BaseException as error:  # noqa: BLE001 - handed over to the calling thread, raised there
            self.failure = error
        finally:
            self.finished.set()

    def _work(self) -> None:
        begun = with_fixed_rows(state_without_rows(self.instance, self.scale))
        self.prompt = len(begun.lots.lots) < PROMPT_LOTS
        quick = bool(self.start) and len(begun.lots.lots) < LARGE_LOTS  # rows are there as soon
        first = () if quick else sketch(begun, self._sketched(time.monotonic()))
        self.rough = rough(begun, first)
        self._check()
        self.start = self.start or first
        problem = with_rows(begun, self._check)
        limits = Limits(max(1.0, self.deadline - time.monotonic()), 60.0, self.seed)
        at_least, fixed = must_appear(problem, limits, self._grown(time.monotonic()))
        sides = []
        for component in split(problem, at_least):
            self._check()
            sides.append(self._side(problem, component))
        settled = grappes_of(problem, [])
        constant = objective_of(self.instance, self.scale, settled)
        standing = Standing(problem, sides, constant, self.stopped.is_set, self.deadline, self.gap)
        self._begin(standing, fixed)
        for side in sides:
            side.pricer.halted = self.halted
        self.standing = standing
        Conduct(standing, self.seed, self.threads, Recogniser(problem)).run(self.onward)

    def _begin(self, standing: Standing, first: Sequence[Column]) -> None:
        """Closed-form bounds, and the start as far as it is valid."""
        problem = standing.problem
        recogniser = Recogniser(problem)
        known = recogniser.read(self.start)
        fallen = recogniser.remains(self.start, known)
        for side in standing.sides:
            self._check()
            rows = set(side.component.rows.tolist())
            bounder = Bounder(problem, side.component, side.pricer)
            bound = bounder.of(bounder.closed_form())
            if self.known is not None:
                nearer = bound_from(self.known, problem, bounder)
                if nearer.value < bound.value:
                    bound, side.near = nearer, True
            side.bounder, side.closed_form = bounder, bound
            standing.prove(side, bound.value, bound.prices)
            begun = [c for c in first if c.row in rows]
            standing.offer(side, begun)
            mine = [c for c in known if c.row in rows]
            packing = _together(problem, side.component, begun, mine)
            if packing.complete:
                standing.offer(side, packing.columns)
                remains = [c for c in fallen if c.row in rows]
                standing.offer(side, mended(problem, side.component, packing.columns, remains))
                side.remains = _resumed(packing, remains)

    def _side(self, problem: Problem, component: Component) -> Side:
        rows = component.rows.tolist()
        pricer = Pricer(problem, rows, halted=self._reading_over)
        return Side(component, pricer, problem.step_of(component.lots.tolist(), rows))

    def halted(self) -> bool:
        """Whether nobody waits any longer: a stop was asked for, or the time is well over."""
        return self.stopped.is_set() or time.monotonic() > self.deadline + GRACE_S

    def _sketched(self, begun: float) -> Callable[[], bool]:
        """Whether a plan by hand, begun then, is to be handed over as it is."""
        return lambda: self.halted() and time.monotonic() - begun > SKETCHING_S

    def _grown(self, begun: float) -> Callable[[], bool]:
        """Whether to ask no longer how many fixed grappes can grow."""
        return lambda: self.halted() and not (self.prompt and time.monotonic() - begun < GROWING_S)

    def _reading_over(self) -> bool:
        return self.halted() and not self.prompt

    def _check(self) -> None:
        """Give up reading once nobody waits any longer."""
        if self._reading_over():
            raise HaltedError

    @property
    def presentable(self) -> bool:
        """Whether there is something to hand over."""
        return self.standing is not None or (self.rough is not None and not self.prompt)

    def dismiss(self) -> None:
        """End the helper processes."""
        if self.standing is not None:
            self.standing.dismiss()

    def as_it_stands(self) -> SearchResult:
        """The best proposal known now and its bounds, at any moment once there is a rough one."""
        if self.standing is None:
            assert self.rough is not None
            return self.rough
        standing = self.standing.frozen()
        _, grappes, objective = standing.snapshot()
        return _proven(standing, grappes, objective, self.rough)

    def bounded(self, found: SearchResult) -> SearchResult:
        """What was found, with the bounds that are known now."""
        if self.standing is None or not found.read:
            return found
        return _proven(self.standing.frozen(), found.grappes, found.objective_value, found.rough)


def _proven(
    standing: Standing, grappes: tuple[Grappe, ...], objective: int, rough: SearchResult | None
) -> SearchResult:
    """These grappes with the bounds and the certificate of what stands."""
    proven, tree = certificate.certify(standing.problem, standing.sides)
    certified = standing.constant + proven
    upper = certified if standing.upper is None else min(certified, standing.upper)
    upper = max(upper, objective)
    proof = "certificate" if upper == certified else "solver"
    return SearchResult(grappes, objective, upper, certified, proof, tree, rough=rough)


def _together(
    problem: Problem, component: Component, first: Sequence[Column], known: Sequence[Column]
) -> Packing:
    """Of an earlier proposal's columns what fits in this component: fixed grappes, then those worth most."""
    packing = Packing(problem, component)
    known = sorted(known, key=lambda c: (problem.rows[c.row].fixed == NONE, -c.value, c.row, c.lots))
    fixed = [c for c in known if problem.rows[c.row].fixed != NONE]
    packing.fill([*fixed, *first, *known])
    return packing


def _resumed(packing: Packing, fallen: Sequence[Column]) -> tuple[Column, ...]:
    """The packing with what is left of the grappes that no longer stand; nothing where all stand."""
    before = len(packing.columns)
    packing.fill(fallen)
    return tuple(packing.columns) if len(packing.columns) > before else ()
