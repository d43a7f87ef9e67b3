"""The bound that the prices of one leaf prove, every row of its scope priced exactly.

Any prices prove a bound: the worth of a proposal is at most what its lots, its euros and its ids cost, plus
what its grappes are worth beyond the prices. A grappe of row r is worth at most ``e(r)`` beyond them and
holds at
least ``low(r)`` ESMS, so raising the price of each of its lots by ``weight * e(r) / low(r)`` absorbs the
excess. docs/verify.md has the mathematics.

When to modify: the format of certificates gains a price.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from solver.instance import Instance
from solver.verify.bound import Bound, RefusedError
from solver.verify.certificate import Leaf
from solver.verify.constants import Constants
from solver.verify.knapsack import IMPOSSIBLE, Profits, largest_sum
from solver.verify.lots import NONE
from solver.verify.rows import Ground
from solver.verify.scope import Scope

Ints = npt.NDArray[np.int64]

LARGEST_SUM = 1 << 58
LARGEST_PRICE = 1 << 52


@dataclass(frozen=True)
class LeafPricing:
    """Bounds of leaves. ``scale``: prices are whole numbers of 1/``scale``.

    ``appearing``: the extendable fixed grappes that a valid proposal shows; as many appear in every other
    one.
    """

    constants: Constants
    scale: int
    appearing: frozenset[int]

    @property
    def ground(self) -> Ground:
        return self.constants.ground

    @property
    def instance(self) -> Instance:
        return self.ground.lots.instance

    def bound(self, leaf: Leaf, scope: Scope) -> Bound:
        if scope.priced_above and (leaf.budget or leaf.grappes):
            raise RefusedError(leaf.path, "budget", "a sum above has set these prices")
        if len(leaf.branches) > len(scope.decisions):
            raise RefusedError(
                f"{leaf.path}.branch_prices",
                len(leaf.branches),
                f"at most {len(scope.decisions)} decisions above",
            )
        shared = (leaf.budget, leaf.grappes, scope.budget, scope.grappes)
        stated = [*leaf.lots.values(), *leaf.identities.values(), *leaf.branches, *(p or 0 for p in shared)]
        if max(self.scale, *stated) > LARGEST_PRICE:
            raise RefusedError(leaf.path, "prices", "too large or too fine to be summed in 64 bits")
        profits, constant = self._profits(leaf, scope)
        if largest_sum(self.ground, profits) >= LARGEST_SUM:
            raise RefusedError(leaf.path, "prices", "too large or too fine to be summed in 64 bits")
        reduced = scope.pricer.best(profits)
        total = constant + self._repaired(profits, scope, reduced) + self._fixed(scope, reduced)
        exact = Fraction(total) / self.scale
        if not scope.priced_above:
            exact += self.constants.shared(leaf.budget, leaf.grappes, leaf.path, self.scale)
        return Bound(exact, exact, exact).with_margin(None if scope.priced_above else scope.step)

    def _profits(self, leaf: Leaf, scope: Scope) -> tuple[Profits, int]:
        """What a leaf's prices make of each lot and row, and the constants of its ids and decisions."""
        table, lots = self.ground.rows, self.ground.lots
        budget = (scope.budget if scope.priced_above else leaf.budget) or 0
        grappes = (scope.grappes if scope.priced_above else leaf.grappes) or 0
        prices = np.zeros(lots.count, dtype=np.int64)
        for key, price in leaf.lots.items():
            prices[lots.place_of[key]] = price
        by_id = [leaf.identities.get(g.id, 0) for g in self.instance.previous][: len(self.ground.kept_by)]
        rows = np.array([*by_id, 0], dtype=np.int64)[table.identity] + grappes
        constant = sum(leaf.identities.values())
        for taken, price in zip(scope.decisions, leaf.branches, strict=False):
            if taken.lot != NONE:
                prices[taken.lot] -= price
            elif taken.rows is not None:
                rows = rows + np.where(taken.rows, price if taken.at_most else -price, 0)
                constant += price * taken.count if taken.at_most else -price * (taken.count + 1)
        stability = self.instance.parameters.stability_eur_per_esms
        return Profits(
            self.scale,
            (0 if self.constants.covers else self.scale) - budget,
            self.scale if self.constants.covers else 0,
            self.scale * stability,
            prices,
            scope.out,
            rows,
        ), constant

    def _repaired(self, profits: Profits, scope: Scope, reduced: Ints) -> Fraction:
        """The prices of the lots of a scope, raised until no grappe of a free row is worth more than them."""
        table, lots = self.ground.rows, self.ground.lots
        counted = scope.lots & ~scope.out
        excess = np.where(
            (table.fixed[scope.rows] == NONE) & (reduced > IMPOSSIBLE), np.maximum(reduced, 0), 0
        )
        low = np.maximum(table.low[scope.rows], 1)
        common = math.lcm(*np.unique(low[excess > 0]).tolist())
        raised = np.zeros(lots.count, dtype=np.int64)
        exact = int(excess.max(initial=0)) * common < LARGEST_SUM
        per_esms = excess * (common // low) if exact else (excess.astype(object) * common) // low
        if not exact:
            raised = raised.astype(object)
        of_row = np.zeros(len(table), dtype=per_esms.dtype)
        of_row[scope.rows] = per_esms
        for rows in table.portions(scope.rows[excess > 0]):
            place, lot = table.flat(rows)
            np.maximum.at(raised, lot, of_row[rows][place])
            home = table.base_lot[rows]
            np.maximum.at(raised, home[home != NONE], of_row[rows][home != NONE])
        total = int(profits.lots[counted].sum())
        weighed = sum((lots.weight[counted].astype(object) * raised[counted]).tolist())
        return total + Fraction(int(weighed), common)

    def _fixed(self, scope: Scope, reduced: Ints) -> int:
        """Fixed grappes that appear at their best; of the others those that must, and those that pay."""
        of = self.ground.rows.fixed[scope.rows]
        forced, optional, due = 0, [], 0
        for f in self.ground.fixed:
            values = reduced[of == f.index]
            best = int(values.max(initial=IMPOSSIBLE))
            if best <= IMPOSSIBLE:
                continue
            if f.forced:
                forced += best
            else:
                optional.append(best)
                due += f.index in self.appearing
        optional.sort(reverse=True)
        return forced + sum(optional[:due]) + sum(max(v, 0) for v in optional[due:])
