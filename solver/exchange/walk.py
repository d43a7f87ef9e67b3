"""Exchange: which rows are open decides nearly everything; who joins them is then a flow.

With the open rows known, placing lots of one ESMS is a minimum-cost flow: each lot to one open row that can
hold it, each open row at least its minimum. So the search here walks over *sets of open rows*: open one
about a lot that is left out, close one whose members it takes, let the flow settle the rows about them, and
keep the change by simulated annealing. Where the minimum is missed the shortfall is paid for, so that the
walk may pass through sets that do not quite fit. Lots of several ESMS keep their row until it closes.

Nothing is proven here; every answer is a packing that the caller checks again. The module knows arrays
only, so that a process beside can run it (``solver.exchange.crew``).

When to modify: packings leave lots out that a person would place; benchmarks/bench_solve.py shows it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
from ortools.graph.python import min_cost_flow

from solver.exchange.ground import NONE, Bools, Ground, Ints, Packed

SHORTFALL = 1.45  # what a missing ESMS costs, in the most that one ESMS can bring
WARM, COLD = 0.7, 0.07  # temperatures, same unit
LOOKED_AT = 10  # candidate rows compared for one move
ABOUT = 16  # open rows that the flow settles about a change
SEEN_EVERY = 50  # moves between two states of the walk that are shown to the relaxation
LEFT_OUT = 0.5  # how often a move starts from a lot that is left out
CLOSE, SHIFT = 0.04, 0.08  # how often a move only closes a row, only moves a lot of several ESMS


class Exchange:
    """One walk. ``open``: rows; ``at``: position in ``open`` of each lot's row, NONE when left out."""

    def __init__(self, ground: Ground, packed: Packed, seed: int) -> None:
        self.ground, self.rng = ground, random.Random(seed)  # noqa: S311 - repeatable, not secret
        self.most, self.single = ground.unit, ground.weight == 1
        self.best, self.best_value = packed, -math.inf
        self.seen: list[Packed] = []  # what rows held along the last run, where the minimum was met
        self._restore(packed)
        self._note()

    def _restore(self, packed: Packed) -> None:
        ground = self.ground
        self.open: list[int] = list(packed.rows)
        self.fit: list[Bools] = [self._mask(r) for r in self.open]
        self.at = np.full(len(ground.weight), NONE, dtype=np.int64)
        for j, lots in enumerate(packed.lots):
            self.at[list(lots)] = j
        self.energy = self._energy(np.arange(len(self.open)), self.at, self.open)
        self.missing = self._shortfall()

    def adopt(self, packed: Packed, value: float) -> None:
        """Continue from a packing found elsewhere, when it is better than the best here."""
        if value > self.best_value + 0.5:
            self._restore(packed)
            self._note()

    def _mask(self, row: int) -> Bools:
        mask = np.zeros(len(self.ground.weight), dtype=bool)
        mask[self.ground.of(row)] = True
        return mask

    def run(self, moves: int, warm: float, cold: float, over: Callable[[], bool]) -> None:
        """``moves`` moves, cooling from ``warm`` to ``cold`` (shares of the most that one ESMS can bring)."""
        self.seen = []
        for k in range(moves):
            if over():
                return
            share = k / max(moves - 1, 1)
            self.heat = self.most * warm * (cold / warm) ** share
            self._move()
            if k % SEEN_EVERY == SEEN_EVERY - 1:
                self.seen.append(self._packed(self._sizes() >= self.ground.low[self.open]))

    def restart(self) -> None:
        """Back to the best packing known."""
        self._restore(self.best)

    # Moves

    def _move(self) -> None:
        drawn = self.rng.random()
        if drawn < CLOSE and len(self.open) > 1:
            self._close()
        elif drawn < CLOSE + SHIFT:
            self._shift()
        else:
            self._open()

    def _open(self) -> None:
        ground, rng = self.ground, self.rng
        lot = self._lot()
        holders = ground.holders
        rows = holders[1][holders[0][lot] : holders[0][lot + 1]]
        if not len(rows):
            return
        if len(rows) > LOOKED_AT:
            noise = np.array([rng.random() for _ in range(len(rows))])
            keys = ground.prior[rows] - np.log(-np.log(noise + 1e-12) + 1e-12)
            rows = rows[np.argpartition(-keys, LOOKED_AT)[:LOOKED_AT]]
        bases = {int(ground.base[r]): j for j, r in enumerate(self.open)}
        groups = {int(ground.group[r]): j for j, r in enumerate(self.open)}
        size = self._sizes()
        low = ground.low[self.open] if self.open else np.zeros(0, np.int64)
        spare = np.maximum(size - low, 0)
        fixed = ground.pinned[self.open] if self.open else np.zeros(0, bool)
        best: tuple[float, int, int] | None = None
        present = set(self.open)
        for r in rows.tolist():
            if ground.pinned[r] or (r in present and not ground.many[r]):
                continue
            must = [bases.get(int(ground.base[r]), NONE) if ground.base[r] != NONE else NONE]
            must += [groups.get(int(ground.group[r]), NONE) if ground.group[r] != NONE else NONE]
            forced = {j for j in must if j != NONE}
            if len(forced) > 1 or any(fixed[j] for j in forced):
                continue
            counts = np.bincount(self.at[ground.of(r)] + 1, minlength=len(self.open) + 1)
            free = int(ground.held[r]) + int(counts[0]) + int(np.minimum(counts[1:], spare).sum())
            out = forced.pop() if forced else NONE
            full = len(self.open) >= ground.most
            if out == NONE and (full or free < ground.low[r] or rng.random() < 0.7) and len(self.open):
                pull = np.where(fixed, 0.0, counts[1:] * np.array([rng.uniform(0.3, 1.0) for _ in self.open]))
                if pull.max() > 0:
                    out = int(pull.argmax())
            if out == NONE and full:
                continue
            more = int(counts[out + 1]) if out != NONE else 0
            score = min(free + more, int(ground.low[r]) + 2) + 2.0 * rng.random()
            if best is None or score > best[0]:
                best = (score, r, out)
        if best is not None:
            self._exchange(best[1], best[2])

    def _lot(self) -> int:
        left = np.flatnonzero(self.at == NONE)
        if len(left) and self.rng.random() < LEFT_OUT:
            return int(left[self.rng.randrange(len(left))])
        return self.rng.randrange(len(self.at))

    def _exchange(self, row: int, out: int) -> None:
        """Open ``row``, close position ``out`` (or nothing), and let the flow settle the rows about."""
        if out == NONE:
            self.open.append(row)
            self.fit.append(self._mask(row))
            kept = self._try(self._about(len(self.open) - 1, NONE), len(self.open) - 1, NONE, 0.0)
            if not kept:
                self.open.pop()
                self.fit.pop()
            return
        old, old_fit = self.open[out], self.fit[out]
        near = self._about(out, out, row)
        before = self._energy(np.array(near), self.at, self.open)
        self.open[out], self.fit[out] = row, self._mask(row)
        if not self._try(near, out, NONE, before, given=True):
            self.open[out], self.fit[out] = old, old_fit

    def _close(self) -> None:
        short = self._shorts()
        able = [j for j, r in enumerate(self.open) if not self.ground.pinned[r]]
        if not able:
            return
        out = self.rng.choices(able, [float(short[j]) * 5.0 + 1.0 for j in able])[0]
        if self._try(self._about(NONE, out), NONE, out, 0.0):
            last = len(self.open) - 1
            self.at[self.at == last] = out
            self.open[out], self.fit[out] = self.open[last], self.fit[last]
            self.open.pop()
            self.fit.pop()

    def _shift(self) -> None:
        """Move one lot of several ESMS to another open row."""
        heavy = np.flatnonzero(~self.single)
        if not len(heavy) or not self.open:
            return
        left = heavy[self.at[heavy] == NONE]
        pool = left if len(left) and self.rng.random() < LEFT_OUT else heavy
        lot = int(pool[self.rng.randrange(len(pool))])
        here = int(self.at[lot])
        if here != NONE and self.ground.base[self.open[here]] == lot:
            return
        others = [j for j in range(len(self.open)) if j != here and self.fit[j][lot]]
        if not others:
            return
        to = others[self.rng.randrange(len(others))]
        near = self._about(to, NONE)
        if here != NONE and here not in near:
            near.append(here)
        before = self._energy(np.array(near), self.at, self.open)
        self.at[lot] = to
        if not self._try(near, NONE, NONE, before, given=True):
            self.at[lot] = here

    def _about(self, entering: int, leaving: int, row: int = NONE) -> list[int]:
        """Positions of the open rows most concerned by a change."""
        pull = np.zeros(len(self.open))
        if entering != NONE:
            items = self.ground.of(self.open[entering] if row == NONE else row)
            pull += np.bincount(self.at[items] + 1, minlength=len(self.open) + 1)[1:]
            base = int(self.ground.base[self.open[entering] if row == NONE else row])
            if base != NONE and self.at[base] != NONE:
                pull[self.at[base]] += 1e6
        if leaving != NONE:
            members = np.flatnonzero(self.at == leaving)
            pull += np.array(self.fit)[:, members].sum(axis=1)
        pull *= np.array([self.rng.uniform(0.4, 1.0) for _ in self.open])
        must = entering if entering != NONE else leaving
        pull[must] = math.inf
        order = np.argsort(-pull, kind="stable")[:ABOUT]
        return [int(j) for j in order if pull[j] > 0]

    # The flow about a change

    def _try(self, near: list[int], entering: int, closing: int, before: float, given: bool = False) -> bool:
        """Settle the rows ``near`` by a flow and keep the outcome or not; ``closing`` is emptied."""
        ground = self.ground
        which = np.array(near)
        if not given:
            old = which if entering == NONE else which[which != entering]
            before = self._energy(old, self.at, self.open)
        kept = which[which != closing]
        at = self.at.copy()
        inside = np.zeros(len(self.open) + 1, dtype=bool)
        inside[which] = True
        mine = inside[at]  # NONE indexes the last place, which is never inside
        at[mine & self.single] = NONE
        if closing != NONE:
            at[at == closing] = NONE
        if entering != NONE:
            stale = mine & (at == entering) & ~self.fit[entering]
            at[stale] = NONE
        for j in kept.tolist():
            base = int(ground.base[self.open[j]])
            if base != NONE:
                at[base] = j
        self._place_heavy(at, kept, entering)
        self._flow(at, kept)
        after = self._energy(kept, at, self.open)
        gain = after - before
        if gain < 0.0 and self.rng.random() >= math.exp(gain / self.heat):
            return False
        self.at, self.energy = at, self.energy + gain
        self.missing = self._shortfall(NONE if closing == NONE else closing)
        if self.missing == 0 and self.energy > self.best_value + 0.5:
            self._note(closing)
        return True

    def _place_heavy(self, at: Ints, kept: Ints, entering: int) -> None:
        """Lots of several ESMS without a row go where one has room; the row just opened first."""
        ground = self.ground
        waiting = np.flatnonzero((at == NONE) & ~self.single)
        if not len(waiting) or not len(kept):
            return
        fit = np.array([self.fit[j][waiting] for j in kept])
        able = fit.any(axis=0)
        if not able.any():
            return
        size = {int(j): int(ground.held[self.open[j]]) for j in kept}
        rows = ground.base[[self.open[j] for j in kept]]
        for j, base in zip(kept.tolist(), rows.tolist(), strict=True):
            size[j] += int(ground.weight[(at == j)].sum()) - (int(ground.weight[base]) if base != NONE else 0)
        for k in np.flatnonzero(able).tolist():
            lot = int(waiting[k])
            choices = [
                j
                for j, f in zip(kept.tolist(), fit[:, k], strict=True)
                if f and size[j] + ground.weight[lot] <= ground.high[self.open[j]]
            ]
            if not choices:
                continue
            to = entering if entering in choices else choices[self.rng.randrange(len(choices))]
            at[lot] = to
            size[to] += int(ground.weight[lot])

    def _flow(self, at: Ints, kept: Ints) -> None:
        """Lots of one ESMS that are free, to the rows ``kept``: the most valuable flow."""
        ground = self.ground
        if not len(kept):
            return
        free = np.flatnonzero((at == NONE) & self.single)
        fit = np.array([self.fit[j][free] for j in kept])
        some = fit.any(axis=0)
        free, fit = free[some], fit[:, some]
        if not len(free):
            return
        rows = np.array([self.open[j] for j in kept])
        width, count = len(kept), len(free)
        held = self._held(at, kept)
        need = np.maximum(0, ground.low[rows] - held)
        room = np.maximum(0, ground.high[rows] - np.maximum(ground.low[rows], held))
        slot, lot = np.nonzero(fit)
        gain = np.rint(ground.worth[ground.profile[rows[slot]], free[lot]] / ground.step).astype(np.int64)
        reward = round(SHORTFALL * self.most / ground.step)
        source, sink = count + width, count + width + 1
        slots = count + np.arange(width)
        tail = np.concatenate([lot, np.full(count, source), slots, slots, [source]])
        head = np.concatenate([count + slot, np.arange(count), np.full(2 * width, sink), [sink]])
        ones = np.ones(len(lot) + count, dtype=np.int64)
        capacity = np.concatenate([ones, need, room, [count]])
        zeros = np.zeros(width + 1, dtype=np.int64)
        cost = np.concatenate([-gain, np.zeros(count, dtype=np.int64), np.full(width, -reward), zeros])
        flow = min_cost_flow.SimpleMinCostFlow()
        arcs = flow.add_arcs_with_capacity_and_unit_cost(tail, head, capacity, cost)
        flow.set_nodes_supplies(np.array([source, sink]), np.array([count, -count]))
        if flow.solve() != flow.OPTIMAL:
            return
        taken = np.flatnonzero(flow.flows(arcs[: len(lot)]) > 0)
        at[free[lot[taken]]] = kept[slot[taken]]

    # What a state is worth

    def _held(self, at: Ints, which: Ints) -> Ints:
        """ESMS in each of these open rows, those always in included."""
        ground = self.ground
        inside = at >= 0
        size = np.bincount(at[inside], ground.weight[inside], len(self.open)).astype(np.int64)
        rows = np.array([self.open[j] for j in which])
        own = np.where(ground.base[rows] == NONE, ground.held[rows], 0)
        return np.asarray(size[which] + own, dtype=np.int64)

    def _sizes(self) -> Ints:
        if not self.open:
            return np.zeros(0, dtype=np.int64)
        return self._held(self.at, np.arange(len(self.open)))

    def _shorts(self) -> Ints:
        return (
            np.maximum(0, self.ground.low[self.open] - self._sizes()) if self.open else np.zeros(0, np.int64)
        )

    def _shortfall(self, without: int = NONE) -> int:
        short = self._shorts()
        return int(short.sum() - (short[without] if without != NONE else 0))

    def _energy(self, which: Ints, at: Ints, rows_open: Sequence[int]) -> float:
        """Worth of these open rows, less what their shortfalls cost."""
        ground = self.ground
        if not len(which):
            return 0.0
        rows = np.array([rows_open[j] for j in which])
        place = np.full(len(self.open) + 1, NONE, dtype=np.int64)
        place[which] = np.arange(len(which))
        mine = np.flatnonzero((at >= 0) & (place[at] >= 0))
        where = place[at[mine]]
        width = len(which)
        worth = float(ground.worth[ground.profile[rows[where]], mine].sum())
        own = ground.base[rows] == NONE
        worth += float(ground.brought[rows[own]].sum())
        size = np.bincount(where, ground.weight[mine], width) + np.where(own, ground.held[rows], 0)
        small = (np.bincount(where, ground.small[mine], width) > 0) | (own & ground.base_small[rows])
        trigger = (np.bincount(where, ground.trigger[mine], width) > 0) | (own & ground.base_trigger[rows])
        projet, marche = ground.supplement
        worth += float((small * (projet + marche * trigger)).sum())
        short = float(np.maximum(0, ground.low[rows] - size).sum())
        return worth - SHORTFALL * self.most * short

    def _note(self, closing: int = NONE) -> None:
        """Remember where the walk is, when nothing is missing."""
        if self.missing:
            return
        self.best_value = self.energy
        kept = np.ones(len(self.open), dtype=bool)
        if closing != NONE:
            kept[closing] = False
        self.best = self._packed(kept)

    def _packed(self, which: Bools) -> Packed:
        """Some of the open rows, with their lots."""
        order = np.argsort(self.at, kind="stable")
        cut = np.searchsorted(self.at[order], np.arange(len(self.open) + 1))
        kept = np.flatnonzero(which).tolist()
        return Packed(
            tuple(self.open[j] for j in kept),
            tuple(tuple(order[cut[j] : cut[j + 1]].tolist()) for j in kept),
        )
