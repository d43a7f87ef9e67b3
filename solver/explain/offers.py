"""Which solutions and hosting modes lots can take, and how far from taking them they are.

A *type* is a (solution, hosting) pair that a grappe may have; hosting is None when ``same_hosting`` is false,
where each member takes any mode that it accepts and the solution offers. What no concession can change (champ
covered, funded, a montée de version keeping its solution) is kept apart from what a lot merely refuses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from solver.instance import DuiSolution, Esms, Instance
from solver.scale import Scale
from solver.vocabulary import Hosting, Need


@dataclass(frozen=True, slots=True, order=True)
class Type:
    solution: str
    hosting: Hosting | None


@dataclass(frozen=True)
class Offers:
    """What every ESMS of an instance could take, whatever its partners."""

    instance: Instance
    scale: Scale

    @cached_property
    def types(self) -> tuple[Type, ...]:
        if not self.instance.parameters.same_hosting:
            return tuple(sorted(Type(s.id, None) for s in self.instance.solutions if s.hosting))
        # a mode is never None here; sorted by its word
        pairs = [(s.id, h) for s in self.instance.solutions for h in s.hosting]
        return tuple(Type(s, h) for s, h in sorted(pairs))

    def possible(self, e: Esms, solution: DuiSolution) -> bool:
        """Covered, funded, and for a montée de version its own: what no concession changes."""
        return (
            e.champ in solution.champs
            and self.funded(e, solution)
            and (e.need is not Need.MONTEE_DE_VERSION or e.current_solution == solution.id)
        )

    def funded(self, e: Esms, solution: DuiSolution) -> bool:
        return (e.need, e.champ, solution.segur_referenced) in self.scale.rates

    def accepts(self, e: Esms, type_: Type) -> bool:
        return e.accepts_solution(type_.solution) and self.accepts_hosting(e, type_)

    def accepts_hosting(self, e: Esms, type_: Type) -> bool:
        if type_.hosting is not None:
            return e.accepts_hosting(type_.hosting)
        offered = self.instance.solution_by_id[type_.solution].hosting
        return any(e.accepts_hosting(h) for h in offered)

    def takes(self, e: Esms, type_: Type) -> bool:
        return self.possible(e, self.instance.solution_by_id[type_.solution]) and self.accepts(e, type_)

    def common(self, members: Sequence[Esms]) -> tuple[Type, ...]:
        """The types that all of them take, fundable or the list is shorter."""
        found = [self._taken(e) for e in members]
        return tuple(t for t in self.types if all(t in taken for taken in found))

    def takes_some(self, e: Esms) -> bool:
        """Whether there is a type at all that it takes."""
        asked = (s for s in self.instance.solutions if e.accepts_solution(s.id))
        return any(self.possible(e, s) and any(e.accepts_hosting(h) for h in s.hosting) for s in asked)

    def _taken(self, e: Esms) -> frozenset[Type]:
        """The types that one ESMS takes; those that offers do not tell apart are looked at once."""
        key = (e.champ, e.need, e.current_solution, e.accepted_solutions, e.accepted_hosting)
        if key not in self._known:
            self._known[key] = frozenset(t for t in self.types if self.takes(e, t))
        return self._known[key]

    @cached_property
    def _known(self) -> dict[object, frozenset[Type]]:
        return {}

    def common_solutions(self, members: Sequence[Esms]) -> tuple[str, ...]:
        """The solutions that all of them take, hosting aside."""
        return tuple(
            s.id
            for s in self.instance.solutions
            if all(e.accepts_solution(s.id) and self.possible(e, s) for e in members)
        )

    def open_to(self, e: Esms) -> list[str]:
        """The solutions it could ask for: its present one for a montée de version, else those accepted that
        cover its champ."""
        if e.need is Need.MONTEE_DE_VERSION:
            return [e.current_solution or ""]
        covering = [s for s in self.instance.solutions if e.champ in s.champs]
        return sorted(s.id for s in covering if e.accepts_solution(s.id))

    def is_fundable(self, e: Esms) -> bool:
        """False when every solution that it could take, hosting aside, pays nothing for it.

        A montée de version could take its present solution only. An ESMS that could take none at all
        is not called unfundable: it lacks an offer.
        """
        if e.need is Need.MONTEE_DE_VERSION:
            return self.funded(e, self.instance.solution_by_id[e.current_solution or ""])
        open_to = [self.instance.solution_by_id[id_] for id_ in self.open_to(e)]
        offered = [s for s in open_to if any(e.accepts_hosting(h) for h in s.hosting)]
        return any(self.funded(e, s) for s in offered or open_to) or not open_to
