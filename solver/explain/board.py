"""The proposal being explained: who is where, and what may move."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from solver.explain.lots import Lot
from solver.explain.offers import Type
from solver.explain.survey import Survey
from solver.explain.terrain import Terrain
from solver.funding import funding_eur
from solver.instance import Esms, FixedGrappe, Grappe, Instance
from solver.scale import Scale


@dataclass(frozen=True)
class Board:
    """A valid proposal. Lots are those that move (organismes kept together count as one)."""

    survey: Survey
    grappes: tuple[Grappe, ...]

    @property
    def instance(self) -> Instance:
        return self.survey.instance

    @property
    def scale(self) -> Scale:
        return self.survey.scale

    @property
    def lots(self) -> tuple[Lot, ...]:
        return self.survey.lots

    @cached_property
    def grappe_of(self) -> dict[str, int]:
        """ESMS id -> place of its grappe."""
        return {id_: place for place, g in enumerate(self.grappes) for id_ in g.members}

    @cached_property
    def unplaced(self) -> tuple[Lot, ...]:
        return tuple(lot for lot in self.lots if lot.members[0].id not in self.grappe_of)

    @cached_property
    def free(self) -> Terrain:
        """The unplaced lots, whose members a new grappe may take."""
        absent = {id_ for f in self.instance.constraints.fixed_grappes for id_ in f.members}
        return Terrain(self.instance, self.scale, tuple(u for u in self.unplaced if u.ids.isdisjoint(absent)))

    @cached_property
    def fixed(self) -> tuple[FixedGrappe | None, ...]:
        """The fixed grappe that each grappe is, if it is one."""
        by_member = {f.members[0]: f for f in self.instance.constraints.fixed_grappes}
        found = []
        for g in self.grappes:
            inside = [by_member[id_] for id_ in g.members if id_ in by_member]
            found.append(inside[0] if inside else None)
        return tuple(found)

    @cached_property
    def funding(self) -> tuple[int, ...]:
        return tuple(funding_eur(self.instance, self.scale, g.solution, g.members) for g in self.grappes)

    @property
    def total_eur(self) -> int:
        return sum(self.funding)

    def is_open(self, place: int) -> bool:
        fixed = self.fixed[place]
        return fixed is None or fixed.extendable

    def within_budget(self, gain_eur: int) -> bool:
        budget = self.instance.parameters.budget_eur
        return budget is None or self.total_eur + gain_eur <= budget

    @property
    def may_form(self) -> bool:
        """Whether the number of grappes allows one more."""
        most = self.instance.parameters.max_grappes
        return most is None or len(self.grappes) < most

    @cached_property
    def _lots_by_grappe(self) -> dict[int, tuple[Lot, ...]]:
        inside: dict[int, list[Lot]] = {}
        for lot in self.lots:
            place = self.grappe_of.get(lot.members[0].id)
            if place is not None:
                inside.setdefault(place, []).append(lot)
        return {place: tuple(lots) for place, lots in inside.items()}

    def lots_of(self, place: int) -> tuple[Lot, ...]:
        return self._lots_by_grappe[place]

    def type_of(self, place: int) -> Type:
        g = self.grappes[place]
        return Type(g.solution, g.hosting)

    def members(self, place: int) -> tuple[Esms, ...]:
        by_id = self.instance.esms_by_id
        return tuple(by_id[id_] for id_ in self.grappes[place].members)
