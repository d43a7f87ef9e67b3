"""A single concession of one lot: what is relaxed, for these ESMS and nobody else."""

from __future__ import annotations

from dataclasses import dataclass

from solver.vocabulary import ChangeKind


@dataclass(frozen=True, slots=True)
class Concession:
    """``value``: a hosting mode, a solution id, kilometres, or a free word for territory and split_lot.

    ``esms``: the members of the lot that concedes. Radius and territory are waived between the porteur and
    these members only; when one of them is the porteur, the others keep the general limit.
    """

    esms: frozenset[str]
    kind: ChangeKind
    value: str | float

    def accepts_hosting(self, esms_id: str, hosting: str) -> bool:
        return self.kind is ChangeKind.ACCEPT_HOSTING and esms_id in self.esms and self.value == hosting

    def accepts_solution(self, esms_id: str, solution: str) -> bool:
        return self.kind is ChangeKind.ACCEPT_SOLUTION and esms_id in self.esms and self.value == solution

    def radius_km(self, esms_id: str, limit_km: float | None) -> float | None:
        if self.kind is ChangeKind.RADIUS_KM and esms_id in self.esms and limit_km is not None:
            return max(limit_km, float(self.value))
        return limit_km

    def waives_territory(self, esms_id: str) -> bool:
        return self.kind is ChangeKind.TERRITORY and esms_id in self.esms

    def splits(self, esms_ids: frozenset[str]) -> bool:
        return self.kind is ChangeKind.SPLIT_LOT and bool(esms_ids & self.esms)
