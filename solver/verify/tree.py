"""The certified bound, recomputed from a certificate: leaves priced, branches and sums put together.

When to modify: the format of certificates gains a node.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from solver.judge import Judge
from solver.verify.bound import Bound, RefusedError
from solver.verify.certificate import Certificate, Count, Empty, Leaf, Node, Placed, Sum, leaves
from solver.verify.constants import Constants
from solver.verify.knapsack import Pricer
from solver.verify.leaf import LARGEST_SUM, LeafPricing
from solver.verify.lots import NONE
from solver.verify.rows import Ground
from solver.verify.scope import Decision, Scope, alive, components, held_by

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def recomputed_bound(
    ground: Ground, judge: Judge, certificate: Certificate, appearing: frozenset[int]
) -> Bound | None:
    """The bound that a certificate proves; None when it proves that there is no proposal.

    Raises RefusedError when it proves nothing. ``appearing`` as in ``LeafPricing``.
    """
    constants = Constants(ground, judge)
    tree = Tree(ground, constants, LeafPricing(constants, certificate.scale, appearing))
    return tree.bound(certificate.root)


@dataclass(frozen=True)
class Tree:
    """Bounds of the nodes of one certificate."""

    ground: Ground
    constants: Constants
    pricing: LeafPricing

    def bound(self, root: Node) -> Bound | None:
        """That of the whole tree."""
        rows = np.arange(len(self.ground.rows))
        lots = np.ones(self.ground.lots.count, dtype=bool)
        step = self.constants.step(held_by(self.ground, rows), rows)
        scope = Scope(rows, lots, ~lots, step, Pricer(self.ground, rows))
        self._check_names(root)
        found = self._of(root, scope)
        return None if found is None else found.plus(self.constants.settled)

    def _check_names(self, root: Node) -> None:
        previous = {g.id for g in self.constants.instance.previous}
        for leaf in leaves(root):
            for key in leaf.lots:
                if key not in self.ground.lots.place_of:
                    raise RefusedError(
                        f"{leaf.path}.lots.{key}", key, "not the smallest id of a lot that can be placed"
                    )
            for id_ in leaf.identities:
                if id_ not in previous:
                    raise RefusedError(f"{leaf.path}.identities.{id_}", id_, "no such previous grappe")

    def _of(self, node: Node, scope: Scope) -> Bound | None:
        match node:
            case Leaf():
                return self.pricing.bound(node, scope)
            case Sum():
                return self._sum(node, scope)
            case Count():
                return self._count(node, scope)
            case Placed():
                return self._placed(node, scope)
            case Empty():
                self._check_empty(node, scope)
                return None

    @staticmethod
    def _larger(one: Bound | None, other: Bound | None) -> Bound | None:
        if one is None or other is None:
            return one or other
        return one.or_if_larger(other)

    def _count(self, node: Count, scope: Scope) -> Bound | None:
        table, kinds = self.ground.rows, self.ground.offers.kinds
        if node.porteurs is not None and (table.porteur[scope.rows] == NONE).any():
            raise RefusedError(
                f"{node.path}.on.porteurs", sorted(node.porteurs), "rows without a porteur: null is due"
            )
        alike = np.array(
            [
                node.solution in (None, kind.solution) and node.hosting in (None, kind.hosting)
                for kind in kinds
            ],
            dtype=bool,
        )
        rows = alike[table.kind]
        if node.porteurs is not None:
            carries = np.array([e.id in node.porteurs for e in self.ground.lots.esms], dtype=bool)
            rows &= carries[table.porteur]
        found = None
        for branch, at_most in ((node.low, True), (node.high, False)):
            taken = (*scope.decisions, Decision(rows, node.at, at_most))
            found = self._larger(found, self._of(branch, replace(scope, decisions=taken)))
        return found

    def _placed(self, node: Placed, scope: Scope) -> Bound | None:
        lot = self.ground.lots.place_of.get(node.lot)
        if lot is None or not scope.lots[lot]:
            raise RefusedError(f"{node.path}.on.lot", node.lot, "a lot of this part")
        out = scope.out.copy()
        out[lot] = True
        taken = (*scope.decisions, Decision(lot=lot))
        # Left out, the decision keeps its place in the path, and its price has no effect.
        without = self._of(node.out, replace(scope, out=out, decisions=(*scope.decisions, Decision())))
        return self._larger(without, self._of(node.into, replace(scope, decisions=taken)))

    def _check_empty(self, node: Empty, scope: Scope) -> None:
        """Refused unless counting shows that a decision cannot be kept."""
        table, lots = self.ground.rows, self.ground.lots
        rows = alive(self.ground, scope)
        held = held_by(self.ground, rows) & ~scope.out
        for taken in scope.decisions:
            if taken.lot != NONE and not held[taken.lot]:
                return
            if taken.rows is None or taken.at_most:
                continue
            matching = rows[taken.rows[rows]]
            free = matching[table.fixed[matching] == NONE]
            inside = held_by(self.ground, free)
            least = int(np.maximum(table.low[free], 1).min(initial=LARGEST_SUM))
            grown = len(np.unique(table.fixed[matching])) - (1 if len(free) else 0)
            if int(lots.weight[inside & ~scope.out].sum()) // least + grown <= taken.count:
                return
        raise RefusedError(
            node.path, "empty", "no decision of the path is shown to be impossible by counting"
        )

    def _sum(self, node: Sum, scope: Scope) -> Bound | None:
        if scope.priced_above and (node.budget is not None or node.grappes is not None):
            raise RefusedError(node.path, "budget", "a sum above has set these prices")
        inner = scope
        if not scope.priced_above:
            inner = replace(scope, budget=node.budget, grappes=node.grappes)
        rows_alive, label, lot_label = components(self.ground, scope)
        owner = self._owners(node, lot_label)
        total: Bound | None = Bound(Fraction(0), Fraction(0), Fraction(0))
        nobody = Leaf(f"{node.path}.parts")
        part_of = np.array([owner.get(c, len(node.parts)) for c in range(int(label.max(initial=-1)) + 1)])
        for k, part in enumerate([*node.parts, nobody]):
            rows = rows_alive[part_of[label] == k] if len(rows_alive) else rows_alive
            lots = held_by(self.ground, rows) & scope.lots & ~scope.out
            below = replace(
                inner,
                rows=rows,
                lots=lots,
                step=self.constants.step(lots, rows),
                pricer=Pricer(self.ground, rows),
                decisions=(),
            )
            if part is nobody and not len(rows):
                continue
            found = self._of(part, below)
            total = None if found is None or total is None else total.plus(found)
        if total is None or scope.priced_above or not inner.priced_above:
            return total
        return total.plus(
            self.constants.shared(inner.budget, inner.grappes, node.path, self.pricing.scale)
        ).with_margin(scope.step)

    def _owners(self, node: Sum, lot_label: Ints) -> dict[int, int]:
        """Component -> the part that names one of its lots."""
        owner: dict[int, int] = {}
        for k, part in enumerate(node.parts):
            for leaf in leaves(part):
                for key in leaf.lots:
                    component = int(lot_label[self.ground.lots.place_of[key]])
                    if owner.setdefault(component, k) != k:
                        raise RefusedError(
                            f"{leaf.path}.lots.{key}",
                            key,
                            f"shares grappes with lots of {node.path}.parts[{owner[component]}]",
                        )
        return owner
