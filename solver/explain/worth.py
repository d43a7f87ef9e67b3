"""What a grappe adds to the objective: its funding or its ESMS, and the stability term."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from solver.funding import funding_eur
from solver.instance import Grappe, Instance
from solver.scale import Scale
from solver.vocabulary import Objective


@dataclass(frozen=True)
class Worth:
    instance: Instance
    scale: Scale

    @cached_property
    def _previous(self) -> Mapping[str, str]:
        """ESMS id -> id of its previous grappe."""
        return {e: g.id for g in self.instance.previous for e in g.members}

    def of(self, grappe: Grappe) -> int:
        stability = self.instance.parameters.stability_eur_per_esms
        kept = sum(self._previous.get(e) == grappe.id for e in grappe.members) if stability else 0
        if self.instance.parameters.objective is Objective.COVERAGE:
            return len(grappe.members)
        return self.euros(grappe) + stability * kept

    def euros(self, grappe: Grappe) -> int:
        return funding_eur(self.instance, self.scale, grappe.solution, grappe.members)

    def total(self, grappes: Iterable[Grappe]) -> int:
        return sum(self.of(g) for g in grappes)
