"""Rounds: what each lane does next, and what becomes of its answers.

A *lane* is this process or a helper process. In a round each helper carries an exchange on, while this
process takes a step of the background (bounds) or, when there is none left, an exchange or a window of its
own. Answers are applied at the end of the round, in a fixed order, so that a run depends on the seed and the
number of threads alone, not on which lane was faster. The time limit alone cuts a round short.

When to modify: a lane is idle, or another kind of work is added.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, replace

from solver.exchange.crew import Answer, Helper, HelperLost, Order, Walks
from solver.search.compact import Limits, answer
from solver.search.exchanges import Exchanges
from solver.search.pricing import HaltedError
from solver.search.standing import Side, Standing
from solver.search.windows import Local

HELPED_LOTS = 100  # components from this size on are worth the start of helper processes
OWN_LANE = 0
POLL_S = 0.05
WINDOW_WORK = 2.0
EARLY_TURNS = 1  # rounds of exchanges alone a large component: relaxations begin from what they went through
MOST_ORDERS = 3  # of a helper in one round, where steps of the background are shorter than an order
LONGER = 0.05  # what one more order in a round must at least save, as a share of it
LEAST_STEP = 0.02  # what any step of the background takes, in orders
MOST_LEAST = 50  # of such steps in a round of exchanges
WINDOWS_AFTER = 3  # answers in a row without gain, before windows take turns with exchanges


@dataclass
class Improved:
    """One component in the improvement: its exchanges if they apply, its windows."""

    side: Side
    exchanges: Exchanges | None
    local: Callable[[], Local]
    windows: Local | None = None
    vain: int = 0

    @property
    def begun(self) -> bool:
        """Whether an exchange has begun, where one applies."""
        return self.side.closed or self.exchanges is None or bool(self.exchanges.walks)

    @property
    def room(self) -> float:
        """How far from its bound, less when nothing has been found for long."""
        idle = self.exchanges.idle if self.exchanges is not None else 0
        return 0.0 if self.side.closed else float(self.side.upper - self.side.value) / (1.0 + 0.25 * idle)


@contextmanager
def hired(standing: Standing, threads: int, ready: Sequence[str] = ()) -> Iterator[dict[int, Helper]]:
    """Helper processes by lane, one less than ``threads``, ended on leaving but for those taken out.

    They take a second to start, so they are hired before there is work for them; and only where a component
    is large enough for it, and no budget rules exchanges out. ``ready``: modules that they import meanwhile.
    """
    helpers: dict[int, Helper] = {}
    parts = [side.component for side in standing.sides]
    if any(len(c.lots) >= HELPED_LOTS and c.budget is None for c in parts):
        try:
            for lane in range(1, threads):
                helpers[lane] = Helper(*ready)
                standing.crew.append(helpers[lane])
        except OSError:  # no more processes to be had: this one does the rest
            pass
    try:
        yield helpers
    finally:
        for helper in helpers.values():
            helper.end()
        for helper in helpers.values():
            helper.close()


def orders_beside(step: float) -> int:
    """How many orders a helper has beside steps of this length, so that neither waits long for the other."""
    if step >= 1.0:
        return round(step)
    if step <= LEAST_STEP:
        return 1

    def apart(orders: int) -> float:
        return abs(max(1, round(orders / step)) * step / orders - 1.0) + LONGER * orders

    return min(range(1, MOST_ORDERS + 1), key=apart)


class Rounds:
    """Runs rounds to the end. ``background`` yields, before each step, about how long it is, in orders."""

    def __init__(
        self,
        standing: Standing,
        parts: Sequence[Improved],
        background: Iterator[float],
        seed: int,
        helpers: Mapping[int, Helper],
    ) -> None:
        """``helpers``: by lane, of ``hired``; who hired them ends them."""
        self.standing, self.parts, self.background = standing, parts, background
        self.seed = seed
        self.rng = random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.own = Walks()
        self.helpers = dict(helpers)
        self.turn = 0
        self.ahead: float | None = 0.0  # how long the next step of the background is; None: none is left
        walked = [p for p in parts if p.exchanges is not None and p.exchanges.apply]
        self.large = [p for p in walked if len(p.side.component.lots) >= HELPED_LOTS]
        if not self.large:
            self.helpers = {}

    def run(self) -> None:
        """Rounds until ``standing.over``, or until nothing is left to do."""
        with ThreadPoolExecutor(1 + len(self.helpers)) as executor:
            try:
                while not self.standing.over and self._round(executor):
                    pass
            except HaltedError:  # orders end with the time, too
                raise
            except BaseException:
                self._end()
                raise

    def _end(self) -> None:
        for helper in self.helpers.values():
            helper.end()

    def _round(self, executor: ThreadPoolExecutor) -> bool:
        """One round; False when there was nothing to do."""
        self.turn += 1
        bounding = self._bounding()
        count = orders_beside(self.ahead or 0.0) if bounding else 1
        busy: set[int] = set()
        asked: list[tuple[int, Improved, Future[tuple[list[Answer], bool]]]] = []
        for lane, helper in self.helpers.items():
            part = self._drawn(busy)
            if part is not None and part.exchanges is not None:
                busy.add(id(part))
                orders = [part.exchanges.order(lane) for _ in range(count)]
                asked.append((lane, part, executor.submit(self._asked, helper, orders)))
        if bounding:
            worked = self._steps(count)
        else:
            worked = self._own_work(busy)
            self._least_steps()
        while wait([job for _, _, job in asked], POLL_S).not_done:
            if self.standing.abandoned:
                self._end()
        for lane, part, job in asked:
            self._taken(lane, part, job)
        return worked or bool(asked)

    def _asked(self, helper: Helper, orders: Sequence[Order]) -> tuple[list[Answer], bool]:
        """The answers, and whether the helper was lost on the way."""
        answers: list[Answer] = []
        for order in orders:
            if self.standing.stopping:
                break
            try:
                until = time.time() + self.standing.left(float("inf"))
                answers.append(helper.do(replace(order, until=until)))
            except HelperLost:
                return answers, True
        return answers, False

    def _taken(self, lane: int, part: Improved, job: Future[tuple[list[Answer], bool]]) -> None:
        assert part.exchanges is not None
        answers, lost = job.result()
        for one in answers:
            part.exchanges.take(lane, one, self.standing)
        if lost:
            self.helpers.pop(lane).end()
            part.exchanges.lost(lane)

    def _drawn(self, busy: set[int]) -> Improved | None:
        """A component for an exchange: by its room, one that no lane works on if there is any."""
        able = [p for p in self.parts if p.exchanges is not None and p.exchanges.apply and p.room > 0.0]
        free = [p for p in able if id(p) not in busy] or able
        free = [p for p in free if not p.begun] or free
        return max(free, key=lambda p: p.room * self.rng.expovariate(1.0)) if free else None

    @property
    def _early(self) -> bool:
        """Whether exchanges come first: relaxations begin from what they went through."""
        return self.turn <= EARLY_TURNS * len(self.large) or any(not p.begun for p in self.large)

    def _bounding(self) -> bool:
        """Whether this process works on the bounds in this round; alone, it does in every second one."""
        return self.ahead is not None and not self._early and (bool(self.helpers) or self.turn % 2 == 0)

    def _steps(self, orders: int) -> bool:
        """Steps of the background, about as long in all as what helpers do meanwhile."""
        spent = 0.0
        while self.ahead is not None and not self.standing.over:
            if spent and spent + self.ahead / 2 > orders:
                break
            spent += max(self.ahead, LEAST_STEP)
            self.ahead = next(self.background, None)
        return True

    def _least_steps(self) -> None:
        """Steps too short to count, while helpers begin."""
        taken = 0
        while self.helpers and self.ahead is not None and self.ahead <= LEAST_STEP and taken < MOST_LEAST:
            taken += 1
            self.ahead = next(self.background, None)

    def _own_work(self, busy: set[int]) -> bool:
        """An exchange or a window, in this process."""
        part = self._drawn(busy)
        if part is not None and part.exchanges is not None:
            fresh = part.exchanges.idle < WINDOWS_AFTER
            if self._early or (id(part) not in busy and (fresh or self.turn % 4 < 2)):
                order = part.exchanges.order(OWN_LANE)
                found = self.own.do(order, lambda: self.standing.stopping)
                part.exchanges.take(OWN_LANE, found, self.standing)
                return True
        return self._window() or self.ahead is not None

    def _window(self) -> bool:
        """One window of the component with most room."""
        able = [p for p in self.parts if p.room > 0.0]
        if not able:
            return False
        part = max(able, key=lambda p: p.room * self.rng.expovariate(1.0))
        if part.windows is None:
            part.windows = part.local()
        local = part.windows
        local.adopt(part.side.columns or ())
        window = local.draw()
        if window is None or not window.question.slots:
            part.vain += 1
            return part.vain < 100
        limits = Limits(self.standing.left(3600.0), WINDOW_WORK, self.seed + 7919 * self.turn)
        reply = answer(local.problem, window.question, limits, lambda: self.standing.stopping)
        if local.apply(window, reply):
            local.packing.insert(local.around.recogniser)
            self.standing.offer(part.side, local.packing.columns)
        return True
