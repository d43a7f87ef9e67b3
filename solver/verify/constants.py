"""What every leaf of a certificate shares: what is settled, what is left, and the step of the amounts.

When to modify: the objective or a shared constraint changes.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

import numpy as np
import numpy.typing as npt

from solver.instance import Instance
from solver.judge import Judge
from solver.verify.bound import RefusedError
from solver.verify.rows import Ground
from solver.vocabulary import Objective

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass
class Constants:
    """Of one instance."""

    ground: Ground
    judge: Judge

    @property
    def instance(self) -> Instance:
        return self.ground.lots.instance

    @property
    def covers(self) -> bool:
        return self.instance.parameters.objective is Objective.COVERAGE

    @cached_property
    def settled(self) -> int:
        """The objective of the fixed grappes that cannot change."""
        fixed, parameters = self.instance.constraints.fixed_grappes, self.instance.parameters
        members = {g.id: set(g.members) for g in self.instance.previous}
        total = 0
        for k in self.ground.settled:
            f = fixed[k]
            total += len(f.members) if self.covers else self.judge.funding(f.solution, f.members)
            kept = members.get(f.id, set()).intersection(f.members) if f.id is not None else ()
            total += parameters.stability_eur_per_esms * len(kept)
        return total

    @cached_property
    def budget_left(self) -> int | None:
        budget, fixed = self.instance.parameters.budget_eur, self.instance.constraints.fixed_grappes
        if budget is None:
            return None
        return budget - sum(
            self.judge.funding(fixed[k].solution, fixed[k].members) for k in self.ground.settled
        )

    @property
    def grappes_left(self) -> int | None:
        most = self.instance.parameters.max_grappes
        return None if most is None else most - len(self.ground.settled)

    def step(self, lots: Bools, rows: Ints) -> int:
        """The greatest common divisor of the objective's amounts of some lots and rows."""
        if self.covers:
            return 1
        offers, table = self.ground.offers, self.ground.rows
        amounts = set(np.unique(offers.of_lots.euros[:, lots]).tolist())
        amounts |= set(np.unique(table.euros[rows]).tolist())
        amounts |= {a for t in np.unique(table.kind[rows]).tolist() for a in offers.losses[t]}
        amounts |= {*offers.supplements, self.instance.parameters.stability_eur_per_esms}
        return math.gcd(*amounts) or 1

    def shared(self, budget: int | None, grappes: int | None, path: str, scale: int) -> Fraction:
        """What the budget and the number of grappes cost at these prices."""
        total = 0
        for name, price, left, needs in (
            ("budget", budget, self.budget_left, "budget_eur"),
            ("grappes", grappes, self.grappes_left, "max_grappes"),
        ):
            if price and left is None:
                raise RefusedError(f"{path}.{name}", price / scale, f"0: there is no {needs}")
            total += (price or 0) * (left or 0)
        return Fraction(total, scale)
